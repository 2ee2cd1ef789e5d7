"""Clauses: one structure, rendered with English and with German word order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Literal

import english
import german
from german import Person
from lexicon import Adverb, Case, Gender, Noun, Verb, other_verb
from phrases import Nominal, NounPhrase, prepositional

Tense = Literal["present", "progressive", "past", "perfect", "pluperfect", "future"]
BE = other_verb("be")


class AmbiguousTenseError(ValueError):
    """English does not show the tense: we read, they put. German would have to guess."""


@dataclass(frozen=True)
class Modal:
    """A modal verb; ``kind`` tells how English builds it.

    ``aux`` is can, ``full`` want to, ``be`` was allowed to; ``gern`` is likes to, in German an adverb.
    """

    english: str
    kind: str
    german: str
    past: bool = False


@dataclass(frozen=True)
class Complement:
    """A noun phrase that the verb asks for, with the prepositions of both languages."""

    nominal: Nominal
    case: Case
    german_preposition: str = ""
    english_preposition: str = ""
    is_place: bool = False

    def english(self) -> str:
        """The English words."""
        return f"{self.english_preposition} {self.nominal.english('object')}".strip()

    def german(self) -> str:
        """The German words without a relative clause."""
        return prepositional(self.german_preposition, self.nominal, self.case)

    @property
    def is_bare(self) -> bool:
        """Whether it is an object without a preposition."""
        return not self.german_preposition


@dataclass(frozen=True)
class Clause:
    """Subject, verb, complements and adverbials, not yet in any order."""

    subject: Nominal
    verb: Verb
    complements: tuple[Complement, ...] = ()
    tense: Tense = "present"
    modal: Modal | None = None
    negated: bool = False
    time: Adverb | None = None
    frequency: Adverb | None = None
    late: Adverb | None = None
    place: Adverb | None = None
    company: Adverb | None = None
    manner: Adverb | None = None
    predicate: Adverb | None = None
    extra_pairs: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def pairs(self) -> frozenset[tuple[str, str]]:
        """The verb-object pairs of the clause and of the relative clauses within."""
        result = set(self.extra_pairs)
        for complement in self.complements:
            if complement.nominal.noun:
                result.add((self.verb.name, complement.nominal.noun.english))
        for nominal in (self.subject, *(complement.nominal for complement in self.complements)):
            if isinstance(nominal, NounPhrase) and nominal.relative:
                result |= nominal.relative.pairs()
        return frozenset(result)

    # English

    def _english_verb(self, inverted: bool) -> tuple[str, str, list[str]]:
        """The auxiliary, the main verb if it is finite, and the words that follow."""
        verb, subject = self.verb, self.subject
        you = subject.plural or subject.person == 2
        be = english.present(BE, subject.person, subject.plural)
        if self.modal:
            if self.modal.kind == "aux":
                auxiliary, _, like_to = self.modal.english.partition(" ")
                return auxiliary, "", [like_to, verb.english]
            if self.modal.kind == "be":
                return ("were" if you else "was"), "", [self.modal.english, verb.english]
            if self.modal.past:
                return "", {"want to": "wanted to", "have to": "had to"}[self.modal.english], [verb.english]
            head, _, rest = self.modal.english.partition(" ")
            third = subject.person == 3 and not subject.plural
            return "", f"{english.third_person(head) if third else head} {rest}", [verb.english]
        if self.tense == "future":
            return "will", "", [verb.english]
        if self.tense == "perfect":
            third = subject.person == 3 and not subject.plural
            return ("has" if third else "have"), "", [english.past_participle(verb)]
        if self.tense == "pluperfect":
            return "had", "", [english.past_participle(verb)]
        if self.tense == "progressive":
            return be, "", [english.ing_form(verb.english)]
        unmarked = verb.english_past == verb.english and (you or subject.person == 1)
        if unmarked and not (self.negated or inverted):
            raise AmbiguousTenseError(verb.english)
        form = (
            english.past(verb, you) if self.tense == "past" else english.present(verb, subject.person, subject.plural)
        )
        return (form, "", []) if verb.english == "be" else ("", form, [])

    def _english_group(self, inverted: bool) -> tuple[str, list[str]]:
        auxiliary, finite, rest = self._english_verb(inverted)
        if not auxiliary and (self.negated or inverted):
            third = self.subject.person == 3 and not self.subject.plural
            past = self.modal.past if self.modal else self.tense == "past"
            auxiliary = "did" if past else "does" if third else "do"
            lemma = self.modal.english if self.modal else self.verb.english
            finite = lemma
        adverbs = [adverb.english for adverb in (self.frequency, self.late) if adverb]
        return auxiliary, [*(["not"] if self.negated else []), *adverbs, finite, *rest]

    def _english_objects(self, gap: Complement | None) -> list[str]:
        words = [self.verb.rest]
        shown = [replace(c, nominal=_negate(c)) if c is self._kein() else c for c in self.complements]
        if self.verb.particle:
            pronoun = [c for c in shown if c.nominal.pronominal and c is not gap]
            words += [c.english() for c in pronoun] + [self.verb.particle]
            shown = [c for c in shown if c not in pronoun]
        words += [(c.english_preposition if c == gap else c.english()) for c in shown]
        return [*words, self.predicate.english if self.predicate else ""]

    def english_tail(self, front: Adverb | None = None, gap: Complement | None = None) -> list[str]:
        """Everything after the verb."""
        adverbials = [self.manner, self.company, self.place, self.time]
        return [*self._english_objects(gap), *(a.english for a in adverbials if a and a is not front)]

    def english(self, inverted: bool = False, front: Adverb | None = None, gap: Complement | None = None) -> str:
        """A finite clause; ``inverted`` for questions, ``front`` is put first."""
        auxiliary, verb = self._english_group(inverted)
        subject = self.subject.english("subject")
        words = [auxiliary, subject, *verb] if inverted else [subject, auxiliary, *verb]
        if front:
            words.insert(0, front.english + (" ," if " " in front.english else ""))
        return " ".join(filter(None, [*words, *self.english_tail(front, gap)])).replace("can not ", "cannot ")

    def english_infinitive(self, form: str = "infinitive") -> str:
        """A clause without a subject: to read the book, reading the book (``gerund``), read the book (``bare``)."""
        head = {"infinitive": f"to {self.verb.english}", "gerund": english.ing_form(self.verb.english)}
        return " ".join(filter(None, [head.get(form, self.verb.english), *self.english_tail()]))

    # German

    def _kein(self) -> Complement | None:
        """The object that takes kein when the clause is negated."""
        if not self.negated:
            return None
        return next((c for c in self.complements if c.is_bare and c.case == "acc" and _negate(c) != c.nominal), None)

    def _middle_field(self, skip: object, with_subject: bool, inverted: bool) -> list[str]:
        """The words between the finite verb and the end of the clause, in their German order."""
        kein = self._kein()
        negation = "nicht" if self.negated and not kein else ""
        late = [self.late.german if self.late else "", negation]
        shown = [c for c in self.complements if c is not skip]
        bare = [c for c in shown if c.is_bare]
        pronouns = sorted((c for c in bare if c.nominal.pronominal), key=lambda c: c.case)
        datives = [c for c in bare if c.case == "dat" and c not in pronouns]
        accusatives = [c for c in bare if c.case == "acc" and c not in pronouns]
        definite = [c.german() for c in accusatives if c.nominal.definite]
        indefinite = [(_negate(c).german(c.case) if c is kein else c.german()) for c in accusatives
                      if not c.nominal.definite]  # fmt: skip
        objects = [c.german() for c in datives]
        reflexive = ""
        if self.verb.reflexive:
            reflexive = german.reflexive(self.subject.person, self.subject.plural, self.verb.reflexive)
        subject = self.subject.german("nom") if with_subject else ""
        opening = [subject, reflexive]
        if inverted and not self.subject.pronominal:
            opening.reverse()
        progressive = "gerade" if self.tense == "progressive" and not self.modal else ""
        gern = "gern" if self.modal and self.modal.kind == "gern" else ""
        early = [a.german for a in (self.time, self.frequency, self.company, self.place) if a and a is not skip]
        early += [progressive, gern]
        words = [*opening, *(c.german() for c in pronouns)]
        # What is negated or done before is known already: it stands before the adverbials.
        words += [*objects, *definite, *early, *late] if any(late) else [*early, *objects, *definite]
        words += [self.manner.german if self.manner and self.manner is not skip else "", *indefinite]
        words += [c.german() for c in shown if not c.is_bare]
        return [*words, self.predicate.german if self.predicate else ""]

    def _verb_complex(self) -> tuple[str, str]:
        """The finite verb without its prefix, and what closes the clause."""
        verb, person, plural = self.verb, self.subject.person, self.subject.plural
        infinitive = german.full_infinitive(verb)
        if self.modal and self.modal.kind != "gern":
            return german.modal(self.modal.german, self.modal.past, person, plural), infinitive
        if self.tense == "future":
            return german.irregular_present("werden", person, plural), infinitive
        if self.tense in ("perfect", "pluperfect"):
            auxiliary = "sein" if verb.takes_sein else "haben"
            if self.tense == "perfect":
                finite = german.irregular_present(auxiliary, person, plural)
            else:
                finite = german.auxiliary_preterite(auxiliary, person, plural)
            return finite, german.past_participle(verb)
        conjugate = german.preterite if self.tense == "past" else german.present
        return conjugate(verb, person, plural), verb.prefix

    def _extraposed(self, skip: object) -> list[str]:
        """The relative clauses of the complements, which follow the whole clause."""
        nominals = [c.nominal for c in self.complements if c is not skip]
        return [f", {n.relative.german()} ," for n in nominals if isinstance(n, NounPhrase) and n.relative]

    def german(self, front: Adverb | Complement | str | None = None) -> str:
        """A main clause: the finite verb second. ``front`` goes first, an empty string leaves that to the caller."""
        finite, closing = self._verb_complex()
        if front is None:
            first, middle = self.subject.german("nom"), self._middle_field(None, False, False)
        else:
            # The finite verb comes first in a yes/no question and after a fronted subordinate clause.
            first = front if isinstance(front, str) else front.german if isinstance(front, Adverb) else front.german()
            middle = self._middle_field(front, True, True)
        return " ".join(filter(None, [first, finite, *middle, closing, *self._extraposed(front)]))

    def german_final(self, front: Complement | None = None) -> str:
        """A subordinate clause: the finite verb last, a separable prefix joined to it."""
        finite, closing = self._verb_complex()
        separable = closing == self.verb.prefix
        end = [closing + finite] if separable else [closing, finite]
        middle = self._middle_field(front, True, False)
        first = front.german() if front else ""
        return " ".join(filter(None, [first, *middle, *end, *self._extraposed(front)]))

    def german_infinitive(self, zu: bool = True) -> str:
        """An infinitive clause."""
        verb = german.zu_infinitive(self.verb) if zu else german.full_infinitive(self.verb)
        return " ".join(filter(None, [*self._middle_field(None, False, False), verb, *self._extraposed(None)]))

    def german_imperative(self) -> str:
        """A request to one person, the subject left out."""
        words = [german.imperative(self.verb), *self._middle_field(None, False, False), self.verb.prefix]
        return " ".join(filter(None, [*words, *self._extraposed(None)]))


def _negate(complement: Complement) -> Nominal:
    nominal = complement.nominal
    return (nominal.negated() or nominal) if isinstance(nominal, NounPhrase) else nominal


@dataclass(frozen=True)
class Gap:
    """The relative pronoun; its gender and number come from the noun it belongs to, its case from its own clause."""

    noun: Noun
    plural: bool
    gender: Gender
    person: Person = 3
    definite: bool = True
    pronominal: bool = False

    def english(self, role: str) -> str:
        """Who for people, that for things."""
        return "who" if not self.noun.classes.isdisjoint({"person", "kin"}) else "that"

    def german(self, case: Case) -> str:
        """der, die, das, denen, ..."""
        return german.relative_pronoun(self.gender, self.plural, case)


@dataclass(frozen=True)
class Whose:
    """A subject like *whose bicycle*: dessen, deren and a noun without an article."""

    owner: Noun
    owner_plural: bool
    noun: Noun
    plural: bool = False
    person: Person = 3
    definite: bool = True
    pronominal: bool = False

    @property
    def gender(self) -> Gender:
        """The gender of what is owned."""
        return self.noun.gender

    def english(self, role: str) -> str:
        """Whose bicycle."""
        return f"whose {self.noun.english}"

    def german(self, case: Case) -> str:
        """dessen Fahrrad."""
        pronoun = german.relative_pronoun(self.owner.gender, self.owner_plural, "gen")
        return f"{pronoun} {german.noun(self.noun, self.plural, case)}"


@dataclass(frozen=True)
class Relative:
    """A relative clause: the clause with the relative pronoun as subject or as one of the complements."""

    clause: Clause
    gap: Complement | None = None

    def english(self) -> str:
        """The English words; a preposition stays at the end."""
        if not self.gap:
            return self.clause.english()
        return f"{self.gap.nominal.english('object').replace('who', 'whom')} {self.clause.english(gap=self.gap)}"

    def pairs(self) -> frozenset[tuple[str, str]]:
        """The verb-object pairs of the clause."""
        return self.clause.pairs()

    def german(self) -> str:
        """The German words without commas."""
        return self.clause.german_final(self.gap)


def sentence(words: str, end: str = ".") -> str:
    """Commas closed up, doubled ones dropped, capital letter and final mark."""
    text = re.sub(r"(\s*,)+", ",", f"{words} ".replace("  ", " ")).strip(" ,")
    return text[0].upper() + text[1:] + end
