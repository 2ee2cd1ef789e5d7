"""Runs of lines that fit better one line up or down: somewhere a line was lost or came in.

How well source line i fits target line i + k is told by their lengths (Gale & Church 1993) and by what they share as
it stands: numbers, and beginnings of words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from nmt.checkup.usual import Usual

WINDOW = 15  # lines looked at together
MARGIN = 0.5  # by so much their mean must be better, in standard deviations of length or in shared words
STEPS = (1, -1)  # down, up
LEAST = 10  # lines of a run
WORST = 4.0  # standard deviations that a single line counts at most
LETTERS = 4  # of a word's beginning
MOST_SHARED = 3  # words that count
KEPT = 2 * WINDOW  # rows that are looked at again with the next ones


class Shift(NamedTuple):
    """Rows first to last, whose targets stand `by` rows below (1) or above (-1)."""

    first: int
    last: int
    by: int


@dataclass
class _Lines:
    sizes: np.ndarray = field(default_factory=lambda: np.zeros(0))  # characters, and one
    anchors: list[frozenset[str]] = field(default_factory=list)


class Shifts:
    """Watches the rows of a corpus go by."""

    def __init__(self, usual: Usual) -> None:
        self.usual = usual
        self.found: list[Shift] = []
        self._lines = [_Lines(), _Lines()]  # source and target; the last few that were shown
        self._row = 0  # of the first of them

    def show(self, sources: Sequence[str], targets: Sequence[str], last: bool = False) -> None:
        """Look at the next rows; all but the last window of them are judged now, or all if they are the `last`."""
        for lines, texts in zip(self._lines, (sources, targets), strict=True):
            lines.sizes = np.concatenate([lines.sizes, [len(text) + 1 for text in texts]])
            lines.anchors += map(_anchors, texts)
        count = len(self._lines[0].sizes)
        if count <= KEPT:
            return
        here = self._misfit(0)
        gains = np.stack([_smooth(here - self._misfit(by)) for by in STEPS])
        best = np.where(gains.max(0) > MARGIN, gains.argmax(0), -1)
        begin, end = (WINDOW if self._row else 0), count - (0 if last else WINDOW)
        for row in np.flatnonzero(best[begin:end] >= 0).tolist():
            self._note(self._row + begin + row, STEPS[best[begin + row]])
        self._row += count - KEPT
        for lines in self._lines:
            lines.sizes, lines.anchors = lines.sizes[-KEPT:], lines.anchors[-KEPT:]

    def runs(self) -> list[Shift]:
        """The runs that are long enough."""
        return sorted(run for run in self.found if run.last - run.first + 1 >= LEAST)

    def _note(self, row: int, by: int) -> None:
        run = self.found[-1] if self.found else None
        if run and run.by == by and row <= run.last + WINDOW:
            self.found[-1] = run._replace(last=row)
        else:
            if run and run.last - run.first + 1 < LEAST:
                self.found.pop()  # too short, and over
            self.found.append(Shift(row, row, by))

    def _misfit(self, by: int) -> np.ndarray:
        source, target = self._lines
        rows = np.clip(np.arange(len(source.sizes)) + by, 0, len(source.sizes) - 1)
        strange = np.abs(np.log(target.sizes[rows] / source.sizes) - self.usual.ratio) * np.sqrt(source.sizes)
        there = [target.anchors[row] for row in rows.tolist()]
        shared = [len(one & other) for one, other in zip(source.anchors, there, strict=True)]
        return np.minimum(strange / self.usual.spread, WORST) - np.minimum(shared, MOST_SHARED)


def _smooth(values: np.ndarray) -> np.ndarray:
    """The mean of each window."""
    window = np.ones(WINDOW) / WINDOW
    return np.convolve(np.pad(values, WINDOW // 2, mode="edge"), window, mode="valid")


def _anchors(text: str) -> frozenset[str]:
    return frozenset(word[:LETTERS] for word in text.lower().split() if len(word) >= LETTERS or word[0].isdigit())
