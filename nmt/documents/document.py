"""What every format of documents has in common: it gives segments, and takes their translations back."""

import codecs
import re
from abc import ABC, abstractmethod
from bisect import bisect
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from nmt.errors import DataError
from nmt.scripts import closes
from nmt.text.lines import replace_surrogates

SPACE = " \t\r\n\f"
"""What a document may be laid out with; other spaces are characters of its text."""

_SPACES = re.compile(r"[ \t\r\n\f\v]+")
_CONTROL = re.compile(r"[\0-\x08\x0e-\x1f\x7f\ufffe\uffff]")
_ASCII = bytes(range(0x20, 0x7F))


class Segment(NamedTuple):
    """A text to be translated as one; inline markup in it is written as tags."""

    text: str
    line: int  # of the document, from 1


class Document(ABC):
    """A document that was read; `name` is what messages call it."""

    tags: ClassVar[bool] = True
    """Whether what looks like a tag in a segment is one."""
    placeholders: ClassVar[bool] = False
    """Whether its placeholders, such as %s, must stay, for a program reads them."""

    def __init__(self, data: bytes, name: str, language: str = "") -> None:
        """Read a document; where it names the language of its text, that becomes `language` if one is given.

        Raises:
            DataError: it is none of this format, or its encoding is not kept; the message says where and what to do.
        """
        self.name, self.language = name, language
        self.notes: list[str] = []  # what a person should know of it
        self.encoding = self.encoding_of(data)
        self.source = decoded(data, name, self.encoding)
        self._line_ends = [match.start() for match in re.finditer("\n", self.source)]
        self.read()

    def encoding_of(self, data: bytes) -> str:
        """The encoding that a document declares."""
        return "utf-8"

    @abstractmethod
    def read(self) -> None:
        """Find what is to be translated in `source`."""

    @abstractmethod
    def segments(self) -> list[Segment]:
        """What is to be translated, in its order; none is blank."""

    @abstractmethod
    def rendered(self, translations: Sequence[str]) -> bytes:
        """The document with a translation for each segment; where one is blank the document stays as it was."""

    def line(self, place: int) -> int:
        """The line, from 1, in which a character of the document stands."""
        return bisect(self._line_ends, place - 1) + 1

    def where(self, place: int) -> str:
        """The same as `file:line`."""
        return f"{self.name}:{self.line(place)}"

    def encoded(self, text: str) -> bytes:
        """Text as bytes of the document."""
        return text.encode(self.encoding)


def decoded(data: bytes, name: str, encoding: str = "utf-8") -> str:
    """Bytes as text; a byte order mark is its first character.

    Raises:
        DataError: they are not of this encoding, or would not be the same bytes again.
    """
    try:
        text = data.decode(encoding)
        if text.encode(encoding) == data:
            return text
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{name}:{line}: not {encoding.upper()} (byte 0x{data[error.start]:02x}). Convert the file to UTF-8, for "
            "example with iconv."
        ) from None
    except UnicodeError:
        pass
    raise DataError(f"{name}: its encoding {encoding} cannot be kept. Convert the file to UTF-8, e.g. with iconv.")


def known_encoding(declared: str, name: str) -> str:
    """The encoding that a document names, if its letters are those of ASCII.

    Raises:
        DataError: it is unknown, or of another kind.
    """
    try:
        found = codecs.lookup(declared).name
        if _ASCII.decode(found) == _ASCII.decode("ascii"):
            return found
    except (LookupError, UnicodeError, ValueError, TypeError):
        pass
    raise DataError(f"{name}: the encoding '{declared:.40}' is not known here. Convert the file to UTF-8.")


def one_line(text: str) -> str:
    """Text without controls, its layout as single spaces, or none where Chinese or Japanese was broken into lines."""
    return _SPACES.sub(_as_one, _CONTROL.sub("", replace_surrogates(text)))


def _as_one(layout: re.Match[str]) -> str:
    """What layout says: a space, but nothing where a line of Chinese or Japanese was broken."""
    text, (start, end) = layout.string, layout.span()
    broken = start and ("\n" in layout[0] or "\r" in layout[0])
    return "" if broken and closes(text[start - 1]) and closes(text[end : end + 1] or " ") else " "


def differ(language: str, other: str) -> bool:
    """Whether two codes are of different languages; a region makes none."""
    codes = [re.split("[-_@.]", code.lower())[0] for code in (language, other)]
    return all(re.fullmatch("[a-z]{2,3}", code) for code in codes) and codes[0] != codes[1]


def has_words(text: str) -> bool:
    """Whether there is anything to translate in a text without tags: a letter."""
    return any(character.isalpha() for character in text)
