"""The noisy channel: of several candidates the translation from which another model best guesses the source.

        y* = argmax_y  log p(y | x) / |y|^a  +  w log p(x | y) / |x|^a

After Yee et al. 2019 (arXiv:1908.05731), whose language model is left out. A translation that passes over a word of the
source may be likely; the model of the other direction finds it hard to tell the word from what is left.
"""

from dataclasses import replace

from nmt.rating import rate
from nmt.translator import Option, Translation, Translator


def explain(translation: Translation, reverse: Translator, weight: float, penalty: float) -> Translation:
    """The same candidates, ranked and scored as above, those that are blank last; of equals the earlier one.

    `penalty` is a, the length penalty of the beam that found them. Lengths are in pieces, the end of the sentence
    counted as one. A line that was split has one candidate and is left as it is.
    """
    if len(translation.options) < 2:
        return translation
    told, blank = list[Option](), list[Option]()
    ratings = rate(reverse, [(option.text, translation.source) for option in translation.options])
    for option, rating in zip(translation.options, ratings, strict=True):
        if rating is None:
            blank.append(option)
        else:
            guessed = rating.log_probability / rating.pieces**penalty
            told.append(replace(option, score=option.score + weight * guessed))
    return replace(translation, options=[*sorted(told, key=lambda option: -option.score), *blank])
