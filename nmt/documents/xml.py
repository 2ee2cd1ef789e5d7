"""XML as elements with their places in the text, so that what is written there can be changed and nothing else."""

import re
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from nmt.errors import DataError

DEEPEST = 200  # elements within one another
_ENCODING = re.compile(rb"""\A<\?xml\b[^>]*?encoding\s*=\s*["']([\w.:-]+)""")
_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"\xef\xbb\xbf": "utf-8"}


@dataclass
class Characters:
    """A stretch of text, without escapes, and where it is written."""

    start: int
    end: int
    text: str


@dataclass
class Element:
    """An element with where its tags are written; `name` is without its prefix."""

    start: int
    tag: str
    attributes: dict[str, str]
    inside: int = -1  # where its content begins
    close: int = -1  # where its content ends
    end: int = -1
    empty: bool = False  # written as one tag
    children: list["Element | Characters"] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its name without a prefix."""
        return self.tag.rpartition(":")[2]

    @property
    def prefix(self) -> str:
        """Its prefix with the colon, or nothing."""
        return self.tag[: -len(self.name)]

    def elements(self, *names: str) -> list["Element"]:
        """Its children that are elements, of these names if some are given, with the same prefix."""
        return [
            child
            for child in self.children
            if isinstance(child, Element) and (not names or (child.name in names and child.prefix == self.prefix))
        ]


def declared_encoding(data: bytes) -> str:
    """The encoding that a document in XML names, by a mark or in its first line."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return encoding
    found = _ENCODING.match(data)
    return found[1].decode() if found else "utf-8"


def parse(source: str, name: str) -> Element:
    """The root element of a document.

    Raises:
        DataError: it is not well-formed, declares entities, or is nested beyond reason.
    """
    builder = _Builder(source, name)
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = False
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.close
    parser.CharacterDataHandler = builder.text
    parser.EntityDeclHandler = builder.refuse
    parser.StartCdataSectionHandler = parser.EndCdataSectionHandler = builder.other
    parser.CommentHandler = parser.ProcessingInstructionHandler = parser.DefaultHandlerExpand = builder.other
    builder.parser = parser
    try:
        parser.Parse(builder.data, True)
    except expat.ExpatError as error:
        message = expat.errors.messages[error.code] if error.code in expat.errors.messages else str(error)
        raise DataError(f"{name}:{error.lineno}: not XML: {message}. Mend the file.") from None
    builder.ends(len(source))
    return builder.root


class _Builder:
    """Makes elements of what a parser tells; where one thing ends is known when the next begins."""

    def __init__(self, source: str, name: str) -> None:
        self.source, self.name = source, name
        self.mark = 1 if source.startswith("\ufeff") else 0
        self.data = source[self.mark :].encode("utf-8")
        self.parser: Any = None
        self.root = Element(0, "", {})
        self._open: list[Element] = []
        self._last: Element | Characters | None = None  # whose end is not known
        self._bytes, self._characters = 0, self.mark

    def _place(self) -> int:
        """Where in the text the parser is; what came last ends there."""
        at = self.parser.CurrentByteIndex
        self._characters += len(self.data[self._bytes : at].decode("utf-8"))
        self._bytes = at
        self.ends(self._characters)
        return self._characters

    def ends(self, place: int) -> None:
        """What came last ends at a place."""
        last, self._last = self._last, None
        if isinstance(last, Characters):
            last.end = place
        elif last and last.inside < 0:
            last.inside = place
        elif last:
            last.end = place

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        element = Element(self._place(), tag, attributes)
        if len(self._open) >= DEEPEST:
            raise DataError(f"{self.name}: more than {DEEPEST} elements within one another. Mend the file.")
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)
        self._last = element

    def close(self, tag: str) -> None:
        place, element = self._place(), self._open.pop()
        element.close = place
        if place == element.inside and self.source[place - 2 : place] == "/>":
            element.empty, element.end = True, place
        else:
            self._last = element

    def text(self, text: str) -> None:
        characters = Characters(self._place(), 0, text)
        if self._open:
            self._open[-1].children.append(characters)
            self._last = characters

    def other(self, *told: object) -> None:
        self._place()

    def refuse(self, *told: object) -> None:
        raise DataError(f"{self.name}: declares entities, which may hide anything. Remove them from its DOCTYPE.")
