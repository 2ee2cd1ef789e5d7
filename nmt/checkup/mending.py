"""A corpus without what was found in it: pairs that can be mended are, the others go."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from nmt.checkup.checks import CHECKS, examine
from nmt.checkup.examination import Contents, Examination
from nmt.checkup.repeats import contains
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
        shifted = _rows(contents)
        number = 0
        for pair in read_corpus(name, *examination.languages, lenient=True, skip=skip):
            others = _whole(row, next(shifted), gone, examination)
            mended = _mend(pair, contents, others, examination)
            if mended.source is None and contains(firsts, row):
                gone.add(row)
            yield mended
            row, number = row + 1, number + 1
        if number != contents.pairs:
            raise DataError(f"{name}: changed while it was read. Let nobody write to it, and begin again.")


def _rows(contents: Contents) -> Iterator[bool]:
    """For each row of a corpus whether it lies in a shifted run."""
    row = 0
    for run in contents.shifts:
        yield from (number >= run.first for number in range(row, run.last + 1))
        row = max(row, run.last + 1)
    while True:
        yield False


def _whole(row: int, shifted: bool, gone: set[int], examination: Examination) -> dict[str, str]:
    """Why a pair goes for what other lines are; nothing where it need not."""
    found = {}
    first = examination.repeated.first(row)
    if first is not None and first not in gone:
        found["repeated"] = "was there before"
    if shifted:
        found["shifted"] = "fits better one line up or down"
    return found


def _mend(pair: Pair, contents: Contents, found: dict[str, str], examination: Examination) -> Mended:
    source, target, changes, gone = mend_pair(pair.source, pair.target or "", contents.usual)
    if where := examination.known.where(pair.source) or examination.known.where(source):
        found["held out"] = where
    if found or gone:
        return Mended(pair, None, "", found | changes)
    return Mended(pair, source, target, changes)


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
