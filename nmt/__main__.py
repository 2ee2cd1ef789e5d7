"""`python -m nmt` is `nmt`."""

from nmt.commands import main

if __name__ == "__main__":
    main()
