"""Sentence patterns with two clauses: conjunctions, infinitives, relative clauses and coordination."""

from __future__ import annotations

from dataclasses import replace

import lexicon
from choices import ALREADY, DIRECT, MODALS, MORE_THAN_ONE, SIMPLE, VERBS, Chooser, plain
from clauses import BE, Clause, Complement, Tense, sentence
from lexicon import Adverb, Verb, other_verb
from main_clauses import IT, MOODS, WEATHER, Pair, is_mass_only, past_tense, statement, with_relative
from phrases import Nominal, NounPhrase, pronoun_for
from reasons import ERRANDS, INDOORS, OMITTED

_MEANWHILE = ("work", "sleep", "dance", "swim", "rest", "have breakfast", "cry", "laugh", "go shopping")
_FIRST_STEPS = tuple(v for v in DIRECT if v.english in ("buy", "find", "fetch", "borrow", "see") and not v.rest)
_NEXT_STEPS = tuple(
    v
    for v in DIRECT
    if v.kind == "action"
    and v not in _FIRST_STEPS
    and v.label not in (*MORE_THAN_ONE, "build", "write", "order", "bake", "plan", "pick up")
)
_INFINITIVE_VERBS = ("try", "decide", "forget", "begin", "hope")
_WONDER: Verb = lexicon.read_verbs("wonder ; sich fragen ; state ;")[0]


def reason(c: Chooser) -> Pair:
    """because, although with a pronoun that refers back to the object: its gender follows the German noun."""
    verb = c.pick([v for v in DIRECT if v.label in lexicon.object_reasons()])
    because = c.chance(0.55)
    allowed = lexicon.object_reasons()[verb.label][0 if because else 1]
    noun = c.pick(lexicon.nouns_of(*verb.slots[0].classes))
    fitting = [a for a in lexicon.adjectives_for(noun) if a.english in allowed]
    if not fitting or noun.classes & {"person", "kin", "subject", "language", "game"}:
        return reason(c)
    adjective = c.pick(fitting)
    past = verb.kind != "state" and c.chance(0.6)
    tense: Tense = "past" if past else "present"
    subject = c.subject(you=not past)
    phrase = c.owned_phrase(noun, subject)
    if phrase.determiner in ("all", "both", "every", "many", "bare") or noun.is_mass:
        phrase = replace(phrase, determiner="the")
    # The reason is news: the object does not have an adjective already that may contradict it.
    phrase = replace(phrase, adjective=None)
    clause = Clause(subject, verb, (Complement(phrase, "acc"),), tense)
    if past and c.chance(0.6):
        clause = replace(clause, time=c.time("past"))
    conjunction, weil = ("because", "weil") if because else ("although", "obwohl")
    if c.chance(0.3):
        full = c.being(phrase if phrase.determiner != "a" else replace(phrase, determiner="the"), adjective, tense)
        clause = replace(clause, complements=(Complement(pronoun_for(phrase), "acc"),))
        return Pair(
            sentence(f"{conjunction} {full.english()} , {clause.english()}"),
            sentence(f"{weil} {full.german_final()} , {clause.german('')}"),
            clause.pairs(),
        )
    why = c.being(pronoun_for(phrase), adjective, tense)
    front = clause.time if clause.time and c.chance(0.5) else None
    english = clause.english(front=front)
    german = clause.german(front) if front else clause.german()
    return Pair(
        sentence(f"{english} {conjunction} {why.english()}"),
        sentence(f"{german} , {weil} {why.german_final()}"),
        clause.pairs(),
    )


