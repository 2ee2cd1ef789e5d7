"""The lexicon: what a word is, the smaller tables (adjectives, adverbs, names), and the reading of all tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import adjectives
import nouns
import reasons
import verbs

Gender = Literal["m", "f", "n"]
Case = Literal["nom", "acc", "dat", "gen"]


def words(text: str) -> list[str]:
    """The entries of a table that has no columns."""
    return text.split()


def adverbs(text: str) -> tuple[Adverb, ...]:
    """Adverbs and other words that do not inflect, English and German joined by a stroke."""
    return tuple(Adverb(english, german) for english, _, german in (pair.partition("/") for pair in text.split()))


# Entries are made once and compared by identity, which is what makes drawing from the lexicon fast.
@dataclass(frozen=True, eq=False)
class Noun:
    """A noun of both languages; ``weak`` is the ending of the weak declension, ``plural`` empty for mass nouns."""

    english: str
    english_plural: str
    german: str
    gender: Gender
    genitive: str
    weak: str
    plural: str
    classes: frozenset[str]

    @property
    def is_mass(self) -> bool:
        """Whether the noun has no plural and takes no indefinite article."""
        return not self.plural


@dataclass(frozen=True)
class Slot:
    """A place for a complement: its German case and preposition, its English preposition, and the nouns that fit."""

    role: str
    case: Case
    german_preposition: str
    english_preposition: str
    classes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Verb:
    """A verb of both languages with the complements it takes.

    ``label`` is the English with its fixed words; ``name`` tells apart verbs with the same label.
    """

    english: str
    english_past: str
    english_participle: str
    particle: str
    rest: str
    prefix: str
    infinitive: str
    third: str
    preterite: str
    participle: str
    takes_sein: bool
    reflexive: str
    kind: str
    slots: tuple[Slot, ...]
    label: str
    name: str


@dataclass(frozen=True, eq=False)
class Adjective:
    """An adjective of both languages; empty comparatives mean that it is not compared."""

    english: str
    english_comparative: str
    english_superlative: str
    german: str
    comparative: str
    superlative: str
    classes: frozenset[str]


@dataclass(frozen=True)
class Adverb:
    """An adverb or other fixed adverbial in both languages, with the tenses it goes with."""

    english: str
    german: str
    tenses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Name:
    """A person's name; both languages write it alike."""

    text: str
    gender: Gender


FEMALE_NAMES = words("""Anna Maria Julia Laura Lena Sophie Emma Clara Eva Paula Sarah Lisa Nina Martha Hannah Ida Greta
Helga Monika Sabine Petra Ella Johanna Katharina""")
MALE_NAMES = words("""Peter Paul Thomas Martin Lukas Felix Jonas Max David Simon Robert Michael Jakob Oskar Karl Otto
Emil Anton Stefan Daniel Markus Tobias Hugo Erik""")
NAMES = tuple(Name(name, "f") for name in FEMALE_NAMES) + tuple(Name(name, "m") for name in MALE_NAMES)

# A name written alike in both languages stands alone.
CITIES = words("""Berlin Hamburg Leipzig Dresden Bremen Stuttgart Frankfurt Paris London Madrid Amsterdam Salzburg
Munich/München Cologne/Köln Vienna/Wien Rome/Rom Prague/Prag Zurich/Zürich Lisbon/Lissabon Warsaw/Warschau Athens/Athen
Geneva/Genf Copenhagen/Kopenhagen Brussels/Brüssel Italy/Italien France/Frankreich Spain/Spanien Norway/Norwegen
Greece/Griechenland Portugal Poland/Polen Sweden/Schweden Ireland/Irland Denmark/Dänemark Austria/Österreich Japan""")
PLACES = tuple((pair.partition("/")[0], pair.rpartition("/")[2]) for pair in CITIES)

WEEKDAYS = tuple(
    pair.split("/")
    for pair in words("""Monday/Montag Tuesday/Dienstag Wednesday/Mittwoch Thursday/Donnerstag Friday/Freitag
Saturday/Samstag Sunday/Sonntag""")
)
MONTHS = tuple(
    pair.split("/")
    for pair in words("""January/Januar February/Februar March/März April/April May/Mai June/Juni July/Juli
August/August September/September October/Oktober November/November December/Dezember""")
)

