"""What translators read, as plain words and numbers: what every picture is made from."""

import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from nmt.evaluation.doubt import Verdict


class Reading(NamedTuple):
    """One translation of a line and what was read for each of its words."""

    text: str
    score: float  # as the search ranks it
    source: list[str]  # S words
    target: list[str]  # T words
    weights: np.ndarray  # (T, S), each in [0, 1]; a row sums to one, less what went to the end of the sentence
    confidence: list[float]  # (T,), in [0, 1]
    links: list[tuple[int, int]]  # (source, target): for each target word the source word it read most


class Unit(NamedTuple):
    """One of the models that are compared, and its translations of a line, best first; a blank line has none."""

    name: str
    readings: list[Reading]
    kind: str = ""  # of its attention, e.g. "additive, soft"
    source_language: str = ""
    target_language: str = ""
    verdict: Verdict | None = None  # on its best translation


class Sentence(NamedTuple):
    """A line of text and what every unit made of it."""

    number: int  # of the line, from 1
    text: str
    units: list[Unit]

    @property
    def blank(self) -> bool:
        """Whether there is nothing to show."""
        return not any(unit.readings for unit in self.units)


def record(sentence: Sentence) -> dict[str, Any]:
    """A sentence as plain JSON values; `weights` is a list of T rows of S numbers with four decimals."""
    models = [
        {
            "model": unit.name,
            "source_words": unit.readings[0].source if unit.readings else [],
            "options": [
                {
                    "text": reading.text,
                    "score": round(reading.score, 4),
                    "words": reading.target,
                    "confidence": [round(sure, 4) for sure in reading.confidence],
                    "weights": np.round(reading.weights, 4).tolist(),
                    "links": reading.links,
                }
                for reading in unit.readings
            ],
            **(unit.verdict.record() if unit.verdict else {}),
        }
        for unit in sentence.units
    ]
    return {"line": sentence.number, "source": sentence.text, "models": models}


def heading(sentence: Sentence, unit: Unit, rank: int) -> str:
    """What tells one of the readings from the others: its unit, its rank, both, or nothing where there is but one."""
    name = [unit.name] if len(sentence.units) > 1 else []
    return ", ".join(name + ([str(rank)] if len(unit.readings) > 1 else []))


def direction(words: Sequence[str]) -> str:
    """`rtl` where most letters are of a script that runs from right to left, else `ltr`."""
    kinds = [unicodedata.bidirectional(character) for word in words for character in word]
    return "rtl" if kinds.count("R") + kinds.count("AL") > kinds.count("L") else "ltr"
