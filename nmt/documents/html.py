"""HTML. The text of a block is one unit, with inline tags inside; everything else stays as it is.

Translated: text, `<title>`, and the attributes of ATTRIBUTES. Kept: what stands in KEPT elements, in those with
`translate="no"` or the class `notranslate`, comments, tags, white space. `<html lang>` is set to the new language.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from nmt.documents.document import SPACE, known_encoding
from nmt.documents.units import ALONE, CLOSE, OPEN, Code, Part, Spliced, Text, Written, joined

ATTRIBUTES = {"alt", "title", "placeholder", "aria-label"}
"""Attributes whose values are text that a person reads."""

INLINE = {
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "del", "dfn", "em", "font", "i", "img", "input",
    "ins", "mark", "picture", "q", "s", "small", "source", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
    "wbr",
}  # fmt: skip
KEPT_INLINE = {"code", "kbd", "samp", "var", "svg", "math", "object", "audio", "video", "canvas"}
KEPT = {*KEPT_INLINE, "script", "style", "pre", "textarea", "template", "iframe", "xmp", "noembed", "noframes"}
VOID = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
}  # fmt: skip
_RAW = {"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"}  # hold text alone
_CLOSED_BY = {"p": set(), "li": {"li"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}, "tr": {"tr"}, "option": {"option"},
              "td": {"td", "th", "tr"}, "th": {"td", "th", "tr"}}  # fmt: skip
"""Elements whose end tag may be left out, and what begins after them; a paragraph ends before any block."""

_TOKEN = re.compile(
    r"""<!--(?:-?>|.*?(?:--!?>|\Z))|<!\[CDATA\[.*?(?:\]\]>|\Z)|<[!?][^>]*>?|</(?![A-Za-z])[^>]*>?
    |<(?P<close>/?)(?P<name>[A-Za-z][^\s/>]*)
     (?P<attributes>(?:[^>=]|=\s*+(?:"[^"]*"|'[^']*'|(?!["'])))*+)>
    |<(?P<close2>/?)(?P<name2>[A-Za-z][^\s/>]*)(?P<attributes2>[^>]*)(?:>|\Z)""",
    re.DOTALL | re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""(?P<name>[^\s/=>"']+)(?:\s*=\s*(?:"(?P<a>[^"]*)"|'(?P<b>[^']*)'|(?P<c>[^\s"'>]+)))?""")
_CHARSET = re.compile(rb"""<meta\b[^>]*?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_XML = re.compile(rb"""\A<\?xml\b[^>]*?encoding\s*=\s*["']([\w.:-]+)""")
_SENTENCE_END = re.compile(r"[.!?:…]\s*\Z")


class _Token(NamedTuple):
    """A tag, a comment or a stretch of text."""

    start: int
    end: int
    kind: str  # "open", "close", "text", "other"
    name: str = ""
    inside: int = 0  # where the attributes begin


class Html(Spliced):
    """An HTML page, or a piece of one."""

    def encoding_of(self, data: bytes) -> str:
        if data.startswith(b"\xef\xbb\xbf"):
            return "utf-8"
        found = _XML.search(data[:1024]) or _CHARSET.search(data[:4096])
        return known_encoding(found[1].decode(), self.name) if found else "utf-8"

    def encoded(self, text: str) -> bytes:
        return text.encode(self.encoding, "xmlcharrefreplace")

    def read(self) -> None:
        self._elements: list[tuple[str, bool]] = []  # those that are open, and whether their text is translated
        self._depths = Counter[str]()  # how many of a name are open
        self._parts: list[Part] = []
        for token in _tokens(self.source):
            if token.kind == "text":
                text = html.unescape(self.source[token.start : token.end])
                self._parts.append(Text(token.start, token.end, text) if self._wanted else Code(token.start, token.end))
            elif token.kind == "open":
                self._open(token)
            elif token.kind == "close":
                self._close(token)
            else:
                self._parts.append(Code(token.start, token.end))
        self._flush()

    @property
    def _wanted(self) -> bool:
        """Whether the text here is to be translated."""
        return not self._elements or self._elements[-1][1]

    def _open(self, token: _Token) -> None:
        attributes = {match["name"].lower(): match for match in self._attributes(token)}
        before = self._wanted
        while self._elements and _ends(self._elements[-1][0], token.name):
            self._pop()
            before = self._wanted
        inline = token.name in INLINE or token.name in KEPT_INLINE
        wanted = self._wanted and token.name not in KEPT
        said = _value(attributes.get("translate")).lower()
        if said == "no" or "notranslate" in _value(attributes.get("class")).split():
            wanted = False
        elif "translate" in attributes and said in ("", "yes") and token.name not in KEPT:
            wanted = True
        if not inline:
            self._flush()
        if token.name == "br" and wanted:
            self._break()
        if wanted or (before and token.name in VOID):
            for name in ATTRIBUTES & attributes.keys():
                self._add_attribute(attributes[name])
        if token.name == "html" and "lang" in attributes and self.language:
            start, end = _place(attributes["lang"])
            self.replace(start, end, self.language)
        if token.name not in VOID and self.source[token.end - 2] != "/":
            self._elements.append((token.name, wanted))
            self._depths[token.name] += 1
        role = ALONE if token.name in VOID or not wanted else OPEN
        self._parts.append(Code(token.start, token.end, role, token.name if wanted else ""))
        if not inline:
            self._flush()

    def _pop(self) -> str:
        name, _ = self._elements.pop()
        self._depths[name] -= 1
        return name

    def _close(self, token: _Token) -> None:
        wanted, name = self._wanted, ""
        while self._depths[token.name] and name != token.name:
            name = self._pop()
        self._parts.append(Code(token.start, token.end, CLOSE, token.name) if wanted else Code(token.start, token.end))
        if token.name not in INLINE and token.name not in KEPT_INLINE:
            self._flush()

    def _break(self) -> None:
        """A line break after the end of a sentence, or after another, is the end of a unit."""
        last = next((part for part in reversed(self._parts) if isinstance(part, Code) or part.text.strip(SPACE)), None)
        after_break = isinstance(last, Code) and last.name == "br"
        if after_break or (isinstance(last, Text) and _SENTENCE_END.search(last.text)):
            self._flush()

    def _flush(self) -> None:
        """What was read so far is a unit; what is kept within it is markup."""
        parts: list[Part] = []
        for part in self._parts:
            last = parts[-1] if parts else None
            if isinstance(last, Text) and isinstance(part, Text):
                parts[-1] = Text(last.start, part.end, last.text + part.text)
            elif isinstance(last, Code) and isinstance(part, Code) and not last.name and not part.name:
                parts[-1] = Code(last.start, part.end)
            else:
                parts.append(part)
        self._parts = []
        self.add(parts, partial(_write, "&nbsp;" in self.source[parts[0].start : parts[-1].end] if parts else False))

    def _attributes(self, token: _Token) -> Iterator[re.Match[str]]:
        return _ATTRIBUTE.finditer(self.source, token.inside, token.end - 1)

    def _add_attribute(self, attribute: re.Match[str]) -> None:
        start, end = _place(attribute)
        if start < end:
            quote = "" if self.source[start - 1] in "\"'" else '"'
            text = Text(start, end, html.unescape(self.source[start:end]))
            self.add([text], partial(_write_attribute, quote))


def _tokens(source: str) -> Iterator[_Token]:
    """Tags, comments and text, one after another, without a gap."""
    place = 1 if source.startswith("\ufeff") else 0
    while place < len(source):
        match = _TOKEN.search(source, place)
        start = match.start() if match else len(source)
        if place < start:
            yield _Token(place, start, "text")
        if not match:
            return
        name = (match["name"] or match["name2"] or "").lower()
        inside = match.start("attributes") if match["name"] else match.start("attributes2")
        closes = match["close"] or match["close2"]
        kind = "other" if not name else "close" if closes else "open"
        yield _Token(start, match.end(), kind, name, inside)
        place = match.end()
        if kind == "open" and name in _RAW:
            end = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(source, place)
            stop = end.start() if end else len(source)
            if place < stop:
                yield _Token(place, stop, "text")
            place = stop


def _ends(name: str, following: str) -> bool:
    """Whether an element that has no end tag ends where another begins."""
    if name == "p":
        return following not in INLINE and following not in KEPT_INLINE
    return following in _CLOSED_BY.get(name, ())


def _value(attribute: re.Match[str] | None) -> str:
    return (attribute["a"] or attribute["b"] or attribute["c"] or "") if attribute else ""


def _place(attribute: re.Match[str]) -> tuple[int, int]:
    """Where the value of an attribute stands, without its quotes; nowhere where it has none."""
    return next((attribute.span(group) for group in "abc" if attribute[group] is not None), (0, 0))


def _write(nbsp: bool, pieces: list[Written]) -> str:
    text = joined(pieces, lambda text: html.escape(text, quote=False))
    return text.replace("\xa0", "&nbsp;") if nbsp else text


def _write_attribute(quote: str, pieces: list[Written]) -> str:
    return quote + html.escape(joined(pieces, str)) + quote
