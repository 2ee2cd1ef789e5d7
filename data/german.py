"""German morphology: articles, adjective endings, noun cases and verb forms."""

from __future__ import annotations

import re
from typing import Literal

from lexicon import Adjective, Case, Gender, Noun, Verb, words

Person = Literal[1, 2, 3]
Declension = Literal["strong", "weak", "mixed"]

_CASES: tuple[Case, ...] = ("nom", "acc", "dat", "gen")
_DEFINITE = {"m": "der den dem des", "f": "die die der der", "n": "das das dem des", "pl": "die die den der"}
_STRONG = {"m": "er en em es", "f": "e e er er", "n": "es es em es", "pl": "e e en er"}
_RELATIVE = {
    "m": "der den dem dessen",
    "f": "die die der deren",
    "n": "das das dem dessen",
    "pl": "die die denen deren",
}
_PRONOUNS = {
    "ich": "ich mich mir",
    "du": "du dich dir",
    "er": "er ihn ihm",
    "sie": "sie sie ihr",
    "es": "es es ihm",
    "wir": "wir uns uns",
    "sie_pl": "sie sie ihnen",
}
_CONTRACTIONS = {
    ("in", "dem"): "im",
    ("in", "das"): "ins",
    ("an", "dem"): "am",
    ("an", "das"): "ans",
    ("zu", "dem"): "zum",
    ("zu", "der"): "zur",
    ("von", "dem"): "vom",
    ("bei", "dem"): "beim",
}


def _of_case(forms: str, case: Case) -> str:
    return forms.split()[_CASES.index(case)]


def definite_article(gender: Gender, plural: bool, case: Case) -> str:
    """der, die, das in the form asked for."""
    return _of_case(_DEFINITE["pl" if plural else gender], case)


def der_word(stem: str, gender: Gender, plural: bool, case: Case) -> str:
    """A determiner with the endings of the definite article: dies-, jed-, welch-, all-, viel-."""
    return stem + _of_case(_STRONG["pl" if plural else gender], case)


def ein_word(stem: str, gender: Gender, plural: bool, case: Case) -> str:
    """A determiner like ein: without an ending in the masculine and neuter nominative and the neuter accusative."""
    bare = not plural and ((case == "nom" and gender != "f") or (case == "acc" and gender == "n"))
    return stem if bare else stem + _of_case(_STRONG["pl" if plural else gender], case)


def adjective_ending(declension: Declension, gender: Gender, plural: bool, case: Case) -> str:
    """The ending of an attributive adjective."""
    if declension == "strong":
        genitive_en = case == "gen" and not plural and gender != "f"
        return "en" if genitive_en else _of_case(_STRONG["pl" if plural else gender], case)
    if plural or case in ("dat", "gen") or (case == "acc" and gender == "m"):
        return "en"
    if declension == "mixed":
        return {"m": "er", "f": "e", "n": "es"}[gender]
    return "e"


def attributive_stem(form: str) -> str:
    """What the endings attach to: hoch -> hoh, dunkel -> dunkl, teuer -> teur, müde -> müd."""
    if form == "hoch":
        return "hoh"
    if form.endswith("el") or form.endswith(("auer", "euer")):
        return form[:-2] + form[-1]
    return form.removesuffix("e")


def adjective(adj: Adjective, degree: str, declension: Declension, gender: Gender, plural: bool, case: Case) -> str:
    """An attributive adjective in its degree of comparison, with its ending."""
    if degree == "comparative":
        stem = adj.comparative
    elif degree == "superlative":
        stem = adj.superlative
    else:
        stem = attributive_stem(adj.german)
    return stem + adjective_ending(declension, gender, plural, case)


def noun(word: Noun, plural: bool, case: Case) -> str:
    """The noun in its case."""
    if plural:
        return word.plural + ("n" if case == "dat" and not word.plural.endswith(("n", "s")) else "")
    if word.weak:
        return word.german + (word.weak if case != "nom" else "")
    return word.german + (word.genitive if case == "gen" and word.gender != "f" else "")


def genitive_name(name: str) -> str:
    """Annas, Lukas'."""
    return name + ("'" if name.endswith(("s", "x", "z", "ß")) else "s")


def relative_pronoun(gender: Gender, plural: bool, case: Case) -> str:
    """The relative pronoun."""
    return _of_case(_RELATIVE["pl" if plural else gender], case)


def pronoun(key: str, case: Case) -> str:
    """The personal pronoun."""
    return _of_case(_PRONOUNS[key], case)


def reflexive(person: Person, plural: bool, kind: str) -> str:
    """The reflexive pronoun, accusative or (``sich3``) dative."""
    if person == 3:
        return "sich"
    return pronoun(
        {(1, False): "ich", (2, False): "du"}.get((person, plural), "wir"), "dat" if kind == "sich3" else "acc"
    )


def contract(preposition: str, article: str) -> str:
    """im, zur, ...: a preposition with the definite article; two words where German does not contract them."""
    return _CONTRACTIONS.get((preposition, article), f"{preposition} {article}")


