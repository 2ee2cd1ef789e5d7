"""Plain text. A line is a paragraph; lines that were broken to a width are one together, and are broken again."""

import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from nmt.documents.document import SPACE
from nmt.documents.units import Spliced, Text, Written, joined
from nmt.scripts import closes, display_width, line_parts

_LINE = re.compile(r"[^\r\n]+")
_GAP = re.compile(r"\r\n|\r|\n")
NARROWEST, WIDEST = 40, 120  # columns: what lines are broken to
_MARKER = re.compile(r"(?:[-*+•·–—>|#]|\(?[0-9]{1,3}[.)]|\(?[a-z]\))\s")


class Paragraph(NamedTuple):
    """Lines that are translated as one: characters from `start` to `end` of a text."""

    start: int
    end: int
    width: int = 0  # that it was broken to; 0: it is one line
    gap: str = "\n"  # what stands between its lines


class _Line(NamedTuple):
    indent: str
    text: str
    start: int  # of what is to be translated: after a number or dash
    end: int


def paragraphs(text: str) -> Iterator[Paragraph]:
    """The paragraphs of a text that are not blank."""
    block: list[_Line] = []
    for line in _lines(text):
        apart = not block or len(_GAP.findall(text[block[-1].end : line.start])) > 1
        if apart or line.indent != block[-1].indent or _MARKER.match(line.text):
            yield from _paragraphs_of(text, block)
            block = []
        block.append(line)
    yield from _paragraphs_of(text, block)


def _lines(text: str) -> Iterator[_Line]:
    """The lines that are not blank."""
    for match in _LINE.finditer(text, 1 if text.startswith("\ufeff") else 0):
        if words := match[0].strip(SPACE):
            indent = match[0][: match[0].index(words)]
            start = match.start() + len(indent)
            marker = _MARKER.match(words)
            yield _Line(indent, words, start + (marker.end() if marker else 0), start + len(words))


def _paragraphs_of(text: str, block: list[_Line]) -> Iterator[Paragraph]:
    """Lines without a blank one between: one paragraph if each but the last is as full as a width lets it be."""
    widths = [display_width(line.indent + line.text) for line in block]
    width = max(widths, default=0)
    firsts = [line_parts(line.text.replace("\t", " "))[0].rstrip() for line in block[1:]]
    full = all(
        room + (not closes(line.text[-1])) + display_width(first) > width
        for line, room, first in zip(block, widths, firsts, strict=False)
    )
    if len(block) > 1 and full and not _MARKER.match(block[0].text) and NARROWEST <= width <= WIDEST:
        yield Paragraph(block[0].start, block[-1].end, width, text[block[0].end : block[1].start].lstrip(" \t\f"))
    else:
        yield from (Paragraph(line.start, line.end) for line in block)


def broken(text: str, paragraph: Paragraph) -> str:
    """The translation of a paragraph, broken to its width."""
    if not paragraph.width:
        return text
    lines, room = [""], paragraph.width - display_width(paragraph.gap.lstrip("\r\n"))
    taken = 0  # columns of the last line
    for part in line_parts(text):
        if lines[-1] and taken + display_width(part.rstrip(" ")) > room:
            lines.append("")
            taken = 0
        lines[-1] += part
        taken += display_width(part)
    return paragraph.gap.join(line.rstrip(" ") for line in lines)


class Plain(Spliced):
    """A text file."""

    tags = False

    def read(self) -> None:
        for paragraph in paragraphs(self.source):
            text = self.source[paragraph.start : paragraph.end]
            self.add([Text(paragraph.start, paragraph.end, text)], partial(_write, paragraph))


def _write(paragraph: Paragraph, pieces: list[Written]) -> str:
    return broken(joined(pieces, str), paragraph)
