"""GNU gettext: the blank translations of a .po or .pot file are filled in, and their entries marked fuzzy.

Fuzzy says that nobody has looked at them yet; programs do not use them before. What is translated, fuzzy or obsolete
stays as it is, and so does the header. A line of a message, or a paragraph that was broken to a width, is a segment.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from nmt.documents.document import SPACE, Document, Segment, differ, has_words, known_encoding, one_line
from nmt.documents.plain import Paragraph, broken, paragraphs
from nmt.errors import DataError

WIDTH = 76  # characters of a line, where the original was broken into lines
_LINE_ENDS = re.compile("[\x85\u2028\u2029]")  # for some programs that read such files
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_LINE_END = re.compile(r"\r\n|\r|\n")
_FIELD = re.compile(r"(?P<key>msgctxt|msgid_plural|msgid|msgstr(?:\[[0-9]+\])?)[ \t]*(?=\")")
_STRING = re.compile(r'[ \t]*(?P<string>"(?P<text>(?:[^"\\\r\n]|\\[^\r\n])*+)")[ \t]*(?:\r\n|\r|\n|\Z)')
_ESCAPED = re.compile(r"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|(.))")
_NAMED = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_CHARSET = re.compile(rb"Content-Type:[^\r\n]*charset=([\w.:-]+)", re.IGNORECASE)


class _String(NamedTuple):
    """A string of an entry and where it is written: from its first quote to its last."""

    start: int
    end: int
    text: str
    lines: int


@dataclass
class _Entry:
    """A message: its strings by their keys, and where a flag goes."""

    strings: dict[str, _String] = field(default_factory=dict)
    start: int = -1  # of its first line that is no comment, or a comment with what it was before
    flags: int = -1  # where its flags are written
    fuzzy: bool = False

    @property
    def blank(self) -> dict[str, str]:
        """The key of each translation that is to be filled in, and that of what it translates."""
        keys = [key for key in self.strings if key.startswith("msgstr")]
        header = not self.strings["msgid"].text
        plural = "msgid_plural" if "msgid_plural" in self.strings else "msgid"
        return {
            key: "msgid" if key in ("msgstr", "msgstr[0]") and len(keys) > 1 else plural
            for key in keys
            if not self.strings[key].text and not header
        }


class _Message(NamedTuple):
    """A text as what is between its paragraphs, and these with the numbers of their segments."""

    gaps: list[str]
    paragraphs: list[Paragraph]
    numbers: list[int]


class Po(Document):
    """A .po or .pot file."""

    placeholders = True

    def encoding_of(self, data: bytes) -> str:
        found = _CHARSET.search(data)
        if not found or found[1] == b"CHARSET" or known_encoding(found[1].decode(), self.name) == "utf-8":
            return "utf-8"
        raise DataError(
            f"{self.name}: its charset is {found[1].decode()}, which has not the letters of every language. Run "
            "`msgconv --to-code=UTF-8` on it first."
        )

    def read(self) -> None:
        self._segments: list[Segment] = []
        self._work: list[tuple[_Entry, dict[str, _Message]]] = []
        for entry in self._entries():
            if "msgid" not in entry.strings or not any(key.startswith("msgstr") for key in entry.strings):
                raise DataError(f"{self.where(entry.start)}: a message without msgid or without msgstr. Mend the file.")
            if not entry.strings["msgid"].text and "msgctxt" not in entry.strings:
                self._note_language(entry)
            messages = {key: self._message(entry.strings[key]) for key in dict.fromkeys(entry.blank.values())}
            if any(message.numbers for message in messages.values()):
                self._work.append((entry, messages))

    def segments(self) -> list[Segment]:
        return self._segments

    def rendered(self, translations: Sequence[str]) -> bytes:
        texts = [_LINE_ENDS.sub(" ", one_line(text)).strip(SPACE) for text in translations]
        written, place = list[str](), 0
        for entry, messages in self._work:
            if not all(texts[number].strip() for message in messages.values() for number in message.numbers):
                continue
            written.append(self.source[place : entry.flags if entry.flags >= 0 else entry.start])
            place = entry.flags + 2 if entry.flags >= 0 else entry.start
            end = self._line_end(entry)
            if entry.flags >= 0:
                written.append("#," if entry.fuzzy else "#, fuzzy,")
            else:
                written.append(f"#, fuzzy{end}")
            for key, origin in entry.blank.items():
                old, source = entry.strings[key], entry.strings[origin]
                text = _filled(messages[origin], texts)
                written += [self.source[place : old.start], _written(text, source.lines > 1, end)]
                place = old.end
        return self.encoded("".join(written) + self.source[place:])

    def _line_end(self, entry: _Entry) -> str:
        """What ends the lines of an entry."""
        return _LINE_END.search(self.source, entry.strings["msgid"].end)[0]  # type: ignore[index]

    def _note_language(self, header: _Entry) -> None:
        text = header.strings.get("msgstr", _String(0, 0, "", 0)).text
        found = re.search(r"^Language: *([\w@.-]+)", text, re.MULTILINE)
        if found and differ(found[1], self.language):
            self.notes.append(
                f"{self.where(header.start)}: its language is {found[1]}, but the model translates to {self.language}"
            )

    def _message(self, string: _String) -> _Message:
        found, gaps, numbers, place = list[Paragraph](), list[str](), list[int](), 0
        for paragraph in paragraphs(string.text):
            text = string.text[paragraph.start : paragraph.end]
            if has_words(text):
                gaps.append(string.text[place : paragraph.start])
                place = paragraph.end
                found.append(paragraph)
                numbers.append(len(self._segments))
                self._segments.append(Segment(one_line(text), self.line(string.start)))
        return _Message([*gaps, string.text[place:]], found, numbers)

    def _entries(self) -> Iterator[_Entry]:
        entry, key = _Entry(), ""
        for match in _LINE.finditer(self.source, 1 if self.source.startswith("\ufeff") else 0):
            line, start = match[0], match.start()
            if not line.strip(SPACE) or line.startswith("#"):
                if entry.strings and line.startswith("#"):
                    yield entry
                    entry = _Entry()
                if line.startswith("#~"):  # what was said of it is not said of the next
                    entry = _Entry()
                _comment(entry, line, start)
                key = ""
                continue
            found = _FIELD.match(line)
            string = _STRING.fullmatch(line, found.end() if found else 0)
            if not string or not (found or key):
                raise DataError(f"{self.where(start)}: no line of a PO file: {line.strip():.60}. Mend the file.")
            text = _unescaped(string["text"])
            span = start + string.start("string"), start + string.end("string")
            if not found:
                old = entry.strings[key]
                entry.strings[key] = _String(old.start, span[1], old.text + text, old.lines + 1)
                continue
            key = found["key"]
            if key in ("msgctxt", "msgid") and any(old.startswith("msgstr") for old in entry.strings):
                yield entry
                entry = _Entry()
            if key in entry.strings:
                raise DataError(f"{self.where(start)}: a second {key} in one message. Mend the file.")
            entry.start = start if entry.start < 0 else entry.start
            entry.strings[key] = _String(*span, text, 1)
        if entry.strings:
            yield entry


def _comment(entry: _Entry, line: str, start: int) -> None:
    if line.startswith("#,"):
        entry.flags = start
        entry.fuzzy = "fuzzy" in [flag.strip() for flag in line[2:].split(",")]
    elif line.startswith("#|") and entry.start < 0:
        entry.start = start


def _unescaped(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        octal, hexadecimal, named = match.groups()
        if named is not None:
            return _NAMED.get(named, named)
        return chr(int(octal, 8) if octal else int(hexadecimal, 16))

    return _ESCAPED.sub(character, text)


def _escaped(text: str) -> str:
    names = {character: f"\\{name}" for name, character in _NAMED.items()} | {"\\": "\\\\", '"': '\\"'}
    return "".join(names.get(character, character) for character in text)


def _filled(message: _Message, texts: list[str]) -> str:
    """The translation of a message out of those of its paragraphs."""
    written = ""
    for gap, paragraph, number in zip(message.gaps, message.paragraphs, message.numbers, strict=False):
        written += gap + broken(texts[number], paragraph)
    return written + message.gaps[-1]


def _written(text: str, wrapped: bool, end: str) -> str:
    """A string as it is written; broken into lines if `wrapped`."""
    if not wrapped:
        return f'"{_escaped(text)}"'
    lines = [""]
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        lines.append("")
        for word in re.findall(r"[^ ]* *", line):
            if lines[-1] and len(_escaped(lines[-1] + word)) > WIDTH:
                lines.append("")
            lines[-1] += word
    return end.join(f'"{_escaped(line)}"' for line in lines)
