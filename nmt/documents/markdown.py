"""Markdown (CommonMark with tables and ~~strikethrough~~), through markdown-it-py.

Translated: headings, paragraphs, list items, block quotes, cells, and what images show. Kept: code, link targets and
titles, front matter, HTML blocks, footnote marks. Emphasis and links go with their words; a paragraph becomes one line.

What is written is read again: if it would be taken for something else, what looks like markup in it is escaped, and if
that does not help, the original stays.
"""

import re
from functools import partial
from itertools import pairwise
from typing import Any

from nmt.documents.inline import TEXT, Inline, Piece
from nmt.documents.units import Code, Part, Spliced, Text, Written, joined

_FRONT = re.compile(
    r"(---|\+\+\+)[ \t]*(?:\r\n|\r|\n)(?:.*?(?:\r\n|\r|\n))??(?:\1|\.\.\.)[ \t]*(?:\r\n|\r|\n|\Z)", re.DOTALL
)
_LINE = re.compile(r"(?P<text>[^\r\n]*)(?:\r\n|\r|\n|\Z)")
_BREAK = re.compile(r"(?:\r\n|\r|\n)[ \t>]*")  # with what the next line of a quote begins with
_MARKUP = re.compile(r"[\\`*_\[\]<>&~#]")
_AT_BEGIN = re.compile(r"\A(\s*)([+=>-]|[0-9]+(?=[.)]))")
MOST = 1000  # marks in a paragraph: each bracket may be looked at once for each other
_PATTERN = {"heading": "# {}", "paragraph": "{}", "cell": "| {} |\n|---|", "bare": "| {} |\n|---|"}
"""A block of each kind by itself; a bare cell begins its line, without a bar before it."""


