"""XLIFF 1.x and 2.x: targets are filled in, and all else stays.

A unit is filled where it has no target, a blank one, one that repeats the source, or one whose state says that it is
not translated yet (1.2: new, needs-translation; 2.x: initial). What somebody has translated stays, whatever is still to
be done about it, and so do units with translate="no" or approved="yes". A filled target of 1.2 gets
state="needs-review-translation" and state-qualifier="mt-suggestion"; a filled segment of 2.x state="translated", which
by its specification is one that nobody has reviewed. Inline elements are copied from the source, each once.
"""

import html
import re
from collections.abc import Callable, Iterator
from functools import partial

from nmt.documents.document import differ, known_encoding
from nmt.documents.units import (
    ALONE,
    CLOSE,
    OPEN,
    Code,
    Part,
    Spliced,
    Text,
    Unit,
    Written,
    joined,
    paired,
    trimmed,
    wordy,
)
from nmt.documents.xml import Characters, Element, declared_encoding, parse
from nmt.errors import DataError

UNTRANSLATED = {"new", "needs-translation", "initial"}
_PAIRS = {"g", "mrk", "pc"}
_ATTRIBUTE = re.compile(r"""(?P<name>[^\s=]+)\s*=\s*(?:"[^"]*"|'[^']*')""")
_BEGINS, _FINISHES = {"bx", "bpt", "sc"}, {"ex", "ept", "ec"}


