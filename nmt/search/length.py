"""How strongly long hypotheses have to be favoured.

A beam prefers short ones: each word more costs probability (Murray & Chiang 2018, arXiv:1808.10006). Dividing by length
to some power sets that right; to which power depends on the model and the languages, and can be measured on any pairs.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

PENALTIES = tuple(step / 5 for step in range(16))  # 0, 0.2, ..., 3


class Ended(NamedTuple):
    """A hypothesis that a search has found."""

    log_probability: float
    steps: int  # pieces, EOS included
    text: str


def fitting_penalty(
    lines: Sequence[Sequence[Ended]], judge: Callable[[list[str]], float], usual: float, gain: float
) -> float:
    """The length penalty whose best hypotheses are judged best; of those within `gain` the one nearest to `usual`.

    `judge` scores the texts of all lines, larger is better.
    """
    found = [[best(line, penalty) for line in lines] for penalty in PENALTIES]
    scores = {tuple(texts): judge(texts) for texts in found}  # many penalties find the same
    judged = {penalty: scores[tuple(texts)] for penalty, texts in zip(PENALTIES, found, strict=True)}
    good = [penalty for penalty, score in judged.items() if score >= max(judged.values()) - gain]
    return min(good, key=lambda penalty: abs(penalty - usual))


def best(line: Sequence[Ended], penalty: float) -> str:
    """The text of the hypothesis that a search with this penalty would return, "" where there is none."""
    return max(line, key=lambda end: end.log_probability / float(end.steps) ** penalty).text if line else ""