def temporal(c: Chooser) -> Pair:
    """when, before, after, while: the same person does two things; either clause comes first."""
    subject = c.subject(pronouns=c.chance(0.4), you=False)
    who = pronoun_for(subject)
    kind = c.pick(("when", "before", "after", "while", "whenever"))
    first_tense: Tense = "present" if kind == "whenever" else "past"
    main = c.clause(first_tense, subject, c.verb(("action",)))
    other = c.clause({"after": "pluperfect", "whenever": "present"}.get(kind, "past"), subject, c.verb(("action",)))  # type: ignore[arg-type]
    conjunction, wort = {
        "when": ("when", "als"), "before": ("before", "bevor"), "after": ("after", "nachdem"),
        "while": ("while", "während"), "whenever": ("whenever", "immer wenn"),
    }[kind]  # fmt: skip
    if kind in ("when", "whenever"):
        home = other_verb("come")
        other = replace(other, verb=home, complements=(), predicate=Adverb("", "nach Hause"))
        if c.chance(0.4):
            other = Clause(IT, other_verb(c.pick(("rain", "snow"))), tense=first_tense)
        elif c.chance(0.4):
            other = Clause(subject, BE, tense=first_tense, predicate=c.pick(MOODS))
        elif c.chance(0.6):
            waking = [verb for verb in SIMPLE if verb.label in ("wake up", "get up", "fall asleep")]
            other = replace(other, verb=c.pick(waking), predicate=None)
    elif kind == "while" and c.chance(0.5):
        other = Clause(c.subject(you=False), c.pick([v for v in SIMPLE if v.label in _MEANWHILE]), tense="past")
    same = other.subject is subject
    if c.chance(0.55):
        back = replace(main, subject=who) if same else main
        return Pair(
            sentence(f"{conjunction} {other.english()} , {back.english()}"),
            sentence(f"{wort} {other.german_final()} , {back.german('')}"),
            main.pairs() | other.pairs(),
        )
    back = replace(other, subject=who) if same else other
    return Pair(
        sentence(f"{main.english()} {conjunction} {back.english()}"),
        sentence(f"{main.german()} , {wort} {back.german_final()}"),
        main.pairs() | other.pairs(),
    )


def condition(c: Chooser) -> Pair:
    """if: wenn with the present, the main clause in the future or with a modal."""
    subject = c.subject()
    who = pronoun_for(subject)
    main = c.clause("future", subject, c.verb(("action",)))
    if c.chance(0.4):
        main = replace(main, tense="present", modal=c.pick(MODALS[:4]))
    draw = c.number(1, 4)
    if draw == 1:
        if_clause = Clause(IT, other_verb(c.pick(("rain", "snow"))), time=c.pick((None, Adverb("tomorrow", "morgen"))))
    elif draw == 2:
        if_clause = Clause(IT, BE, predicate=c.pick(WEATHER), negated=c.chance(0.4))
    elif draw == 3:
        if_clause = Clause(subject, BE, predicate=c.pick(MOODS), negated=c.chance(0.4))
    else:
        if_clause = c.clause("present", subject, c.verb(("action", "event")))
        if c.chance(0.4):
            if_clause, main = plain(replace(if_clause, negated=True)), plain(main)
    same = if_clause.subject == main.subject
    pairs = main.pairs() | if_clause.pairs()
    if c.chance(0.6):
        main = replace(main, subject=who) if same else main
        return Pair(
            sentence(f"if {if_clause.english()} , {main.english()}"),
            sentence(f"wenn {if_clause.german_final()} , {main.german('')}"),
            pairs,
        )
    if_clause = replace(if_clause, subject=who) if same else if_clause
    return Pair(
        sentence(f"{main.english()} if {if_clause.english()}"),
        sentence(f"{main.german()} , wenn {if_clause.german_final()}"),
        pairs,
    )


def reported(c: Chooser) -> Pair:
    """dass and ob: what somebody says, believes, hopes or does not know."""
    speaker = c.subject()
    tense: Tense = c.pick(("present", "perfect", "future", "perfect"))
    content = c.decorate(c.clause(tense, c.subject()), 0.5)
    content = with_relative(c, content, 0.25)
    if c.chance(0.3):
        content = replace(content, tense="present", modal=c.pick(MODALS[:3]), frequency=None, late=None, time=None)
        if content.verb.kind != "action":
            return reported(c)
    if c.chance(0.35):
        if content.frequency or content.late:
            content = replace(content, late=ALREADY if content.tense == "perfect" else None, frequency=None)
        matrix = replace(Clause(speaker, other_verb("know")), negated=c.chance(0.6))
        if not matrix.negated:
            matrix = Clause(speaker, other_verb("ask"), tense="progressive")
            return Pair(
                sentence(f"{Clause(speaker, _WONDER, tense='present').english()} whether {content.english()}"),
                sentence(f"{Clause(speaker, _WONDER).german()} , ob {content.german_final()}"),
                content.pairs(),
            )
        word, wort = "whether", "ob"
    else:
        matrix = Clause(
            speaker,
            other_verb(c.pick(("know", "believe", "say") if content.modal else ("know", "believe", "hope", "say"))),
        )
        word, wort = "that", "dass"
    return Pair(
        sentence(f"{matrix.english()} {word} {content.english()}"),
        sentence(f"{matrix.german()} , {wort} {content.german_final()}"),
        content.pairs(),
    )


