"""SubRip subtitles. The lines of a cue are one text, broken again into as many where the original broke them."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import partial
from itertools import accumulate

from nmt.documents.document import SPACE
from nmt.documents.units import ALONE, CLOSE, OPEN, Code, Part, Spliced, Text, Written
from nmt.errors import DataError
from nmt.scripts import display_width, line_parts

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_TIMES = re.compile(r"\s*\d+:\d+:\d+(?:[,.]\d+)?\s*-->\s*\d+:\d+:\d+(?:[,.]\d+)?")
_CODE = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z]+)(?:\s[^<>\r\n]*)?>|\{\\[^{}\r\n]*\}")
_SPEAKER = re.compile(r"(?:[-–—]|>>)\s*(?=\S)")


class SubRip(Spliced):
    """A .srt file: cues with a number, times and text; blank lines between."""

    def read(self) -> None:
        lines = [(match.start(), match.group()) for match in _LINE.finditer(self.source) if match.group()]
        times = [_TIMES.match(line.lstrip("\ufeff")) is not None for _, line in lines]
        if not any(times) and self.source.strip("\ufeff" + SPACE):
            raise DataError(f"{self.name}: holds no cue. Times are written as 00:00:01,000 --> 00:00:02,500.")
        group: list[tuple[int, str]] = []
        began = False
        for i, (start, line) in enumerate(lines):
            number = line.strip().isdigit() and times[i + 1 : i + 2] == [True]
            if times[i] or number or not line.strip(SPACE):
                self._cue(group)
                group, began = [], began or times[i]
            elif began:
                group.append((start, line.rstrip("\r\n")))
        self._cue(group)

    def _cue(self, lines: list[tuple[int, str]]) -> None:
        """Lines of one cue; where several begin with a dash, each is said by another."""
        speakers = [_SPEAKER.match(_CODE.sub("", line).lstrip(SPACE)) is not None for _, line in lines]
        several = sum(speakers) > 1
        cues: list[list[tuple[int, str]]] = []
        for line, begins in zip(lines, speakers, strict=True):
            if not cues or (several and begins):
                cues.append([])
            cues[-1].append(line)
        for cue in cues:
            parts = [part for start, line in cue for part in self._parts(start, line, several)]
            gap = self.source[cue[0][0] + len(cue[0][1]) : cue[1][0]] if len(cue) > 1 else "\n"
            self.add(parts, partial(_broken, [_length(line) for _, line in cue], gap))

    def _parts(self, start: int, line: str, several: bool) -> Iterator[Part]:
        place = 0
        if several and (dash := _SPEAKER.match(line)):
            place = dash.end()
            yield Code(start, start + place)
        for match in _CODE.finditer(line, place):
            yield Text(start + place, start + match.start(), line[place : match.start()])
            role = ALONE if match["name"] is None else CLOSE if match["close"] else OPEN
            yield Code(start + match.start(), start + match.end(), role, (match["name"] or "").lower())
            place = match.end()
        yield Text(start + place, start + len(line), line[place:])
        end = start + len(line)
        rest = len(self.source[end : end + 2]) - len(self.source[end : end + 2].lstrip("\r\n"))
        yield Text(end, end + rest, self.source[end : end + rest])


def _length(text: str) -> int:
    return display_width(_CODE.sub("", text).strip(SPACE))


def _broken(lengths: list[int], gap: str, pieces: list[Written]) -> str:
    """A text broken into at most as many lines as there are lengths, each about as long in proportion."""
    words: list[list[Written]] = [[]]
    for piece in pieces:
        first, *others = [piece.text] if piece.code else line_parts(piece.text)
        words[-1].append(Written(first, piece.code))
        words += [[Written(other, False)] for other in others]
    ends = list(accumulate(sum(display_width(piece.text) for piece in word if not piece.code) for word in words))
    ends[-1] += 1  # as if a space followed there, too
    scale = ends[-1] / max(1, sum(length + 1 for length in lengths))
    wanted = [end * scale for end in accumulate(length + 1 for length in lengths)][:-1]
    breaks = {_nearest(ends, end) for end in wanted} - {len(ends) - 1}
    shown = ["".join(piece.text for piece in word) for word in words]
    return "".join(word.rstrip(" ") + gap if i in breaks else word for i, word in enumerate(shown)).rstrip(" ")


def _nearest(ends: list[int], end: float) -> int:
    """Which of some rising numbers is nearest; of two the first."""
    after = min(bisect_left(ends, end), len(ends) - 1)
    return after - 1 if after and end - ends[after - 1] <= ends[after] - end else after
