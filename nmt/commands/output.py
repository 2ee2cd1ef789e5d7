"""Where the output of a command goes: standard output, or a file that is old or whole, never half; notes to stderr."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from nmt.errors import NmtError, cannot_write
from nmt.files import whole


@contextmanager
def output(path: Path | None) -> Iterator[BinaryIO]:
    """A stream of bytes to standard output, or to a file that takes its place when all is written.

    Raises:
        NmtError: the file cannot be written.
    """
    from nmt.text.lines import standard_output

    if path is None:
        yield standard_output()
        return
    path = path.resolve()  # what a link points to is written, not the link
    try:
        if path.exists() and not path.is_file():  # a device or a pipe has no old content to keep
            with path.open("wb") as file:
                yield file
            return
        with whole(path, f".{os.getpid()}") as file:
            yield file
    except OSError as error:
        raise NmtError(cannot_write(path, error)) from None


def say(text: str) -> None:
    """Tell a person something, on standard error."""
    print(text, file=sys.stderr, flush=True)
