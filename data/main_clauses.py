"""Sentence patterns with one main clause, and what several patterns share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import english as en
import german as de
import lexicon
from choices import (
    ALREADY,
    DIRECT,
    MODALS,
    MORE_THAN_ONE,
    ONE_AT_A_TIME,
    TRANSITIVE,
    VERBS,
    Chooser,
    is_personal,
    plain,
)
from clauses import BE, Clause, Complement, Modal, Tense, sentence
from lexicon import Adverb, Noun, Verb, adverbs, other_verb
from phrases import Nominal, NounPhrase, Pronoun, personal, pronoun_for
from reasons import SOCIAL


@dataclass(frozen=True)
class Pair:
    """A sentence in both languages, with its verb-object pairs."""

    english: str
    german: str
    pairs: frozenset[tuple[str, str]]


_TENSES: tuple[Tense, ...] = ("present", "present", "past", "past", "perfect", "future", "progressive")
IT = Pronoun("it", "es", 3, False, "n")
MOODS = adverbs(
    """tired/müde ill/krank hungry/hungrig happy/glücklich nervous/nervös sad/traurig thirsty/durstig angry/wütend
busy/beschäftigt alone/allein"""
)
WEATHER = adverbs("cold/kalt warm/warm dark/dunkel late/spät hot/heiß early/früh")
_IN_NUMBERS = ("buy", "sell", "see", "count", "photograph", "draw", "repair", "write", "feed")


def past_tense(c: Chooser) -> Tense:
    return c.pick(("past", "past", "past", "perfect"))


def with_relative(c: Chooser, clause: Clause, probability: float, keep_time: bool = False) -> Clause:
    """The clause, the last definite object of which may get a relative clause."""
    if not clause.complements or not c.chance(probability):
        return clause
    *rest, last = clause.complements
    nominal = last.nominal
    if not isinstance(nominal, NounPhrase) or nominal.determiner != "the" or nominal.possessor or nominal.noun.is_mass:
        return clause
    relative = c.relative(nominal.noun, nominal.plural)
    # What would follow the relative clause would be taken for a part of it.
    bare = replace(clause, place=None, company=None, manner=None, time=clause.time if keep_time else None)
    # Two adjectives, one in the relative clause, may say the same or contradict each other.
    adjective = None if relative and relative.clause.predicate else nominal.adjective
    nominal = replace(nominal, relative=relative, adjective=adjective)
    return replace(bare, complements=(*rest, replace(last, nominal=nominal)))


def _motive(c: Chooser, subject: Nominal, past: bool, negated: bool) -> tuple[str, str, Clause]:
    """A conjunction and why somebody does a thing or does not, or in spite of what."""
    who = pronoun_for(subject)
    tense: Tense = "past" if past else "present"
    must = c.clause(tense, who, c.verb(("action",)), modal=Modal("have to", "full", "müssen", past))
    feels = Clause(who, BE, tense=tense, predicate=c.pick(MOODS))
    has_time = Clause(who, other_verb("have"), tense=tense, predicate=Adverb("time", "Zeit"))
    no_time = replace(has_time, predicate=Adverb("no time", "keine Zeit"))
    against = c.pick((must, must, feels, no_time))
    if negated:
        return c.pick((("because", "weil", against), ("because", "weil", against), ("although", "obwohl", has_time)))
    if c.chance(0.55):
        return "although", "obwohl", against
    social = c.pick([verb for verb in VERBS if verb.label in SOCIAL and len(verb.slots) == 1])
    wants = c.clause(tense, who, social, modal=Modal("want to", "full", "wollen", past))
    return "because", "weil", c.pick((wants, wants, wants, has_time))


def _extend(c: Chooser, clause: Clause, english: str, german: str, past: bool) -> Pair:
    """Some sentences go on with a reason or a concession about the same person."""
    conjunction, weil, motive = _motive(c, clause.subject, past, clause.negated)
    return Pair(
        sentence(f"{english} {conjunction} {motive.english()}"),
        sentence(f"{german} , {weil} {motive.german_final()}"),
        clause.pairs() | motive.pairs(),
    )


def has_relative(clause: Clause) -> bool:
    return any(isinstance(x.nominal, NounPhrase) and x.nominal.relative for x in clause.complements)


def statement(c: Chooser) -> Pair:
    """A main clause in any tense, sometimes with a fronted adverbial: verb second."""
    tense = c.pick(_TENSES)
    clause = c.decorate(c.clause(tense, c.subject(you=tense != "past")), 0.7)
    return _finish(c, with_relative(c, clause, 0.45, keep_time=True), tense == "past", tense in ("present", "past"))


def _finish(c: Chooser, clause: Clause, past: bool, extendable: bool) -> Pair:
    front = clause.time or clause.place
    if front and (has_relative(clause) or c.chance(0.4)):
        english, german = clause.english(front=front), clause.german(front)
    else:
        english, german = clause.english(), clause.german()
    if extendable and clause.verb.kind != "state" and not has_relative(clause) and c.chance(0.35):
        return _extend(c, clause, english, german, past)
    return Pair(sentence(english), sentence(german), clause.pairs())


def modal_statement(c: Chooser) -> Pair:
    """A modal verb, the infinitive at the end."""
    modal = c.pick(MODALS)
    clause = with_relative(c, c.decorate(c.clause("present", c.subject(), modal=modal)), 0.4, keep_time=True)
    if c.chance(0.25) and modal.english in ("can", "should", "could", "want to"):
        clause = plain(replace(clause, negated=True, manner=None, place=None, company=None))
    return _finish(c, clause, modal.past, modal.english not in ("must", "may", "allowed to"))


def negated(c: Chooser) -> Pair:
    """nicht and kein; the second clause says what is so instead or why."""
    tense: Tense = c.pick(("present", "past", "perfect", "future"))
    clause = plain(replace(c.clause(tense, c.subject(you=tense != "past")), negated=True))
    if clause.verb.kind != "state" and c.chance(0.7):
        # "Not every day" would be another thing than "every day not".
        clause = replace(clause, time=c.hour() if tense == "present" else c.time(tense))
    if tense in ("present", "past") and clause.verb.kind != "state" and c.chance(0.5):
        return _extend(c, clause, clause.english(), clause.german(), tense == "past")
    if tense == "past" and c.chance(0.6):
        but = c.decorate(c.clause(tense, pronoun_for(clause.subject)), 0.3)
        return Pair(
            sentence(f"{clause.english()} , but {but.english()}"),
            sentence(f"{clause.german()} , aber {but.german()}"),
            clause.pairs() | but.pairs(),
        )
    return Pair(sentence(clause.english()), sentence(clause.german()), clause.pairs())


def _asked_about(c: Chooser) -> Nominal:
    """Nobody asks what he himself does."""
    subject = c.subject()
    return personal("you") if isinstance(subject, Pronoun) and subject.word == "I" else subject


def yes_no_question(c: Chooser) -> Pair:
    """A question with the finite verb first."""
    tense: Tense = c.pick(("present", "past", "perfect", "future"))
    modal = (
        c.pick(tuple(m for m in MODALS if not m.past and m.kind != "gern" and m.english not in ("must", "may")))
        if c.chance(0.3)
        else None
    )
    clause = c.decorate(c.clause("present" if modal else tense, _asked_about(c), modal=modal), 0.8)
    clause = with_relative(c, clause, 0.5)
    # German asks about the past in the perfect.
    spoken = replace(clause, tense="perfect") if clause.tense == "past" and clause.verb.kind != "state" else clause
    if clause.late and clause.late is not ALREADY:
        return statement(c)
    return Pair(sentence(clause.english(inverted=True), "?"), sentence(spoken.german(""), "?"), clause.pairs())


_WH = (
    ("when", "wann", "time"),
    ("where", "wo", "place"),
    ("why", "warum", ""),
    ("how often", "wie oft", "time"),
    ("with whom", "mit wem", "company"),
)


def _can_be_plural(verb: Verb, noun: Noun) -> bool:
    return not noun.is_mass and verb.label not in ONE_AT_A_TIME


def wh_question(c: Chooser) -> Pair:
    """A question with a question word, or with *which* and a noun."""
    tense: Tense = c.pick(("present", "past", "perfect", "future"))
    clause = c.clause(tense, _asked_about(c), c.verb(("action",)))
    german = "perfect" if tense == "past" else tense
    if c.chance(0.45):
        word, wort, role = c.pick(_WH)
        if role == "company" and any(is_personal(x) for x in clause.complements):
            word, wort, role = _WH[2]
        if (
            (role == "place" and any(x.is_place for x in clause.complements))
            or (word == "how often" and tense == "future")
            or (word == "when" and tense == "perfect")
        ):
            word, wort, role = _WH[2]
        if role != "time" and c.chance(0.6):
            clause = replace(clause, time=c.time(tense))
        clause = with_relative(c, clause, 0.5)
        asked = replace(clause, tense=german)
        return Pair(
            sentence(f"{word} {clause.english(inverted=True)}", "?"), sentence(asked.german(wort), "?"), clause.pairs()
        )
    verb = c.pick([v for v in TRANSITIVE if v.kind != "state" and v.infinitive != "spielen"])
    slot = verb.slots[0]
    noun = c.pick(lexicon.nouns_of(*slot.classes))
    adj = c.adjective(noun) if c.chance(0.5) else None
    which = NounPhrase(
        noun, "which", verb.label in MORE_THAN_ONE or (_can_be_plural(verb, noun) and c.chance(0.35)), adj
    )
    if "kin" in noun.classes or noun.classes & {"subject", "condition", "language", "game"}:
        return wh_question(c)
    what = Complement(which, slot.case, slot.german_preposition, slot.english_preposition)
    clause = c.decorate(Clause(clause.subject, verb, (what,), tense), 0.9)
    if clause.late:
        clause = replace(clause, late=ALREADY)
    asked = replace(clause, tense=german)
    english = clause.english(inverted=True, gap=what)
    return Pair(
        sentence(f"{which.english('object')} {english}", "?"), sentence(asked.german(what), "?"), clause.pairs()
    )


@cache
def is_mass_only(verb: Verb) -> bool:
    """Whether nothing that can be counted fits the verb: one drinks tea, learns German."""
    return all(noun.is_mass or "kin" in noun.classes for noun in lexicon.nouns_of(*verb.slots[0].classes))


def numbers(c: Chooser) -> Pair:
    """Amounts in words and digits: many things at once, prices, ages."""
    return c.pick((_amount, _price, _age))(c)


def _countable(c: Chooser, verb: Verb) -> Noun:
    return c.pick([n for n in lexicon.nouns_of(*verb.slots[0].classes) if not n.is_mass and "kin" not in n.classes])


def _amount(c: Chooser) -> Pair:
    verb = c.pick([v for v in DIRECT if v.label in _IN_NUMBERS])
    noun, digits = _countable(c, verb), c.chance(0.5)
    phrase = NounPhrase(noun, "number", True, c.adjective(noun), number=c.number(13, 99), digits=digits)
    tense: Tense = c.pick(("past", "perfect", "future"))
    clause = c.decorate(Clause(c.subject(you=tense != "past"), verb, (Complement(phrase, "acc"),), tense), 0.9)
    front = clause.time if c.chance(0.5) else None
    german = clause.german(front) if front else clause.german()
    return Pair(sentence(clause.english(front=front)), sentence(german), clause.pairs())


def _price(c: Chooser) -> Pair:
    verb = c.pick([v for v in DIRECT if v.label in ("buy", "sell")])
    noun, subject, amount = _countable(c, verb), c.subject(you=False), c.number(2, 99)
    english, german = (en.number_word(amount), de.number_word(amount)) if c.chance(0.5) else (str(amount), str(amount))
    price = Adverb(f"for {english} euros", f"für {german} Euro")
    clause = Clause(subject, verb, (Complement(c.phrase(noun, subject), "acc"),), past_tense(c), predicate=price)
    return Pair(sentence(clause.english()), sentence(clause.german()), clause.pairs())


def _age(c: Chooser) -> Pair:
    subject = plain(Clause(c.subject(you=False), BE)).subject
    age = c.number(13, 90)
    english, german = (en.number_word(age), de.number_word(age)) if c.chance(0.6) else (str(age), str(age))
    being = Clause(subject, BE, predicate=Adverb(f"{english} years old", f"{german} Jahre alt"))
    more = c.clause("present", pronoun_for(subject), c.verb(("state",)))
    word, und = c.pick(((", and", "und"), (", but", ", aber")))
    return Pair(
        sentence(f"{being.english()} {word} {more.english()}"),
        sentence(f"{being.german()} {und} {more.german()}"),
        more.pairs(),
    )


def request(c: Chooser) -> Pair:
    """Bitte with the imperative, and lass uns."""
    subject = personal("you") if c.chance(0.6) else personal("we")
    caused = c.chance(0.5)
    clause = with_relative(c, c.clause("present", subject, c.verb(("action",))), 0 if caused else 0.6)
    if subject.word == "you":
        english, german = f"please {clause.english_infinitive('bare')}", f"bitte {clause.german_imperative()}"
    else:
        english, german = (
            f"let us {clause.english_infinitive('bare')}",
            f"lass uns {clause.german_infinitive(zu=False)}",
        )
    if caused:
        has_time = Clause(subject, other_verb("have"), predicate=Adverb("time", "Zeit"))
        cause = Clause(IT, BE, predicate=c.pick(WEATHER)) if c.chance(0.4) else has_time
        word, wort = c.pick((("if", "wenn"), ("because", "weil")))
        return Pair(
            sentence(f"{english} {word} {cause.english()}"),
            sentence(f"{german} , {wort} {cause.german_final()}"),
            clause.pairs() | cause.pairs(),
        )
    return Pair(sentence(english, "."), sentence(german, "."), clause.pairs())


def possessor_prepositions(c: Chooser) -> Pair:
    """because of, despite, during: prepositions with the genitive, fronted."""
    noun = c.pick(lexicon.nouns_of("condition", "event"))
    phrase = NounPhrase(noun, "the", adjective=c.adjective(noun) if c.chance(0.5) else None)
    if "birthday" in noun.classes:
        phrase = replace(phrase, determiner=c.pick(("my", "his", "her", "our")))
    options = (("because of", "wegen"), ("despite", "trotz")) + (
        (("during", "während"),) if "event" in noun.classes else ()
    )
    preposition, wegen = c.pick(options)
    front = Adverb(f"{preposition} {phrase.english('object')}", f"{wegen} {phrase.german('gen')}")
    clause = replace(c.clause(past_tense(c), c.subject(you=False), c.verb(("action",))), time=front)
    clause = plain(replace(clause, negated=True)) if c.chance(0.2) else clause
    if c.chance(0.7):
        return Pair(sentence(clause.english(front=front)), sentence(clause.german(front)), clause.pairs())
    return Pair(sentence(clause.english()), sentence(clause.german()), clause.pairs())


def topic(c: Chooser) -> Pair:
    """The object first, in both languages; and what there is somewhere."""
    if c.chance(0.3):
        return _existence(c)
    verb = c.pick([v for v in DIRECT if not is_mass_only(v)])
    noun = c.pick(
        [n for n in lexicon.nouns_of(*verb.slots[0].classes) if not n.is_mass and n.classes.isdisjoint({"kin"})]
    )
    phrase = NounPhrase(noun, "this", c.chance(0.3), c.adjective(noun) if c.chance(0.6) else None)
    what = Complement(phrase, "acc")
    tense: Tense = "present" if verb.kind == "state" else c.pick(("perfect", "future", "past"))
    clause = plain(c.decorate(Clause(c.subject(you=tense != "past"), verb, (), tense), 0.8))
    if not clause.subject.definite:
        return topic(c)
    clause = replace(clause, complements=(what,), company=None)
    return Pair(
        sentence(f"{phrase.english('object')} {clause.english(gap=what)}"),
        sentence(clause.german(what)),
        clause.pairs(),
    )


def _existence(c: Chooser) -> Pair:
    noun = c.pick(lexicon.nouns_of("building", "animal", "plant"))
    plural = c.chance(0.7)
    phrase = NounPhrase(
        noun, c.pick(("number", "many", "several", "bare")) if plural else "a", plural, c.adjective(noun)
    )
    phrase = replace(phrase, number=c.number(2, 40))
    past = c.chance(0.5)
    where = Adverb(*c.place_phrase(c.pick(lexicon.nouns_of("area", "shore", "open", "ground")), False)[:2])
    clause = Clause(IT, other_verb("give"), (Complement(phrase, "acc"),), "past" if past else "present", place=where)
    be = en.past(BE, plural) if past else en.present(BE, 3, plural)
    english = f"there {be} {phrase.english('object')} {where.english}"
    return Pair(sentence(english), sentence(clause.german()), frozenset())
