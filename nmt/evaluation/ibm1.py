"""IBM Model 1 (Brown et al. 1993, section 4.1): the floor that every word alignment should be above.

A target word f comes from one of the source words or from the empty word, each as likely as the other, and then from
that word's own distribution t(f | e). EM finds t: the expected counts of an iteration, as shares, are the next t.

        p(f_1..f_m | e_1..e_l)  =  prod_j  1 / (l + 1)  sum_i  t(f_j | e_i)        (equation 14, without its epsilon)

All pairs of positions of the corpus lie in one flat array, 4 bytes a pair, so that an iteration is three sums. For a
million pairs of 25 words that is 2.6 GB.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from nmt.evaluation.alignment import Links

EMPTY = 0  # the number of the empty word among the source words
ITERATIONS = 5  # as GIZA++; more hardly move the links
LONGEST = 500  # words; the pairs of positions of longer sentences would fill the memory
BLOCK = 2**22  # pairs of positions counted together


class _Positions(NamedTuple):
    """Which (source word, target word) stand against each other, sentence by sentence, target word by target word."""

    entries: np.ndarray  # (N,) int32: the entry of the table t at each pair of positions, the empty word first
    starts: np.ndarray  # (M,) where the pairs of each target word begin
    source: np.ndarray  # (K,) int32: the source word of each entry of the table
    sizes: np.ndarray  # (M,) how many source words each target word may come from, the empty one counted


class Aligned(NamedTuple):
    """Links of every pair, and the log-likelihood of the corpus before each iteration and after the last."""

    links: list[Links]
    log_likelihoods: list[float]


def train(sources: Sequence[Sequence[str]], targets: Sequence[Sequence[str]], iterations: int = ITERATIONS) -> Aligned:
    """Train on pairs of word lists and align them: for each target word its likeliest source word, or none.

    Words that are the same are told apart by their place: of source words equally likely the one nearest to the
    diagonal is taken. A pair with an empty side has no links and teaches nothing. Logarithms are natural ones.
    """
    pairs = [(s, t) if len(s) and len(t) else ([], []) for s, t in zip(sources, targets, strict=True)]
    positions = _positions(pairs)
    table = np.ones(len(positions.source))
    table /= np.bincount(positions.source)[positions.source] if len(table) else 1
    told = []
    for _ in range(iterations):
        counts, log_likelihood = _expected(positions, table)
        told.append(log_likelihood)
        table = counts / np.bincount(positions.source, counts)[positions.source]
    told.append(_expected(positions, table)[1])
    return Aligned(_links(pairs, positions, table), told)


def _positions(pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> _Positions:
    names: dict[str, int] = {}
    source_ids = [np.array([EMPTY, *(names.setdefault(w, len(names) + 1) for w in s)]) for s, _ in pairs]
    names = {}
    target_ids = [np.array([names.setdefault(w, len(names)) for w in t], dtype=np.int64) for _, t in pairs]
    words = max(1, len(names))
    unique = np.zeros(0, np.int64)
    for keys in _keys(source_ids, target_ids, words):
        unique = np.union1d(unique, keys)
    entries = np.zeros(sum(len(s) * len(t) for s, t in zip(source_ids, target_ids, strict=True)), np.int32)
    end = 0
    for keys in _keys(source_ids, target_ids, words):
        start, end = end, end + len(keys)
        entries[start:end] = np.searchsorted(unique, keys)
    sizes = np.repeat([len(s) for s in source_ids], [len(t) for t in target_ids]).astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    return _Positions(entries, starts, (unique // words).astype(np.int32), sizes)


def _keys(sources: Sequence[np.ndarray], targets: Sequence[np.ndarray], words: int) -> Iterator[np.ndarray]:
    """A number for each pair of positions, the same for the same two words; about BLOCK of them at a time."""
    waiting, count = list[np.ndarray](), 0
    for source, target in zip(sources, targets, strict=True):
        waiting.append((source[None, :] * words + target[:, None]).ravel())
        count += len(waiting[-1])
        if count >= BLOCK:
            yield np.concatenate(waiting)
            waiting, count = [], 0
    if waiting:
        yield np.concatenate(waiting)


def _expected(positions: _Positions, table: np.ndarray) -> tuple[np.ndarray, float]:
    """Expected counts (K,) of the table's entries, and the log-likelihood under it."""
    counts, log_likelihood = np.zeros(len(table)), 0.0
    first = 0
    while first < len(positions.starts):
        start = positions.starts[first]
        last = max(first + 1, int(np.searchsorted(positions.starts, start + BLOCK)))
        end = positions.starts[last] if last < len(positions.starts) else len(positions.entries)
        entries, sizes = positions.entries[start:end], positions.sizes[first:last]
        chances = table[entries]
        sums = np.add.reduceat(chances, positions.starts[first:last] - start)
        counts += np.bincount(entries, chances / np.repeat(sums, sizes), len(table))
        log_likelihood += float(np.log(sums / sizes).sum())
        first = last
    return counts, log_likelihood


def _links(
    pairs: Sequence[tuple[Sequence[str], Sequence[str]]], positions: _Positions, table: np.ndarray
) -> list[Links]:
    links, end = [], 0
    for source, target in pairs:
        width, height = len(source) + 1, len(target)
        start, end = end, end + width * height
        chances = table[positions.entries[start:end]].reshape(height, width)
        links.append(_best(chances[:, 1:], chances[:, 0]) if height else Links())
    return links


def _best(chances: np.ndarray, empty: np.ndarray) -> Links:
    """Links of chances (T, S), where that of the empty word (T,) is not higher."""
    height, width = chances.shape
    most = chances.max(1)
    away = np.abs((np.arange(width) + 0.5) / width - (np.arange(height)[:, None] + 0.5) / height)
    nearest = np.where(chances == most[:, None], away, np.inf).argmin(1)
    return Links((int(nearest[j]), int(j)) for j in np.flatnonzero(most >= empty))
