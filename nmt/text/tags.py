"""Inline tags, taken out of a line before it is translated and put back around what came of the words they covered.

A pair of tags goes around the run of target words that reads most of what the pair covered and least of the rest: the
run with the largest sum of (share read of those words - 1/2). Pairs inside a pair stay inside it and pairs side by side
stay apart, so that what was well-formed stays so. A tag by itself goes before the word that reads most of the word that
it stood before.

Whatever a line is, taking its tags out takes time in proportion to its length. One with more tags than any text has, or
more of them within one another, keeps them as a part of its text.
"""

import re
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice
from typing import NamedTuple

import numpy as np

MOST = 10_000  # tags of a line
DEEPEST = 100  # of them within one another
WORDS = 3000  # of a line with tags: what each word read of each is one table

OPENS, ALONE, CLOSES = 1, 0, -1
"""What a tag does; their sums are how many pairs are open."""

_ELEMENT = r"<(/?)([A-Za-z][\w:.-]*)(?:\s[^<>]*)?(/?)>"
_TAG, _NO_COMMENT = re.compile(_ELEMENT + "|<!--.*?-->", re.DOTALL), re.compile(_ELEMENT)
_SPACE = " \t\n"
_SPACES = re.compile(f"[{_SPACE}]+")
_VOID = {"br", "hr", "img", "input", "wbr"}
_OPENING, _CLOSING = "(\"'«„“¿¡", ".,;:!?…)\"'»“”"


@dataclass
class Node:
    """A pair of tags with what is inside, or a tag by itself."""

    text: str  # the opening tag, or the tag by itself
    first: int  # the first word it covers; the word that a tag by itself stands before
    last: int = -1  # the last word it covers
    close: str = ""  # the closing tag; "" for a tag by itself
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
    excess: str = ""  # why its tags are still in the text, e.g. "more than 10,000 tags"


def take_tags(line: str) -> Tagged:
    """Take the tags out of a line and tidy its spaces; tags that are too many are left in it."""
    marks = list(islice(_marks(line), MOST + 1))
    if not marks:
        return Tagged(_without(line, [])[0], [])
    if len(marks) > MOST:
        return Tagged(_without(line, [])[0], [], f"more than {MOST:,} tags")
    roles = _roles(marks)
    if max(accumulate(roles), default=0) > DEEPEST:
        return Tagged(_without(line, [])[0], [], f"more than {DEEPEST} tags within one another")
    text, offsets = _without(line, marks)
    if text.count(" ") >= WORDS:
        return Tagged(_without(line, [])[0], [], f"tags among more than {WORDS:,} words")
    spaces = [place for place, character in enumerate(text) if character == " "]
    root = Node("", 0)
    open_nodes = [root]
    for mark, role, offset in zip(marks, roles, offsets, strict=True):
        at = min(offset, len(text))
        if role == CLOSES:
            end = max(at - (text[at - 1 : at] == " "), 0) if at else 0
            node = open_nodes.pop()
            node.close, node.last = mark[0], bisect_left(spaces, end) if end else -1
            node.wide = (node.wide[0], text[end - 1 : end] in _CLOSING)
            continue
        begin = at + (text[at : at + 1] == " ")
        first = bisect_left(spaces, begin) + (begin >= len(text))
        wide = (text[begin : begin + 1] in _OPENING, False)
        spaced = (line[mark.start() - 1 : mark.start()].isspace(), line[mark.end() : mark.end() + 1].isspace())
        open_nodes[-1].inside.append(Node(mark[0], first, wide=wide, spaced=spaced))
        if role == OPENS:
            open_nodes.append(open_nodes[-1].inside[-1])
    return Tagged(text, root.inside)


def put_tags(nodes: Sequence[Node], words: Sequence[str], weights: np.ndarray) -> str:
    """A translation with the tags of its source: T words, and what each read of S source words, (T, S)."""
    if not words:
        return "".join(node.flat() for node in nodes)
    return " ".join(part.text for part in _placed(nodes, words, weights))


def place_tokens(nodes: Sequence[Node], words: Sequence[str], weights: np.ndarray) -> list[int]:
    """For each of the T words the number of the token that holds it, in what `put_tags` makes of the same."""
    places, count = list[int](), 0
    for part in _placed(nodes, words, weights) if words else ():
        lead = "".join([*part.outer[0], part.lead, *part.inner[0]])
        places.append(count + len(split_tokens(lead + "x")) - 1)
        count += len(split_tokens(part.text))
    return places


