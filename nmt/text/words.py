"""Pieces -> words, for people: a word is what stands between spaces."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from nmt.errors import DataError
from nmt.text.tokenizer import Tokenizer

_LINK = re.compile(r"([0-9]{1,6})-([0-9]{1,6})", re.ASCII)


class Alignment(NamedTuple):
    """What each target word read."""

    source: list[str]
    target: list[str]
    weights: np.ndarray  # (target words, source words); a row sums to one, less what went to the end of the sentence

    def links(self) -> list[tuple[int, int]]:
        """For each target word the source word it read most, as (source, target)."""
        return [(int(row.argmax()), j) for j, row in enumerate(self.weights) if row.size and row.any()]


def owners(tokenizer: Tokenizer, ids: Sequence[int]) -> np.ndarray:
    """For each of N pieces the number (N,) of the word it belongs to."""
    starts = np.array([tokenizer.starts_word(piece) for piece in ids], dtype=bool)
    starts[:1] = True
    return np.cumsum(starts) - 1  # type: ignore[no-any-return]


def plain(word: str) -> str:
    """A word without the punctuation around it and without capitals; one that is all punctuation stays as it is."""
    kept = [place for place, character in enumerate(word) if unicodedata.category(character)[0] != "P"]
    return (word[kept[0] : kept[-1] + 1] if kept else word).casefold()


def group(tokenizer: Tokenizer, ids: Sequence[int]) -> tuple[list[str], np.ndarray]:
    """Words of a text, and for each of its pieces the number of the word it belongs to."""
    owner = owners(tokenizer, ids)
    bounds = [*np.flatnonzero(np.diff(owner, prepend=-1)).tolist(), len(ids)]
    return [tokenizer.decode(ids[a:b]) for a, b in pairwise(bounds)], owner


def piece_links(links: str, origin: str, source: np.ndarray, target: np.ndarray) -> list[int]:
    """Word links `i-j i-j` -> links of pieces, target place and source place by turns; sides are what `owners` gives.

    Raises:
        DataError: something else stands there, or a word that is not there is named.
    """
    found = []
    for link in links.split():
        if not (parts := _LINK.fullmatch(link)):
            raise DataError(f"{origin}: the word alignment holds '{link[:40]}'. Write i-j, e.g. 0-0 1-2.")
        i, j = int(parts[1]), int(parts[2])
        for name, word, owner in (("source", i, source), ("target", j, target)):
            if word > owner[-1]:
                raise DataError(
                    f"{origin}: the link {link} names a word that the {name} has not: it has {owner[-1] + 1}, "
                    "counted from 0. Align these very lines."
                )
        rows, columns = np.flatnonzero(target == j), np.flatnonzero(source == i)
        found += [int(place) for row in rows for column in columns for place in (row, column)]
    return found


def confidence(tokenizer: Tokenizer, ids: Sequence[int], log_probabilities: np.ndarray) -> list[float]:
    """How sure the model was of each word: the geometric mean of the probabilities of its pieces."""
    owner = owners(tokenizer, ids)
    counts = np.bincount(owner) if len(owner) else np.zeros(0)
    sums = np.bincount(owner, log_probabilities[: len(owner)]) if len(owner) else np.zeros(0)
    return np.exp(sums / counts).tolist()  # type: ignore[no-any-return]


def align(
    source: tuple[Tokenizer, Sequence[int]], target: tuple[Tokenizer, Sequence[int]], attention: np.ndarray
) -> Alignment:
    """Attention of pieces (T or more, S or more) -> of words: source pieces are summed, target pieces averaged."""
    source_words, source_owner = group(*source)
    target_words, target_owner = group(*target)
    pieces = attention[: len(target_owner), : len(source_owner)]
    weights = np.zeros((len(target_words), len(source_words)))
    np.add.at(weights, (target_owner[:, None], source_owner[None, :]), pieces)
    counts = np.bincount(target_owner, minlength=len(target_words))
    return Alignment(source_words, target_words, weights / np.maximum(counts, 1)[:, None])
