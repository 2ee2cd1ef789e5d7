"""What can be wrong with one pair. A newcomer adds a check by writing one function and one line in CHECKS."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from math import exp

from nmt.checkup.usual import LETTERS, Usual, scripts
from nmt.registry import Registry
from nmt.text.cleaning import tidy

Look = Callable[[str, str, Usual], str]
"""Source, target and what is usual -> what is wrong, in a few words; "" for nothing."""

STOPS, DROPPED, DOUBTFUL, NOTED = "stops training", "left out by training", "doubtful", "for your information"
LEVELS = (STOPS, DROPPED, DOUBTFUL, NOTED)
FAR = 6.0  # standard deviations of length that no translation is off by
TIMES = 2.0  # ... and by at least this factor
LONGEST = 1000  # characters, some 200 pieces
WIDE = 3  # of so many characters at most one is NUL, unless they are UTF-16
COPIED = 3  # words: shorter lines may well be alike

_ODD = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\ufeff\ufffd\ud800-\udfff]"
)
_ENDS = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_HIDDEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\ufeff]")
_UTF_16_MARKS = ("\udcff\udcfe", "\udcfe\udcff")
_CP1252 = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"  # what stands there for 0x80 to 0x9f
_TWICE_ENCODED = re.compile(f"Ã[\x80-\xbf{_CP1252}]|â€[\u0098-\u2122œ™]|Â[\xa0-\xbf]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_NUMBER = re.compile(r"\d+")
_BEYOND_LATIN = re.compile("[^\0-\u024f]")


Mend = Callable[[str], str]
"""A text -> the text as it should be."""


def _drop(text: str) -> str:
    raise NotImplementedError  # marks a check whose pairs cannot be mended


def _to_space(pattern: re.Pattern[str]) -> Mend:
    return lambda text: pattern.sub(" ", text)


@dataclass(frozen=True)
class Check:
    """One kind of finding, and what `nmt check --fix` does about it."""

    level: str
    title: str
    advice: str
    look: Look
    mend: Mend | None = None  # None leaves the pair as it is

    @property
    def drops(self) -> bool:
        """Whether the pair is left out."""
        return self.mend is _drop


def _blank(source: str, target: str, usual: Usual) -> str:
    blank = [name for name, side in (("source", source), ("target", target)) if not side.strip(" \t\r\0")]
    return " and ".join(blank)


def _bad_bytes(source: str, target: str, usual: Usual) -> str:
    found = []
    for name, side in (("source", source), ("target", target)):
        if bad := [f"0x{ord(c) - 0xDC00:02x}" for c in side if "\udc80" <= c <= "\udcff"]:
            found.append(f"{name} {' '.join(bad[:8])}")
    marked = source.startswith(_UTF_16_MARKS) or target.startswith(_UTF_16_MARKS)
    return ", ".join(found) + ": UTF-16, iconv -f UTF-16 -t UTF-8 converts it" * marked


def _nul(source: str, target: str, usual: Usual) -> str:
    if "\0" not in source and "\0" not in target:
        return ""
    wide = any(len(side) < WIDE * side.count("\0") for side in (source, target))
    return "U+0000" + ", about every other character: is the file UTF-16?" * wide


def _characters(pattern: re.Pattern[str]) -> Look:
    def look(source: str, target: str, usual: Usual) -> str:
        found = dict.fromkeys(pattern.findall(source) + pattern.findall(target))
        return " ".join(f"U+{ord(character):04X}" for character in found)

    return look


def _twice_encoded(source: str, target: str, usual: Usual) -> str:
    found = _TWICE_ENCODED.findall(source) + _TWICE_ENCODED.findall(target)
    return " ".join(dict.fromkeys(found))


def _entities(source: str, target: str, usual: Usual) -> str:
    if "&" not in source and "&" not in target:
        return ""
    found = dict.fromkeys(_ENTITY.findall(source) + _ENTITY.findall(target))
    return " ".join(entity for entity in found if html.unescape(entity) != entity)


def _unescaped(text: str) -> str:
    """Only what ends with a semicolon: html.unescape would take the `&copy=` of an address too."""
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)


def _copied(source: str, target: str, usual: Usual) -> str:
    if source.strip() != target.strip() or len(source.split()) < COPIED or not any(map(str.isalpha, source)):
        return ""
    return "source and target are one text"


def _lengths(source: str, target: str, usual: Usual) -> str:
    if not source.strip() or not target.strip() or usual.strangeness(source, target) <= FAR:
        return ""
    times = (len(target) + 1) / (len(source) + 1) / exp(usual.ratio)
    return f"{len(source)} and {len(target)} characters" if max(times, 1 / times) >= TIMES else ""


def _long(source: str, target: str, usual: Usual) -> str:
    longest = max(len(source), len(target))
    return f"{longest:,} characters" if longest > LONGEST else ""


def _script(source: str, target: str, usual: Usual) -> str:
    for name, text, most in zip(("source", "target"), (source, target), usual.scripts, strict=True):
        if not most or (most == "LATIN" and not _BEYOND_LATIN.search(text)):
            continue
        counts = scripts(text)
        if counts.total() >= LETTERS and counts[most] * 2 < counts.total():
            return f"{name} in {counts.most_common(1)[0][0].lower()}, usually {most.lower()}"
    return ""


def _numbers(source: str, target: str, usual: Usual) -> str:
    left, right = (sorted(_NUMBER.findall(side)) for side in (source, target))
    return f"{' '.join(left) or 'none'} and {' '.join(right) or 'none'}" if left != right else ""


def _spaces(source: str, target: str, usual: Usual) -> str:
    for side in (source, target):
        if "  " in side or "\t" in side or "\n" in side or side != side.strip(" "):
            return "at an end" if side != side.strip(" ") else "several in a row"
    return ""


_RETURNS, _LOST = re.compile("\r"), re.compile("\ufffd")

CHECKS = Registry[Check](
    "check",
    bytes=Check(STOPS, "not UTF-8", "Convert the file, e.g. with iconv.", _bad_bytes, _drop),
    blank=Check(DROPPED, "blank", "Nothing can be learned from them.", _blank, _drop),
    nul=Check(NOTED, "NUL", "Ask where the file was damaged.", _nul, lambda text: text.replace("\0", "")),
    ends=Check(DOUBTFUL, "characters that other programs take for line ends", "Replace them by spaces.",
               _characters(_ENDS), _to_space(_ENDS)),
    returns=Check(DOUBTFUL, "carriage returns inside a line", "Replace them by spaces.",
                  _characters(_RETURNS), _to_space(_RETURNS)),
    controls=Check(DOUBTFUL, "control characters", "Remove them; text seldom means them.",
                   _characters(_CONTROLS), _to_space(_CONTROLS)),
    hidden=Check(NOTED, "characters nobody sees", "Harmless where wanted; words with and without them are two words.",
                 _characters(_HIDDEN)),
    lost=Check(DOUBTFUL, "lost characters (U+FFFD)", "Go back to the file before the conversion that lost them.",
               _characters(_LOST), _drop),
    encoding=Check(DOUBTFUL, "text encoded twice", "Decode it once more, e.g. with ftfy.", _twice_encoded, _drop),
    entities=Check(DOUBTFUL, "HTML entities", "Unescape them.", _entities, _unescaped),
    copied=Check(DOUBTFUL, "not translated", "A model learns from them to copy.", _copied, _drop),
    lengths=Check(DOUBTFUL, "lengths that do not fit", "Look whether one side lacks a part.", _lengths, _drop),
    script=Check(DOUBTFUL, "another script than usual", "Look whether it is another language.", _script, _drop),
    long=Check(NOTED, "very long", "Split them; training leaves out what has too many pieces.", _long),
    numbers=Check(NOTED, "numbers that differ", "Many are right (two, 2); others tell of a wrong pair.", _numbers),
    spaces=Check(NOTED, "too many spaces", "Training tidies them.", _spaces, tidy),
)  # fmt: skip
CHARACTERS = ("bytes", "nul", "ends", "returns", "controls", "hidden", "lost")  # asked only where one is odd
_ALL = [(name, check.look) for name, check in CHECKS.items()]
_MOST = [(name, look) for name, look in _ALL if name not in CHARACTERS]


def examine(source: str, target: str, usual: Usual) -> dict[str, str]:
    """The checks that find something in a pair, and what."""
    odd = _ODD.search(source) or _ODD.search(target)
    return {name: found for name, look in (_ALL if odd else _MOST) if (found := look(source, target, usual))}
