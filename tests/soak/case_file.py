"""What a worker is doing, in a file that is mapped into memory: it outlives the worker however that ends."""

import mmap
import struct
import time
from pathlib import Path

HEAD = struct.Struct("<QQQddQdQQ")  # cases, fine, refused, since, slowest, length, -, length of the slowest, finished
ROOM = 1 << 20  # bytes of a case at most
SIZE = HEAD.size + 2 * ROOM


class CaseFile:
    """Counts, the case that runs, and the slowest one so far."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), SIZE)

    @classmethod
    def new(cls, path: Path) -> "CaseFile":
        """An empty one."""
        path.write_bytes(bytes(SIZE))
        return cls(path)

    def begin(self, case: bytes) -> None:
        """A case begins."""
        cases, fine, refused, _, slowest, _, spare, size, end = self._head
        case = case[:ROOM]
        self._map[HEAD.size : HEAD.size + len(case)] = case
        self._head = (cases + 1, fine, refused, time.monotonic(), slowest, len(case), spare, size, end)

    def end(self, seconds: float, refused: bool) -> None:
        """A case has ended after so many seconds of the processor."""
        cases, fine, others, _, slowest, length, spare, size, end = self._head
        if seconds > slowest:
            slowest, size, begin = seconds, length, HEAD.size + ROOM
            self._map[begin : begin + size] = self._map[HEAD.size : HEAD.size + size]
        self._head = (cases, fine + (not refused), others + refused, 0.0, slowest, length, spare, size, end)

    def finish(self) -> None:
        """The worker ends in good order."""
        self._head = (*self._head[:-1], 1)

    @property
    def cases(self) -> int:
        """How many have begun."""
        return int(self._head[0])

    @property
    def fine(self) -> int:
        """How many were taken."""
        return int(self._head[1])

    @property
    def refused(self) -> int:
        """How many were refused in one line."""
        return int(self._head[2])

    @property
    def since(self) -> float:
        """When the case that runs began, by the monotonic clock; 0 where none runs."""
        return float(self._head[3])

    @property
    def slowest(self) -> float:
        """Seconds of the slowest."""
        return float(self._head[4])

    @property
    def case(self) -> bytes:
        """The last one that began."""
        return self._map[HEAD.size : HEAD.size + self._head[5]]

    @property
    def slow_case(self) -> bytes:
        """The slowest one."""
        return self._map[HEAD.size + ROOM : HEAD.size + ROOM + self._head[7]]

    @property
    def finished(self) -> bool:
        """Whether the worker ended in good order."""
        return bool(self._head[8])

    @property
    def _head(self) -> tuple[int, int, int, float, float, int, float, int, int]:
        return HEAD.unpack_from(self._map)  # type: ignore[return-value]

    @_head.setter
    def _head(self, values: tuple[float, ...]) -> None:
        HEAD.pack_into(self._map, 0, *values)
