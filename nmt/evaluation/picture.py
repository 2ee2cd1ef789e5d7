"""Attention as a picture made of characters."""

import unicodedata
from collections.abc import Sequence

import numpy as np

SHADES = " ░▒▓█"
TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def draw(source: Sequence[str], target: Sequence[str], weights: np.ndarray) -> list[str]:
    """Lines of text: source words downwards over the columns, a row a target word, darker where more was read.

    Args:
        source: S words.
        target: T words.
        weights: (T, S), each in [0, 1].
    """
    source, target = [visible(word) for word in source], [visible(word) for word in target]
    left = max((width(word) for word in target), default=0)
    lines = []
    for i, word in enumerate(source):  # a staircase: each word stands above its own column
        lines.append(" " * (left + 1) + "│ " * i + "┌─" + word)
    for word, row in zip(target, weights, strict=True):
        cells = "".join(SHADES[min(len(SHADES) - 1, int(weight * len(SHADES)))] * 2 for weight in row)
        lines.append(" " * (left - width(word)) + f"{word} {cells}".rstrip())
    return lines


def visible(text: str) -> str:
    """Without control characters and changes of direction: a sentence cannot steer the terminal."""
    return "".join("\ufffd" if unicodedata.category(c) == "Cc" or c in TURNS else c for c in text)


def width(text: str) -> int:
    """Columns a terminal gives a text: two for East Asian wide characters, none for combining ones."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
