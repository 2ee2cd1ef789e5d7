"""Attention as a heat map for papers: an SVG whose text stays text, and the same picture in pixels.

Source words stand above the columns, target words beside the rows, both in the order of the text. One colour, more
opaque where more was read, so that it survives a grey printer.
"""

import html
import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nmt.errors import NmtError
from nmt.evaluation.picture import visible
from nmt.evaluation.readings import Reading, Sentence, direction, heading

CELL, FONT, GAP = 22, 14, 28  # pixels: of a cell, of the letters, between two maps
SLANT = math.sqrt(0.5)  # source words rise at 45 degrees
FAINTEST = 0.005  # what was read less is white
FAMILIES = "Noto Sans, DejaVu Sans, Liberation Sans, Arial, Helvetica, sans-serif"
LEVELS = (0.0, 0.25, 0.5, 0.75, 1.0)  # of the key
ZOOM, MOST_PIXELS = 3.0, 8_000  # of a PNG: some 290 dots an inch, and its longest side

LONGEST = 120  # characters of a text without a map

_NARROW, _WIDE = frozenset("iljtfrI.,:;!|'’()[] -"), frozenset("mwMW@%—…")
_LETTER = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">'
    f'<text x="4" y="16" font-family="{FAMILIES}">{{}}</text></svg>'
)
_NOT_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")


class Box(NamedTuple):
    """A finished piece of a drawing."""

    body: str
    width: float
    height: float


def svg(sentence: Sentence) -> str:
    """An SVG document: units side by side, their options one below another, and a key to the colour."""
    box = _page(sentence)
    size = f'width="{box.width:.0f}" height="{box.height:.0f}" viewBox="0 0 {box.width:.0f} {box.height:.0f}"'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" {size} color="#1b1f24">\n'
        f'<title>{_escape(sentence.text)}</title>\n<rect width="100%" height="100%" fill="#ffffff"/>\n'
        f"{box.body}\n</svg>\n"
    )


def inline(reading: Reading) -> str:
    """The map of one reading as an element of a HTML page, whose style sheet gives `.map` its colours."""
    box = _map(reading)
    return (
        f'<svg class="map" role="img" aria-label="Heat map" width="{box.width:.0f}" height="{box.height:.0f}" '
        f'viewBox="0 0 {box.width:.0f} {box.height:.0f}">{box.body}</svg>'
    )


def png(sentence: Sentence) -> bytes:
    """The same picture as pixels on white.

    Raises:
        NmtError: what draws it is not installed, or the machine has no font to write with.
    """
    try:
        import resvg_py
    except ImportError:
        raise NmtError(
            "--format png: needs the resvg_py library. Run `pip install resvg-py`, or take --format svg."
        ) from None
    if resvg_py.svg_to_bytes(svg_string=_LETTER.format("H")) == resvg_py.svg_to_bytes(svg_string=_LETTER.format("")):
        raise NmtError(f"--format png: none of these fonts is here: {FAMILIES}. Install one, or take --format svg.")
    box = _page(sentence)
    zoom = min(ZOOM, MOST_PIXELS / max(box.width, box.height))
    return bytes(resvg_py.svg_to_bytes(svg_string=svg(sentence), zoom=zoom))


def _page(sentence: Sentence) -> Box:
    """All maps of a sentence as a table, with headings where there are several, and the key below them."""
    columns = []
    for unit in sentence.units:
        column = []
        for rank, reading in enumerate(unit.readings, start=1):
            head = heading(sentence, unit, rank)
            column.append(_map(reading, f"{head} (score {reading.score:.2f})" if head else ""))
        columns.append(column)
    wide = [max((box.width for box in column), default=0) for column in columns]
    rows = max(map(len, columns), default=0)
    high = [max(column[row].height for column in columns if row < len(column)) for row in range(rows)]
    body = []
    for place, column in enumerate(columns):
        for row, box in enumerate(column):
            x, y = sum(wide[:place]) + GAP * place, sum(high[:row]) + GAP * row
            body.append(f'<g transform="translate({x:.1f} {y:.1f})">{box.body}</g>')
    key = _key()
    total, height = sum(wide) + GAP * max(0, len(wide) - 1), sum(high) + GAP * max(0, rows - 1)
    x = max(0.0, wide[0] - key.width) / 2 if len(wide) == 1 else 0
    body.append(f'<g transform="translate({x:.1f} {height + 8:.1f})">{key.body}</g>')
    return Box("\n".join(body), max(total, key.width + x), height + 8 + key.height)


