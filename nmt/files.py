"""Files that are old or new, never half, and files that one program holds at a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole(path: Path, mark: str = "") -> Iterator[BinaryIO]:
    """A file that takes its place once all of it is on the disk; until then, and if that fails, the old one stays.

    `mark` tells apart what several programs write at once.

    Raises:
        OSError: it cannot be written.
    """
    waiting = unfinished(path, mark)
    waiting.unlink(missing_ok=True)  # what a killed run left; were it a link, another file would be written over
    try:
        with waiting.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        waiting.replace(path)
        if os.name == "posix":  # the new name survives a power cut only once its folder is on disk
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    finally:
        with suppress(OSError):
            waiting.unlink(missing_ok=True)  # half a file would only fill the disk


def unfinished(path: Path, mark: str = "") -> Path:
    """What a file is called while it is written."""
    return path.with_name(f".{path.name}{mark}.part")


def hold(file: int) -> bool:
    """Whether this program has an open file for itself now; it says so too where there are no locks."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True
