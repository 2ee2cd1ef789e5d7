"""Pieces -> words, for people.

A word is what stands between spaces; in a script that has none (see `nmt.scripts`) a piece is as good as one. Whoever
counts words as programs do, in Pharaoh's alignments and around tags, counts *tokens*: they stand between spaces always.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from nmt.errors import DataError
from nmt.scripts import any_unspaced, closes, unspaced, within_word
from nmt.text.tokenizer import Tokenizer

Bounds = Callable[[Tokenizer, Sequence[int]], np.ndarray]
"""`owners` or `tokens`, for words or for tokens."""

_LINK = re.compile(r"([0-9]{1,6})-([0-9]{1,6})", re.ASCII)


class Alignment(NamedTuple):
    """What each target word read."""

    source: list[str]
    target: list[str]
    weights: np.ndarray  # (target words, source words); a row sums to one, less what went to the end of the sentence

    def links(self) -> list[tuple[int, int]]:
        """For each target word the source word it read most, as (source, target)."""
        return [(int(row.argmax()), j) for j, row in enumerate(self.weights) if row.size and row.any()]


def tokens(tokenizer: Tokenizer, ids: Sequence[int]) -> np.ndarray:
    """For each of N pieces the number (N,) of the token it belongs to."""
    return _counted([tokenizer.starts_word(piece) for piece in ids])


def owners(tokenizer: Tokenizer, ids: Sequence[int]) -> np.ndarray:
    """For each of N pieces the number (N,) of the word it belongs to."""
    starts = [tokenizer.starts_word(piece) for piece in ids]
    spelled = [tokenizer.spelled[piece] for piece in ids]
    text = b"".join(spelled)
    if any_unspaced(text.decode("utf-8", "replace")):
        for number, place in enumerate(accumulate(map(len, spelled[:-1]), initial=0)):
            starts[number] |= _begins(text, place)
    return _counted(starts)


def _begins(text: bytes, place: int) -> bool:
    """Whether a word begins at a place of a text without a space before it."""
    if text[place : place + 1] and text[place] & 0xC0 == 0x80:  # the middle of a character
        return False
    before = text[max(0, place - 4) : place].decode("utf-8", "ignore")[-1:]
    after = text[place : place + 4].decode("utf-8", "ignore")[:1]
    if not after or before in ("", " "):
        return False
    return unspaced(after) or ((unspaced(before) or closes(before)) and within_word(after))


def _counted(starts: Sequence[bool]) -> np.ndarray:
    found = np.array(starts, dtype=bool)
    found[:1] = True
    return np.cumsum(found) - 1  # type: ignore[no-any-return]


def pieces_of(tokenizer: Tokenizer, text: str, ids: Sequence[int], places: Sequence[range]) -> list[tuple[int, ...]]:
    """For each stretch of characters of a text the pieces of the words that it touches.

    None where a rule of the tokenizer has made other words of the text.
    """
    token = tokens(tokenizer, ids)
    if not len(token) or token[-1] + 1 != len(text.split(" ")):
        return [()] * len(places)
    found = [np.isin(token, tokens_touched(text, place) if place else []) for place in places]
    spelled = [tokenizer.spelled[piece] for piece in ids]
    lead = len(b"".join(spelled)) - len(text.encode())  # the space that SentencePiece puts before a text
    if any_unspaced(text) and b"".join(spelled)[lead:] == text.encode():
        owner, ends = owners(tokenizer, ids), np.cumsum([len(piece) for piece in spelled]) - lead
        for one, place in zip(found, places, strict=True):
            begin, end = (len(text[:at].encode()) for at in (place.start, place.stop))
            within = (ends > begin) & (ends - [len(piece) for piece in spelled] < end)
            one &= np.isin(owner, owner[within])
    return [tuple(np.flatnonzero(one).tolist()) for one in found]


def tokens_touched(text: str, place: range) -> range:
    """The tokens of a text that a stretch of it touches."""
    return range(text.count(" ", 0, place.start), text.count(" ", 0, place.stop) + 1)


def plain(word: str) -> str:
    """A word without the punctuation around it and without capitals; one that is all punctuation stays as it is."""
    kept = [place for place, character in enumerate(word) if unicodedata.category(character)[0] != "P"]
    return (word[kept[0] : kept[-1] + 1] if kept else word).casefold()


def group(tokenizer: Tokenizer, ids: Sequence[int], bounds: Bounds = owners) -> tuple[list[str], np.ndarray]:
    """Words of a text, and for each of its pieces the number of the word it belongs to."""
    owner = bounds(tokenizer, ids)
    begins = [*np.flatnonzero(np.diff(owner, prepend=-1)).tolist(), len(ids)]
    return [tokenizer.decode(ids[a:b]) for a, b in pairwise(begins)], owner


def piece_links(links: str, origin: str, source: np.ndarray, target: np.ndarray) -> list[int]:
    """Word links `i-j i-j` -> links of pieces, target place and source place by turns; sides are what `tokens` gives.

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
    source: tuple[Tokenizer, Sequence[int]],
    target: tuple[Tokenizer, Sequence[int]],
    attention: np.ndarray,
    bounds: Bounds = owners,
) -> Alignment:
    """Attention of pieces (T or more, S or more) -> of words: source pieces are summed, target pieces averaged.

    With `bounds=tokens` it is that of tokens.
    """
    source_words, source_owner = group(*source, bounds)
    target_words, target_owner = group(*target, bounds)
    pieces = attention[: len(target_owner), : len(source_owner)]
    weights = np.zeros((len(target_words), len(source_words)))
    np.add.at(weights, (target_owner[:, None], source_owner[None, :]), pieces)
    counts = np.bincount(target_owner, minlength=len(target_words))
    return Alignment(source_words, target_words, weights / np.maximum(counts, 1)[:, None])
