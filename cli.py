"""The doorway for a checkout that is not installed: `python cli.py train ...`."""

from nmt.commands import main

if __name__ == "__main__":
    main()
