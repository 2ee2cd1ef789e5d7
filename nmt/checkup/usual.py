"""What is usual in a corpus, measured on its first pairs: how long translations are, and in which script."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from math import log, sqrt

import numpy as np

from nmt.text.readers import Pair

LETTERS = 5  # fewer do not tell a script
PLENTY = 500  # lines with letters tell the script
NARROWEST = 0.3  # spread of lengths of the most regular corpus


@dataclass(frozen=True)
class Usual:
    """Lengths as Gale & Church 1993 have them: log(target / source) varies with 1 / sqrt(source), in characters."""

    ratio: float = 0.0  # the median of the logarithm
    spread: float = 1.5
    scripts: tuple[str, str] = ("", "")  # of most letters of each side; "" for no letters

    @classmethod
    def of(cls, pairs: Sequence[Pair]) -> "Usual":
        """Measure some pairs; a few wrong ones do not matter."""
        both = [(pair.source, pair.target) for pair in pairs if pair.target and pair.source]
        if not both:
            return cls()
        sizes = np.array([(len(source) + 1, len(target) + 1) for source, target in both], dtype=float)
        ratio = float(np.median(np.log(sizes[:, 1] / sizes[:, 0])))
        apart = [_spread(sizes[: len(sizes) - k, 0], sizes[k:, 1], ratio) for k in (0, 1)]  # a shifted corpus, too
        apart.append(_spread(sizes[1:, 0], sizes[:-1, 1], ratio))
        scripts = [_most([side[i] for side in both]) for i in (0, 1)]
        return cls(ratio, max(NARROWEST, min(apart)), (scripts[0], scripts[1]))

    def strangeness(self, source: str, target: str) -> float:
        """By how many standard deviations the lengths of a pair are out of line."""
        size = len(source) + 1
        return abs(log((len(target) + 1) / size) - self.ratio) * sqrt(size) / self.spread


def scripts(text: str) -> Counter[str]:
    """How many letters of each script a text has."""
    if text.isascii():
        count = sum(map(str.isalpha, text))
        return Counter({"LATIN": count} if count else {})
    return Counter(script for character in text if (script := _script(character)))


@lru_cache(2**16)
def _script(character: str) -> str:
    """The first word of a letter's name, e.g. LATIN, CYRILLIC, CJK; the scripts of Japanese and Korean count as one."""
    if not character.isalpha():
        return ""
    name = unicodedata.name(character, "").split(" ")[0].split("-")[0]
    return "CJK" if name in ("HIRAGANA", "KATAKANA", "HANGUL", "HALFWIDTH", "IDEOGRAPHIC") else name


def _most(texts: Sequence[str]) -> str:
    lettered = islice((found for text in texts if (found := scripts(text))), PLENTY)
    counts = sum(lettered, Counter[str]())
    return counts.most_common(1)[0][0] if counts else ""


def _spread(source: np.ndarray, target: np.ndarray, ratio: float) -> float:
    if not len(source):
        return float("inf")
    return 1.4826 * float(np.median(np.abs(np.log(target / source) - ratio) * np.sqrt(source)))
