"""Pairs as objects with named values: JSON on lines, JSON in a list, and what other formats have as rows."""

import codecs
import json
import re
import reprlib
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from nmt.errors import DataError
from nmt.registry import nearest
from nmt.text.formats.reader import OneFile, Pair
from nmt.text.lines import read_chunks, read_lines, replace_surrogates

LONGEST = 2**24  # characters of one value of a .json; what is longer is no pair, and may be no JSON

_ESCAPED = partial(re.compile("[\ud800-\udc7f\udd00-\udfff]").sub, "\ufffd")  # leaves surrogates that are bytes
_SPACE = re.compile(r"[ \t\r\n]*")


class JsonLines(OneFile):
    """A `.jsonl`: objects with a key for each language, or "source" and "target", perhaps inside "translation".

    A key "alignment" beside them may hold the word alignment as `0-0 1-2 ...`.
    """

    ENDINGS = (".jsonl",)

    def read(self) -> Iterator[Pair]:
        for number, line in enumerate(read_lines(self.path, self.lenient), start=1):
            if not line.strip():
                continue
            origin = f"{self.corpus}:{number}"
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise DataError(f"{origin}: not JSON ({reason_of(error)}). Write one object on each line.") from None
            yield pair_of(row, self.source, self.target, origin, self.lenient)


class JsonList(OneFile):
    """A `.json`: one list of such objects, or the objects one after another; over as many lines as they like."""

    ENDINGS = (".json",)

    def read(self) -> Iterator[Pair]:
        for row, line in _values(_texts(self.path, self.lenient), self.corpus):
            yield pair_of(row, self.source, self.target, f"{self.corpus}:{line}", self.lenient)


def _texts(path: Path, lenient: bool) -> Iterator[str]:
    """The text of a file in parts of any length: a list may be one line of gigabytes."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape" if lenient else "strict")
    line = 1
    for chunk in chain(read_chunks(path), [b""]):
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line += error.object.count(b"\n", 0, error.start)
            raise DataError(
                f"{path}:{line}: not UTF-8 (byte 0x{error.object[error.start]:02x}). Convert the file, for example "
                "with iconv."
            ) from None
        line += text.count("\n")
        if text:
            yield text


def _values(texts: Iterator[str], name: str) -> Iterator[tuple[Any, int]]:
    """The values of a list, or of a stream of values, and the line on which each begins."""
    text = _Ahead(texts)
    listed = text.next() == "["
    if listed:
        text.drop(1)
    first = True
    while character := text.next():
        if listed and character == "]":
            text.drop(1)
            if text.next():
                raise DataError(f"{name}:{text.line}: there is more behind the end of the list. Write one list.")
            return
        if listed and not first:
            if character != ",":
                raise DataError(f"{name}:{text.line}: not JSON (a comma is missing). Mend the file.")
            text.drop(1)
            if not text.next():
                break
        line, first = text.line, False
        try:
            yield text.value(), line
        except (ValueError, RecursionError) as error:
            raise DataError(
                f"{name}:{line}: not JSON ({reason_of(error)}). Mend the file: a list of objects."
            ) from None
    if listed:
        raise DataError(f"{name}:{text.line}: the list has no end: cut short? Fetch or write the file again.")


class _Ahead:
    """A text that comes in parts, read ahead as far as a value goes."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts, self._text, self._place, self.line = texts, "", 0, 1
        self._scan = json.JSONDecoder().raw_decode

    def _more(self, wanted: int) -> bool:
        """Read at least so many characters, if there are; False at the end."""
        some, size = [], 0
        while size < wanted and (text := next(self._texts, "")):
            some.append(text)
            size += len(text)
        self._text, self._place = self._text[self._place :] + "".join(some), 0
        return bool(some)

    def next(self) -> str:
        """The next character that is no space; "" at the end."""
        while True:
            found = _SPACE.match(self._text, self._place)
            assert found  # it matches nothing, too
            self.drop(found.end() - self._place)
            if self._place < len(self._text):
                return self._text[self._place]
            if not self._more(1):
                return ""

    def drop(self, count: int) -> None:
        """Go on by so many characters."""
        self.line += self._text.count("\n", self._place, self._place + count)
        self._place += count

    def value(self) -> Any:
        """The value that begins here.

        Raises:
            ValueError: there is none.
        """
        while True:
            try:
                value, end = self._scan(self._text, self._place)
            except ValueError:
                left = len(self._text) - self._place
                if left > LONGEST:
                    raise ValueError(f"no value ends within {LONGEST:,} characters") from None
                if not self._more(left):  # twice as much each time: what is long is not read over and over
                    raise
                continue
            self.drop(end - self._place)
            return value


def pair_of(row: Any, source: str, target: str, origin: str, lenient: bool = False) -> Pair:
    """The pair of an object with a key for each language, or "source" and "target", perhaps inside "translation".

    Raises:
        DataError: it has no such keys, or no text there.
    """
    links = row.get("alignment") if isinstance(row, Mapping) else None
    if isinstance(row, Mapping) and isinstance(row.get("translation"), Mapping):
        row = row["translation"]
    if not isinstance(row, Mapping):
        raise DataError(f'{origin}: not an object but {type(row).__name__}. Write {{"en": "...", "de": "..."}}.')
    keys = (source, target) if source in row or "source" not in row else ("source", "target")
    source, target = (_text(row, key, [other for other in row if other not in keys], origin) for key in keys)
    keep = _ESCAPED if lenient else replace_surrogates
    source, target = keep(source), keep(target)
    if not isinstance(links, str | None):
        raise DataError(f"{origin}: 'alignment' is {reprlib.repr(links)}, not text. Write '0-0 1-2', or leave it out.")
    return Pair(source, target, origin, links or "")


def _text(row: Mapping[str, Any], key: str, others: list[str], origin: str) -> str:
    if not key:
        raise DataError(f"{origin}: which of the keys {', '.join(row)}? Pass --source and --target.")
    if key not in row:
        raise DataError(
            f"{origin}: no key '{key}'.{nearest(key, others)} Keys: {', '.join(row)}. Check --source and --target."
        )
    if not isinstance(row[key], str):
        raise DataError(f"{origin}: '{key}' is {reprlib.repr(row[key])}, not text. Mend or remove the line.")
    return row[key]


def reason_of(error: BaseException) -> str:
    """What the JSON library says, without a place that is not that of the file."""
    return str(error).partition(": line")[0]
