"""English morphology: articles, verb forms and number words."""

from __future__ import annotations

import re

from lexicon import Verb, words

_BE_PRESENT = {(1, False): "am", (3, False): "is"}
_DOUBLING = {"put", "run", "swim", "cut", "sit", "get", "forget", "begin", "plan", "let", "travel", "cancel", "hand_in"}
_SUBJECT_TO_OBJECT = {"I": "me", "you": "you", "he": "him", "she": "her", "it": "it", "we": "us", "they": "them"}


def indefinite_article(following: str) -> str:
    """a or an, by the sound of the following word."""
    consonant = re.match(r"(uni|use|eu|one)", following)
    return "an" if following[0].lower() in "aeiou" and not consonant else "a"


def object_form(pronoun: str) -> str:
    """I -> me."""
    return _SUBJECT_TO_OBJECT[pronoun]


def genitive(phrase: str, plural: bool) -> str:
    """The teacher's, my brothers'."""
    return phrase + ("'" if plural and phrase.endswith("s") else "'s")


def third_person(lemma: str) -> str:
    """The third person singular of the present."""
    if lemma in ("be", "have"):
        return {"be": "is", "have": "has"}[lemma]
    if re.search(r"(s|x|z|ch|sh|o)$", lemma):
        return lemma + "es"
    return lemma[:-1] + "ies" if re.search(r"[^aeiou]y$", lemma) else lemma + "s"


def ing_form(lemma: str) -> str:
    """The gerund and present participle."""
    if lemma.endswith("ie"):
        return lemma[:-2] + "ying"
    if lemma in _DOUBLING:
        return lemma + lemma[-1] + "ing"
    return (lemma[:-1] if re.search(r"[^eo]e$", lemma) and lemma != "be" else lemma) + "ing"


def _regular_past(lemma: str) -> str:
    if lemma in _DOUBLING:
        return lemma + lemma[-1] + "ed"
    if re.search(r"[^aeiou]y$", lemma):
        return lemma[:-1] + "ied"
    return lemma + ("d" if lemma.endswith("e") else "ed")


def past(verb: Verb, plural_or_you: bool) -> str:
    """The simple past."""
    if verb.english == "be":
        return "were" if plural_or_you else "was"
    return verb.english_past or _regular_past(verb.english)


def past_participle(verb: Verb) -> str:
    """The past participle."""
    if verb.english == "be":
        return "been"
    return verb.english_participle or _regular_past(verb.english)


def present(verb: Verb, person: int, plural: bool) -> str:
    """The simple present."""
    if verb.english == "be":
        return _BE_PRESENT.get((person, plural), "are")
    return third_person(verb.english) if person == 3 and not plural else verb.english


_SMALL = words("""zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen""")
_TENS = words("_ _ twenty thirty forty fifty sixty seventy eighty ninety")


def number_word(value: int) -> str:
    """A cardinal number below one hundred: thirty-four."""
    if value < 20:
        return _SMALL[value]
    tens, ones = divmod(value, 10)
    return _TENS[tens] + (f"-{_SMALL[ones]}" if ones else "")
