"""Random clauses that make sense: who does what to what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import lexicon
import verbs
from clauses import BE, Clause, Complement, Gap, Modal, Relative, Tense, Whose
from german import Person
from lexicon import Adjective, Adverb, Gender, Noun, Slot, Verb
from phrase_choices import PLACES, PhraseChooser
from phrases import Nominal, NounPhrase

VERBS = lexicon.read_verbs(verbs.PERSON_VERBS)
SIMPLE = lexicon.read_verbs(verbs.SIMPLE_VERBS)
# One object, with or without a preposition.
TRANSITIVE = tuple(v for v in VERBS if len(v.slots) == 1 and v.slots[0].role == "object")
# One accusative object; an instrument or game has an article of its own.
DIRECT = tuple(
    v
    for v in TRANSITIVE
    if v.slots[0].case == "acc" and not v.slots[0].german_preposition and v.infinitive != "spielen"
)
# What is eaten or broken, nobody can do anything more with.
_DESTRUCTIVE = {"eat", "drink", "break", "throw away", "lose"}
# One takes a bus on the way, not at a place.
_ANYWHERE = {"take", "greet"}
_QUANTIFIERS = {"every", "all", "both", "many", "several", "some", "number"}
ALREADY = Adverb("already", "schon")
NEVER = Adverb("never", "noch nie")
JUST = Adverb("just", "gerade")

MODALS = (
    Modal("can", "aux", "können"),
    Modal("must", "aux", "müssen"),
    Modal("should", "aux", "sollten"),
    Modal("may", "aux", "dürfen"),
    Modal("want to", "full", "wollen"),
    Modal("would like to", "aux", "möchten"),
    Modal("like to", "gern", ""),
    Modal("could", "aux", "können", True),
    Modal("have to", "full", "müssen", True),
    Modal("want to", "full", "wollen", True),
    Modal("allowed to", "be", "dürfen", True),
)


ONE_AT_A_TIME = ("take", "miss", "reach", "wait for", "follow", "move")
MORE_THAN_ONE = ("collect", "count")


@dataclass(frozen=True)
class Toponym:
    """A city or country as a nominal: it never inflects."""

    names: tuple[str, str]
    person: Person = 3
    plural: bool = False
    gender: Gender = "n"
    noun: Noun | None = None
    definite: bool = True
    pronominal: bool = False

    def english(self, role: str) -> str:
        """The English name."""
        return self.names[0]

    def german(self, case: str) -> str:
        """The German name."""
        return self.names[1]


@cache
def _verbs_of(kinds: tuple[str, ...]) -> tuple[Verb, ...]:
    return tuple(verb for verb in VERBS if verb.kind in kinds)


class Chooser(PhraseChooser):
    """Draws clauses, too."""

    def complement(self, verb: Verb, slot: Slot, subject: Nominal, noun: Noun | None = None) -> Complement:
        """What fills one slot of the verb."""
        if slot.role in ("dir", "loc", "abroad"):
            return self._place_complement(slot)
        if slot.role in ("on", "onto"):
            surface = self.pick(lexicon.nouns_of(*slot.classes))
            english, german = self.pick(lexicon.TWO_WAY) if "surface" in slot.classes else lexicon.TWO_WAY[0]
            if "armchair" in surface.classes:
                german = "in"
                english = "in"
            phrase = NounPhrase(surface, "the", adjective=self.adjective(surface) if self.chance(0.4) else None)
            return Complement(phrase, slot.case, german, english, is_place=True)
        noun = noun or self.pick(lexicon.nouns_of(*slot.classes))
        if verb.infinitive == "spielen":
            nominal: Nominal = NounPhrase(noun, "bare" if "game" in noun.classes else "named")
        else:
            nominal = self.owned_phrase(noun, subject)
        if isinstance(nominal, NounPhrase):
            if verb.label in ONE_AT_A_TIME and nominal.plural:
                nominal = NounPhrase(noun, "the", adjective=nominal.adjective)
            if verb.label in MORE_THAN_ONE and not nominal.plural:
                nominal = NounPhrase(noun, self.pick(("the", "this", "many")), True, nominal.adjective)
        if verb.kind == "state" and nominal.noun and nominal.noun.is_mass and "condition" not in nominal.noun.classes:
            nominal = NounPhrase(noun, "bare")
        return Complement(nominal, slot.case, slot.german_preposition, slot.english_preposition)

    def _place_complement(self, slot: Slot) -> Complement:
        if slot.role == "abroad" or self.chance(0.15):
            to, nach = ("in", "in") if slot.role == "loc" else ("to", "nach")
            return Complement(Toponym(self.pick(lexicon.PLACES)), slot.case, nach, to, is_place=True)
        noun = self.pick(lexicon.nouns_of(*PLACES))
        main = next(name for name in PLACES if name in noun.classes)
        at, german_at, german_to = lexicon.PLACE_PREPOSITIONS[main]
        adj = self.adjective(noun) if self.chance(0.4) else None
        phrase = NounPhrase(noun, "a" if adj and self.chance(0.4) else "the", adjective=adj)
        if slot.role == "loc":
            return Complement(phrase, "dat", german_at, at, is_place=True)
        return Complement(phrase, "dat" if german_to == "zu" else "acc", german_to, "to", is_place=True)

    def verb(self, kinds: tuple[str, ...] = ("action", "event", "state")) -> Verb:
        """A verb that people are the subject of."""
        return self.pick(_verbs_of(kinds))

    def clause(self, tense: Tense, subject: Nominal, verb: Verb | None = None, modal: Modal | None = None) -> Clause:
        """A bare clause: subject, verb and complements."""
        wilful = tense == "progressive" or modal
        passing = tense in ("perfect", "pluperfect", "future")
        kinds = ("action",) if wilful else ("action", "event") if passing else ("action", "event", "state")
        verb = verb or self.verb(kinds)
        complements = tuple(self.complement(verb, slot, subject) for slot in verb.slots)
        return Clause(subject, verb, complements, tense, modal)

    def decorate(self, clause: Clause, amount: float = 0.6) -> Clause:
        """The clause with adverbials that fit its tense."""
        tense = "modal" if clause.modal else clause.tense
        if clause.modal and clause.modal.past:
            tense = "past"
        if clause.modal and clause.modal.kind == "gern":
            tense = "present"
        state = clause.verb.kind == "state"
        if tense in ("present", "past", "future", "modal", "perfect") and not state and self.chance(amount):
            clause = replace(clause, time=self.time(tense))
        if tense == "present" and not clause.modal and not state and not clause.time:
            clause = replace(clause, frequency=self.pick(lexicon.FREQUENCY))
        if tense == "perfect" and not clause.time:
            late = self.pick((ALREADY, ALREADY, JUST, NEVER))
            clause = replace(clause, frequency=late) if late is JUST else replace(clause, late=late)
            clause = plain(clause) if late is NEVER else clause
        return self._situate(clause) if clause.verb.kind == "action" else clause

    def _situate(self, clause: Clause) -> Clause:
        """Where, with whom or how something is done; one of these at most."""
        if not (clause.late or clause.verb.rest or clause.verb.label in _ANYWHERE or has_place(clause)):
            if self.chance(0.25):
                return replace(clause, place=self.place())
            if self.chance(0.2) and not any(is_personal(c) for c in clause.complements):
                return replace(clause, company=self.company(clause.subject))
        if clause.verb in DIRECT and self.chance(0.12):
            return replace(clause, manner=self.pick(lexicon.MANNERS))
        return clause

    # Relative clauses

    def relative(self, noun: Noun, plural: bool) -> Relative | None:
        """A relative clause about the noun."""
        gap = Gap(noun, plural, noun.gender)
        if not noun.classes.isdisjoint({"person", "kin"}):
            return self._personal_relative(gap)
        adjectives = lexicon.adjectives_for(noun)
        if adjectives and self.chance(0.3):
            return Relative(self.being(gap, self.pick(adjectives)))
        fitting = [
            v for v in TRANSITIVE if v.label not in _DESTRUCTIVE and not noun.classes.isdisjoint(v.slots[0].classes)
        ]
        if not fitting:
            return None
        verb = self.pick(fitting)
        slot = verb.slots[0]
        whom = Complement(gap, slot.case, slot.german_preposition, slot.english_preposition)
        tense: Tense = "present" if verb.kind == "state" else self.pick(("past", "perfect"))
        clause = Clause(self.subject(you=tense != "past"), verb, (whom,), tense)
        if tense == "past" and self.chance(0.3):
            clause = replace(clause, time=self.time("past"))
        return Relative(clause, whom)

    def _personal_relative(self, gap: Gap) -> Relative:
        if self.chance(0.2):
            owned = self.pick(lexicon.nouns_of("vehicle", "pet", "flat", "daughter", "son", "office"))
            adjective = self.adjective(owned)
            if adjective:
                return Relative(self.being(Whose(gap.noun, gap.plural, owned), adjective))
        if self.chance(0.3):
            verb = self.pick([v for v in TRANSITIVE if "person" in v.slots[0].classes and v.kind != "state"])
            slot = verb.slots[0]
            whom = Complement(gap, slot.case, slot.german_preposition, slot.english_preposition)
            subject = self.subject(you=False)
            return Relative(Clause(subject, verb, (whom,), self.pick(("past", "perfect"))), whom)
        clause = self.clause(self.pick(("present", "past", "perfect")), gap)
        if clause.tense == "present" and clause.verb.kind == "action":
            clause = plain(replace(clause, frequency=self.pick(lexicon.FREQUENCY)))
        return Relative(clause)

    def being(self, subject: Nominal, adjective: Adjective, tense: Tense = "present") -> Clause:
        """The subject is so."""
        very = self.chance(0.3) and bool(adjective.english_comparative)
        predicate = Adverb("very " * very + adjective.english, "sehr " * very + adjective.german)
        return Clause(subject, BE, tense=tense, predicate=predicate)


def has_place(clause: Clause) -> bool:
    """Whether a complement is a place already; one does not tidy up the kitchen in the garden."""
    nouns = (complement.nominal.noun for complement in clause.complements)
    return any(c.is_place for c in clause.complements) or any(n and not n.classes.isdisjoint(PLACES) for n in nouns)


@cache
def verbs_with(noun: str) -> int:
    """How many verbs the noun can be a complement of."""
    slots = (set(slot.classes) for verb in VERBS for slot in verb.slots)
    word = next(known for known in lexicon.all_nouns() if known.english == noun)
    return sum(not word.classes.isdisjoint(classes) for classes in slots)


def is_personal(complement: Complement) -> bool:
    """Whether the complement is a person."""
    noun = complement.nominal.noun
    return noun is not None and not noun.classes.isdisjoint({"person", "kin"})


def plain(clause: Clause) -> Clause:
    """The clause with plain articles: where one negates, *every* and *some* would be ambiguous."""

    def simpler(nominal: Nominal) -> Nominal:
        if isinstance(nominal, NounPhrase) and nominal.determiner in _QUANTIFIERS:
            return replace(nominal, determiner="the", number=0)
        return nominal

    complements = tuple(replace(c, nominal=simpler(c.nominal)) for c in clause.complements)
    return replace(clause, subject=simpler(clause.subject), complements=complements)