def infinitive(c: Chooser) -> Pair:
    """zu with the infinitive: after verbs, and with um, ohne and anstatt."""
    subject = c.subject(you=False)
    what = c.clause("present", subject, c.verb(("action",)))
    draw = c.number(1, 3)
    if draw == 1:
        verb = other_verb(c.pick(_INFINITIVE_VERBS))
        tense: Tense = "present" if verb.english == "hope" else "past"
        matrix = Clause(subject, verb, tense=tense)
        if tense == "past" and c.chance(0.6):
            matrix = replace(matrix, time=c.time("past"))
            assert matrix.time
            comma = " ," if " " in matrix.time.english else ""
            english = f"{matrix.time.english}{comma} {replace(matrix, time=None).english()} {what.english_infinitive()}"
            return Pair(
                sentence(english), sentence(f"{matrix.german(matrix.time)} , {what.german_infinitive()}"), what.pairs()
            )
        return Pair(
            sentence(f"{matrix.english()} {what.english_infinitive()}"),
            sentence(f"{matrix.german()} , {what.german_infinitive()}"),
            what.pairs(),
        )
    main = c.clause("past", subject, c.verb(("action",)))
    if draw == 2:
        what = c.clause("present", subject, c.pick([verb for verb in VERBS if verb.label in ERRANDS]))
        main = _errand(c, subject)
        english, um = f"in order {what.english_infinitive()}", "um"
    else:
        without, um = c.pick((("without", "ohne"), ("instead of", "anstatt"), ("instead of", "anstatt")))
        if um == "ohne":
            main = c.clause(
                "past", subject, c.pick([verb for verb in VERBS if verb.slots[0].role in ("dir", "abroad")])
            )
            what = c.clause("present", subject, c.pick([verb for verb in VERBS if verb.label in OMITTED]))
        english = f"{without} {what.english_infinitive('gerund')}"
    return Pair(
        sentence(f"{main.english()} {english}"),
        sentence(f"{main.german()} , {um} {what.german_infinitive()}"),
        main.pairs() | what.pairs(),
    )


def _errand(c: Chooser, subject: Nominal) -> Clause:
    """What one does on the way to something else."""
    time = c.time("past")
    draw = c.number(1, 4)
    if draw == 1:
        return Clause(subject, other_verb("come"), tense="past", predicate=Adverb("", "nach Hause"), time=c.hour())
    if draw == 2:
        verb = c.pick([v for v in SIMPLE if v.label in ("get up", "hurry")])
        return Clause(subject, verb, tense="past", time=c.hour())
    verb = c.pick([v for v in VERBS if v.label in ("travel", "fly", "drive") and v.slots])
    complement = c.complement(verb, replace(verb.slots[0], role="abroad"), subject)
    return Clause(subject, verb, (complement,), "past", time=time)


def sequence(c: Chooser) -> Pair:
    """Two things done to one object: the second time it is a pronoun of the German noun's gender."""
    first, second = c.pick(_FIRST_STEPS), c.pick(_NEXT_STEPS)
    shared = [
        n
        for n in lexicon.nouns_of(*first.slots[0].classes)
        if not n.classes.isdisjoint(second.slots[0].classes) and n.classes.isdisjoint({"person", "kin", "game"})
    ]
    if not shared:
        return sequence(c)
    noun = c.pick(shared)
    subject = c.subject(you=False)
    phrase = c.phrase(noun, subject, 0.6)
    if noun.is_mass and phrase.determiner != "the":
        phrase = replace(phrase, determiner="the")
    tense = past_tense(c)
    one = Clause(subject, first, (Complement(phrase, "acc"),), tense)
    if tense == "past" and c.chance(0.5):
        one = replace(one, time=c.time("past"))
    two = Clause(pronoun_for(subject), second, (Complement(pronoun_for(phrase), "acc"),), tense)
    front = one.time if one.time and c.chance(0.6) else None
    english = one.english(front=front) if front else one.english()
    german = one.german(front) if front else one.german()
    word, und = c.pick(((", and then", "und dann"), (", but", ", aber")))
    if und == ", aber":
        one, two = plain(one), replace(two, negated=True)
    later = two.german() if und == ", aber" else two.german("")
    return Pair(
        sentence(f"{english} {word} {two.english()}"), sentence(f"{german} {und} {later}"), one.pairs() | two.pairs()
    )


