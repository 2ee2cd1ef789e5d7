"""The command line: each subcommand is one small file that turns flags into calls.

Torch is imported inside the functions that need it, so that `nmt --help` answers at once.
"""

import os
import signal
import sys
from typing import Annotated

import typer

from nmt import __version__
from nmt.commands import attend, average, config, info, score, tokenize, train, translate
from nmt.errors import NmtError

app = typer.Typer(
    name="nmt",
    help="Train your own translator from a parallel corpus, see what it reads, trust its numbers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for module in (train, translate, score, attend, average, info, config):
    app.command(name=module.__name__.rpartition(".")[2])(module.run)
app.add_typer(tokenize.app, name="tokenize")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the app: 0 fine, 2 the user's mistake in one line, 1 a bug with its traceback, 130 interrupted."""
    if os.name == "posix":  # `nmt ... | head`: end silently when the reader has left, as other tools do
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        app()
    except NmtError as error:
        print(f"nmt: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
