"""One reading of some corpora: what they hold, and what is wrong with which pairs."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

import numpy as np

from nmt.checkup.checks import CHECKS, DOUBTFUL, DROPPED, NOTED, STOPS, examine
from nmt.checkup.repeats import Again, Repeats, mark
from nmt.checkup.shifts import Shift, Shifts
from nmt.checkup.usual import Usual
from nmt.errors import DataError
from nmt.text.cleaning import tidy
from nmt.text.readers import Pair, read_corpus, refuse_pipes
from nmt.text.tokenizer import Tokenizer

BLOCK = 8192  # pairs looked at together; the first of a corpus say what is usual in it
NEWS = 1_000_000  # pairs; so often a long reading says how far it is

OTHERS = {
    "structure": (STOPS, "cannot be read", "Mend what it says."),
    "skipped": (DROPPED, "entries that are no pair", "What they lack stands beside them."),
    "repeated": (DOUBTFUL, "pairs that were there before", "They count twice; few do no harm."),
    "held out": (DOUBTFUL, "sources of a validation or test set", "A model that has seen them is judged too well."),
    "shifted": (
        DOUBTFUL,
        "lines that fit better one line up or down",
        "Look where a line was lost or came in; --fix joins them anew.",
    ),
    "unfit": (DROPPED, "too many pieces for data.max_length", "Split them at sentence ends."),
    "unknown": (NOTED, "characters without a piece", "They are spelled in bytes: a model hardly learns those."),
}
"""Findings that are of no pair by itself: level, title and advice of each."""


class Example(NamedTuple):
    """A pair in which something was found."""

    origin: str
    what: str
    source: str
    target: str


@dataclass
class Found:
    """How often something was found, and the first few."""

    count: int = 0
    examples: list[Example] = field(default_factory=list)


@dataclass
class Side:
    """Lengths of one side."""

    characters: int = 0
    words: int = 0
    longest: int = 0
    pieces: int = 0


@dataclass
class Contents:
    """What one corpus holds."""

    name: str
    pairs: int = 0
    sides: tuple[Side, Side] = field(default_factory=lambda: (Side(), Side()))
    usual: Usual = field(default_factory=Usual)
    shifts: list[Shift] = field(default_factory=list)


@dataclass(frozen=True)
class Known:
    """What pairs are held against."""

    held_out: Mapping[bytes, str] = field(default_factory=dict)  # mark of a source -> the set it is in
    tokenizers: tuple[Tokenizer, Tokenizer] | None = None
    longest: int = 0  # pieces

    def where(self, source: str) -> str:
        """The validation or test set that holds a source, spaces aside; "" for none."""
        return self.held_out.get(mark(tidy(source)), "") if self.held_out else ""


class Examination:
    """Reads corpora one after another and keeps counts and a few examples of everything."""

    def __init__(
        self, languages: tuple[str, str], known: Known, shown: int = 5, note: Callable[[str], None] = lambda text: None
    ) -> None:
        self.languages, self.known, self.shown, self.note = languages, known, shown, note
        self.contents: list[Contents] = []
        self.findings: dict[str, Found] = {}
        self.repeated = Again(np.zeros(0), np.zeros(0))  # rows, counted over all corpora
        self.unread = ""  # why a corpus could not be read to its end, or gave nothing
        self.linked = False  # some pairs bring word alignments
        self.unknown: Counter[str] = Counter()

    def run(self, names: Sequence[str]) -> None:
        """Look at all of them; where one cannot be read further is a finding.

        Raises:
            DataError: one cannot be read at all.
        """
        refuse_pipes(names, *self.languages)
        with Repeats() as repeats:
            for name in names:
                self._read(name, repeats)
            self.repeated = repeats.found()
        self._show_rows(names)
        blank = self.findings.get("blank", Found()).count
        if sum(contents.pairs for contents in self.contents) == blank:
            self._stop(" ".join(names), "no usable pair.")

    def add(self, kind: str, example: Example, count: int = 1) -> None:
        """Count a finding."""
        found = self.findings.setdefault(kind, Found())
        found.count += count
        if len(found.examples) < self.shown:
            found.examples.append(example)

    def _stop(self, name: str, why: str) -> None:
        self.unread = self.unread or why
        self.add("structure", Example(name, why, "", ""))

    def _read(self, name: str, repeats: Repeats) -> None:
        contents = Contents(name)
        self.contents.append(contents)
        blocks = _blocks(self._pairs(name))
        block = next(blocks, [])
        contents.usual = Usual.of(block)
        shifts = Shifts(contents.usual)
        while block:
            following = next(blocks, [])
            shifts.show([pair.source for pair in block], [pair.target or "" for pair in block], last=not following)
            repeats.show([mark(tidy(pair.source), tidy(pair.target or "")) for pair in block])
            self._look(contents, block)
            if contents.pairs // NEWS != (contents.pairs + len(block)) // NEWS:
                self.note(f"{name}: {contents.pairs + len(block):,} pairs read.")
            contents.pairs += len(block)
            block = following
        contents.shifts = shifts.runs()

    def _pairs(self, name: str) -> Iterator[Pair]:
        read = 0
        try:
            for pair in read_corpus(name, *self.languages, lenient=True, skip=self._skip):
                yield pair
                read += 1
        except DataError as error:
            if not read:
                raise
            self._stop(name, str(error))

    def _skip(self, reason: str, origin: str) -> None:
        """Count it; each reason has one example."""
        found = self.findings.setdefault("skipped", Found())
        found.count += 1
        if len(found.examples) < self.shown and all(each.what != reason for each in found.examples):
            found.examples.append(Example(origin, reason, "", ""))

    def _look(self, contents: Contents, block: list[Pair]) -> None:
        for pair in block:
            target = pair.target or ""
            for side, text in zip(contents.sides, (pair.source, target), strict=True):
                side.characters += len(text)
                side.words += (text.count(" ") + 1) if text.strip() else 0
                side.longest = max(side.longest, len(text))
            found = examine(pair.source, target, contents.usual)
            if where := self.known.where(pair.source):
                found["held out"] = where
            self.linked = self.linked or bool(pair.links)
            for kind, what in found.items():
                self.add(kind, Example(pair.origin, what, pair.source, target))
        if self.known.tokenizers:
            self._spell(contents, block, self.known.tokenizers)

    def _spell(self, contents: Contents, block: list[Pair], tokenizers: tuple[Tokenizer, Tokenizer]) -> None:
        lengths = np.zeros(len(block), dtype=int)
        for i, (tokenizer, side) in enumerate(zip(tokenizers, contents.sides, strict=True)):
            ids = tokenizer.encode_all([pair[i] or "" for pair in block])
            sizes = np.array([len(each) for each in ids])
            side.pieces += int(sizes.sum())
            lengths = np.maximum(lengths, sizes)
            for pair, spelled in zip(block, ids, strict=True):
                if unknown := tokenizer.unknown(spelled):
                    self.unknown.update(unknown)
                    self.add("unknown", Example(pair.origin, " ".join(dict.fromkeys(unknown)), pair[0], pair[1] or ""))
        for row in np.flatnonzero(lengths > self.known.longest).tolist():
            pair = block[row]
            self.add("unfit", Example(pair.origin, f"{lengths[row]} pieces", pair.source, pair.target or ""))

    def _show_rows(self, names: Sequence[str]) -> None:
        """Findings known only at the end get their examples from a second look at the first of their rows."""
        again = dict(zip(*(rows[: self.shown].tolist() for rows in self.repeated), strict=True))
        starts = np.cumsum([0, *(contents.pairs for contents in self.contents)]).tolist()
        shifts = {start + run.first: run for each, start in zip(self.contents, starts, strict=False)
                  for run in each.shifts}  # fmt: skip
        wanted = {*again, *again.values(), *shifts, *(row + run.last - run.first for row, run in shifts.items())}
        pairs = self._fetch(names, wanted, starts)
        for row, first in again.items():
            self.add("repeated", _example(pairs[row], f"as {pairs[first].origin}"))
        if len(self.repeated.rows):
            self.findings.setdefault("repeated", Found()).count = len(self.repeated.rows)
        for row, run in shifts.items():
            last = pairs[row + run.last - run.first].origin
            where = "down" if run.by > 0 else "up"
            self.add("shifted", _example(pairs[row], f"to {last}: one line {where}"), run.last - run.first + 1)

    def _fetch(self, names: Sequence[str], rows: set[int], starts: list[int]) -> dict[int, Pair]:
        found: dict[int, Pair] = {}
        for name, start, end in zip(names, starts[:-1], starts[1:], strict=True):
            last = max((row for row in rows if start <= row < end), default=start - 1)
            pairs = islice(read_corpus(name, *self.languages, lenient=True), last - start + 1)
            found |= {row: pair for row, pair in enumerate(pairs, start) if row in rows}
        return found


def _example(pair: Pair, what: str) -> Example:
    return Example(pair.origin, what, pair.source, pair.target or "")


def _blocks(pairs: Iterator[Pair]) -> Iterator[list[Pair]]:
    while block := list(islice(pairs, BLOCK)):
        yield block


def held_out_marks(names: Iterable[str], languages: tuple[str, str]) -> dict[bytes, str]:
    """The sources of validation and test sets, by their marks.

    Raises:
        DataError: one cannot be read.
    """
    pairs = ((pair, name) for name in names for pair in read_corpus(name, *languages, lenient=True))
    return {mark(tidy(pair.source)): name for pair, name in pairs if pair.source.strip()}


def kinds() -> dict[str, tuple[str, str, str]]:
    """Level, title and advice of everything that can be found."""
    return {name: (check.level, check.title, check.advice) for name, check in CHECKS.items()} | OTHERS
