"""What in a translation a person should look at, and how doubtful it is beside others of the same model.

The doubt of a line is a share of its words: each counts by how unsure the model was of it (1 - confidence), wholly
where it only repeats, and so does the share by which the line is shorter or longer than any usual one. No weights are
fitted. A calibration holds what is usual, measured once on translations of validation data: lengths, words that are
rarely read, and which doubt how many lines have. Everything here works on plain words and numbers.

Confidence as a measure of quality: Fomicheva et al. 2020, "Unsupervised Quality Estimation for Neural Machine
Translation"; they use the mean log-probability, of which the mean probability of words is the more robust relative.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, isfinite, log, sqrt
from typing import Any, NamedTuple

import numpy as np

from nmt.errors import DataError, ModelFolderError
from nmt.evaluation.repeats import plain, repeated
from nmt.registry import Registry

FLAGGED = 0.05  # the share of lines that is flagged
FEWEST = 20  # lines a calibration needs: fewer have no most doubtful twentieth
STEPS = 200  # quantiles kept
FAR = 3.0  # standard deviations from the usual length, and more, are out of line
NARROWEST = 0.5  # the least spread of lengths: validation data all of one length say nothing of others
UNREAD = 0.1  # a source word of which less was read by all target words together was read by none
LIGHT = 0.8  # a word of which a smaller share of the median is usually read is a light one, as articles are
PRIOR = 3.0  # the median counts as so many readings of every word: one reading alone shows no habit
SCATTERED = 0.5  # where the median is less, a model reads so many places that an unread word means nothing
LETTERS = 5  # without a calibration: a word with fewer may be a light one
UNSURE = 0.5  # a target word is unsure below this confidence; without a calibration a line too, above this doubt
SHOWN = 8  # words a remark names at most


class Evidence(NamedTuple):
    """What the search left of one line; a line that is no sentence has no words, and is doubted altogether."""

    source: str
    text: str  # its translation
    source_words: Sequence[str]  # S
    target_words: Sequence[str]  # T
    read: np.ndarray  # (S,) what all target words together read of each source word; about 1 is usual
    confidence: Sequence[float]  # (T,) in [0, 1]
    unknown: Sequence[str] = ()  # source words with characters the vocabulary does not hold
    parts: int = 1  # into how many a long line was split


class Remark(NamedTuple):
    """One thing to look at, for programs and for people."""

    kind: str
    words: list[str]  # that it is about, in order
    message: str


class Verdict(NamedTuple):
    """What is remarked of a line; without a calibration `doubt` and `flagged` are None."""

    remarks: list[Remark]
    doubt: float | None = None  # share of validation lines that were less doubtful
    flagged: bool | None = None  # whether it is among the FLAGGED most doubtful

    def record(self) -> dict[str, Any]:
        """Plain JSON values; what is not known is left out."""
        told: dict[str, Any] = {"warnings": [remark._asdict() for remark in self.remarks]}
        if self.doubt is not None:
            told |= {"doubt": round(self.doubt, 4), "flagged": self.flagged}
        return told

    def lines(self) -> list[str]:
        """What a person reads: the messages, and how doubtful the line is where that is much."""
        told = [remark.message for remark in self.remarks]
        if self.doubt is not None and self.flagged:
            told.append(f"More doubtful than {self.doubt:.1%} of the lines it was calibrated on.")
        return told


class Length(NamedTuple):
    """How long translations are: log(target characters / source characters) is about normal, closer for longer lines.

    Its standard deviation is `spread` / sqrt(source characters), as if every character added its own chance (Gale &
    Church 1993, section 2).
    """

    ratio: float  # the median
    spread: float

    def bounds(self, source: str) -> tuple[float, float, float]:
        """Characters of the shortest, the middle and the longest usual translation; one more each, as in `_size`."""
        size = _size(source)
        middle = log(size) + self.ratio
        reach = FAR * self.spread / sqrt(size)
        return exp(middle - reach), exp(middle), exp(middle + reach)

    def excess(self, evidence: Evidence) -> float:
        """The share, in [0, 1), by which a translation is out of line: what lacks, or what is too much."""
        (low, _, high), size = self.bounds(evidence.source), _size(evidence.text)
        return max(0.0, 1 - size / low, 1 - high / size)


@dataclass(frozen=True)
class Calibration:
    """What is usual for one model, from translations of validation data."""

    lines: int  # it was measured on
    length: Length
    reading: float  # median of what is read of a source word
    light: frozenset[str]  # words, as `plain` gives them, of which usually little is read
    quantiles: tuple[float, ...]  # of doubtfulness, evenly spaced from the least to the greatest

    def doubt(self, doubtfulness: float) -> float:
        """The share of validation lines that were less doubtful, in [0, 1]."""
        above = int(np.searchsorted(self.quantiles, doubtfulness, side="left"))
        if above in (0, len(self.quantiles)):
            return float(above > 0)
        low, high = self.quantiles[above - 1 : above + 1]
        return (above - 1 + (doubtfulness - low) / (high - low)) / (len(self.quantiles) - 1)

    @property
    def bar(self) -> float:
        """The doubtfulness that all but the FLAGGED most doubtful lines have at most."""
        return self.quantiles[round((1 - FLAGGED) * (len(self.quantiles) - 1))]

    def encode(self) -> bytes:
        """As a small JSON file."""
        facts = {
            "lines": self.lines,
            "length": self.length._asdict(),
            "reading": round(self.reading, 4),
            "light": sorted(self.light),
            "quantiles": [round(value, 6) for value in self.quantiles],
        }
        return (json.dumps(facts, ensure_ascii=False, indent=1) + "\n").encode()

    @classmethod
    def decode(cls, content: bytes, name: str) -> "Calibration":
        """Read what `encode` wrote.

        Raises:
            ModelFolderError: it is damaged; `name` tells where it is.
        """
        try:
            facts = json.loads(content)
            quantiles = tuple(map(float, facts["quantiles"]))
            length = Length(float(facts["length"]["ratio"]), float(facts["length"]["spread"]))
            reading, light = float(facts["reading"]), frozenset(map(str, facts["light"]))
            ranged = abs(length.ratio) < 20 and 0 < length.spread < 100 and isfinite(reading)
            rising = len(quantiles) == STEPS + 1 and all(
                low <= high for low, high in zip((0.0, *quantiles), (*quantiles, 1.0), strict=True)
            )
            if not (ranged and rising):
                raise ValueError
            return cls(int(facts["lines"]), length, reading, light, quantiles)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            raise ModelFolderError(f"{name}: damaged. Remove it, or make it anew with `nmt calibrate`.") from None


def judge(evidence: Evidence, calibration: Calibration | None = None) -> Verdict:
    """Look at one translation; a blank line has nothing to look at.

    A flagged line always has a remark that says why.
    """
    if not evidence.source.strip():
        return Verdict([]) if calibration is None else Verdict([], 0.0, False)
    found = [remark for look in LOOKS.values() if (remark := look(evidence, calibration))]
    if calibration is None:
        return Verdict(found)
    how = doubtfulness(evidence, calibration.length)
    return Verdict(found, calibration.doubt(how), how > calibration.bar)


def doubtfulness(evidence: Evidence, length: Length | None = None) -> float:
    """The share of a line that is in doubt, in [0, 1]; see the head of this file."""
    repeats = repeated(evidence.target_words, evidence.source_words)
    doubts = np.where(repeats, 1.0, 1 - np.asarray(evidence.confidence, dtype=float))
    excess = length.excess(evidence) if length else 0.0
    return (1 - excess) * _mean(doubts) + excess


def calibrate(evidence: Sequence[Evidence], references: Sequence[str]) -> Calibration:
    """Measure what is usual: lengths from the references, all else from the model's own translations.

    Raises:
        DataError: fewer than FEWEST lines that are not blank.
    """
    told = [(line, reference) for line, reference in zip(evidence, references, strict=True) if line.source.strip()]
    if len(told) < FEWEST:
        raise DataError(f"{len(told)} lines are too few to calibrate with. Give at least {FEWEST}.")
    sizes = np.array([(_size(line.source), _size(reference)) for line, reference in told], dtype=float)
    ratios = np.log(sizes[:, 1] / sizes[:, 0])
    ratio = float(np.median(ratios))
    # 1.4826 times the median deviation is a standard deviation that some wrong pairs do not move.
    spread = 1.4826 * float(np.median(np.abs(ratios - ratio) * np.sqrt(sizes[:, 0])))
    length = Length(round(ratio, 4), round(max(spread, NARROWEST), 4))
    reading, light = _light([line for line, _ in told])
    scores = [doubtfulness(line, length) for line, _ in told]
    quantiles = np.quantile(scores, np.linspace(0, 1, STEPS + 1))
    return Calibration(len(told), length, reading, light, tuple(quantiles.tolist()))


def _light(evidence: Sequence[Evidence]) -> tuple[float, frozenset[str]]:
    """What is usually read of a word, and the light ones; see LIGHT."""
    readings: dict[str, list[float]] = {}
    for line in evidence:
        for word, read in zip(line.source_words, line.read.tolist(), strict=True):
            readings.setdefault(plain(word), []).append(read)
    usual = float(np.median(np.concatenate([*readings.values()]))) if readings else 0.0
    means = {word: (sum(some) + PRIOR * usual) / (len(some) + PRIOR) for word, some in readings.items()}
    return usual, frozenset(word for word, mean in means.items() if word and mean < LIGHT * usual)


def _unsure(evidence: Evidence, calibration: Calibration | None) -> Remark | None:
    doubts = 1 - np.asarray(evidence.confidence, dtype=float)
    if not doubts.size or doubts.mean() <= (calibration.bar if calibration else UNSURE):
        return None
    least = sorted(np.argsort(-doubts, kind="stable")[:SHOWN].tolist())
    words = [evidence.target_words[j] for j in least if doubts[j] > 1 - UNSURE]
    about = f", of these words least: {_quoted(words)}" if words else ""
    return Remark("unsure", words, f"The model was unsure of this line{about}.")


def _loop(evidence: Evidence, calibration: Calibration | None) -> Remark | None:
    marks = repeated(evidence.target_words, evidence.source_words)
    words = [word for word, mark in zip(evidence.target_words, marks, strict=True) if mark]
    words = [*dict.fromkeys(words)][:SHOWN]
    return Remark("loop", words, f"The translation repeats itself: {_quoted(words)}.") if words else None


def _unread(evidence: Evidence, calibration: Calibration | None) -> Remark | None:
    def heavy(word: str) -> bool:
        if calibration is None:
            return len(word) >= LETTERS
        return bool(word) and calibration.reading >= SCATTERED and word not in calibration.light

    pairs = zip(evidence.source_words, evidence.read.tolist(), strict=True)
    words = [word for word, read in pairs if read < UNREAD and heavy(plain(word))][:SHOWN]
    said = f"Nothing was read from {_quoted(words)}: look whether the translation leaves it out."
    return Remark("unread", words, said) if words else None


def _length(evidence: Evidence, calibration: Calibration | None) -> Remark | None:
    if not evidence.text.strip():
        return Remark("length", [], "The translation is blank.")
    if calibration is None or not calibration.length.excess(evidence):
        return None
    share = _size(evidence.text) / calibration.length.bounds(evidence.source)[1]
    return Remark("length", [], f"The translation has {share:.0%} of the usual length for such a line.")


def _unknown(evidence: Evidence, calibration: Calibration | None) -> Remark | None:
    words = [*dict.fromkeys(evidence.unknown)][:SHOWN]
    said = f"Characters the model hardly knows stand in {_quoted(words)}."
    return Remark("unknown", words, said) if words else None


def _split(evidence: Evidence, calibration: Calibration | None) -> Remark | None:
    said = f"The line is long: it was cut in {evidence.parts} parts, and each was translated by itself."
    return Remark("split", [], said) if evidence.parts > 1 else None


Look = Callable[[Evidence, Calibration | None], Remark | None]
LOOKS = Registry[Look](
    "warning", unsure=_unsure, loop=_loop, unread=_unread, length=_length, unknown=_unknown, split=_split
)


def _mean(doubts: np.ndarray) -> float:
    return float(doubts.mean()) if doubts.size else 1.0


def _size(text: str) -> int:
    return len(text.strip()) + 1  # a blank has a logarithm too


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f'"{word.strip()}"' for word in words)
