"""Random words and phrases that make sense: people, things, places and times."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

import english as en
import german as de
import lexicon
from lexicon import Adjective, Adverb, Case, Noun, words
from phrases import Nominal, NounPhrase, ProperName, personal, possessive_for, prepositional

T = TypeVar("T")

PLACES = ("building", "room", "area", "ground", "station", "shore", "waterside", "open")
_OWNED = set(
    words("clothing vehicle device container lost pet room boss tool readable toy artwork estate garden luggage")
)
_ONLY_ONE = {"father", "mother", "grandfather", "grandmother"}
_UNARTICLED = {"subject", "language", "game"}
_SUBJECT_DETERMINERS = tuple((determiner, False) for determiner in words("the the the the this a a every")) + tuple(
    (determiner, True) for determiner in words("the the many some number both")
)
_UNITS = (("days", "Tagen"), ("weeks", "Wochen"), ("months", "Monaten"), ("years", "Jahren"))


class PhraseChooser:
    """Draws words and phrases. Only ``random()`` is used, which every Python version computes alike."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, all equally likely."""
        return options[int(self._rng.random() * len(options))]

    def chance(self, probability: float) -> bool:
        """True that often."""
        return self._rng.random() < probability

    def number(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self._rng.random() * (high - low + 1))

    # Nominal phrases

    def adjective(self, noun: Noun) -> Adjective | None:
        """An adjective that fits the noun, if there is any."""
        fitting = lexicon.adjectives_for(noun)
        return self.pick(fitting) if fitting else None

    def phrase(self, noun: Noun, owner: Nominal | None = None, adjective: float = 0.4) -> NounPhrase:
        """A noun phrase; ``owner`` is the person a possessive would refer back to."""
        adj = self.adjective(noun) if self.chance(adjective) else None
        if not noun.classes.isdisjoint(_UNARTICLED):
            return NounPhrase(noun, "bare")
        if "condition" in noun.classes:
            return NounPhrase(noun, "the", adjective=adj)
        if "kin" in noun.classes:
            plural = self.chance(0.2) and noun.classes.isdisjoint(_ONLY_ONE)
            return NounPhrase(noun, self._possessive(owner), plural, adj)
        if "paired" in noun.classes:
            return NounPhrase(noun, self.pick(("the", "this", self._possessive(owner), "bare")), True, adj)
        if noun.is_mass:
            return NounPhrase(noun, self.pick(("the", "the", "some", "bare")), adjective=adj)
        draw = self._rng.random()
        if draw < 0.3:
            return NounPhrase(noun, "the", adjective=adj)
        if draw < 0.5:
            return NounPhrase(noun, "a", adjective=adj)
        if draw < 0.58:
            return NounPhrase(noun, "this", self.chance(0.3), adj)
        if draw < 0.7 and not noun.classes.isdisjoint(_OWNED):
            return NounPhrase(noun, self._possessive(owner), self.chance(0.25), adj)
        if draw < 0.77:
            return NounPhrase(noun, "number", True, adj, number=self.number(2, 6 if self.chance(0.7) else 12))
        determiner = self.pick(("the", "the", "the", "some", "many", "several", "this", "bare", "bare", "all", "both"))
        return NounPhrase(noun, determiner, True, adj)

    def _possessive(self, owner: Nominal | None) -> str:
        if owner:
            word = possessive_for(owner)
            if word != "its":
                return word
        return self.pick(("my", "my", "our", "his", "her", "their", "your"))

    def owned_phrase(self, noun: Noun, owner: Nominal | None) -> NounPhrase:
        """As ``phrase``, now and then with a possessor in the genitive: Anna's car, the old teacher's car."""
        if noun.classes.isdisjoint(_OWNED) or noun.is_mass or not self.chance(0.12):
            return self.phrase(noun, owner)
        adj = self.adjective(noun) if self.chance(0.3) else None
        if self.chance(0.4):
            possessor: Nominal = ProperName((self.pick(lexicon.NAMES),))
        elif self.chance(0.4):
            possessor = NounPhrase(self.pick(lexicon.nouns_of("kin")), self._possessive(owner))
        else:
            person = self.person_noun()
            possessor = NounPhrase(person, "the", adjective=self.maybe_adjective(person))
        return NounPhrase(noun, "the", self.chance(0.2), adj, possessor=possessor)

    def maybe_adjective(self, noun: Noun) -> Adjective | None:
        """An adjective that fits the noun, more often none."""
        return self.adjective(noun) if self.chance(0.4) else None

    def person_noun(self) -> Noun:
        """A person; a child has no pronoun that both languages agree on, so it is left to objects."""
        return self.pick([noun for noun in lexicon.nouns_of("person") if noun.english != "child"])

    def subject(self, pronouns: bool = True, you: bool = True) -> Nominal:
        """Somebody who does something."""
        draw = self._rng.random()
        if pronouns and draw < 0.3:
            return personal(
                self.pick(("I", "you", "he", "she", "we", "they") if you else ("I", "he", "she", "we", "they"))
            )
        if draw < 0.5:
            return ProperName((self.pick(lexicon.NAMES),))
        if draw < 0.56:
            first = self.pick(lexicon.NAMES)
            return ProperName((first, self.pick([name for name in lexicon.NAMES if name != first])))
        if draw < 0.72:
            return self.phrase(self.pick(lexicon.nouns_of("kin")), adjective=0)
        noun, adj = self.person_noun(), None
        if self.chance(0.4):
            adj = self.adjective(noun)
        determiner, plural = self.pick(_SUBJECT_DETERMINERS)
        return NounPhrase(noun, determiner, plural, adj, number=self.number(2, 12))

    # Places and other adverbials

    def place_phrase(self, noun: Noun, direction: bool) -> tuple[str, str, str]:
        """The noun phrase of a place with its preposition: English, German, and the German preposition alone."""
        main = next(name for name in PLACES if name in noun.classes)
        at, german_at, german_to = lexicon.PLACE_PREPOSITIONS[main]
        adj = self.adjective(noun) if self.chance(0.3) else None
        phrase = NounPhrase(noun, "a" if adj and self.chance(0.3) else "the", adjective=adj)
        german = german_to if direction else german_at
        case: Case = "dat" if not direction or german == "zu" else "acc"
        english = f"{'to' if direction else at} {phrase.english('object')}"
        return english, prepositional(german, phrase, case), german

    def place(self) -> Adverb:
        """Where something happens."""
        if self.chance(0.2):
            english, german = self.pick(lexicon.PLACES)
            return Adverb(f"in {english}", f"in {german}")
        noun = self.pick(lexicon.nouns_of("room", "area", "shore", "waterside", "station", "ground", "building"))
        return Adverb(*self.place_phrase(noun, False)[:2])

    def company(self, owner: Nominal) -> Adverb:
        """With whom."""
        if self.chance(0.5):
            friend: Nominal = self.phrase(self.pick(lexicon.nouns_of("kin")), owner, 0.2)
        else:
            person = self.person_noun()
            friend = NounPhrase(person, self.pick(("the", "a")), adjective=self.maybe_adjective(person))
        return Adverb(f"with {friend.english('object')}", prepositional("mit", friend, "dat"))

    def time(self, tense: str) -> Adverb:
        """When; also with weekdays, hours, months and years."""
        if self.chance(0.65) or tense == "perfect":
            return self.pick([time for time in lexicon.TIME_LIST if tense in time.tenses])
        if tense == "past" and self.chance(0.4):
            return self._long_ago()
        if tense == "future" and self.chance(0.3):
            count, (many, dative) = self.number(2, 12), self.pick(_UNITS)
            return Adverb(f"in {en.number_word(count)} {many}", f"in {de.number_word(count)} {dative}")
        english, german = self.pick(lexicon.WEEKDAYS)
        if tense == "present" and self.chance(0.5):
            return Adverb(f"every {english}", f"jeden {german}")
        if tense != "present" and self.chance(0.6):
            return Adverb(f"on {english}", f"am {german}")
        return self.hour()

    def hour(self) -> Adverb:
        """At which hour of the day."""
        hour = self.number(2, 12)
        if self.chance(0.5):
            return Adverb(f"at {hour} o'clock", f"um {hour} Uhr")
        return Adverb(f"at {en.number_word(hour)} o'clock", f"um {de.number_word(hour)} Uhr")

    def _long_ago(self) -> Adverb:
        if self.chance(0.3):
            year = self.number(1950, 2024)
            return Adverb(f"in {year}", f"im Jahr {year}")
        if self.chance(0.3):
            english, german = self.pick(lexicon.MONTHS)
            return Adverb(f"in {english}", f"im {german}")
        count, (many, dative) = self.number(2, 12), self.pick(_UNITS)
        return Adverb(f"{en.number_word(count)} {many} ago", f"vor {de.number_word(count)} {dative}")