# English ; German ; the tenses it goes with
TIMES = """
yesterday ; gestern ; past
last week ; letzte Woche ; past
last year ; letztes Jahr ; past
last summer ; letzten Sommer ; past
last winter ; letzten Winter ; past
last month ; letzten Monat ; past
the day before yesterday ; vorgestern ; past
yesterday evening ; gestern Abend ; past
yesterday morning ; gestern Morgen ; past
tomorrow ; morgen ; future modal
tomorrow evening ; morgen Abend ; future modal
the day after tomorrow ; übermorgen ; future modal
next week ; nächste Woche ; future modal
next year ; nächstes Jahr ; future
next month ; nächsten Monat ; future
next summer ; nächsten Sommer ; future
next weekend ; nächstes Wochenende ; future modal
soon ; bald ; future
today ; heute ; perfect modal future
this week ; diese Woche ; perfect modal
this month ; diesen Monat ; perfect
every day ; jeden Tag ; present
every week ; jede Woche ; present
every month ; jeden Monat ; present
every morning ; jeden Morgen ; present
every evening ; jeden Abend ; present
in the evening ; am Abend ; present past modal
in the morning ; am Morgen ; present past modal
in the afternoon ; am Nachmittag ; present past modal
at the weekend ; am Wochenende ; present past modal future
at night ; nachts ; present
before breakfast ; vor dem Frühstück ; present past modal
after dinner ; nach dem Abendessen ; present past modal
after work ; nach der Arbeit ; present past modal
during the holidays ; in den Ferien ; present past future modal
in summer ; im Sommer ; present
in winter ; im Winter ; present
at noon ; mittags ; present
"""

# Adverbs of frequency stand in the middle of the English clause; "already" and "never yet" follow the definite object.
FREQUENCY = adverbs("often/oft always/immer sometimes/manchmal rarely/selten usually/meistens")
MANNERS = adverbs("quickly/schnell secretly/heimlich alone/allein")

# main class of a noun -> English and German preposition of the place, German preposition of the direction
PLACE_PREPOSITIONS: dict[str, tuple[str, str, str]] = {
    "building": ("in", "in", "in"),
    "room": ("in", "in", "in"),
    "area": ("in", "in", "in"),
    "ground": ("at", "auf", "auf"),
    "station": ("at", "an", "zu"),
    "shore": ("on", "an", "an"),
    "waterside": ("by", "an", "an"),
    "open": ("on", "auf", "auf"),
}

# English preposition -> German two-way preposition, for pieces of furniture
TWO_WAY = (("on", "auf"), ("under", "unter"), ("next to", "neben"), ("behind", "hinter"), ("in front of", "vor"))


def english_plural(singular: str) -> str:
    """The regular plural."""
    return singular + ("es" if singular.endswith(("s", "ch", "sh", "x", "z")) else "s")


def _noun(line: str, main_class: str) -> Noun:
    english, german, inflection, *rest = line.split()
    gender, _, genitive = inflection.partition("/")
    plural, classes = (rest[0], rest[1:])
    singular, _, irregular = english.replace("_", " ").partition("/")
    return Noun(
        english=singular,
        english_plural=irregular or english_plural(singular),
        german=german,
        gender=gender,  # type: ignore[arg-type]
        genitive=genitive.strip("-"),
        weak=genitive[1:] if genitive.startswith("+") else "",
        plural=plural.strip("-"),
        classes=frozenset({main_class, english.partition("/")[0], *classes}),
    )


@cache
def all_nouns() -> tuple[Noun, ...]:
    """Every noun, in the order of the table."""
    result: list[Noun] = []
    main_class = ""
    for line in nouns.NOUNS.split("\n"):
        if line.startswith("["):
            main_class = line.strip("[]")
        elif line:
            result.append(_noun(line, main_class))
    return tuple(result)


@cache
def nouns_of(*classes: str) -> tuple[Noun, ...]:
    """The nouns that belong to one of the classes, in the order of the table."""
    return tuple(noun for noun in all_nouns() if not noun.classes.isdisjoint(classes))


