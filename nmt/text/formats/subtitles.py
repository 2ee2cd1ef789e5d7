"""Subtitles of a film in two languages, matched by the time at which they are shown.

The libraries for `.srt` read a file as one text and do not tell on which line a cue stands, so this reads by lines.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from nmt.errors import DataError
from nmt.text.formats.reader import Pair, Reader, ends, plain_or_compressed
from nmt.text.lines import read_lines

ENDING = ".srt"
SHARED = 0.5  # two cues belong together if they share more than this part of the shorter one's time
TOGETHER = 3  # cues of a side that may make one pair; more means that the times of two versions of a film differ

_TIME = r"(\d{1,4})[:.](\d{1,2})[:.](\d{1,2})(?:[,.:](\d{1,3}))?"
_TIMES = re.compile(rf"\s*{_TIME}\s*-+>\s*{_TIME}(?:\s.*)?")
_ARROW = re.compile(r"\s*\d+[:.].*-->")
_NUMBER = re.compile(r"\s*\d+\s*")
_TAG = re.compile(
    r"</?(?:[ibusv]|font|c|ruby|rt|lang)(?:[ .][^<>]*)?>|\{\\[^{}]*\}|\{[yYcCfFsS]:[^{}]*\}", re.IGNORECASE
)
_SPACE = re.compile(r"[ \t\r\n]+")


class Subtitles(Reader):
    """`a.en.srt,b.de.srt`, or `film.srt` for `film.en.srt` and `film.de.srt`: cues that are shown together.

    One may go with up to three of the other side, which are joined; those without a counterpart are skipped.
    """

    @classmethod
    def claims(cls, corpus: str) -> bool:
        names = corpus.split(",")
        return len(names) <= 2 and all(ends(name, ENDING) for name in names)

    def files(self) -> list[Path]:
        names = self.corpus.split(",")
        if len(names) == 2:
            return [Path(name) for name in names]
        if Path(self.corpus).is_file():
            raise DataError(
                f"{self.corpus}: holds one language. Give two files, film.en.srt,film.de.srt, or film.srt where "
                "there is no file of that name."
            )
        self.need_languages()
        place = self.corpus.lower().rindex(ENDING)
        wanted = [f"{self.corpus[:place]}.{language}{ENDING}" for language in (self.source, self.target)]
        found = [plain_or_compressed(name) for name in wanted]
        if missing := [name for name, path in zip(wanted, found, strict=True) if path is None]:
            raise DataError(
                f"{' and '.join(missing)}: no such file{'s' if len(missing) > 1 else ''}. Check --source and --target, "
                "or give the two files with a comma between them."
            )
        return [path for path in found if path]

    def read(self) -> Iterator[Pair]:
        paths = self.files()
        for left, right in _together(*(_cues(path, self.lenient) for path in paths)):
            origin = f"{paths[0]}:{left[0].line}" if left else f"{paths[1]}:{right[0].line}"
            if not (left and right):
                self.skip("shown without a counterpart", origin)
            elif max(len(left), len(right)) > TOGETHER:
                self.skip("shown with too many others", origin)
            else:
                yield Pair(_joined(left), _joined(right), origin)


class _Cue(NamedTuple):
    begin: int  # milliseconds
    end: int
    line: int
    text: str


Group = tuple[list[_Cue], list[_Cue]]
"""Cues of both sides that belong together."""


def _together(left: list[_Cue], right: list[_Cue]) -> list[Group]:
    """The cues as groups that share their time, in the order in which they are shown."""
    groups: list[Group] = []
    of_right: dict[int, Group] = {}  # the group of each cue on the right that is in one
    latest = list(accumulate((cue.end for cue in right), max))
    for cue in left:
        group: Group = ([cue], [])
        for place in _sharing(cue, right, bisect_right(latest, cue.begin)):
            other = of_right.setdefault(place, group)
            if other is group:
                group[1].append(right[place])
            else:  # what belongs to one cue belongs together
                if group[1]:
                    of_right.update((number, other) for number, its in of_right.items() if its is group)
                other[0].extend(group[0])
                other[1].extend(group[1])
                group[0].clear()
                group = other
        groups.append(group)
    whole = {id(group): group for group in groups if group[0]}
    alone: list[Group] = [([], [cue]) for place, cue in enumerate(right) if place not in of_right]
    found = [(sorted(ours), sorted(theirs)) for ours, theirs in [*whole.values(), *alone]]
    return sorted(found, key=lambda group: min(group[0] + group[1]))


def _joined(cues: list[_Cue]) -> str:
    return " ".join(cue.text for cue in cues if cue.text)


def _sharing(cue: _Cue, others: list[_Cue], first: int) -> list[int]:
    """The places of those that share most of their time, or of the cue's, with it; of very many the first."""
    found: list[int] = []
    for place in range(first, len(others)):
        other = others[place]
        if other.begin >= cue.end or len(found) > TOGETHER:
            break
        shared = min(cue.end, other.end) - max(cue.begin, other.begin)
        if shared > SHARED * min(cue.end - cue.begin, other.end - other.begin):
            found.append(place)
    return found


def _cues(path: Path, lenient: bool) -> list[_Cue]:
    """The cues of a file in the order in which they are shown."""
    cues: list[_Cue] = []
    times: tuple[int, int, int] | None = None  # begin, end and line of the cue that is open
    text: list[str] = []
    for number, line in enumerate(read_lines(path, lenient), start=1):
        if not _ARROW.match(line):
            text.append(line)
            if times is None and line.strip() and not _NUMBER.fullmatch(line):
                raise DataError(
                    f"{path}:{number}: a cue begins with its number and its times. Give a file of subtitles."
                )
            continue
        found = _TIMES.fullmatch(line)
        if found is None:
            raise DataError(f"{path}:{number}: cannot read the times. Write 00:01:02,345 --> 00:01:04,000.")
        if times is not None:
            cues.append(_Cue(*times, _plain(text[:-1] if text and _NUMBER.fullmatch(text[-1]) else text)))
        times, text = (_milliseconds(found.groups()[:4]), _milliseconds(found.groups()[4:]), number), []
    if times is not None:
        cues.append(_Cue(*times, _plain(text)))
    return sorted(cues)


def _milliseconds(time: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, fraction = time
    whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    return whole * 1000 + int((fraction or "").ljust(3, "0"))


def _plain(lines: list[str]) -> str:
    return _SPACE.sub(" ", _TAG.sub("", " ".join(lines))).strip(" ")
