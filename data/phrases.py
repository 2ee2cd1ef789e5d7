"""Nominal phrases: names, pronouns and noun phrases, which render themselves in both languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import english
import german
from german import Declension, Person
from lexicon import Adjective, Case, Gender, Name, Noun

Role = Literal["subject", "object"]

# The person of the possessor decides the possessive; German "ihr" is both her and their.
POSSESSIVES = {"my": "mein", "your": "dein", "his": "sein", "her": "ihr", "our": "unser", "their": "ihr"}
_PRONOUN_KEYS: dict[str, tuple[str, Person, bool, Gender]] = {
    "I": ("ich", 1, False, "m"),
    "you": ("du", 2, False, "m"),
    "he": ("er", 3, False, "m"),
    "she": ("sie", 3, False, "f"),
    "we": ("wir", 1, True, "m"),
    "they": ("sie_pl", 3, True, "m"),
}


class Relative(Protocol):
    """A relative clause, without commas."""

    def english(self) -> str: ...
    def german(self) -> str: ...
    def pairs(self) -> frozenset[tuple[str, str]]: ...


class Nominal(Protocol):
    """What can be a subject or an object."""

    @property
    def person(self) -> Person: ...
    @property
    def plural(self) -> bool: ...
    @property
    def gender(self) -> Gender: ...
    @property
    def noun(self) -> Noun | None: ...
    @property
    def definite(self) -> bool: ...
    @property
    def pronominal(self) -> bool: ...

    def english(self, role: Role) -> str:
        """The English words."""

    def german(self, case: Case) -> str:
        """The German words."""


@dataclass(frozen=True)
class Pronoun:
    """A personal pronoun; ``noun`` is what it refers back to, whose gender decides the German form of *it*."""

    word: str
    key: str
    person: Person
    plural: bool
    gender: Gender
    noun: Noun | None = None
    definite: bool = True
    pronominal: bool = True

    def english(self, role: Role) -> str:
        """I or me."""
        return self.word if role == "subject" else english.object_form(self.word)

    def german(self, case: Case) -> str:
        """ich, mich or mir."""
        return german.pronoun(self.key, case)


@dataclass(frozen=True)
class ProperName:
    """One person's name, or two people's."""

    names: tuple[Name, ...]
    person: Person = 3
    noun: Noun | None = None
    definite: bool = True
    pronominal: bool = False

    @property
    def plural(self) -> bool:
        """Two people take a plural verb."""
        return len(self.names) > 1

    @property
    def gender(self) -> Gender:
        """The gender of the first person named."""
        return self.names[0].gender

    def english(self, role: Role) -> str:
        """Anna and Peter."""
        return " and ".join(name.text for name in self.names)

    def german(self, case: Case) -> str:
        """Anna und Peter, Annas."""
        if case == "gen":
            return german.genitive_name(self.names[0].text)
        return " und ".join(name.text for name in self.names)


# English singular, English plural, how German inflects the determiner, its stem, the declension of the adjective
_Inflection = Callable[[str, Gender, bool, Case], str]


def _definite(stem: str, gender: Gender, plural: bool, case: Case) -> str:
    return german.definite_article(gender, plural, case)


_DETERMINERS: dict[str, tuple[str, str, _Inflection | None, str, Declension]] = {
    "the": ("the", "the", _definite, "", "weak"),
    "this": ("this", "these", german.der_word, "dies", "weak"),
    "every": ("every", "", german.der_word, "jed", "weak"),
    "which": ("which", "which", german.der_word, "welch", "weak"),
    "all": ("", "all the", german.der_word, "all", "weak"),
    "both": ("", "both", german.der_word, "beid", "weak"),
    "many": ("", "many", german.der_word, "viel", "strong"),
    "several": ("", "several", german.der_word, "mehrer", "strong"),
    "some": ("some", "some", None, "", "strong"),
    "bare": ("", "", None, "", "strong"),
    "named": ("the", "the", None, "", "strong"),
    "a": ("a", "", german.ein_word, "ein", "mixed"),
    "no": ("a", "any", german.ein_word, "kein", "mixed"),
    **{word: (word, word, german.ein_word, stem, "mixed") for word, stem in POSSESSIVES.items()},
}
INDEFINITE = {"a", "some", "bare", "many", "several", "number", "no", "named"}


@dataclass(frozen=True)
class NounPhrase:
    """A noun with its determiner or number, adjective, possessor and relative clause."""

    noun: Noun
    determiner: str
    plural: bool = False
    adjective: Adjective | None = None
    degree: str = "positive"
    number: int = 0
    digits: bool = False
    possessor: Nominal | None = None
    relative: Relative | None = None
    person: Person = 3
    pronominal: bool = False

    @property
    def gender(self) -> Gender:
        """The German gender."""
        return self.noun.gender

    @property
    def definite(self) -> bool:
        """Definite objects stand before *nicht*, indefinite ones after it."""
        return self.determiner not in INDEFINITE

    def negated(self) -> NounPhrase | None:
        """The same with kein; None where German negates with nicht."""
        can = self.determiner == "a" or (self.determiner in ("bare", "some") and self.noun.classes.isdisjoint(NO_KEIN))
        return replace(self, determiner="no") if can else None

    def _english_adjective(self) -> list[str]:
        if not self.adjective:
            return []
        forms = {
            "comparative": self.adjective.english_comparative,
            "superlative": self.adjective.english_superlative,
        }
        return [forms.get(self.degree, self.adjective.english)]

    def english(self, role: Role) -> str:
        """The English words with the relative clause."""
        tail = [*self._english_adjective(), self.noun.english_plural if self.plural else self.noun.english]
        if self.possessor:
            start = [english.genitive(self.possessor.english("subject"), self.possessor.plural)]
        elif self.determiner == "number":
            start = [str(self.number) if self.digits else english.number_word(self.number)]
        else:
            singular, plural = _DETERMINERS[self.determiner][:2]
            start = [plural if self.plural else singular]
            if self.determiner == "no" and self.noun.is_mass:
                start = ["" if "language" in self.noun.classes else "any"]
            elif start == ["a"]:
                start = [english.indefinite_article(tail[0])]
        words = [*start, *tail]
        if self.relative:
            words.append(self.relative.english())
        return " ".join(filter(None, words))

    def _determined(self, case: Case) -> tuple[str, Declension]:
        if self.determiner == "number":
            return (str(self.number) if self.digits else german.number_word(self.number)), "strong"
        if self.determiner == "some":
            return ("etwas" if self.noun.is_mass else german.der_word("einig", self.gender, True, case)), "strong"
        inflect, stem, declension = _DETERMINERS[self.determiner][2:]
        return (inflect(stem, self.gender, self.plural, case) if inflect else ""), declension

    def core(self, case: Case) -> str:
        """The German words without the relative clause, which may stand apart."""
        determiner, declension = self._determined(case)
        named = isinstance(self.possessor, ProperName)
        if named:
            assert self.possessor
            determiner, declension = self.possessor.german("gen"), "strong"
        words = [determiner]
        if self.adjective:
            words.append(german.adjective(self.adjective, self.degree, declension, self.gender, self.plural, case))
        words.append(german.noun(self.noun, self.plural, case))
        if self.possessor and not named:
            words.append(self.possessor.german("gen"))
        return " ".join(filter(None, words))

    def german(self, case: Case) -> str:
        """The German words with the relative clause between commas."""
        return self.core(case) + (f" , {self.relative.german()} ," if self.relative else "")

    def after(self, preposition: str, case: Case) -> str:
        """The German core after a preposition, contracted with an article that points at nothing in particular."""
        words = self.core(case)
        named = isinstance(self.possessor, ProperName)
        if preposition and self.determiner == "the" and not self.plural and not self.relative and not named:
            article, _, rest = words.partition(" ")
            return f"{german.contract(preposition, article)} {rest}"
        return f"{preposition} {words}".strip()


NO_KEIN = {"instrument", "game"}


def personal(word: str) -> Pronoun:
    """The pronoun of that English form; *it* needs a noun and is made by ``pronoun_for``."""
    key, person, plural, gender = _PRONOUN_KEYS[word]
    return Pronoun(word, key, person, plural, gender)


def pronoun_for(phrase: Nominal) -> Pronoun:
    """The pronoun that refers back to the phrase in both languages."""
    if isinstance(phrase, Pronoun):
        return phrase
    if phrase.plural:
        return Pronoun("they", "sie_pl", 3, True, "m", phrase.noun)
    if phrase.noun is None or not phrase.noun.classes.isdisjoint({"person", "kin"}):
        # A girl is "she" in both languages, whatever the gender of the German noun.
        word = "he" if phrase.gender == "m" else "she"
        return replace(personal(word), noun=phrase.noun)
    key = {"m": "er", "f": "sie", "n": "es"}[phrase.gender]
    return Pronoun("it", key, 3, False, phrase.gender, phrase.noun)


def possessive_for(phrase: Nominal) -> str:
    """The English possessive that refers back to the phrase."""
    pronoun = pronoun_for(phrase).word
    return {"I": "my", "you": "your", "he": "his", "she": "her", "it": "its", "we": "our", "they": "their"}[pronoun]


def prepositional(preposition: str, nominal: Nominal, case: Case) -> str:
    """A German prepositional phrase, any relative clause left out."""
    if isinstance(nominal, NounPhrase):
        return nominal.after(preposition, case)
    return f"{preposition} {nominal.german(case)}".strip()
