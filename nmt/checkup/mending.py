"""A corpus without what was found in it: pairs that can be mended are, the others go.

A source in a shifted run gets the target that fits it, from the line below or above. Where the run begins and ends is
known to within a window, so that the pairs there go.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from nmt.checkup.checks import CHECKS, examine
from nmt.checkup.examination import Contents, Examination
from nmt.checkup.repeats import contains
from nmt.checkup.shifts import WINDOW
from nmt.checkup.usual import Usual
from nmt.errors import DataError
from nmt.text.cleaning import tidy
from nmt.text.formats.reader import Skip, silently
from nmt.text.readers import Pair, read_corpus


class Mended(NamedTuple):
    """A pair as it was, as it should be, and what was done; `source` is None where it goes."""

    pair: Pair
    source: str | None
    target: str
    changes: dict[str, str]  # the check, and what it found


def mend(names: Sequence[str], examination: Examination, skip: Skip = silently) -> Iterator[Mended]:
    """Read corpora that were examined once more, and mend each pair; `skip` hears of what is none.

    Raises:
        DataError: a corpus could not be read to its end, or is not what it was.
    """
    if examination.unread:
        raise DataError(f"{examination.unread} Nothing is written: there may be more behind it that was not read.")
    row, gone = 0, set[int]()  # rows that went though later ones repeat them
    firsts = np.unique(examination.repeated.firsts)
    for name, contents in zip(names, examination.contents, strict=True):
        number = 0
        pairs = read_corpus(name, *examination.languages, lenient=True, skip=skip)
        for pair, joined, found in _unshifted(pairs, contents):
            first = examination.repeated.first(row)
            if first is not None and first not in gone and joined is pair:
                joined, found = None, {"repeated": "was there before"}
            mended = _mend(pair, joined, found, contents.usual, examination)
            if (mended.source is None or joined is not pair) and contains(firsts, row):
                gone.add(row)
            yield mended
            row, number = row + 1, number + 1
        if number != contents.pairs:
            raise DataError(f"{name}: changed while it was read. Let nobody write to it, and begin again.")


def _unshifted(pairs: Iterator[Pair], contents: Contents) -> Iterator[tuple[Pair, Pair | None, dict[str, str]]]:
    """Each pair, the pair it should be, None where that is not known, and what was found."""
    runs, number, before = iter(contents.shifts), 0, None
    run, pair = next(runs, None), next(pairs, None)
    while pair is not None:
        while run and number > run.last:
            run = next(runs, None)
        if run is None or number < run.first:
            yield pair, pair, {}
            before, pair, number = pair, next(pairs, None), number + 1
            continue
        after = next(pairs, None)
        begun = run.first == 0 or number >= run.first + WINDOW
        lasts = run.last == contents.pairs - 1 or number <= run.last - WINDOW
        other, where = (after, "below") if run.by > 0 else (before, "above")
        if begun and lasts and other:
            yield pair, pair._replace(target=other.target), {"shifted": f"has the target of the line {where} now"}
        else:
            yield pair, None, {"shifted": "fits better one line up or down"}
        before, pair, number = pair, after, number + 1


def _mend(pair: Pair, joined: Pair | None, found: dict[str, str], usual: Usual, examination: Examination) -> Mended:
    source, target, changes, gone = mend_pair(pair.source, (joined or pair).target or "", usual)
    if where := examination.known.where(pair.source) or examination.known.where(source):
        found, joined = found | {"held out": where}, None
    if joined is None or gone:
        return Mended(pair, None, "", found | changes)
    return Mended(pair, source, target, found | changes)


def mend_pair(source: str, target: str, usual: Usual) -> tuple[str, str, dict[str, str], bool]:
    """Both sides as they should be, what was found in them, and whether they cannot be mended."""
    changes: dict[str, str] = {}
    while True:  # what an entity stands for may have to be mended too; every round makes the text simpler
        found = examine(source, target, usual)
        fatal = {name: what for name, what in found.items() if CHECKS[name].drops}
        if fatal:
            return source, target, changes | fatal, True
        before = (source, target)
        for name, what in found.items():
            mend = CHECKS[name].mend
            if mend is not None:
                source, target = mend(source), mend(target)
                changes.setdefault(name, what)
        source, target = (tidy(source), tidy(target)) if changes else (source, target)
        if (source, target) == before:
            return source, target, changes, not (source.strip() and target.strip())
