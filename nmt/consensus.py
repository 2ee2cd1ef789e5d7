"""Minimum Bayes risk: of several candidates the translation that is most like all of them.

        y* = argmax_y  1/N  sum_i  chrF(y, y_i)        (Kumar & Byrne 2004; Eikema & Aziz 2020, arXiv:2005.10283)

The likeliest translation may be an odd one; what many candidates share is rarely odd. Every candidate counts the same:
right for samples, whose number says how likely each is, and good for the best of a beam.
"""

from collections import Counter
from dataclasses import replace

from nmt.evaluation.metrics import each_chrf
from nmt.translator import Translation


def consensus(translation: Translation, most: int) -> Translation:
    """The same candidates, those most like all of them first, at most so many; of equals the earlier one."""
    options = translation.options
    ranked = sorted(zip(utilities([option.text for option in options]), options, strict=True), key=lambda one: -one[0])
    return replace(translation, options=[option for _, option in ranked[:most]])


def utilities(texts: list[str]) -> list[float]:
    """The mean chrF of each text against all of them, itself included, in percent."""
    times = Counter(texts)
    pairs = [(text, other) for text in times for other in times]
    likeness = iter(each_chrf([text for text, _ in pairs], [other for _, other in pairs]) if pairs else [])
    means = {text: sum(count * next(likeness) for count in times.values()) / len(texts) for text in times}
    return [means[text] for text in texts]
