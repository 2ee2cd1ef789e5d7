"""Which pairs were there before, exactly, in memory that hardly grows: hashes wait in files on disk."""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import numpy as np

PARTS = 64  # files; each is sorted by itself
RECORD = np.dtype([("hash", "<u8"), ("row", "<u8")])


def mark(*texts: str) -> bytes:
    """64 bits of a hash of some texts."""
    return hashlib.blake2b("\n".join(texts).encode("utf-8", "surrogatepass"), digest_size=8).digest()


class Again(NamedTuple):
    """Rows that had been there before, in order, and for each the row that had it first: 16 bytes a repeat."""

    rows: np.ndarray  # (N,)
    firsts: np.ndarray  # (N,)

    def first(self, row: int) -> int | None:
        """Where a row was before; None where it is new."""
        return int(self.firsts[np.searchsorted(self.rows, row)]) if contains(self.rows, row) else None


def contains(rows: np.ndarray, row: int) -> bool:
    """Whether sorted rows hold one."""
    place = int(np.searchsorted(rows, row))
    return place < len(rows) and int(rows[place]) == row


class Repeats:
    """Collects marks of rows in the order of the rows, then tells which had been there before."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="nmt-check-")
        self._rows = 0

    def __enter__(self) -> "Repeats":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def show(self, marks: Sequence[bytes]) -> None:
        """Take the marks of the next rows."""
        records = np.empty(len(marks), dtype=RECORD)
        records["hash"] = np.frombuffer(b"".join(marks), dtype="<u8")
        records["row"] = np.arange(self._rows, self._rows + len(marks))
        self._rows += len(marks)
        for part in range(PARTS):
            mine = records[records["hash"] % PARTS == part]
            if len(mine):
                with self._path(part).open("ab") as file:
                    file.write(mine.tobytes())

    def found(self) -> "Again":
        """Each row whose mark was there before, with the row that had it first."""
        parts = list(self._parts()) or [np.empty((0, 2), dtype=np.uint64)]
        both = np.concatenate(parts)
        both = both[np.argsort(both[:, 0])]
        return Again(both[:, 0].copy(), both[:, 1].copy())

    def _parts(self) -> Iterator[np.ndarray]:
        for part in range(PARTS):
            if self._path(part).exists():
                records = np.fromfile(self._path(part), dtype=RECORD)
                records = records[np.argsort(records["hash"], kind="stable")]
                new = np.flatnonzero(np.diff(records["hash"], prepend=records["hash"][:1] + 1))
                firsts = np.repeat(records["row"][new], np.diff([*new.tolist(), len(records)]))
                again = np.flatnonzero(firsts != records["row"])
                yield np.stack([records["row"][again], firsts[again]], axis=1)

    def _path(self, part: int) -> Path:
        return Path(self._folder.name) / str(part)
