"""Minimum Bayes risk: of several candidates the translation that is most like all of them.

        y* = argmax_y  sum_i w_i chrF(y, y_i)        (Kumar & Byrne 2004; Eikema & Aziz 2020, arXiv:2005.10283)

The likeliest translation may be an odd one; what many candidates share is rarely odd. Samples count the same: their
number says how likely each is. The best of a beam are each there once, however likely, so that a long tail of unlikely
ones would decide; they count by their probability, told as the search ranks them, so that short ones are not favoured.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import exp

from nmt.evaluation.likeness import likeness
from nmt.translator import Option, Translation


def consensus(translation: Translation, most: int, penalty: float | None = None) -> Translation:
    """The same candidates, those most like all of them first, at most so many; of equals the earlier one.

    `penalty` is the length penalty of the beam that found them; None where they were drawn.
    """
    options = translation.options
    weights = [1 / len(options) for _ in options] if penalty is None else chances(options, penalty)
    worth = utilities([option.text for option in options], weights)
    ranked = sorted(zip(worth, options, strict=True), key=lambda one: -one[0])
    return replace(translation, options=[option for _, option in ranked[:most]])


def chances(options: Sequence[Option], penalty: float) -> list[float]:
    """The probabilities of candidates among one another, had all the same length, the mean of theirs.

    A search ranks by log p / steps^penalty, so that is the score times mean^penalty; they sum to one.
    """
    if not options:
        return []
    scale = (sum(option.steps for option in options) / len(options)) ** penalty
    best = max(option.score for option in options)
    odds = [exp(scale * (option.score - best)) for option in options]
    return [each / sum(odds) for each in odds]


def utilities(texts: Sequence[str], weights: Sequence[float]) -> list[float]:
    """The mean chrF of each text against all of them, itself included, in percent; weights sum to one."""
    total = dict.fromkeys(texts, 0.0)
    for text, weight in zip(texts, weights, strict=True):
        total[text] += weight
    means = dict(zip(total, (likeness(list(total)) * list(total.values())).sum(1), strict=True))
    return [float(means[text]) for text in texts]
