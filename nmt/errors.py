"""What a person did that cannot work, said in one line: where, what, and what to do.

The command line prints an `NmtError` without a traceback and exits with code 2.
Every other exception is a bug of ours and keeps its traceback.
"""

import errno

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""What a system says where there is no room to write."""


LONGEST = 1000
"""Characters of a message: of a longer one the begin and the end are told, where it stands and what to do."""


class NmtError(Exception):
    """A mistake the user can mend. The message is one line, whatever the text is that it speaks of."""

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class ConfigError(NmtError):
    """A setting is unknown, of the wrong type, or contradicts another."""


class DataError(NmtError):
    """A corpus or a line of text cannot be used as it is."""


class ModelFolderError(NmtError):
    """A model folder is missing, incomplete, damaged, or of another kind."""


def one_line(text: str) -> str:
    """A text as a terminal may show it: what is no printable character stands as its number, e.g. \\x1b.

    A stranger's file may hold what clears a screen or writes over other lines. Long texts lose their middle.
    """
    text = _without_middle(text)
    if text.isprintable():
        return text
    shown = (c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return _without_middle("".join(shown))


def _without_middle(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST * 2 // 3]} ... {text[-LONGEST // 4 :]}"


def cannot_write(path: object, error: OSError) -> str:
    """Why a file cannot be written, and what helps: room where there is none, else another place."""
    remedy = "Free some space" if error.errno in FULL else "Check the path, or choose another"
    reason = "Not a directory" if isinstance(error, FileExistsError) else error.strerror  # a file where a folder goes
    return f"{path}: cannot write: {reason}. {remedy}."


def no_memory(error: BaseException) -> bool:
    """Whether an error says that memory is full: Python's own, or what torch raises on a processor or a GPU."""
    words = ("can't allocate memory", "out of memory", "bad allocation")
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(word in str(error) for word in words)
    )