def token_places(line: str, text: str) -> list[int]:
    """For each token of the text that `take_tags` left of a line the number of that token of the line which holds it.

    A word that tags with spaces stand within is where it begins, without punctuation.
    """
    codes = np.frombuffer(line.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    solid = ~np.isin(codes, [ord(space) for space in _SPACE])
    number = np.cumsum(solid & ~np.append(False, solid[:-1])) - 1
    left = solid & (codes != 0)
    for mark in _marks(line):
        left[mark.start() : mark.end()] = False
    words = text.split(" ") if text else []
    ends = accumulate(map(len, words))
    begins = [end - len(word) + len(_Word.of(word).lead) for word, end in zip(words, ends, strict=True)]
    return number[left][begins].tolist() if begins else []  # type: ignore[no-any-return]


def split_tokens(text: str) -> list[str]:
    """What stands between spaces, as a program sees it that counts the words of a line."""
    return [token for token in _SPACES.split(text) if token]


def _placed(nodes: Sequence[Node], words: Sequence[str], weights: np.ndarray) -> list["_Word"]:
    parts = [_Word.of(word) for word in words]
    shares = weights / np.maximum(weights.sum(1, keepdims=True), 1e-9)
    _place(nodes, parts, shares, range(len(parts)), range(weights.shape[1]))
    return parts


def _marks(line: str) -> Iterator[re.Match[str]]:
    """The tags and comments of a line."""
    end = line.rfind("-->") + 1  # behind it no comment ends: each that begins there would look for it
    yield from _TAG.finditer(line, 0, end + 2 if end else 0)
    yield from _NO_COMMENT.finditer(line, end)


def _roles(marks: Sequence[re.Match[str]]) -> list[int]:
    """What each tag does; one without its counterpart stands by itself."""
    roles, names = [ALONE] * len(marks), Counter[str]()
    waiting = list[int]()
    for number, (end, name, alone) in enumerate(mark.groups() for mark in marks):
        if end and names[name]:
            while marks[waiting[-1]][2] != name:  # was never closed
                names[marks[waiting.pop()][2]] -= 1
            roles[waiting.pop()], roles[number] = OPENS, CLOSES
            names[name] -= 1
        elif not (name is None or end or alone or name.lower() in _VOID):
            waiting.append(number)
            names[name] += 1
    return roles


def _without(line: str, marks: Sequence[re.Match[str]]) -> tuple[str, list[int]]:
    """A tidy line without its tags, and how many characters of it stand before each."""
    parts, offsets = list[str](), list[int]()
    place, length, lead, spaced = 0, 0, "", True
    for begin, end, after in [*((*mark.span(), _lead(mark)) for mark in marks), (len(line), len(line), "")]:
        part = _SPACES.sub(" ", lead + line[place:begin].replace("\0", ""))
        parts.append(part.lstrip(" ") if spaced else part)
        if parts[-1]:
            length, spaced = length + len(parts[-1]), parts[-1].endswith(" ")
        offsets.append(length)
        place, lead = end, after
    return "".join(parts).rstrip(" \r"), offsets[:-1]


def _lead(mark: re.Match[str]) -> str:
    """What a tag is to the text: `one<br/>two` is two words."""
    return " " if mark[2] is None or mark[3] or mark[2].lower() in _VOID else ""


@dataclass
class _Word:
    """A target word with the tags around it."""

    lead: str
    core: str
    trail: str
    outer: tuple[deque[str], deque[str]] = field(default_factory=lambda: (deque(), deque()))  # around all of it
    inner: tuple[deque[str], deque[str]] = field(default_factory=lambda: (deque(), deque()))  # without punctuation

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
        inner = "".join([self.lead, *self.inner[0], self.core, *self.inner[1], self.trail])
        return "".join([*self.outer[0], inner, *self.outer[1]])

    def before(self, tag: str, wide: bool) -> None:
        """Add what stands before all tags that were added so far."""
        (self.outer if wide or self.outer[0] else self.inner)[0].appendleft(tag)

    def after(self, tag: str, wide: bool) -> None:
        """Add what stands after all tags that were added so far."""
        (self.outer if wide or self.outer[1] else self.inner)[1].append(tag)


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
