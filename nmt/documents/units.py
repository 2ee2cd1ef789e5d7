"""Stretches of a document with inline markup in them, and how their translations are put in their places.

A segment shows inline markup as tags: `<x0>...</x0>` for a pair, `<x1/>` for what stands by itself. What comes back is
looked through: where a tag is missing, doubled or out of order, all of them go to the end of the text.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from nmt.documents.document import SPACE, Document, Segment, has_words, one_line

ALONE, OPEN, CLOSE = range(3)
"""What a code is: by itself, the begin of a pair, the end of one."""


class Text(NamedTuple):
    """A stretch of the document that is text."""

    start: int
    end: int
    text: str  # without escapes


class Code(NamedTuple):
    """A stretch of the document that is inline markup."""

    start: int
    end: int
    role: int = ALONE
    name: str = ""  # what the begin and the end of a pair have in common
    raw: str | None = None  # what is written for it, if not what stands there


Part = Text | Code


class Written(NamedTuple):
    """A piece of a translation on its way into the document."""

    text: str
    code: bool  # whether it is markup, and not to be escaped


Write = Callable[[list[Written]], str]


@dataclass
class Unit:
    """What is replaced in a document: characters from `start` to `end`."""

    start: int
    end: int
    parts: list[Part]  # as `paired` gives them; none where the same is written whatever is translated
    write: Write

    @cached_property
    def codes(self) -> list[Code]:
        """Its markup, in its order."""
        return [part for part in self.parts if isinstance(part, Code)]

    @cached_property
    def _prefix(self) -> str:
        """How the tags of this segment are called; its text has none that is called so."""
        prefix, text = "x", "".join(part.text for part in self.parts if isinstance(part, Text))
        while f"<{prefix}" in text or f"</{prefix}" in text:
            prefix += "x"
        return prefix

    @cached_property
    def _tags(self) -> list[str]:
        tags, open_codes = [], list[int]()
        for i, code in enumerate(self.codes):
            if code.role == OPEN:
                open_codes.append(i)
            name = f"{self._prefix}{open_codes.pop() if code.role == CLOSE else i}"
            tags.append((f"<{name}/>", f"<{name}>", f"</{name}>")[code.role])
        return tags

    @cached_property
    def text(self) -> str:
        """The text with tags, in one line."""
        tags = iter(self._tags)
        text = "".join(part.text if isinstance(part, Text) else next(tags) for part in self.parts)
        return one_line(text).strip(SPACE)

    def blank(self, translation: str) -> bool:
        """Whether a translation has no text."""
        return not re.sub(rf"</?{self._prefix}[0-9]+/?>", "", translation).strip()

    def pieces(self, translation: str) -> list[str | Code]:
        """A translation as text and markup; all of the markup, and each of it once."""
        places = {tag: i for i, tag in enumerate(self._tags)}
        tag = rf"(</?{self._prefix}[0-9]+/?>)"
        translation = re.sub(tag, lambda match: match[0] * (match[0] in places), translation).strip(SPACE)
        known = [piece for piece in re.split(tag, translation) if piece]
        if _nesting(known, self._tags) == _nesting(self._tags, self._tags):
            return [self.codes[places[piece]] if piece in places else piece for piece in known]
        return [piece for piece in known if piece not in places] + self.codes


def _nesting(pieces: Iterable[str], tags: list[str]) -> list[str] | None:
    """The tags among some pieces, sorted; None where pairs cross."""
    known, open_names, found = set(tags), list[str](), list[str]()
    for piece in pieces:
        if piece not in known:
            continue
        found.append(piece)
        if piece.startswith("</"):
            if not open_names or open_names.pop() != piece[2:-1]:
                return None
        elif not piece.endswith("/>"):
            open_names.append(piece[1:-1])
    return None if open_names else sorted(found)


def joined(pieces: Iterable[Written], escape: Callable[[str], str]) -> str:
    """Pieces one after another, the text among them escaped."""
    return "".join(piece.text if piece.code else escape(piece.text) for piece in pieces)


def paired(parts: Iterable[Part]) -> list[Part]:
    """Parts in which markup without a counterpart stands by itself."""
    parts = list(parts)
    mates = _mates(parts)
    return [
        part if isinstance(part, Text) or place in mates else part._replace(role=ALONE)
        for place, part in enumerate(parts)
    ]


def _mates(parts: Sequence[Part]) -> dict[int, int]:
    """The place of the counterpart of each code that has one."""
    mates = dict[int, int]()
    opened, waiting = list[tuple[int, str]](), Counter[str]()
    for place, part in enumerate(parts):
        if not isinstance(part, Code) or part.role == ALONE:
            continue
        if part.role == OPEN:
            opened.append((place, part.name))
            waiting[part.name] += 1
        while part.role == CLOSE and waiting[part.name]:
            other, name = opened.pop()
            waiting[name] -= 1
            if name == part.name:
                mates |= {place: other, other: place}
                break
    return mates


def trimmed(parts: Iterable[Part], source: str) -> list[Part]:
    """Paired parts without what can stay where it is: layout and markup at both ends, and a pair around the whole."""
    parts = [part for part in paired(parts) if part.start < part.end]
    mates, first, last = _mates(parts), 0, len(parts) - 1
    while first <= last:
        head, tail = parts[first], parts[last]
        if isinstance(head, Text) and source[head.start] in SPACE:
            begin = head.end - len(source[head.start : head.end].lstrip(SPACE))
            parts[first] = Text(begin, head.end, head.text[begin - head.start :])
            first += begin == head.end
        elif isinstance(tail, Text) and source[tail.end - 1] in SPACE:
            end = tail.start + len(source[tail.start : tail.end].rstrip(SPACE))
            parts[last] = Text(tail.start, end, tail.text[: end - tail.end])
            last -= end == tail.start
        elif isinstance(head, Code) and head.role == ALONE:
            first += 1
        elif isinstance(tail, Code) and tail.role == ALONE:
            last -= 1
        elif mates.get(first) == last:
            first, last = first + 1, last - 1
        else:
            break
    return parts[first : last + 1]


def wordy(parts: list[Part]) -> list[Part]:
    """Parts that have something to translate in them; else none."""
    return parts if any(has_words(part.text) for part in parts if isinstance(part, Text)) else []


class Spliced(Document):
    """A document whose translations are put into its text in the places of what they translate."""

    def __init__(self, data: bytes, name: str, language: str = "") -> None:
        self.changes: list[Unit] = []
        super().__init__(data, name, language)
        self.changes.sort(key=lambda unit: (unit.start, -unit.end))
        self.units = [unit for unit in self.changes if unit.parts]

    def add(self, parts: Iterable[Part], write: Write) -> None:
        """Have parts, in their order, translated and written in their places, if there are words in them."""
        if parts := wordy(trimmed(parts, self.source)):
            self.changes.append(Unit(parts[0].start, parts[-1].end, parts, write))

    def replace(self, start: int, end: int, text: str) -> None:
        """Write a text in a place of the document, whatever is translated."""
        self.changes.append(Unit(start, end, [], lambda pieces: text))

    def segments(self) -> list[Segment]:
        return [Segment(unit.text, self.line(unit.parts[0].start)) for unit in self.units]

    def rendered(self, translations: Sequence[str]) -> bytes:
        texts = iter(translations)
        every = [(unit, one_line(next(texts)).strip(SPACE) if unit.parts else "") for unit in self.changes]
        return self.encoded(self._spliced(0, len(self.source), every))

    def _spliced(self, start: int, end: int, changes: "list[_Change]") -> str:
        """The document from `start` to `end`, with those changes made that lie within."""
        written, place, i = list[str](), start, 0
        while i < len(changes):
            unit, text = changes[i]
            following = i + 1
            while following < len(changes) and changes[following][0].start < unit.end:
                following += 1
            within, i = changes[i + 1 : following], following
            if unit.start < place or unit.end > end:
                continue
            written.append(self.source[place : unit.start])
            place = unit.end
            if unit.parts and self.stays(unit, text):
                written.append(self._spliced(unit.start, unit.end, within))
            else:
                written.append(unit.write([self._piece(piece, within) for piece in unit.pieces(text)]))
        return "".join(written) + self.source[place:end]

    def stays(self, unit: Unit, translation: str) -> bool:
        """Whether a unit is left as it is: nothing was found for it, or the same."""
        return translation == unit.text or unit.blank(translation)

    def _piece(self, piece: str | Code, within: "list[_Change]") -> Written:
        if isinstance(piece, str):
            return Written(piece, False)
        if piece.raw is not None:
            return Written(piece.raw, True)
        own = [change for change in within if piece.start <= change[0].start and change[0].end <= piece.end]
        return Written(self._spliced(piece.start, piece.end, own), True)


_Change = tuple[Unit, str]
