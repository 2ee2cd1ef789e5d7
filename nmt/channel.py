"""The noisy channel: of several candidates the translation from which another model best guesses the source.

        y* = argmax_y  log p(y | x) / |y|^a  +  w log p(x | y) / |x|^a

After Yee et al. 2019 (arXiv:1908.05731), whose language model is left out. A translation that passes over a word of the
source may be likely; the model of the other direction finds it hard to tell the word from what is left.
"""

from collections.abc import Sequence
from dataclasses import replace

from nmt.rating import rate
from nmt.translator import Translation, Translator


def explain(translation: Translation, reverse: Translator, weight: float, penalty: float) -> Translation:
    """The same candidates, ranked and scored as above, those that are blank last; of equals the earlier one.

    `penalty` is a, the length penalty of the beam that found them. Lengths are in pieces, the end of the sentence
    counted as one. A line that was split has one candidate and is left as it is.
    """
    if len(translation.options) < 2:
        return translation
    return weigh(translation, guesses(translation, reverse, penalty), weight)


def guesses(translation: Translation, reverse: Translator, penalty: float) -> list[float | None]:
    """log p(x | y) / |x|^a of each candidate y; None for one that is blank."""
    ratings = rate(reverse, [(option.text, translation.source) for option in translation.options])
    return [None if rating is None else rating.log_probability / rating.pieces**penalty for rating in ratings]


def weigh(translation: Translation, guessed: Sequence[float | None], weight: float) -> Translation:
    """The same candidates, each guess added to the score with that weight, those without one last."""
    pairs = list(zip(translation.options, guessed, strict=True))
    told = [replace(option, score=option.score + weight * guess) for option, guess in pairs if guess is not None]
    blank = [option for option, guess in pairs if guess is None]
    return replace(translation, options=[*sorted(told, key=lambda option: -option.score), *blank])
