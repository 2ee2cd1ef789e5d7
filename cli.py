"""The doorway for a checkout that is not installed: `python cli.py train ...`."""

from nmt.__main__ import main

if __name__ == "__main__":
    main()
