"""Attention as a picture made of characters."""

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import accumulate

from nmt.evaluation.readings import Reading, Sentence, heading
from nmt.scripts import display_width

SHADES = " ░▒▓█"
TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
FAINT = 0.2  # a row is left out of a band of source words of which it read less
FEWEST = 8  # source words a band holds at least, however narrow the terminal
SHORTEST = 8  # columns that a word has at least, likewise
SURE = 6  # columns between a target word and its row


def draw_sentence(sentence: Sentence, columns: int | None = None) -> list[str]:
    """Lines of text, none of them blank: each option of each unit, under a heading where there is more than one.

    What should be looked at stands below a unit's options, after an exclamation mark.

    Args:
        sentence: what is drawn; a blank one has no lines.
        columns: how wide the terminal is; None for a file or a program.
    """
    lines = []
    for unit in sentence.units:
        for rank, reading in enumerate(unit.readings, start=1):
            if head := heading(sentence, unit, rank):
                lines.append(visible(f"{head} ({reading.score:.2f}): {reading.text}"))
            elif not reading.target:
                lines.append(visible(reading.text) or "-")
            lines += draw(reading, columns)
        lines += [visible(f"! {line}") for line in (unit.verdict.lines() if unit.verdict else [])]
    return lines


def draw(reading: Reading, columns: int | None = None) -> list[str]:
    """Lines of text: source words downwards over the columns, a row a target word, darker where more was read.

    Between a target word and its row stands how sure the model was of it. Where a terminal is too narrow for the whole
    sentence, bands of some source words stand one below another, each with the target words that read them. A word too
    wide for that is cut: else one would push every row out of the picture.
    """
    most = max(SHORTEST, (columns - SURE - 2 * FEWEST) // 2) if columns is not None else None
    source, target = ([_shortened(visible(word), most) for word in some] for some in (reading.source, reading.target))
    left = max((display_width(word) for word in target), default=0)
    heads = [
        " " * (left - display_width(word)) + f"{word} {sure:4.0%} "
        for word, sure in zip(target, reading.confidence, strict=True)
    ]
    lines = []
    for start, end in _bands(source, left + SURE, columns):
        for i, word in enumerate(source[start:end]):  # a staircase: each word stands above its own column
            lines.append(" " * (left + SURE) + "│ " * i + "┌─" + word)
        whole = end - start == len(source)
        for head, row in zip(heads, reading.weights[:, start:end], strict=True):
            if whole or row.sum() >= FAINT:
                lines.append((head + "".join(_shade(weight) * 2 for weight in row)).rstrip())
    return lines


def _shade(weight: float) -> str:
    return SHADES[min(len(SHADES) - 1, int(weight * len(SHADES)))]


def _shortened(word: str, most: int | None) -> str:
    """A word, of one that is wider than `most` columns the beginning."""
    if most is None or display_width(word) <= most:
        return word
    widths = accumulate(map(display_width, word))
    return word[: sum(width < most for width in widths)] + "…"


def _bands(source: Sequence[str], left: int, columns: int | None) -> Iterator[tuple[int, int]]:
    """From which to which source word each band reaches, so that it is no wider than `columns`."""
    start = 0
    while start < len(source):
        end = len(source)
        if columns is not None:
            wide = [left + 2 * i + 2 + display_width(word) for i, word in enumerate(source[start:])]
            fits = next((i for i, size in enumerate(wide) if size > columns), len(wide))
            end = min(len(source), start + max(fits, FEWEST))
        yield start, end
        start = end


def visible(text: str) -> str:
    """Without control characters and changes of direction: a sentence cannot steer the terminal."""
    return "".join("\ufffd" if unicodedata.category(c) == "Cc" or c in TURNS else c for c in text)