def consequence(c: Chooser) -> Pair:
    """so with verb second after deshalb; and, but between two people."""
    tense: Tense = "past"
    one, other = c.subject(you=False), c.subject(you=False)
    draw = c.number(1, 3)
    if draw == 1:
        weather = (
            Clause(IT, BE, tense=tense, predicate=c.pick(WEATHER))
            if c.chance(0.5)
            else Clause(IT, other_verb("rain"), tense=tense)
        )
        if c.chance(0.4):
            weather = Clause(one, BE, tense=tense, predicate=c.pick(MOODS))
        subject = pronoun_for(one) if weather.subject is one else one
        indoors = c.pick([v for v in VERBS if v.label in INDOORS])
        result = with_relative(c, c.decorate(c.clause(tense, subject, indoors), 0), 0.4)
        return Pair(
            sentence(f"{weather.english()} , so {result.english()}"),
            sentence(f"{weather.german()} , deshalb {result.german('')}"),
            result.pairs(),
        )
    tense = c.pick(("past", "past", "present", "perfect"))
    left, right = c.clause(tense, one), c.clause(tense, other)
    left = c.decorate(left, 0.3)
    right = plain(replace(right, negated=True)) if draw == 2 and c.chance(0.4) else right
    word, und = (", but", ", aber") if draw == 2 else (", and", "und")
    return Pair(
        sentence(f"{left.english()} {word} {right.english()}"),
        sentence(f"{left.german()} {und} {right.german()}"),
        left.pairs() | right.pairs(),
    )


def relative_subject(c: Chooser) -> Pair:
    """The subject has a relative clause between commas."""
    noun = c.person_noun()
    plural = c.chance(0.3)
    head = NounPhrase(noun, "the", plural, c.maybe_adjective(noun), relative=c.relative(noun, plural))
    tense: Tense = c.pick(("present", "past", "perfect"))
    clause = c.decorate(c.clause(tense, head), 0.4)
    return Pair(sentence(clause.english()), sentence(clause.german()), clause.pairs())


def comparison(c: Chooser) -> Pair:
    """Comparatives with als, so ... wie, and superlatives; bought or seen, so that there is an object."""
    verb = c.pick([v for v in DIRECT if v.kind != "state" and not is_mass_only(v)])
    noun = c.pick([n for n in lexicon.nouns_of(*verb.slots[0].classes) if not n.is_mass])
    graded = [a for a in lexicon.adjectives_for(noun) if a.comparative and a.english_comparative]
    if not graded or noun.classes & {"kin", "person"}:
        return statement(c)
    adj = c.pick(graded)
    tense: Tense = c.pick(("past", "perfect", "future"))
    subject = c.subject(you=tense != "past")
    if c.chance(0.5):
        phrase = NounPhrase(noun, "the", c.chance(0.3), adj, "superlative")
        clause = c.decorate(Clause(subject, verb, (Complement(phrase, "acc"),), tense), 0.8)
        clause = replace(clause, late=None)
        return Pair(sentence(clause.english()), sentence(clause.german()), clause.pairs())
    if c.chance(0.4):
        phrase = NounPhrase(noun, "a", adjective=adj, degree="comparative")
        clause = c.decorate(Clause(subject, verb, (Complement(phrase, "acc"),), tense), 0.8)
        return Pair(sentence(clause.english()), sentence(clause.german()), clause.pairs())
    whom = Complement(NounPhrase(noun, "the"), "acc")
    clause = Clause(subject, verb, (whom,), "perfect")
    mine = NounPhrase(noun, c.pick(("my", "our", "this", "his", "her")))
    equal = c.chance(0.4)
    english = f"as {adj.english} as" if equal else f"{adj.english_comparative} than"
    german = f"so {adj.german} wie" if equal else f"{adj.comparative} als"
    relative = c.relative(noun, False)
    other = replace(whom, nominal=NounPhrase(noun, "the", relative=relative))
    if not relative or relative.gap is None:
        return comparison(c)
    extra = replace(relative.clause, negated=False)
    than = other.nominal
    being = Clause(mine, BE, negated=c.chance(0.4) and equal, predicate=Adverb(
        f"{english} {than.english('subject')}", f"{german} {than.german('nom')}"))  # fmt: skip
    del clause
    return Pair(sentence(being.english()), sentence(being.german()), extra.pairs())