_PRESENT = {
    "sein": "bin bist ist sind sind",
    "haben": "habe hast hat haben haben",
    "werden": "werde wirst wird werden werden",
    "können": "kann kannst kann können können",
    "müssen": "muss musst muss müssen müssen",
    "wollen": "will willst will wollen wollen",
    "dürfen": "darf darfst darf dürfen dürfen",
    "sollten": "sollte solltest sollte sollten sollten",
    "möchten": "möchte möchtest möchte möchten möchten",
    "wissen": "weiß weißt weiß wissen wissen",
}
_PRETERITE = {
    "können": "konnte",
    "müssen": "musste",
    "wollen": "wollte",
    "dürfen": "durfte",
    "sein": "war",
    "haben": "hatte",
}


def _index(person: Person, plural: bool) -> int:
    return 3 + (person == 3) if plural else person - 1


def irregular_present(infinitive: str, person: Person, plural: bool) -> str:
    """The present of an auxiliary or a modal verb."""
    return _PRESENT[infinitive].split()[_index(person, plural)]


def stem(infinitive: str) -> str:
    """The stem: lern-en, sammel-n."""
    return infinitive[:-2] if infinitive.endswith("en") else infinitive[:-1]


def needs_e(verb_stem: str) -> bool:
    """Whether the endings -st and -t need an e before them: arbeit-e-t, öffn-e-t."""
    return bool(re.search(r"[dt]$|ch[mn]$|[^aeiouäöülrhmn][mn]$", verb_stem))


def present(verb: Verb, person: Person, plural: bool) -> str:
    """The present, without a separable prefix."""
    if verb.infinitive in _PRESENT:
        return irregular_present(verb.infinitive, person, plural)
    root = stem(verb.infinitive)
    if plural:
        return verb.infinitive
    if person == 1:
        return root[:-2] + "le" if verb.infinitive.endswith("eln") else root + "e"
    if verb.third:
        if person == 3:
            return verb.third
        return _with_st(verb.third if root.endswith("t") else verb.third[:-1])
    if needs_e(root):
        return root + ("est" if person == 2 else "et")
    return _with_st(root) if person == 2 else root + "t"


def _with_st(root: str) -> str:
    return root + ("t" if root.endswith(("s", "ß", "z", "x")) else "st")


def preterite(verb: Verb, person: Person, plural: bool) -> str:
    """The preterite, without a separable prefix."""
    root = stem(verb.infinitive)
    form = verb.preterite or root + ("ete" if needs_e(root) else "te")
    return preterite_ending(form, person, plural)


def preterite_ending(form: str, person: Person, plural: bool) -> str:
    """The form of the first and third person singular with the ending of another person."""
    if plural:
        return form + ("n" if form.endswith("e") else "en")
    return form + "st" if person == 2 else form


def modal(infinitive: str, past: bool, person: Person, plural: bool) -> str:
    """A modal verb in the present or the preterite."""
    if past:
        return preterite_ending(_PRETERITE[infinitive], person, plural)
    return irregular_present(infinitive, person, plural)


def auxiliary_preterite(infinitive: str, person: Person, plural: bool) -> str:
    """war, hatte for the pluperfect."""
    return preterite_ending(_PRETERITE[infinitive], person, plural)


def past_participle(verb: Verb) -> str:
    """The past participle: an|rufen -> angerufen, besuchen -> besucht, reparieren -> repariert."""
    root = stem(verb.infinitive)
    form = verb.participle or root + ("et" if needs_e(root) else "t")
    if not verb.participle:
        unstressed = re.match(r"(be|ge|er|ver|zer|ent|emp)[^aeiou]*[aeiouäöü].*e.?n$", verb.infinitive)
        if not unstressed and not verb.infinitive.endswith("ieren"):
            form = "ge" + form
    return verb.prefix + form


def full_infinitive(verb: Verb) -> str:
    """The infinitive, a separable prefix joined to it."""
    return verb.prefix + verb.infinitive


def zu_infinitive(verb: Verb) -> str:
    """The infinitive with zu: anzurufen, zu kaufen."""
    return f"{verb.prefix}zu{verb.infinitive}" if verb.prefix else f"zu {verb.infinitive}"


def imperative(verb: Verb) -> str:
    """The imperative said to one person, without a separable prefix: lies, nimm, öffne, schließ."""
    root = stem(verb.infinitive)
    changed = verb.third.removesuffix("t") if verb.third else ""
    if changed and not re.search(r"[äö]", changed):
        return verb.third if root.endswith("t") else changed
    if verb.infinitive.endswith("eln"):
        return root[:-2] + "le"
    return root + ("e" if needs_e(root) or root.endswith(("er", "ig", "lg")) else "")


_SMALL = words("""null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn
siebzehn achtzehn neunzehn""")
_TENS = words("_ _ zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig")


def number_word(value: int) -> str:
    """A cardinal number below one hundred: vierunddreißig."""
    if value < 20:
        return _SMALL[value]
    tens, ones = divmod(value, 10)
    return (f"{_SMALL[ones]}und" if ones else "") + _TENS[tens]
