"""The command line: each subcommand is one small file that turns flags into calls.

Torch is imported inside the functions that need it, so that `nmt --help` answers at once.
"""

import errno
import os
import signal
import sys
from contextlib import suppress
from typing import Annotated, Any

import typer

from nmt import __version__
from nmt.commands import (
    align,
    attend,
    average,
    backtranslate,
    bulk,
    calibrate,
    check,
    config,
    info,
    rate,
    score,
    tokenize,
    train,
    translate,
)
from nmt.errors import FULL, NmtError, cannot_write, no_memory, one_line
from nmt.registry import nearest

USAGE: type[Exception] = typer.BadParameter.__bases__[0]  # click's UsageError, wherever typer keeps its click

app = typer.Typer(
    name="nmt",
    help="Train your own translator from a parallel corpus, see what it reads, trust its numbers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _first(text: str) -> str:
    """The first paragraph of a command's help, in a line: the list of commands would cut it short."""
    return " ".join(text.split("\n\n")[0].split())


for module in (
    train,
    translate,
    bulk,
    score,
    align,
    attend,
    rate,
    check,
    backtranslate,
    calibrate,
    average,
    info,
    config,
):
    app.command(name=module.__name__.rpartition(".")[2], short_help=_first(module.run.__doc__ or ""))(module.run)
app.add_typer(tokenize.app, name="tokenize", short_help=_first(str(tokenize.app.info.help)))


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
        status = app(prog_name="nmt", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()  # a full disk is told here, not while Python shuts down
    except USAGE as error:
        status = _misused(error)
    except NmtError as error:
        status = _complain(str(error))
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            sys.exit(_complain(f"{error.filename}: {error.strerror}. Check the path."))
        if error.errno not in FULL:
            raise
        _let_go_of_output()
        status = _complain(cannot_write(error.filename or "standard output", error))
    except (MemoryError, RuntimeError) as error:
        if not no_memory(error):
            raise
        status = _complain(
            "not enough memory. Close other programs, or ask for less at a time: --batch, --beam, --threads, or "
            "training.batch_tokens."
        )
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)


def _misused(error: Any) -> int:
    """Say in one line which word of a command is wrong, which was meant perhaps, and where to read on."""
    if type(error).__name__ == "NoArgsIsHelpError":  # nothing was asked for: all of the help is the answer
        error.show()
        return 2
    said = error.format_message()
    if getattr(error, "possibilities", None):
        said = f"{error.message.rstrip('.')}.{nearest(error.option_name, error.possibilities)}"
    said = " ".join(said.split()).rstrip(".")
    command = error.ctx.command_path if error.ctx else f"nmt {sys.argv[1]}"  # an option without its value has no ctx
    return _complain(f"{said}{'' if said.endswith('?') else '.'} See `{command} --help`.")


def _complain(text: str) -> int:
    with suppress(OSError):  # standard error may be full too
        print(f"nmt: {one_line(text)}", file=sys.stderr)  # names of files may hold line ends
    return 2


def _let_go_of_output() -> None:
    """What waits to be written has no place to go; Python would complain of it once more when it shuts down."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
