"""How likely a model holds translations that are given: forced decoding of pairs of texts, in order."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from nmt.search.forced import force
from nmt.search.hypothesis import Hypothesis
from nmt.text.cleaning import tidy
from nmt.text.words import group
from nmt.translator import WINDOW, Translator

PIECES = 20_000
"""Pieces of a batch, padding included, at most: long pairs are rated in smaller batches."""


@dataclass(frozen=True)
class Rating:
    """What a model says of a pair; natural logarithms."""

    source: str
    target: str
    words: list[str]
    log_probabilities: list[float]  # of each word: the sum over its pieces
    end: float  # that the sentence ends there
    pieces: int  # of the target, with its end

    @property
    def log_probability(self) -> float:
        """Of the target, given the source."""
        return math.fsum([*self.log_probabilities, self.end])

    @property
    def per_word(self) -> float:
        """Its mean over the words, the end counted as one: comparable between vocabularies."""
        return self.log_probability / (len(self.words) + 1)

    @property
    def perplexity(self) -> float:
        """Per piece, the end counted as one, as `nmt train` reports it."""
        return math.exp(min(-self.log_probability / self.pieces, 700.0))  # beyond that there are no floats


def rate(translator: Translator, pairs: Iterable[tuple[str, str]]) -> Iterator[Rating | None]:
    """Rate pairs of source and target as they come, in order; None where either side is blank.

    A pair is rated as a whole however long it is. In fp32 its neighbours do not change its rating.
    """
    waiting = iter(pairs)
    while window := list(islice(waiting, WINDOW * translator.search.batch)):
        yield from _rate(translator, window)


def _rate(translator: Translator, pairs: list[tuple[str, str]]) -> list[Rating | None]:
    found: list[Rating | None] = [None] * len(pairs)
    tidied = [(tidy(source), tidy(target)) for source, target in pairs]
    encode = [tokenizer.encode for tokenizer in translator.tokenizers]
    ids = {i: (encode[0](source), encode[1](target)) for i, (source, target) in enumerate(tidied)
           if source.strip() and target.strip()}  # fmt: skip
    vocabulary = translator.tokenizers.target.size
    for some in _batches(ids, translator.search.batch):
        sources, targets = [ids[i][0] for i in some], [ids[i][1] for i in some]
        told = force(translator.model, sources, targets, vocabulary, translator.search, translator.device)
        for i, hypothesis in zip(some, told, strict=True):
            found[i] = _rating(translator, pairs[i], hypothesis)
    return found


def _batches(ids: dict[int, tuple[list[int], list[int]]], most: int) -> Iterator[list[int]]:
    """Pairs of about equal length together, at most so many, and at most PIECES of the longest."""
    some: list[int] = []
    for i in sorted(ids, key=lambda i: (max(map(len, ids[i])), i)):
        if some and (len(some) == most or (len(some) + 1) * max(map(len, ids[i])) > PIECES):
            yield some
            some = []
        some.append(i)
    if some:
        yield some


def _rating(translator: Translator, pair: tuple[str, str], hypothesis: Hypothesis) -> Rating:
    words, owner = group(translator.tokenizers.target, hypothesis.pieces)
    gains = hypothesis.log_probabilities.astype(np.float64)
    sums = np.bincount(owner, gains[:-1], minlength=len(words)).tolist()
    return Rating(*pair, words, sums, float(gains[-1]), len(gains))
