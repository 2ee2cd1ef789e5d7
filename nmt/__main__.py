"""Where `nmt` and `python -m nmt` begin."""


def main() -> None:
    """Load the command line, and run it. A Ctrl-C meanwhile ends it without a word: there is nothing to lose yet."""
    from nmt.interrupt import at_once

    with at_once():
        from nmt.commands import main as run
    run()


if __name__ == "__main__":
    main()
