"""Word alignments as sets of links: from weights, from two directions to one, as text, and how wrong they are.

A link (i, j) says that source word i and target word j translate each other; both count from 0, and a word is what
stands between spaces. As text a sentence's links are one line of `i-j`, the Pharaoh format.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from nmt.errors import DataError
from nmt.registry import Registry

Links = frozenset[tuple[int, int]]

AROUND = [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]
_LINK = re.compile(r"([0-9]{1,6})([-?])([0-9]{1,6})", re.ASCII)


class Gold(NamedTuple):
    """What a person linked, surely or at least possibly (Och & Ney 2003); what is sure is possible too."""

    sure: Links
    possible: Links


class Quality(NamedTuple):
    """How well links agree with a person's, as shares from 0 to 1, and how many of each there were."""

    error: float
    precision: float
    recall: float
    links: int
    sure: int
    possible: int


def extract(weights: np.ndarray, threshold: float, empty: bool) -> Links:
    """Links of weights (T, S): row j says how much of target word j came from each source word.

    Each target word is linked with the source word of its greatest weight; not so where `empty` and what the row lacks
    to one, the share of no word at all, is greater. Each source word that is still without a link is linked with the
    target word in which its weight is greatest, if that is `threshold` or more: so a compound keeps all its words.
    """
    if not weights.size:
        return Links()
    best = weights.argmax(1)
    most = weights.max(1)
    kept = most > (np.maximum(0, 1 - weights.sum(1)) if empty else 0)
    links = {(int(best[j]), int(j)) for j in np.flatnonzero(kept)}
    for i in sorted({*range(weights.shape[1])} - {i for i, _ in links}):
        j = int(weights[:, i].argmax())
        if weights[j, i] >= threshold:
            links.add((i, j))
    return Links(links)


def intersection(forward: Links, backward: Links) -> Links:
    """The links of both directions: few and precise."""
    return forward & backward


def union(forward: Links, backward: Links) -> Links:
    """The links of either direction: many."""
    return forward | backward


def grow_diag(forward: Links, backward: Links) -> Links:
    """The intersection, and links of the union beside those taken that give a word its first (Koehn et al. 2003)."""
    links, rest = set(forward & backward), forward | backward
    sources, targets = {i for i, _ in links}, {j for _, j in links}
    queue = sorted(links)
    for i, j in queue:  # grows while it is walked: what is added is a neighbour of others
        for down, right in AROUND:
            new = (i + down, j + right)
            if new in rest and new not in links and (new[0] not in sources or new[1] not in targets):
                links.add(new)
                sources.add(new[0])
                targets.add(new[1])
                queue.append(new)
    return Links(links)


def grow_diag_final_and(forward: Links, backward: Links) -> Links:
    """What `grow_diag` gives, and then links of either direction both of whose words have none."""
    links = set(grow_diag(forward, backward))
    sources, targets = {i for i, _ in links}, {j for _, j in links}
    for i, j in [*sorted(forward), *sorted(backward)]:
        if i not in sources and j not in targets:
            links.add((i, j))
            sources.add(i)
            targets.add(j)
    return Links(links)


SYMMETRIZATIONS = Registry[Callable[[Links, Links], Links]](
    "symmetrization",
    **{
        "grow-diag-final-and": grow_diag_final_and,
        "grow-diag": grow_diag,
        "intersection": intersection,
        "union": union,
    },
)
"""Links of source -> target and of target -> source, both as (source, target), to one set; fullest but union first."""


def turned(links: Links) -> Links:
    """Links with source and target exchanged."""
    return Links((j, i) for i, j in links)


def pharaoh(links: Links) -> str:
    """Links as a line, in the order of the source."""
    return " ".join(f"{i}-{j}" for i, j in sorted(links))


def parse_gold(line: str, origin: str) -> Gold:
    """Links a person made: `i-j` sure, `i?j` possible.

    Raises:
        DataError: a word of the line is neither; `origin` says where it stands.
    """
    sure: set[tuple[int, int]] = set()
    possible: set[tuple[int, int]] = set()
    for word in line.split():
        if not (found := _LINK.fullmatch(word)):
            raise DataError(f"{origin}: '{word[:40]}' is no link. Write i-j for a sure one, i?j for a possible one.")
        link = (int(found[1]), int(found[3]))
        (sure if found[2] == "-" else possible).add(link)
    return Gold(Links(sure), Links(sure | possible))


def parse_pharaoh(line: str, origin: str) -> Links:
    """Links of a line of `i-j`.

    Raises:
        DataError: a word of the line is none; `origin` says where it stands.
    """
    for word in line.split():
        if "?" in word or not _LINK.fullmatch(word):
            raise DataError(f"{origin}: '{word[:40]}' is no link. Write i-j, counted from 0, source word first.")
    return parse_gold(line, origin).sure


def check_range(links: Links, source: int, target: int, origin: str) -> None:
    """Look whether links are between words that a pair with so many words has.

    Raises:
        DataError: one is not.
    """
    for i, j in sorted(links):
        for side, number, count in (("source", i, source), ("target", j, target)):
            if number >= count:
                raise DataError(
                    f"{origin}: {i}-{j} names {side} word {number}, but there are {count} words, counted from 0. "
                    "Check which side comes first, and that both files are of the same sentences."
                )


def alignment_error(links: Sequence[Links], gold: Sequence[Gold]) -> Quality:
    """Alignment error rate, precision and recall of a corpus (Och & Ney 2003, section 4.2).

    With A the links, S the sure and P the possible ones, S among them, summed over all sentences:

        precision = |A & P| / |A|     recall = |A & S| / |S|     AER = 1 - (|A & S| + |A & P|) / (|A| + |S|)

    Raises:
        DataError: there are no sure links, or not as many lines.
    """
    if len(links) != len(gold):
        raise DataError(
            f"{len(links)} lines of links but {len(gold)} of gold. Line i of both must be of the same pair."
        )
    made, sure, possible = (_total(each) for each in (links, [g.sure for g in gold], [g.possible for g in gold]))
    if not sure:
        raise DataError("The gold has no sure link (i-j), so there is nothing to find. Give another file.")
    right = _total(a & g.sure for a, g in zip(links, gold, strict=True))
    allowed = _total(a & g.possible for a, g in zip(links, gold, strict=True))
    precision = allowed / made if made else 1.0
    return Quality(1 - (right + allowed) / (made + sure), precision, right / sure, made, sure, possible)


def _total(sets: Iterable[Links]) -> int:
    return sum(len(each) for each in sets)
