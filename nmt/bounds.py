"""How much is taken into memory of a file that a stranger may have written."""

import errno
import os
import stat
from pathlib import Path

SETTINGS = 2**16  # bytes; a `config.toml` has some 8,000
RECORDS = 2**24  # bytes of a JSON file in a model folder
TOKENIZER = 2**26  # bytes; a million pieces have half as many
DOCUMENT = 2**26  # bytes, unpacked: it is held in memory, several times over


def read_small(path: Path, most: int) -> bytes:
    """All of a file that has at most so many bytes.

    Raises:
        OSError: it cannot be read, is larger, or is a pipe or a device, which may never end.
    """
    check_file(path)
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"larger than {most:,} bytes, which no such file is", str(path))
    return content


def check_file(path: Path) -> None:
    """Refuse to wait for a pipe, and to read more than this machine's memory holds.

    Raises:
        OSError: it is not there, is a pipe or a device, or is larger than the memory.
    """
    found = path.stat()
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        raise OSError(errno.EINVAL, "not a file but a pipe or a device", str(path))
    memory = _memory()
    if memory is not None and found.st_size > memory:
        raise OSError(
            errno.EFBIG, f"{found.st_size:,} bytes, more than the {memory:,} of this machine's memory", str(path)
        )


def _memory() -> int | None:
    """Bytes of memory this machine has; None where it does not tell."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # not POSIX
        return None
