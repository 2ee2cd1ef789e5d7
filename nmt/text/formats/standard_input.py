"""Pairs at standard input, and how what comes only once is read again."""

import io
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from nmt.errors import DataError, cannot_write
from nmt.text.formats.reader import Pair
from nmt.text.formats.tables import Table
from nmt.text.lines import split_lines, standard_input

WORD, NAME = "-", "standard input"
CHUNK = 2**16  # bytes


class StandardInput(Table):
    """`-`: standard input, written as a `.tsv`."""

    @classmethod
    def claims(cls, corpus: str) -> bool:
        return corpus == WORD

    def files(self) -> list[Path]:
        return []

    def read(self) -> Iterator[Pair]:
        yield from self.pairs(split_lines(_arrived().open(), NAME, self.lenient), NAME)


@dataclass
class _Arrived:
    """What came at a standard input, in a file without a name: the system deletes it however the program ends."""

    given: Any  # sys.stdin as it was
    stream: BinaryIO | None = None
    kept: BinaryIO | None = None
    size: int = 0  # bytes kept
    ended: bool = False

    def keep(self) -> None:
        """From now on, let it be read several times."""
        if self.kept is None:
            if self.stream is not None:
                raise DataError(
                    f"{WORD}: {NAME} has been read already, and comes once. Give a file for one of the two."
                )
            self.kept = tempfile.TemporaryFile()  # noqa: SIM115 - open until the program ends

    def open(self) -> BinaryIO:
        """A stream of all of it."""
        if self.kept is None and self.stream is not None:
            raise DataError(f"{WORD}: {NAME} comes once. Give a file for one of the two.")
        if self.stream is None:
            self.stream = standard_input()
        return self.stream if self.kept is None else io.BufferedReader(_Again(self))

    def read(self, place: int) -> bytes:
        """Some bytes from a place on; empty at the end."""
        assert self.stream and self.kept
        if place < self.size:
            self.kept.seek(place)
            return self.kept.read(min(CHUNK, self.size - place))
        some = b"" if self.ended else self.stream.read(CHUNK)
        self.ended = not some  # a terminal would be asked again
        try:
            self.kept.seek(place)
            self.kept.write(some)
        except OSError as error:
            raise DataError(f"{NAME}: {cannot_write(tempfile.gettempdir(), error)}") from None
        self.size += len(some)
        return some


class _Again(io.RawIOBase):
    """A reading of what arrives, from its beginning."""

    def __init__(self, arrived: _Arrived) -> None:
        self._arrived, self._place, self._ready = arrived, 0, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._ready:
            some = self._arrived.read(self._place)
            self._place += len(some)
            self._ready = memoryview(some)
        count = min(len(buffer), len(self._ready))
        buffer[:count], self._ready = self._ready[:count], self._ready[count:]
        return count


_last = _Arrived(None)


def _arrived() -> _Arrived:
    """That of the standard input there is now: a program that calls us may put another in its place."""
    global _last
    if _last.given is not sys.stdin or sys.stdin is None:
        _last = _Arrived(sys.stdin)
    return _last


def keep_standard_input() -> None:
    """Let standard input be read more than once from here on; what comes is kept on disk, without a name.

    Raises:
        DataError: it has been read already.
    """
    _arrived().keep()
