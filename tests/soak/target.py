"""What a target of the fuzzer is."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

CUT = b"\n=====\n"
"""Stands between the files of a case that is several."""


class Target(ABC):
    """Something that takes bytes of a stranger; `run` raises what is wrong, or an NmtError where they are refused."""

    longest = 4096  # bytes of a case
    tokens: Sequence[bytes] = ()  # that mutations put in
    reshape: Callable[[bytes, Random], bytes] | None = None  # a mutation of the target's own

    def __init__(self, place: Path) -> None:
        """`place` is an empty folder."""
        self.place = place

    @abstractmethod
    def seeds(self) -> list[bytes]:
        """Cases to begin with: good ones, and odd ones that are known."""

    @abstractmethod
    def run(self, case: bytes) -> None:
        """Do with a case what the toolkit does, and look whether what must hold does."""


def flagged(case: bytes) -> tuple[int, bytes]:
    """The first byte of a case, as choices, and the rest."""
    return (case[0], case[1:]) if case else (0, b"")


def parts(case: bytes, count: int) -> list[bytes]:
    """A case as so many files."""
    found = case.split(CUT, count - 1)
    return found + [b""] * (count - len(found))


def lines_of(data: bytes) -> list[bytes]:
    """The lines of a file, by other means than ours."""
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    last = lines.pop()
    return [line.removesuffix(b"\r") for line in lines] + ([last] if last else [])


def check(condition: bool, what: object) -> None:
    """Complain of what does not hold, also where Python leaves out assertions."""
    if not condition:
        raise AssertionError(f"{what!r:.2000}")