class Xliff(Spliced):
    """An .xlf or .xliff file."""

    def encoding_of(self, data: bytes) -> str:
        declared = declared_encoding(data)
        return declared if declared.startswith("utf-16-") else known_encoding(declared, self.name)

    def encoded(self, text: str) -> bytes:
        return text.encode(self.encoding, "xmlcharrefreplace")

    def read(self) -> None:
        root = parse(self.source, self.name)
        version = root.attributes.get("version", "")
        if root.name != "xliff" or version[:2] not in ("1.", "2."):
            raise DataError(f"{self.name}: no XLIFF of version 1 or 2. Its first element is <xliff version=...>.")
        if version.startswith("2"):
            self._walk(root, "segment", self._segment, False)
        else:
            self._walk(root, "trans-unit", self._trans_unit, False)
        for file in [root, *root.elements("file")] if self.changes else []:
            self._language(file, *(("trgLang", "srcLang") if file is root else ("target-language", "source-language")))

    def stays(self, unit: Unit, translation: str) -> bool:
        return unit.blank(translation)

    def _language(self, element: Element, target: str, source: str) -> None:
        """Say the language of the targets, if that is known and the file does not say it."""
        told = element.attributes.get(target)
        if told is None and self.language and source in element.attributes:
            end = element.inside - (2 if element.empty else 1)
            tag = self.source[element.start : end].rstrip()
            place = element.start + len(tag)
            self.replace(place, place, f' {target}="{html.escape(self.language)}"')
        elif told and differ(told, self.language):
            self.notes.append(
                f"{self.where(element.start)}: {target} is {told}, but the model translates to {self.language}"
            )

    def _walk(self, element: Element, name: str, found: Callable[[Element, bool], None], preserve: bool) -> None:
        """Go to all elements of a name that are to be translated."""
        said = element.attributes
        if said.get("translate") == "no" or said.get("approved") == "yes":
            return
        preserve = said.get("xml:space", "preserve" if preserve else "") == "preserve"
        if element.name == name:
            found(element, preserve)
            return
        for child in element.elements():
            if child.prefix == element.prefix:
                self._walk(child, name, found, preserve)

    def _segment(self, segment: Element, preserve: bool) -> None:
        """A <segment> of XLIFF 2: its tag gets a state, and its target is filled or added."""
        sources, targets = segment.elements("source"), segment.elements("target")
        if not sources or not self._open(sources[0], targets, segment.attributes.get("state")):
            return
        tag = _with(self.source[segment.start : segment.inside], state="translated")
        end = targets[0].start if targets else sources[0].end
        before = tag + self.source[segment.inside : end] + self._head(sources[0], targets)
        after = f"</{sources[0].prefix}target>"
        self._fill(segment.start, targets[0].end if targets else end, before, [sources[0]], after, preserve)

    def _trans_unit(self, unit: Element, preserve: bool) -> None:
        """A <trans-unit> of XLIFF 1: its target is filled or added, as it is segmented if it is."""
        sources, segmented, targets = unit.elements("source"), unit.elements("seg-source"), unit.elements("target")
        if not sources or not self._open(sources[0], targets, targets[0].attributes.get("state") if targets else None):
            return
        told = {"state": "needs-review-translation", "state-qualifier": "mt-suggestion"}
        start, end = (targets[0].start, targets[0].end) if targets else ((segmented or sources)[0].end,) * 2
        head, foot = self._head(sources[0], targets, **told), f"</{sources[0].prefix}target>"
        marks = _marks(segmented[0]) if segmented else []
        if not marks:
            self._fill(start, end, head, sources[:1], foot, preserve)
            return
        edges = [segmented[0].inside, *(place for mark in marks for place in (mark.inside, mark.close))]
        between = [self.source[a:b] for a, b in zip(edges[::2], [*edges[1::2]], strict=False)]
        rest = self.source[marks[-1].close : segmented[0].close] + foot
        self.replace(start, end, head)
        for mark, text in zip(marks, between, strict=True):
            self.replace(end, end, text)
            self._fill(end, end, "", [mark], "", preserve)
        self.replace(end, end, rest)

    def _open(self, source: Element, targets: list[Element], state: str | None) -> bool:
        """Whether a unit is to be translated."""
        text = self.source[source.inside : source.close]
        if not targets or state in UNTRANSLATED:
            return bool(text.strip())
        target = self.source[targets[0].inside : targets[0].close] if not targets[0].empty else ""
        return bool(text.strip()) and (not target.strip() or (state is None and target.strip() == text.strip()))

    def _head(self, source: Element, targets: list[Element], **attributes: str) -> str:
        """The tag that begins a target, and for a new one the layout before it."""
        if targets:
            tag = self.source[targets[0].start : targets[0].inside]
            return _with(re.sub(r"\s*/>\Z", ">", tag) if targets[0].empty else tag, **attributes)
        before = re.search(r"[\r\n]*[ \t]*\Z", self.source[max(0, source.start - 200) : source.start])
        return (before[0] if before else "") + _with(f"<{source.prefix}target>", **attributes)

    def _fill(self, start: int, end: int, before: str, sources: list[Element], after: str, preserve: bool) -> None:
        """Put a translation of what an element holds in a place; what has no words is copied."""
        every = paired(self._parts(sources[0], preserve))
        parts = wordy(trimmed(every, self.source))
        if not parts:
            self.replace(start, end, before + self._written(every) + after)
            return
        lead = self._written(self._cut(every, 0, parts[0].start))
        trail = self._written(self._cut(every, parts[-1].end, len(self.source)))
        self.changes.append(Unit(start, end, parts, partial(_write, before + lead, trail + after)))

    def _parts(self, element: Element, preserve: bool) -> Iterator[Part]:
        for child in element.children:
            if isinstance(child, Characters):
                yield from self._text(child, preserve)
            elif child.name in _PAIRS and child.attributes.get("translate") != "no" and not _protected(child):
                if child.empty:
                    yield Code(child.start, child.end)
                    continue
                yield Code(child.start, child.inside, OPEN, f"{child.start}")
                yield from self._parts(child, preserve)
                yield Code(child.close, child.end, CLOSE, f"{child.start}")
            else:
                said, role = child.attributes, ALONE
                role = OPEN if child.name in _BEGINS else CLOSE if child.name in _FINISHES else ALONE
                yield Code(child.start, child.end, role, said.get("startRef") or said.get("rid") or said.get("id", ""))

    def _text(self, characters: Characters, preserve: bool) -> Iterator[Part]:
        """Text; where layout is preserved a line end in it is markup."""
        raw = self.source[characters.start : characters.end]
        if preserve and raw.strip("\r\n") == "" and characters.text == "\n":
            yield Code(characters.start, characters.end)
        else:
            yield Text(characters.start, characters.end, characters.text)

    def _cut(self, parts: list[Part], start: int, end: int) -> Iterator[Part]:
        """What lies of parts between two places of the document; within text these are at layout only."""
        for part in parts:
            first, last = max(part.start, start), min(part.end, end)
            if (part.start, part.end) == (first, last):
                yield part
            elif first < last:
                yield Code(first, last)

    def _written(self, parts: "Iterator[Part] | list[Part]") -> str:
        return "".join(
            _escape(part.text) if isinstance(part, Text) else self.source[part.start : part.end] for part in parts
        )


def _protected(element: Element) -> bool:
    return element.name == "mrk" and element.attributes.get("mtype") == "protected"


def _marks(element: Element) -> list[Element]:
    """The segments of a <seg-source>."""
    found = []
    for child in element.elements():
        if child.name == "mrk" and child.attributes.get("mtype") == "seg" and not child.empty:
            found.append(child)
        else:
            found += _marks(child)
    return found


def _with(tag: str, **attributes: str) -> str:
    """A start tag with some attributes set."""
    for name, value in attributes.items():
        found = next((match for match in _ATTRIBUTE.finditer(tag) if match["name"] == name), None)
        start, end = found.span() if found else (len(tag) - 1,) * 2
        tag = f'{tag[:start]}{"" if found else " "}{name}="{value}"{tag[end:]}'
    return tag


def _escape(text: str) -> str:
    return html.escape(text, quote=False)


def _write(before: str, after: str, pieces: list[Written]) -> str:
    return before + joined(pieces, _escape) + after