class Markdown(Spliced):
    """An .md file."""

    def read(self) -> None:
        self._inline = Inline(self.name)
        begin = 1 if self.source.startswith("\ufeff") else 0
        front = _FRONT.match(self.source, begin)
        begin = front.end() if front else begin
        self._shown = self.source.replace("\0", "\ufffd")
        self._lines = [match for match in _LINE.finditer(self.source, begin) if match.group()]
        tokens, self._env = self._inline.blocks(self.source[begin:])
        self._place = 0  # what stands before has been found
        for before, token in pairwise(tokens):
            if token.type == "inline" and token.content and token.map:
                kind = {"th_open": "cell", "td_open": "cell"}.get(before.type, before.type.removesuffix("_open"))
                kind = "paragraph" if before.markup in ("=", "-") else kind  # a heading that is underlined
                self._block(kind, token)

    def _block(self, kind: str, token: Any) -> None:
        if len(_MARKUP.findall(token.content)) > MOST:
            self.notes.append(
                f"{self.name}:{self.line(self._lines[token.map[0]].start())}: not translated: more than {MOST:,} marks "
                "in one paragraph"
            )
            return
        places = self._places(kind, token.content, token.map[0])
        if not places:
            return
        self._place = places[-1]
        if kind == "cell" and "|" not in self.source[self._lines[token.map[0]].start() : places[0]]:
            kind = "bare"
        pieces = self._inline.pieces(token.content, self._env)
        parts = [self._part(piece, token.content, places) for piece in pieces]
        self.add(parts, partial(self._write, kind, places[0], places[-1]))
        for piece in pieces:
            start, end = places[piece.alt[0]], places[piece.alt[1]]
            if start < end and not re.search(r"[\r\n]", self.source[places[piece.start] : places[piece.end]]):
                self.add([Text(start, end, token.content[slice(*piece.alt)])], _write_alt)

    def _part(self, piece: Piece, content: str, places: list[int]) -> Part:
        start, end = places[piece.start], places[piece.end]
        if piece.role == TEXT:
            return Text(start, end, piece.text)
        raw = None
        if piece.label:  # [text] alone refers to its text, which will be another
            raw = f"][{' '.join(piece.label.split())}]"
        elif re.search(r"[\r\n]", self.source[start:end]) and not content[piece.start : piece.end].endswith("\n"):
            raw = content[piece.start : piece.end].replace("\n", " ")
        return Code(start, end, piece.role, piece.name, raw)

    def _places(self, kind: str, content: str, first: int) -> list[int]:
        """Where each character of a block stands, and where it ends; nothing where that cannot be told."""
        places: list[int] = []
        for number, line in enumerate(content.split("\n"), start=first):
            if number >= len(self._lines):
                return []
            found = self._places_in_line(kind, line, self._lines[number])
            if not found:
                return []
            places += found
        return places

    def _places_in_line(self, kind: str, text: str, line: re.Match[str]) -> list[int]:
        start, end = line.span("text")
        source = self._shown
        if kind == "paragraph":
            words = text.strip(" \t")
            stop = start + len(source[start:end].rstrip(" \t"))
            if not source.endswith(words, start, stop):
                return []
            lead, place = text.index(words), stop - len(words)
            return [place] * lead + [min(place + i, end) for i in range(len(text) - lead + 1)]
        if kind == "heading":
            hashes = re.compile(r"#+[ \t]+").search(source, start, end)
            start = hashes.end() if hashes else start
        pattern = "".join(r"(\\?\|)" if character == "|" else re.escape(character) for character in text)
        found = re.compile(pattern).search(source, max(start, self._place), end)
        if not found:
            return []
        places, place = list[int](), found.start()
        for character in text:
            places.append(place)
            place += 2 if character == "|" and source[place] == "\\" else 1
        return [*places, place]

    def _write(self, kind: str, start: int, end: int, pieces: list[Written]) -> str:
        """A block as it is written: as it is, or escaped; the original where it would be taken for something else."""
        stars = [
            Written(piece.text.replace("_", "*"), True) if piece.text in ("_", "__") else piece for piece in pieces
        ]
        for some in (pieces, stars):
            for escape in (_escape,) if kind == "bare" else (str, _escape):
                text = self._joined(kind, some, escape)
                if self._says(kind, text, some):
                    return text
        line = self.line(start)
        self.notes.append(f"{self.name}:{line}: not translated: its markup cannot be kept")
        return self.source[start:end]

    def _joined(self, kind: str, pieces: list[Written], escape: Any) -> str:
        first = pieces[0] if pieces else None
        text = joined(pieces, escape)
        if escape is _escape and first and not first.code:
            text = _AT_BEGIN.sub(
                lambda match: match[1] + (f"{match[2]}\\" if match[2].isdigit() else f"\\{match[2]}"), text
            )
        return re.sub(r"(?<!\\)\|", r"\\|", text) if kind in ("cell", "bare") else text

    def _says(self, kind: str, text: str, pieces: list[Written]) -> bool:
        """Whether a block is read as these pieces."""
        text, pieces = _BREAK.sub("\n", text), [Written(_BREAK.sub("\n", text), code) for text, code in pieces]
        tokens, _ = self._inline.blocks(_PATTERN[kind].format(text))
        contents = [token.content for token in tokens if token.type == "inline"]
        kinds = {token.type for token in tokens if token.nesting == 1} - {"table_open", "thead_open", "tr_open"}
        opened = {"cell": "th_open", "bare": "th_open"}.get(kind, f"{kind}_open")
        if len(contents) != 1 or kinds != {opened}:
            return False
        read = self._inline.pieces(contents[0], self._env)
        found = [Written(p.text if p.role == TEXT else contents[0][p.start : p.end], p.role != TEXT) for p in read]
        return _merged(found) == _merged(pieces)


def _merged(pieces: list[Written]) -> list[str]:
    """Text and markup by turns, their spaces as one; table bars without escapes."""
    merged = [""]
    for piece in pieces:
        if piece.code == bool(len(merged) % 2):
            merged.append("")
        merged[-1] += piece.text
    return [" ".join(text.replace("\\|", "|").split()) for text in merged]


def _escape(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text)


def _write_alt(pieces: list[Written]) -> str:
    return joined(pieces, lambda text: re.sub(r"[\\\[\]|`*_<&]", r"\\\g<0>", text))
