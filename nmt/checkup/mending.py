"""A corpus without what was found in it: pairs that can be mended are, the others go."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nmt.checkup.checks import CHECKS, examine
from nmt.checkup.examination import Contents, Examination
from nmt.checkup.repeats import mark
from nmt.checkup.usual import Usual
from nmt.text.cleaning import tidy
from nmt.text.readers import Pair, read_corpus


class Mended(NamedTuple):
    """A pair as it was, as it should be, and what was done; `source` is None where it goes."""

    pair: Pair
    source: str | None
    target: str
    changes: dict[str, str]  # the check, and what it found


def mend(names: Sequence[str], examination: Examination) -> Iterator[Mended]:
    """Read corpora that were examined once more, and mend each pair."""
    row = 0
    for name, contents in zip(names, examination.contents, strict=True):
        pairs = read_corpus(name, *examination.languages, lenient=True)
        for number, pair in zip(range(contents.pairs), pairs, strict=False):
            yield _mend(pair, contents, _whole(pair, number, row + number, contents, examination))
        row += contents.pairs


def _whole(pair: Pair, number: int, row: int, contents: Contents, examination: Examination) -> dict[str, str]:
    """Why a pair goes for what other lines are; nothing where it need not."""
    found = {}
    if row in examination.repeated:
        found["repeated"] = "was there before"
    if where := examination.known.held_out.get(mark(pair.source)):
        found["held out"] = where
    if any(run.first <= number <= run.last for run in contents.shifts):
        found["shifted"] = "fits better one line up or down"
    return found


def _mend(pair: Pair, contents: Contents, found: dict[str, str]) -> Mended:
    source, target, changes, gone = mend_pair(pair.source, pair.target or "", contents.usual)
    if found or gone:
        return Mended(pair, None, "", found | changes)
    return Mended(pair, source, target, changes)


def mend_pair(source: str, target: str, usual: Usual) -> tuple[str, str, dict[str, str], bool]:
    """Both sides as they should be, what was found in them, and whether they cannot be mended."""
    found = examine(source, target, usual)
    fatal = {name: what for name, what in found.items() if CHECKS[name].drops}
    if fatal:
        return source, target, fatal, True
    changes = {}
    for name, what in found.items():
        mend = CHECKS[name].mend
        if mend is not None:
            source, target, changes[name] = mend(source), mend(target), what
    if changes:
        source, target = tidy(source), tidy(target)
    return source, target, changes, not (source.strip() and target.strip())
