"""Inline tags, taken out of a line before it is translated and put back around what came of the words they covered.

A pair of tags goes around the run of target words that reads most of what the pair covered and least of the rest: the
run with the largest sum of (share read of those words - 1/2). Pairs inside a pair stay inside it and pairs side by side
stay apart, so that what was well-formed stays so. A tag by itself goes before the word that reads most of the word that
it stood before.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

_TAG = re.compile(r"<!--.*?-->|<(/?)([A-Za-z][\w:.-]*)(?:\s[^<>]*)?(/?)>", re.DOTALL)
_SPACES = re.compile(r"[ \t\n]+")
_VOID = {"br", "hr", "img", "input", "wbr"}
_OPENING, _CLOSING = "(\"'«„“¿¡", ".,;:!?…)\"'»“”"


@dataclass
class Node:
    """A pair of tags with what is inside, or a tag by itself."""

    text: str  # the opening tag, or the tag by itself
    first: int  # the first word it covers; the word that a tag by itself stands before
    last: int = -1  # the last word it covers
    close: str = ""  # the closing tag; "" for a tag by itself
    name: str = ""
    wide: tuple[bool, bool] = (False, False)  # whether it covers punctuation at its begin, and at its end
    spaced: tuple[bool, bool] = (False, False)  # whether a space stands before it, and after it
    inside: list["Node"] = field(default_factory=list)

    @property
    def paired(self) -> bool:
        """Whether it is a pair that covers words."""
        return bool(self.close) and self.first <= self.last

    def flat(self) -> str:
        """All its tags, without words."""
        return self.text + "".join(node.flat() for node in self.inside) + self.close


class Tagged(NamedTuple):
    """A line without its tags, and the tags."""

    text: str
    nodes: list[Node]


def take_tags(line: str) -> Tagged:
    """Take the tags out of a line and tidy its spaces."""
    text, place = "", 0
    found: list[tuple[re.Match[str], int]] = []  # with how many characters of the text stand before it
    for match in _TAG.finditer(line):
        text = _add(text, line[place : match.start()])
        found.append((match, len(text)))
        if match[2] is None or match[3] or match[2].lower() in _VOID:
            text = _add(text, " ")  # `one<br/>two` is two words
        place = match.end()
    text = _add(text, line[place:]).rstrip(" \r")
    root = Node("", 0)
    open_nodes = [root]
    for match, offset in found:
        at, before, after = min(offset, len(text)), line[: match.start()], line[match.end() :]
        spaced = (before[-1:].isspace(), after[:1].isspace())
        begin = at + (text[at : at + 1] == " ")
        end = max(at - (text[at - 1 : at] == " "), 0) if at else 0
        name, names = match[2], [node.name for node in open_nodes]
        if match[1] and name in names[1:]:
            while open_nodes[-1].name != name:  # was never closed
                _unpair(open_nodes)
            node = open_nodes.pop()
            node.close, node.last = match[0], text.count(" ", 0, end) if end else -1
            node.wide = (node.wide[0], text[end - 1 : end] in _CLOSING)
            continue
        wide = (text[begin : begin + 1] in _OPENING, False)
        node = Node(
            match[0], text.count(" ", 0, begin) + (begin >= len(text)), name=name or "", wide=wide, spaced=spaced
        )
        open_nodes[-1].inside.append(node)
        if not (name is None or match[1] or match[3] or name.lower() in _VOID):
            open_nodes.append(node)
    while len(open_nodes) > 1:
        _unpair(open_nodes)
    return Tagged(text, root.inside)


def put_tags(nodes: Sequence[Node], words: Sequence[str], weights: np.ndarray) -> str:
    """A translation with the tags of its source: T words, and what each read of S source words, (T, S)."""
    if not words:
        return "".join(node.flat() for node in nodes)
    parts = [_Word.of(word) for word in words]
    shares = weights / np.maximum(weights.sum(1, keepdims=True), 1e-9)
    _place(nodes, parts, shares, range(len(parts)), range(weights.shape[1]))
    return " ".join(part.text for part in parts)


def _add(text: str, more: str) -> str:
    more = _SPACES.sub(" ", more.replace("\0", ""))
    return text + (more.lstrip(" ") if not text or text.endswith(" ") else more)


def _unpair(open_nodes: list[Node]) -> None:
    """The tag that was opened last has no counterpart: it stands by itself, and beside it what it would have held."""
    node = open_nodes.pop()
    inside, node.inside = node.inside, []
    open_nodes[-1].inside += inside


@dataclass
class _Word:
    """A target word with the tags around it."""

    lead: str
    core: str
    trail: str
    outer: tuple[str, str] = ("", "")  # around all of it
    inner: tuple[str, str] = ("", "")  # around it without its punctuation

    @classmethod
    def of(cls, word: str) -> "_Word":
        core = word.strip(_OPENING + _CLOSING)
        if not core:
            return cls("", word, "")
        begin = len(word) - len(word.lstrip(_OPENING))
        end = len(word.rstrip(_CLOSING))
        return cls(word[:begin], word[begin:end], word[end:])

    @property
    def text(self) -> str:
        return self.outer[0] + self.lead + self.inner[0] + self.core + self.inner[1] + self.trail + self.outer[1]

    def before(self, tag: str, wide: bool) -> None:
        """Add what stands before all tags that were added so far."""
        if wide or self.outer[0]:
            self.outer = (tag + self.outer[0], self.outer[1])
        else:
            self.inner = (tag + self.inner[0], self.inner[1])

    def after(self, tag: str, wide: bool) -> None:
        """Add what stands after all tags that were added so far."""
        if wide or self.outer[1]:
            self.outer = (self.outer[0], self.outer[1] + tag)
        else:
            self.inner = (self.inner[0], self.inner[1] + tag)


def _place(nodes: Sequence[Node], parts: list[_Word], shares: np.ndarray, span: range, source: range) -> None:
    """Put tags into a span of target words, which came of some source words."""
    free = np.zeros(len(parts), dtype=bool)
    free[span.start : span.stop] = True
    alone = []
    for node in nodes:
        run = _run(node, shares, free, span, source) if node.paired else None
        if run is None:
            alone.append(node)
            continue
        free[run.start : run.stop] = False
        _place(node.inside, parts, shares, run, range(node.first, node.last + 1))
        parts[run.start].before(node.text, node.wide[0])
        parts[run.stop - 1].after(node.close, node.wide[1])
    last = [node for node in alone if node.first > source[-1]]
    for node in reversed([node for node in alone if node.first <= source[-1]]):
        word = span.start + int(shares[span.start : span.stop, node.first].argmax())
        parts[word].before(node.flat() + " " * node.spaced[1], wide=True)
    for node in last:
        parts[span.stop - 1].after(" " * node.spaced[0] + node.flat(), wide=True)


def _run(node: Node, shares: np.ndarray, free: np.ndarray, span: range, source: range) -> range | None:
    """The free run of target words in a span that a pair goes around; None where no word is free."""
    if (node.first, node.last) == (source[0], source[-1]) and free[span.start : span.stop].all():
        return span
    values = shares[:, node.first : node.last + 1].sum(1) - 0.5
    best, found, begin, total = -np.inf, None, span.start, 0.0
    for word in span:  # Kadane: the run with the largest sum
        if not free[word]:
            begin, total = word + 1, 0.0
            continue
        if total < 0:
            begin, total = word, 0.0
        total += values[word]
        if total > best:
            best, found = total, range(begin, word + 1)
    return found
