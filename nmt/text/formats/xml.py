"""XML as a stream: what a file says, and nothing of what it would have a reader do.

Nothing is fetched, nothing is included, and a file that declares entities is refused: of a text of some bytes they can
make one of gigabytes. The parser is expat: it forgets what it has told, and knows the line of everything.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any
from xml.parsers import expat

from nmt.errors import DataError
from nmt.text.formats.reader import Pair, Skip
from nmt.text.lines import read_chunks

CODES = {"bpt", "ept", "ph", "it", "ut"}
"""Elements of a segment that hold codes of the program which made it, not text."""
TYPES = ("type", "ctype", "subType")
BREAKS = {"lb", "pb", "xlf:lb", "xlf:pb", "x-lb", "x-br", "br"}
"""Types of a code that stands for a line break."""

_SPACE = re.compile(r"[ \t\r\n]+")
_BREAK = re.compile(r"<(?:br|p)\b|\\(?:line|par|tab)\b|[\t\n]", re.IGNORECASE)
_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"<\0": "UTF-16LE", b"\0<": "UTF-16BE"}
_SAID = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml[^<>]+encoding\s*=\s*['"]utf-16""", re.IGNORECASE)
_CUT = {"no element found", "unclosed token", "partial character", "unclosed CDATA section"}  # at the end of a file
_KNOWN = {"utf-8", "utf-16", "iso-8859-1", "us-ascii", "utf-16le", "utf-16be"}  # to expat itself


class Segment:
    """The text of a segment: that of highlighted parts too, but no codes; runs of white space are one space each.

    A code that breaks a line is a space. What is a text of its own inside a code (`sub`) is not the segment's.
    """

    def __init__(self) -> None:
        self.depth = 0  # elements that are open in it
        self._hidden = 0  # of them, those in a code and the code
        self._text: list[str] = []
        self._code: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self.depth += 1
        if attributes and not BREAKS.isdisjoint(map(attributes.get, TYPES)):
            self._text.append(" ")
        if self._hidden or name in CODES:
            self._hidden += 1
        elif name == "cp":
            self._text.append(_character(attributes.get("hex", "")))

    def end(self) -> None:
        """An element ends."""
        self.depth -= 1
        if self._hidden:
            self._hidden -= 1
            if not self._hidden:
                self._text.append(" " if _BREAK.search("".join(self._code)) else "")
                self._code.clear()

    def add(self, text: str) -> None:
        """There is text."""
        (self._code if self._hidden else self._text).append(text)

    def __str__(self) -> str:
        return _SPACE.sub(" ", "".join(self._text)).strip(" ")


class Units(ABC):
    """What a format makes of the elements of a file; `Segment`s are gathered here."""

    root: str

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ready: list[Pair | tuple[str, str]] = []  # pairs and what is none, with the reason and where, in order
        self.segment: Segment | None = None
        self._prefix: str | None = None

    def start(self, name: str, attributes: dict[str, str], line: int) -> None:
        """An element begins."""
        if self._prefix is None:
            self._prefix = name[: name.find(":") + 1]
            if name.removeprefix(self._prefix) != self.root:
                raise DataError(
                    f"{self.path}:{line}: begins with <{name:.40}>, not with <{self.root}>. Give another file."
                )
        if name.endswith("include") and "href" in attributes:
            raise DataError(f"{self.path}:{line}: <{name:.40}> is refused: no other file is read. Put all into one.")
        own = name.removeprefix(self._prefix) if self._prefix else name
        if self.segment is None:
            self.begin(own, attributes, line)
        else:
            self.segment.start(own, attributes)

    def end(self, name: str) -> None:
        """An element ends."""
        if self.segment is not None and self.segment.depth:
            self.segment.end()
            return
        text, self.segment = self.segment, None
        self.finish(name.removeprefix(self._prefix) if self._prefix else name, text)

    def text(self, text: str) -> None:
        """There is text."""
        if self.segment is not None:
            self.segment.add(text)

    @abstractmethod
    def begin(self, name: str, attributes: dict[str, str], line: int) -> None:
        """An element begins that is in no segment."""

    @abstractmethod
    def finish(self, name: str, segment: Segment | None) -> None:
        """It ends; with its text if it was a segment."""

    @abstractmethod
    def close(self) -> None:
        """The file has ended."""


def pairs(units: Units, skip: Skip) -> Iterator[Pair]:
    """Read the file of some units, and yield their pairs as they come.

    Raises:
        DataError: it is no XML, or would have entities or other files read.
    """
    for _ in _parse(units.path, units):
        for each in units.ready:
            if isinstance(each, Pair):
                yield each
            else:
                skip(*each)
        units.ready.clear()
    units.close()


def _parse(path: Path, units: Units) -> Iterator[None]:
    """Tell the units of the elements; now and then, come up for what is ready."""
    chunks = read_chunks(path)
    first = next(chunks, b"")
    encoding = next((name for mark, name in _MARKS.items() if first.startswith(mark)), None)
    if _SAID.match(first):  # and was converted by a program that changed only the bytes
        encoding = "UTF-8"
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: units.start(name, attributes, parser.CurrentLineNumber)
    parser.EndElementHandler = units.end
    parser.CharacterDataHandler = units.text
    _refuse_tricks(parser, path, encoding is not None)
    for chunk in chain([first], chunks, [b""]):
        damage = _feed(parser, chunk, path)
        yield
        if damage:
            raise damage


def _feed(parser: Any, chunk: bytes, path: Path) -> DataError | None:
    """Let a part of a file be parsed, the last of which is empty; returns what is wrong with it."""
    try:
        parser.Parse(chunk, not chunk)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        if not chunk and reason in _CUT:
            return DataError(f"{path}:{error.lineno}: cut short ({reason}). Fetch or write the file again.")
        place = f"{path}:{error.lineno}: damaged XML at column {error.offset + 1}"
        return DataError(f"{place} ({reason}). Mend it, or export it again.")
    return None


def _refuse_tricks(parser: Any, path: Path, known: bool) -> None:
    def declared(encoding: str | None) -> None:
        if known or encoding is None or encoding.lower() in _KNOWN:
            return
        try:
            plain = len(bytes(range(256)).decode(encoding, "replace")) == 256
        except (LookupError, ValueError):
            plain = False
        if not plain:
            raise DataError(f"{path}: its encoding, '{encoding:.40}', cannot be read. Convert it to UTF-8.")

    def entity(name: str, *others: object) -> None:
        raise DataError(
            f"{path}:{parser.CurrentLineNumber}: declares the entity '{name:.40}', which is refused: it may stand for "
            "anything. Remove the <!ENTITY ...> lines, and write the text itself."
        )

    def unknown(name: str, parameter: bool) -> None:
        raise DataError(
            f"{path}:{parser.CurrentLineNumber}: nothing says what '&{name:.40};' stands for: no DTD is fetched. "
            "Write the character itself."
        )

    parser.XmlDeclHandler = lambda version, encoding, standalone: declared(encoding)
    parser.EntityDeclHandler = entity
    parser.SkippedEntityHandler = unknown


def _character(number: str) -> str:
    """The character that XML cannot hold, of a hexadecimal number; none where it is no character."""
    if not re.fullmatch("[0-9A-Fa-f]{1,6}", number):
        return ""
    code = int(number, 16)
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else ""
