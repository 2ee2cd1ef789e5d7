"""Words of a translation that only repeat: a decoder that has lost its place goes round in a loop."""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

LONGEST = 8  # words a phrase has at most that stands several times in a row
AGAIN = 4  # words in a row that need not stand beside one another to be taken for a repeat
ROUND = re.compile(r"(.{1,20}?)\1{3,}", re.DOTALL)  # four times the same within a word: nothing is between spaces there
FEWEST = 8  # characters of such a word, or it is laughter


def plain(word: str) -> str:
    """Letters, their marks and digits of a word, without capitals; one that has none is blank."""
    return "".join(character for character in word if unicodedata.category(character)[0] in "LMN").casefold()


def repeated(target: Sequence[str], source: Sequence[str]) -> np.ndarray:
    """Which of T target words are a repeat the source does not ask for, (T,) of bool.

    Three kinds: a phrase of up to LONGEST words more times in a row than any phrase stands in the source; AGAIN words
    that stood before, where the source says no such number of words twice; a word that goes round within itself.
    """
    words, asked = [plain(word) for word in target], [plain(word) for word in source]
    marks = np.zeros(len(words), dtype=bool)
    allowed = max((times for _, _, times in _rows(asked)), default=1)
    for start, size, times in _rows(words):
        if times > allowed:
            marks[start + size : start + size * times] = True
    if not _again(asked, AGAIN - 1).any():  # one word less: the languages may differ by an article
        marks |= _again(words, AGAIN)
    if not any(map(_goes_round, asked)):
        marks |= np.array([_goes_round(word) for word in words], dtype=bool)
    return marks


def _rows(words: Sequence[str]) -> list[tuple[int, int, int]]:
    """Phrases that stand at least twice in a row: where, of how many words, how many times."""
    found = []
    for size in range(1, min(LONGEST, len(words) // 2) + 1):
        start = 0
        while start + 2 * size <= len(words):
            phrase, times = words[start : start + size], 1
            while words[start + size * times : start + size * (times + 1)] == phrase:
                times += 1
            if times > 1 and any(phrase):
                found.append((start, size, times))
            start += size * (times - 1) or 1  # a longer phrase may begin with the last of this one
    return found


def _again(words: Sequence[str], size: int) -> np.ndarray:
    """Words that belong to a phrase of so many words that stood before, (T,) of bool."""
    seen, marks = set(), np.zeros(len(words), dtype=bool)
    for start in range(len(words) - size + 1):
        phrase = tuple(words[start : start + size])
        if phrase in seen:
            marks[start : start + size] = True
        elif all(phrase):
            seen.add(phrase)
    return marks


def _goes_round(word: str) -> bool:
    return any(len(found[0]) >= FEWEST for found in ROUND.finditer(word))