def _map(reading: Reading, head: str = "") -> Box:
    """One heat map; its heading, if any, stands above it."""
    source, target = [_written(word) for word in reading.source], [_written(word) for word in reading.target]
    if not target or not source:
        return _text_alone(reading, head)
    above = 28.0 if head else 8.0
    left = max(map(_length, target)) + 16
    top = above + max(map(_length, source)) * SLANT + FONT
    wide, high = CELL * len(source), CELL * len(target)
    over = max(CELL * (i + 0.5) + _length(word) * SLANT + FONT for i, word in enumerate(source))
    parts = [_heading(head)] if head else []
    parts.append(f'<g font-family="{FAMILIES}" font-size="{FONT}" fill="currentColor">')
    for i, word in enumerate(source):
        place = f"translate({left + CELL * (i + 0.62):.1f} {top - 6:.1f}) rotate(-45)"
        parts.append(f'<text transform="{place}">{_escape(word)}</text>')
    for j, word in enumerate(target):
        y = top + CELL * (j + 0.5) + FONT * 0.35
        parts.append(f'<text x="{left - 8:.1f}" y="{y:.1f}" text-anchor="end">{_escape(word)}</text>')
    parts += ["</g>", f'<g transform="translate({left:.1f} {top:.1f})">', '<g class="cells" fill="#0b4a8f">']
    parts += _cells(reading)
    parts += ["</g>", _lines(len(source), len(target)), "</g>"]
    title = len(head) * FONT * 0.6
    return Box("\n".join(parts), max(left + max(wide, over), title) + 8, top + high + 8)


def _cells(reading: Reading) -> Iterator[str]:
    for j, row in enumerate(reading.weights):
        for i, weight in enumerate(row.tolist()):
            if weight >= FAINTEST:
                place = f'x="{CELL * i}" y="{CELL * j}" width="{CELL}" height="{CELL}"'
                yield f'<rect {place} fill-opacity="{min(weight, 1.0):.3f}"/>'


def _lines(columns: int, rows: int) -> str:
    """A frame, and a fine grid in it that leads the eye in a long sentence."""
    wide, high = CELL * columns, CELL * rows
    fine = [f"M{CELL * i} 0V{high}" for i in range(1, columns)] + [f"M0 {CELL * j}H{wide}" for j in range(1, rows)]
    grid = f'<path d="{"".join(fine)}" stroke-opacity="0.15"/>' if fine else ""
    return f'<g fill="none" stroke="currentColor">{grid}<rect width="{wide}" height="{high}" stroke-opacity="0.6"/></g>'


def _key() -> Box:
    """What the colour means, in numbers."""
    parts = [f'<g font-family="{FAMILIES}" font-size="11" fill="currentColor"><text x="8" y="15">weight</text>']
    x = 58
    for level in LEVELS:
        parts.append(f'<rect x="{x}" y="3" width="16" height="16" fill="#0b4a8f" fill-opacity="{level}"/>')
        parts.append(f'<rect x="{x}" y="3" width="16" height="16" fill="none" stroke="currentColor" opacity="0.6"/>')
        parts.append(f'<text x="{x + 21}" y="15">{level:g}</text>')
        x += 40 + 7 * len(f"{level:g}")
    return Box("\n".join([*parts, "</g>"]), x, 28)


def _text_alone(reading: Reading, head: str) -> Box:
    """A text too long for a map, or one without words, as a line; of a very long one the beginning."""
    text = reading.text if len(reading.text) <= LONGEST else reading.text[:LONGEST] + "…"
    y = 44.0 if head else 24.0
    line = f'<text x="8" y="{y}" font-family="{FAMILIES}" font-size="{FONT}" fill="currentColor">'
    body = (_heading(head) if head else "") + f"{line}{_escape(text)}</text>"
    return Box(body, max(_length(text), len(head) * FONT * 0.6) + 16, y + 16)


def _heading(text: str) -> str:
    style = f'font-family="{FAMILIES}" font-size="13" font-weight="bold" fill="currentColor"'
    return f'<text x="8" y="18" {style}>{_escape(text)}</text>'


def _written(word: str) -> str:
    """A word as it is drawn: between marks that keep the full stop of a right-to-left word on its left.

    (Not every program that draws SVG knows the attribute `direction`; all know the marks.)
    """
    return f"\u200f{word}\u200f" if direction([word]) == "rtl" else word


def _escape(text: str) -> str:
    return html.escape(_NOT_XML.sub("\ufffd", visible(text)))


def _length(text: Sequence[str]) -> float:
    """About how many pixels wide a text is drawn: nobody here knows the font, so rather too many."""
    ems = 0.0
    for c in text:
        if unicodedata.combining(c) or unicodedata.category(c) == "Cf":
            continue
        wide = unicodedata.east_asian_width(c) in "WF" or c in _WIDE
        ems += 1.0 if wide else 0.38 if c in _NARROW else 0.74 if c.isupper() else 0.62
    return ems * FONT
