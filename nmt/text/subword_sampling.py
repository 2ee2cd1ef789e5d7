"""Subword regularisation: the same text in other pieces each time it is learned from (Kudo 2018, arXiv:1804.10959).

A unigram model's pieces never reach over a space, so the words of a text are spelled apart from one another, and the
ways to spell a word are looked up once. (SentencePiece draws too, but otherwise in each process: no training could go
on as if it had never stopped.)
"""

from array import array
from bisect import bisect
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from nmt.text.batches import Examples, Ragged
from nmt.text.tokenizer import Tokenizer

WAYS = 64  # to spell a word, the likeliest ones; Kudo's l
REMEMBERED = 2**14  # words whose ways are kept: no more, however large the corpus


class SubwordSampling:
    """Spells rows of a corpus anew; what comes out hangs on the rows and the seed alone."""

    def __init__(self, tokenizers: tuple[Tokenizer, Tokenizer], power: float) -> None:
        """Ways are drawn with their probability to this power: 1 as they are, nearer 0 all alike (equation 8)."""
        first, second = tokenizers
        speller = Speller(first, power)
        self._spellers = (speller, speller if second is first else Speller(second, power))

    def __call__(self, examples: Examples, rows: np.ndarray, seed: Sequence[int]) -> Examples:
        """Rows (N,) of a corpus without word alignments, which are of pieces, as N examples in memory."""
        assert examples.links is None
        chance = np.random.default_rng(list(seed))
        sides = zip(self._spellers, (examples.source, examples.target), strict=True)
        return Examples(*(Ragged.of([speller(side[row], chance) for row in rows.tolist()]) for speller, side in sides))


class Ways(NamedTuple):
    """To spell a word."""

    pieces: list["array[int]"]
    reached: "array[float]"  # probability of the first, of the first two, ...


class Speller:
    """Draws spellings of texts in one vocabulary."""

    def __init__(self, tokenizer: Tokenizer, power: float) -> None:
        self.tokenizer, self.power = tokenizer, power
        self._starts = [tokenizer.starts_word(piece) for piece in range(tokenizer.size)]
        self._ways = lru_cache(REMEMBERED)(self.ways)

    def __call__(self, ids: Sequence[int], chance: np.random.Generator) -> list[int]:
        """The text of some ids in pieces drawn anew."""
        starts = [place for place, piece in enumerate(ids) if place and self._starts[piece]]
        words = list(pairwise([0, *starts, len(ids)])) if ids else []
        spelled: list[int] = []
        for (start, end), lot in zip(words, chance.random(len(words)).tolist(), strict=True):
            ways = self._ways(tuple(ids[start:end]))
            spelled += ways.pieces[min(bisect(ways.reached, lot), len(ways.pieces) - 1)]
        return spelled

    def ways(self, word: tuple[int, ...]) -> Ways:
        """All ways to spell a word, of which these pieces are one; these alone where they are no usual spelling."""
        found = self.tokenizer.segmentations(self.tokenizer.decode(word), WAYS)
        if list(word) not in [pieces for pieces, _ in found]:
            return Ways([array("i", word)], array("d", [1.0]))
        shares = np.array([log_p for _, log_p in found]) * self.power
        shares = np.exp(shares - shares.max())
        reached = accumulate((shares / shares.sum()).tolist())
        return Ways([array("i", pieces) for pieces, _ in found], array("d", reached))
