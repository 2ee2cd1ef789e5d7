"""The pairs of some corpora for a command that owes a line to each, and a word about what was no pair."""

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nmt.text.readers import Pair


def pairs_of(names: Iterable[str], source: str, target: str) -> Iterator["Pair"]:
    """All pairs as they stand: nothing is cleaned away. What a reader skips gets no line, and is told at the end.

    Raises:
        DataError: a corpus cannot be read.
    """
    from nmt.text.cleaning import Dropped
    from nmt.text.readers import read_corpus

    skipped = Dropped()
    for name in names:
        yield from read_corpus(name, source, target, skip=skipped.skip)
    if skipped.reasons:
        told = ", ".join(f"{n:,} {reason} (first: {skipped.first[reason]})" for reason, n in skipped.reasons.items())
        print(f"No pair, so without a line: {told}.", file=sys.stderr)
