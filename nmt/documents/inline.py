"""The inline markup of Markdown with its places: which characters are text, and which are markup of which kind.

markdown-it-py says what a paragraph holds but not where. Each of its rules is wrapped here, so that what a rule has
added is known to come from the characters that it has read.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from nmt.documents.units import ALONE, CLOSE, OPEN
from nmt.errors import DataError

TEXT = -1
"""The role of a piece that is text."""

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)[^>]*?(/?)>", re.DOTALL)
_VOID = {"br", "hr", "img", "input", "wbr"}
_NOTE = re.compile(r"\[\^[^\]\s]+\]:?|\A\[[ xX]\](?=\s)")  # footnotes and boxes to tick, which are not CommonMark
_DELIMITERS = ("emphasis", "strikethrough")


class Piece(NamedTuple):
    """A stretch of a paragraph: text without escapes, or markup."""

    start: int
    end: int
    role: int  # TEXT, or that of a code
    text: str = ""
    name: str = ""
    label: str = ""  # of the link that ends here, if its text is its label
    alt: tuple[int, int] = (0, 0)  # where an image says what it shows


class Inline:
    """A parser of Markdown that knows places."""

    def __init__(self, name: str) -> None:
        """`name` is the file that needs it.

        Raises:
            DataError: markdown-it-py is not installed.
        """
        try:
            from markdown_it import MarkdownIt
        except ImportError:
            raise DataError(f"{name}: needs the markdown-it-py library. Run `pip install markdown-it-py`.") from None
        self._parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
        self._parser.core.ruler.disable(["inline", "text_join"])  # paragraphs are read one by one
        self._parser.inline.ruler2.disable("fragments_join")
        self._found: list[Piece] = []
        self._delimiters: list[tuple[int, Any]] = []  # where each stands, and its token
        for rule in list(self._parser.inline.ruler.__rules__):
            self._parser.inline.ruler.at(rule.name, self._watched(rule.name, rule.fn))

    def blocks(self, text: str) -> tuple[list[Any], dict[str, Any]]:
        """The tokens of a document, paragraphs unread, and what its links refer to."""
        env: dict[str, Any] = {}
        return self._parser.parse(text, env), env

    def pieces(self, text: str, env: dict[str, Any]) -> list[Piece]:
        """A paragraph as pieces, one after another without a gap; none where that cannot be told."""
        self._found, self._delimiters = [], []
        self._parser.inline.parse(text, self._parser, env, [])
        pieces, place = list[Piece](), 0
        for piece in sorted([*self._found, *_delimited(self._delimiters)], key=lambda piece: piece.start):
            if piece.start < place:
                return []
            pieces += [*_plain(text, place, piece.start), piece]
            place = piece.end
        return [*pieces, *_plain(text, place, len(text))]

    def _watched(self, name: str, rule: Callable[[Any, bool], bool]) -> Callable[[Any, bool], bool]:
        def run(state: Any, silent: bool) -> bool:
            if silent:
                return rule(state, silent)
            start, count, waiting = state.pos, len(state.tokens), bool(state.pending)
            found, delimiters = self._found, self._delimiters
            opens = name == "link" and state.src[start] == "["
            label = state.md.helpers.parseLinkLabel(state, start, True) if opens else -1
            if name == "image":  # what an image shows is read as a paragraph of its own
                self._found, self._delimiters = [], []
            done = rule(state, silent)
            self._found, self._delimiters = found, delimiters
            if done and (tokens := state.tokens[count + waiting :] or state.tokens[count:]):
                if name in _DELIMITERS:
                    for token in tokens:
                        self._delimiters.append((start, token))
                        start += len(token.content)
                else:
                    self._found += _pieces(name, state, start, label, tokens[-1])
            return done

        return run


def _pieces(name: str, state: Any, start: int, label: int, token: Any) -> Iterator[Piece]:
    """What a rule has read, from `start` to where it stands now."""
    text, end = state.src, state.pos
    if name == "link":
        own = text[start + 1 : label] if text[label + 1 : end] in ("", "[]") else ""
        if own.startswith("^"):  # a footnote
            yield Piece(start, end, ALONE)
            return
        yield Piece(start, start + 1, OPEN, name=f"link {start}")
        yield Piece(label, end, CLOSE, name=f"link {start}", label=own)
    elif token.type in ("softbreak", "text_special"):
        yield Piece(start, end, TEXT, token.content or " ")
    elif token.type == "hardbreak":
        yield Piece(len(text[:start].rstrip(" ")), end, ALONE)
    elif token.type == "html_inline":
        tag = _TAG.fullmatch(text[start:end])
        single = not tag or tag[3] or tag[2].lower() in _VOID
        role = ALONE if single else CLOSE if tag and tag[1] else OPEN
        yield Piece(start, end, role, name=tag[2].lower() if tag else "")
    elif token.type == "image":
        close = start + 2 + len(token.content)
        plain = all(child.type == "text" for child in token.children or []) and text[close + 1 : end] not in ("", "[]")
        yield Piece(start, end, ALONE, alt=(start + 2, close) if plain else (0, 0))
    elif token.type != "text":
        yield Piece(start, end, ALONE)


def _delimited(delimiters: list[tuple[int, Any]]) -> Iterator[Piece]:
    """Emphasis: what became of each * and _ and ~~; two tokens are one where it is strong."""
    for start, token in delimiters:
        if token.type == "text":
            continue
        width = len(token.markup)
        role = OPEN if token.nesting > 0 else CLOSE
        first = start - (token.type == "strong_open")
        yield Piece(first, first + width, role, name=token.type.partition("_")[0])


def _plain(text: str, start: int, end: int) -> Iterator[Piece]:
    """Text with nothing that CommonMark knows in it."""
    for match in _NOTE.finditer(text, start, end):
        if start < match.start():
            yield Piece(start, match.start(), TEXT, text[start : match.start()])
        yield Piece(match.start(), match.end(), ALONE)
        start = match.end()
    if start < end:
        yield Piece(start, end, TEXT, text[start:end])
