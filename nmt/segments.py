"""Segments of a document through a translator: sentence by sentence, their tags put back by what each word read."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from nmt.scripts import join_sentences
from nmt.text.cleaning import tidy
from nmt.text.protected import PATTERNS
from nmt.text.sentences import sentences
from nmt.text.tags import Node, Tagged, put_tags, take_tags
from nmt.translator import Translation

Note = Callable[[int, str], None]
"""Is told the number of a segment, from 0, and what is to be said of it."""
Translate = Callable[[Sequence[str], Callable[[str], None], int], list[Translation]]
"""Translates some lines; is given what to tell of a line, as `line 7: ...`, and the number of the first."""

_PLACEHOLDER = re.compile("|".join(f"(?:{PATTERNS[name]})" for name in ("braces", "percent")))
_ALONE = re.compile(r"<[^<>]*/>")
_NOTE = re.compile(r"line (\d+): (.*)", re.DOTALL)


class _Work(NamedTuple):
    """A segment on its way."""

    lines: list[str]  # its sentences, without tags
    nodes: list[Node]


def translate_segments(
    segments: Sequence[str],
    translate: Translate,
    size: int,
    tags: bool = True,
    placeholders: bool = False,
    note: Note = lambda number, text: None,
) -> list[str]:
    """Translate segments, `size` sentences at a time; "" for one that has no translation.

    With `tags` what looks like a tag is put around what came of the words in it; all tags come back, each once. With
    `placeholders` those of a segment come back as well, or it has no translation.
    """
    work = list[_Work]()
    for number, (text, nodes, excess) in enumerate(map(take_tags if tags else _untagged, segments)):
        if excess:
            note(number, f"not translated: {excess}")
        work.append(_Work([] if excess else sentences(text), nodes))
    owners = [number for number, one in enumerate(work) for _ in one.lines]
    found = _translated([line for one in work for line in one.lines], owners, translate, size, note)
    texts = [_whole(one, [next(found) for _ in one.lines], text) for one, text in zip(work, segments, strict=True)]
    if not placeholders:
        return texts
    lost = [i for i, text in enumerate(texts) if text and _placeholders(text) != _placeholders(segments[i])]
    hidden = [_hide(segments[i]) for i in lost]
    again = translate_segments([text for text, _ in hidden], translate, size, note=lambda i, text: note(lost[i], text))
    for i, (_, names), text in zip(lost, hidden, again, strict=True):
        text = _ALONE.sub(lambda match, names=names: names.get(match[0], match[0]), text)  # type: ignore[misc]
        texts[i] = text if _placeholders(text) == _placeholders(segments[i]) else ""
        if not texts[i]:
            note(i, "not translated: no translation with all its placeholders was found")
    return texts


def _translated(
    lines: list[str], owners: list[int], translate: Translate, size: int, note: Note
) -> Iterator[Translation]:
    def tell(text: str) -> None:
        if match := _NOTE.fullmatch(text):
            note(owners[int(match[1]) - 1], match[2])

    for begin in range(0, len(lines), size):
        yield from translate(lines[begin : begin + size], tell, begin + 1)


def _whole(one: _Work, found: list[Translation], segment: str) -> str:
    """The translation of a segment out of those of its sentences."""
    texts = [translation.text for translation in found]
    if not all(text.strip() for text, line in zip(texts, one.lines, strict=True) if line.strip()):
        return ""
    if not one.nodes:
        return join_sentences(texts)
    tables = [_table(line, translation) for line, translation in zip(one.lines, found, strict=True)]
    weights = np.zeros((sum(len(words) for words, _ in tables), sum(table.shape[1] for _, table in tables)))
    row = column = 0
    for _, table in tables:
        height, width = table.shape
        weights[row : row + height, column : column + width] = table
        row, column = row + height, column + width
    return _apart(put_tags(one.nodes, [word for words, _ in tables for word in words], weights), segment)


def _apart(text: str, segment: str) -> str:
    """A translation with a space between a word and a tag by itself, where the segment has no word there."""
    times = Counter(_ALONE.findall(segment))
    once = {match[0]: _beside(match) for match in _ALONE.finditer(segment) if times[match[0]] == 1}

    def apart(match: re.Match[str]) -> str:
        now, then = _beside(match), once.pop(match[0], (True, True))
        return " " * (now[0] and not then[0]) + match[0] + " " * (now[1] and not then[1])

    return _ALONE.sub(apart, text)


def _beside(match: re.Match[str]) -> tuple[bool, bool]:
    """Whether a letter or digit stands right before a match, and right after it."""
    text, begin, end = match.string, match.start(), match.end()
    return text[max(0, begin - 1) : begin].isalnum(), text[end : end + 1].isalnum()


def _table(line: str, translation: Translation) -> tuple[list[str], np.ndarray]:
    """The words of a translation, and what each read of those of the line; place by place where that is not known."""
    words, width = translation.text.split(" ") if translation.text else [], len(line.split(" ")) if line else 0
    weights = translation.options[0].tokens.weights if translation.options else np.zeros((0, width))
    if weights.shape != (len(words), width):
        weights = np.eye(width)[np.arange(len(words)) * width // max(1, len(words))]
    return words, weights


def _untagged(text: str) -> Tagged:
    return Tagged(tidy(text), [])


def _placeholders(text: str) -> Counter[str]:
    return Counter(_PLACEHOLDER.findall(text))


def _hide(text: str) -> tuple[str, dict[str, str]]:
    """A text with a tag for each placeholder, and which stands for which."""
    prefix = "y"
    while f"<{prefix}" in text:
        prefix += "y"
    names: dict[str, str] = {}

    def tag(match: re.Match[str]) -> str:
        name = f"<{prefix}{len(names)}/>"
        names[name] = match[0]
        return name

    return _PLACEHOLDER.sub(tag, text), names