def _slot(text: str) -> Slot:
    frame, _, preposition = text.partition("@")
    role, _, classes = frame.partition(":")
    german, _, case = role.rpartition("+")
    names = tuple(classes.split(",")) if classes else ()
    if role in ("dir", "abroad", "onto"):
        return Slot(role, "acc", "", "", names)
    if role in ("loc", "on"):
        return Slot(role, "dat", "", "", names)
    return Slot("object", "dat" if case == "dat" else "acc", german, preposition, names)


def _verb(line: str) -> Verb:
    english, german, kind, complements = (part.strip() for part in line.split(";"))
    head, _, rest = english.partition(" ")
    lemma, _, irregular = head.partition("/")
    past, _, participle = irregular.partition("/")
    words = german.split()
    reflexive = words.pop(0) if words[0] in ("sich", "sich3") else ""
    takes_sein = words[-1] == "sein" and len(words) > 1
    forms = [*words[: len(words) - takes_sein], "-", "-", "-"]
    prefix, _, infinitive = forms[0].rpartition("|")
    particle, rest = (rest[1:], "") if rest.startswith("~") else ("", rest)
    label = f"{lemma} {particle or rest}".strip()
    return Verb(
        english=lemma,
        english_past=past,
        english_participle=participle,
        particle=particle,
        rest=rest,
        prefix=prefix,
        infinitive=infinitive,
        third=forms[1].strip("-"),
        preterite=forms[2].strip("-"),
        participle=forms[3].strip("-"),
        takes_sein=takes_sein,
        reflexive=reflexive,
        kind=kind,
        slots=tuple(_slot(text) for text in complements.split()),
        label=label,
        name=f"{label}={prefix}{infinitive}",
    )


def read_verbs(table: str) -> tuple[Verb, ...]:
    """The verbs of a table, in its order."""
    return tuple(_verb(line) for line in table.strip().split("\n"))


@cache
def other_verb(name: str) -> Verb:
    """The verb of that English lemma among those which only some sentence patterns use."""
    return next(verb for verb in read_verbs(verbs.OTHER_VERBS) if verb.english == name)


def _adjective(line: str) -> Adjective:
    english, german, comparison, classes = (part.strip() for part in line.split(";"))
    forms = german.split()
    if comparison == "-":
        comparative = superlative = ""
    elif comparison == "more":
        comparative, superlative = f"more {english}", f"most {english}"
    elif comparison == "er":
        stem = english.removesuffix("e")
        comparative, superlative = stem + "er", stem + "est"
    else:
        comparative, _, superlative = comparison.partition("/")
    e = "e" if forms[0].endswith(("t", "d", "ß", "s", "z", "sch")) and not forms[0].endswith("end") else ""
    return Adjective(
        english=english,
        english_comparative=comparative,
        english_superlative=superlative,
        german=forms[0],
        comparative=forms[1] if len(forms) > 1 else forms[0].removesuffix("e") + "er",
        superlative=forms[2] if len(forms) > 2 else forms[0] + e + "st",
        classes=frozenset(classes.split(",")),
    )


ADJECTIVE_LIST = tuple(_adjective(line) for line in adjectives.ADJECTIVES.strip().split("\n"))
TIME_LIST = tuple(
    Adverb(english.strip(), german.strip(), frozenset(tenses.split()))
    for english, german, tenses in (line.split(";") for line in TIMES.strip().split("\n"))
)


# "Der junge Junge" says one thing twice, an old girl is none.
_ODD = {("young", "boy"), ("old", "boy"), ("old", "girl"), ("old", "child")}


@cache
def adjectives_for(noun: Noun) -> tuple[Adjective, ...]:
    """The adjectives that can be said of the noun, in the order of the table."""
    fitting = (adjective for adjective in ADJECTIVE_LIST if not adjective.classes.isdisjoint(noun.classes))
    return tuple(adjective for adjective in fitting if (adjective.english, noun.english) not in _ODD)


@cache
def object_reasons() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """For a verb the adjectives of its object that are a reason, and those that speak against it."""
    lines = (line.split(";") for line in reasons.OBJECT_REASONS.strip().split("\n"))
    return {verb.strip(): (tuple(good.split()), tuple(bad.split())) for verb, good, bad in lines}
