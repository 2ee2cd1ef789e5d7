"""The corpus: made anew byte for byte, split as promised, and its German inflected as a grammar book has it."""

from __future__ import annotations

import hashlib
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import sacrebleu

DATA = Path(__file__).parents[1] / "data"
sys.path.insert(0, str(DATA))

import choices  # noqa: E402
import clauses  # noqa: E402
import english  # noqa: E402
import generate  # noqa: E402
import german  # noqa: E402
import lexicon  # noqa: E402
import main_clauses  # noqa: E402
import patterns  # noqa: E402
import phrases  # noqa: E402
import verbs  # noqa: E402

DETERMINERS = "the|an?|my|your|his|her|its|our|their|this|that|these|those|some|many|no|every|both|all|two|three"
PARTS = ("train", "dev", "test")
SIZES = {"train": 20_000, "dev": 500, "test": 500}
ALL_VERBS = tuple(v for t in (verbs.PERSON_VERBS, verbs.SIMPLE_VERBS, verbs.OTHER_VERBS) for v in lexicon.read_verbs(t))


def lines(name: str) -> list[str]:
    return (DATA / name).read_text(encoding="utf-8").split("\n")[:-1]


@pytest.fixture(scope="module")
def corpus() -> dict[str, list[main_clauses.Pair]]:
    return dict(zip(PARTS, generate.corpus(), strict=True))


def held_out(pairs: frozenset[tuple[str, str]]) -> bool:
    return any(map(generate.is_held_out, pairs))


def test_files_are_what_the_generator_writes(corpus: dict[str, list[main_clauses.Pair]], tmp_path: Path) -> None:
    for part in PARTS:
        generate.write(corpus[part], tmp_path / part)
        for suffix in (".en", ".de"):
            assert (tmp_path / part).with_suffix(suffix).read_bytes() == (DATA / part).with_suffix(suffix).read_bytes()


def test_checksums_in_the_readme() -> None:
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    for part in PARTS:
        for suffix in (".en", ".de"):
            digest = hashlib.sha256((DATA / part).with_suffix(suffix).read_bytes()).hexdigest()
            assert f"{digest}  {part}{suffix}" in readme


def test_the_seed_decides() -> None:
    small = generate.corpus(seed=1, train=50, dev=5, test=5)
    assert small == generate.corpus(seed=1, train=50, dev=5, test=5)
    assert small != generate.corpus(seed=2, train=50, dev=5, test=5)


def test_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = ["--out", str(tmp_path / "new"), "--train", "30", "--dev", "3", "--test", "4", "--seed", "9"]
    monkeypatch.setattr(sys, "argv", ["generate.py", *options])
    generate.main()
    counts = {path.name: len(path.read_bytes().splitlines()) for path in (tmp_path / "new").iterdir()}
    expected = {"train.en": 30, "train.de": 30, "dev.en": 3, "dev.de": 3, "test.en": 4, "test.de": 4}
    assert counts == expected


def test_sizes() -> None:
    total = 0
    for part in PARTS:
        for suffix in (".en", ".de"):
            raw = (DATA / part).with_suffix(suffix).read_bytes()
            total += len(raw)
            assert b"\r" not in raw and raw.endswith(b"\n")
            sentences = lines(part + suffix)
            assert len(sentences) == SIZES[part]
            assert sum(len(sentence.split()) for sentence in sentences) / len(sentences) >= 9
            assert all(3 <= len(sentence.split()) <= 30 for sentence in sentences)
    assert total < 4_000_000


def test_sentences_are_well_formed() -> None:
    for part in PARTS:
        for suffix in (".en", ".de"):
            for sentence in lines(part + suffix):
                assert sentence[0].isupper() and sentence[-1] in ".?", sentence
                assert "  " not in sentence and " ," not in sentence and ",," not in sentence, sentence
                assert sentence == sentence.strip(), sentence
                assert "_" not in sentence, sentence


def test_held_out_pairs(corpus: dict[str, list[main_clauses.Pair]]) -> None:
    assert not any(held_out(pair.pairs) for pair in corpus["train"])
    assert all(held_out(pair.pairs) for part in ("dev", "test") for pair in corpus[part])


def english_forms(verb: lexicon.Verb) -> set[str]:
    word = verb.english
    return {word, english.third_person(word), english.past(verb, False), english.past_participle(verb),
            english.ing_form(word)}  # fmt: skip


def side_by_side(verb: lexicon.Verb, noun: lexicon.Noun) -> re.Pattern[str]:
    """The verb, a determiner, perhaps adjectives, and the noun, which owns nothing and is no part of a longer noun."""
    adjectives = "|".join(re.escape(each.english) for each in lexicon.ADJECTIVE_LIST)
    nouns = "|".join(sorted(map(re.escape, {noun.english, noun.english_plural} - {""})))
    longer = {other.english.partition(" ")[2] for other in lexicon.all_nouns()} - {""}
    after = "|".join(map(re.escape, sorted(longer))) or "$^"
    verbs_of = "|".join(sorted(map(re.escape, english_forms(verb))))
    return re.compile(rf"\b(?:{verbs_of}) (?:{DETERMINERS}) (?:(?:{adjectives}) )*(?:{nouns})\b(?!'| (?:{after}))")


def test_held_out_pairs_never_stand_side_by_side_in_training(corpus: dict[str, list[main_clauses.Pair]]) -> None:
    # On the words alone, whatever the generator records: only verbs whose forms no other verb has, and only objects
    # that follow at once, so that nothing but the verb's own object can match.
    owners = Counter(form for verb in ALL_VERBS for form in english_forms(verb))
    own = {verb.name: verb for verb in ALL_VERBS if verb.label == verb.english
           and all(owners[form] == 1 for form in english_forms(verb))}  # fmt: skip
    nouns = {noun.english: noun for noun in lexicon.all_nouns()}
    train, others = ("\n".join(text) for text in (lines("train.en"), lines("dev.en") + lines("test.en")))
    recorded = {pair for part in ("dev", "test") for found in corpus[part] for pair in found.pairs}
    seen = 0
    for verb, noun in sorted(pair for pair in recorded if generate.is_held_out(pair) and pair[0] in own):
        pattern = side_by_side(own[verb], nouns[noun])
        assert (found := pattern.search(train)) is None, (verb, noun, found)
        seen += pattern.search(others) is not None
    assert seen > 50


def test_words_of_held_out_pairs_are_common_in_training(corpus: dict[str, list[main_clauses.Pair]]) -> None:
    verbs_seen, nouns_seen = Counter[str](), Counter[str]()
    for pair in corpus["train"]:
        verbs_seen.update(verb for verb, _ in pair.pairs)
        nouns_seen.update(noun for _, noun in pair.pairs)
    for pair in corpus["dev"] + corpus["test"]:
        for verb, noun in pair.pairs:
            assert verbs_seen[verb] >= 20, verb
            assert nouns_seen[noun] >= 10, noun


def test_nearly_every_word_form_of_the_held_out_sentences_is_in_training() -> None:
    for suffix in (".en", ".de"):
        known = {word.strip(".,?") for sentence in lines("train" + suffix) for word in sentence.split()}
        words = [w.strip(".,?") for part in ("dev", "test") for line in lines(part + suffix) for w in line.split()]
        unknown = sum(word not in known for word in words)
        assert unknown / len(words) < 0.005


def test_no_sentence_twice_and_one_german_version_each() -> None:
    versions: dict[str, set[str]] = defaultdict(set)
    sources = [sentence for part in PARTS for sentence in lines(part + ".en")]
    targets = [sentence for part in PARTS for sentence in lines(part + ".de")]
    for source, target in zip(sources, targets, strict=True):
        versions[source].add(target)
    assert len(versions) == len(sources) == 21_000
    assert all(len(found) == 1 for found in versions.values())
    assert len(set(targets)) == len(targets)


def test_english_decides_the_german() -> None:
    # The corpus drops sentences seen before; here every one drawn is looked at, repeated or not.
    chooser = choices.Chooser(7)
    versions: dict[str, set[str]] = defaultdict(set)
    for _ in range(4000):
        pair = patterns.draw(chooser)
        versions[pair.english].add(pair.german)
    assert [found for found in versions.values() if len(found) > 1] == []


def nearest(source: str, index: dict[str, list[int]], bags: list[set[str]], rare: int = 6) -> int:
    """The training sentence with the highest Jaccard similarity, among those that share one of the rarest n-grams."""
    grams = ngrams(source)
    by_rarity = sorted((gram for gram in grams if gram in index), key=lambda gram: len(index[gram]))
    candidates = {number for gram in by_rarity[:rare] for number in index[gram]}
    return max(candidates, key=lambda number: (len(grams & bags[number]) / len(grams | bags[number]), -number))


def ngrams(sentence: str) -> set[str]:
    words = sentence.lower().replace(",", " ,").replace(".", " .").replace("?", " ?").split()
    return {" ".join(words[start : start + size]) for size in (1, 2, 3) for start in range(len(words) - size + 1)}


def test_copying_the_nearest_training_sentence_is_no_translation() -> None:
    sources, targets = lines("train.en"), lines("train.de")
    bags = [ngrams(source) for source in sources]
    index: dict[str, list[int]] = defaultdict(list)
    for number, bag in enumerate(bags):
        for gram in bag:
            index[gram].append(number)
    # The words that nearly every sentence has say nothing about likeness and would make every sentence a candidate.
    index = {gram: found for gram, found in index.items() if len(found) < 2000}
    copies = [targets[nearest(source, index, bags)] for source in lines("test.en")]
    assert sacrebleu.corpus_bleu(copies, [lines("test.de")]).score < 30


def word(name: str) -> lexicon.Noun:
    return next(noun for noun in lexicon.all_nouns() if noun.english == name)


def quality(name: str) -> lexicon.Adjective:
    return next(adjective for adjective in lexicon.ADJECTIVE_LIST if adjective.english == name)


def doing(infinitive: str) -> lexicon.Verb:
    return next(verb for verb in ALL_VERBS if verb.prefix + verb.infinitive == infinitive)


@pytest.mark.parametrize(
    ("determiner", "plural", "adjective", "noun", "case", "expected"),
    [
        ("the", False, "old", "man", "nom", "der alte Mann"),
        ("the", False, "old", "man", "acc", "den alten Mann"),
        ("the", False, "old", "man", "dat", "dem alten Mann"),
        ("the", False, "old", "man", "gen", "des alten Mannes"),
        ("the", False, "new", "lamp", "nom", "die neue Lampe"),
        ("the", False, "new", "lamp", "dat", "der neuen Lampe"),
        ("the", False, "new", "car", "acc", "das neue Auto"),
        ("the", True, "new", "car", "dat", "den neuen Autos"),
        ("the", True, "old", "house", "dat", "den alten Häusern"),
        ("a", False, "old", "man", "nom", "ein alter Mann"),
        ("a", False, "old", "man", "acc", "einen alten Mann"),
        ("a", False, "new", "car", "nom", "ein neues Auto"),
        ("a", False, "new", "lamp", "acc", "eine neue Lampe"),
        ("a", False, "new", "lamp", "dat", "einer neuen Lampe"),
        ("no", True, "new", "lamp", "acc", "keine neuen Lampen"),
        ("no", False, "strong", "coffee", "acc", "keinen starken Kaffee"),
        ("my", True, "old", "shoe", "dat", "meinen alten Schuhen"),
        ("our", False, "small", "garden", "acc", "unseren kleinen Garten"),
        ("their", False, "big", "house", "gen", "ihres großen Hauses"),
        ("bare", True, "red", "apple", "acc", "rote Äpfel"),
        ("bare", True, "red", "apple", "dat", "roten Äpfeln"),
        ("bare", True, "red", "apple", "gen", "roter Äpfel"),
        ("bare", False, "cold", "milk", "dat", "kalter Milch"),
        ("bare", False, "cold", "milk", "acc", "kalte Milch"),
        ("some", False, "warm", "milk", "acc", "etwas warme Milch"),
        ("some", True, "new", "book", "dat", "einigen neuen Büchern"),
        ("many", True, "expensive", "car", "acc", "viele teure Autos"),
        ("both", True, "high", "mountain", "acc", "beide hohen Berge"),
        ("all", True, "dark", "forest", "nom", "alle dunklen Wälder"),
        ("this", False, "sour", "apple", "acc", "diesen sauren Apfel"),
        ("every", False, "tired", "boy", "dat", "jedem müden Jungen"),
        ("which", False, "clever", "student", "acc", "welchen klugen Studenten"),
        ("the", False, "angry", "neighbour", "gen", "des wütenden Nachbarn"),
        ("the", False, "friendly", "girl", "gen", "des freundlichen Mädchens"),
    ],
)
def test_noun_phrases(
    determiner: str, plural: bool, adjective: str, noun: str, case: lexicon.Case, expected: str
) -> None:
    phrase = phrases.NounPhrase(word(noun), determiner, plural, quality(adjective))
    assert phrase.german(case) == expected


@pytest.mark.parametrize(
    ("noun", "plural", "case", "expected"),
    [
        ("farmer", False, "acc", "Bauern"),
        ("colleague", False, "dat", "Kollegen"),
        ("policeman", False, "nom", "Polizist"),
        ("bear", False, "gen", "Bären"),
        ("bus", False, "gen", "Busses"),
        ("teacher", False, "gen", "Lehrers"),
        ("child", True, "dat", "Kindern"),
        ("sofa", True, "dat", "Sofas"),
        ("woman", True, "dat", "Frauen"),
        ("garden", True, "dat", "Gärten"),
        ("sister", False, "gen", "Schwester"),
    ],
)
def test_nouns(noun: str, plural: bool, case: lexicon.Case, expected: str) -> None:
    assert german.noun(word(noun), plural, case) == expected


@pytest.mark.parametrize(
    ("infinitive", "present", "preterite", "participle", "zu"),
    [
        ("lesen", "lese liest liest lesen", "las", "gelesen", "zu lesen"),
        ("anrufen", "rufe rufst ruft rufen", "rief", "angerufen", "anzurufen"),
        ("einladen", "lade lädst lädt laden", "lud", "eingeladen", "einzuladen"),
        ("vorbereiten", "bereite bereitest bereitet bereiten", "bereitete", "vorbereitet", "vorzubereiten"),
        ("öffnen", "öffne öffnest öffnet öffnen", "öffnete", "geöffnet", "zu öffnen"),
        ("zeichnen", "zeichne zeichnest zeichnet zeichnen", "zeichnete", "gezeichnet", "zu zeichnen"),
        ("lernen", "lerne lernst lernt lernen", "lernte", "gelernt", "zu lernen"),
        ("spielen", "spiele spielst spielt spielen", "spielte", "gespielt", "zu spielen"),
        ("sammeln", "sammle sammelst sammelt sammeln", "sammelte", "gesammelt", "zu sammeln"),
        ("füttern", "füttere fütterst füttert füttern", "fütterte", "gefüttert", "zu füttern"),
        ("reparieren", "repariere reparierst repariert reparieren", "reparierte", "repariert", "zu reparieren"),
        ("anprobieren", "probiere probierst probiert probieren", "probierte", "anprobiert", "anzuprobieren"),
        ("besuchen", "besuche besuchst besucht besuchen", "besuchte", "besucht", "zu besuchen"),
        ("empfehlen", "empfehle empfiehlst empfiehlt empfehlen", "empfahl", "empfohlen", "zu empfehlen"),
        ("vergessen", "vergesse vergisst vergisst vergessen", "vergaß", "vergessen", "zu vergessen"),
        ("schließen", "schließe schließt schließt schließen", "schloss", "geschlossen", "zu schließen"),
        ("fahren", "fahre fährst fährt fahren", "fuhr", "gefahren", "zu fahren"),
        ("bringen", "bringe bringst bringt bringen", "brachte", "gebracht", "zu bringen"),
        ("teilnehmen", "nehme nimmst nimmt nehmen", "nahm", "teilgenommen", "teilzunehmen"),
        ("warten", "warte wartest wartet warten", "wartete", "gewartet", "zu warten"),
        ("wissen", "weiß weißt weiß wissen", "wusste", "gewusst", "zu wissen"),
        ("gewöhnen", "gewöhne gewöhnst gewöhnt gewöhnen", "gewöhnte", "gewöhnt", "zu gewöhnen"),
        ("gehören", "gehöre gehörst gehört gehören", "gehörte", "gehört", "zu gehören"),
        ("verabschieden", "verabschiede verabschiedest verabschiedet verabschieden", "verabschiedete", "verabschiedet",
         "zu verabschieden"),
    ],
)  # fmt: skip
def test_verbs(infinitive: str, present: str, preterite: str, participle: str, zu: str) -> None:
    verb = doing(infinitive)
    forms = [german.present(verb, person, False) for person in (1, 2, 3)] + [german.present(verb, 3, True)]
    assert " ".join(forms) == present
    assert german.preterite(verb, 3, False) == preterite
    assert german.past_participle(verb) == participle
    assert german.zu_infinitive(verb) == zu


def test_imperatives() -> None:
    forms = [
        german.imperative(doing(verb))
        for verb in ["lesen", "nehmen", "geben", "fahren", "warten", "schließen", "öffnen"]
    ]
    assert forms == ["lies", "nimm", "gib", "fahr", "warte", "schließ", "öffne"]


def test_comparison() -> None:
    old, high, expensive, good = (quality(name) for name in ("old", "high", "expensive", "good"))
    assert (old.comparative, old.superlative) == ("älter", "ältest")
    assert german.adjective(high, "positive", "mixed", "m", False, "nom") == "hoher"
    assert german.adjective(high, "comparative", "mixed", "m", False, "acc") == "höheren"
    assert german.adjective(expensive, "comparative", "mixed", "n", False, "nom") == "teureres"
    assert german.adjective(good, "superlative", "weak", "f", False, "nom") == "beste"


def test_contractions() -> None:
    assert german.contract("in", "dem") == "im"
    assert german.contract("zu", "der") == "zur"
    assert german.contract("auf", "dem") == "auf dem"


@pytest.mark.parametrize(
    ("value", "spelled"), [(7, "sieben"), (17, "siebzehn"), (30, "dreißig"), (21, "einundzwanzig")]
)
def test_number_words(value: int, spelled: str) -> None:
    assert german.number_word(value) == spelled


def test_english_forms() -> None:
    assert [english.third_person(v) for v in ("wash", "carry", "buy", "go")] == ["washes", "carries", "buys", "goes"]
    assert [english.ing_form(v) for v in ("write", "lie", "run", "see")] == ["writing", "lying", "running", "seeing"]
    assert english.past(doing("einkaufen"), False) == "went"
    assert [english.indefinite_article(w) for w in ("apple", "useful", "old")] == ["an", "a", "an"]


def telling(verb: str, tense: clauses.Tense = "present", **more: object) -> clauses.Clause:
    """Anna with a verb and a car, a friend or whatever the case asks for."""
    anna = phrases.ProperName((lexicon.Name("Anna", "f"),))
    uncle = clauses.Complement(phrases.NounPhrase(word("uncle"), "her"), "acc")
    return clauses.Clause(anna, doing(verb), (uncle,), tense, **more)  # type: ignore[arg-type]


def test_word_order() -> None:
    yesterday = lexicon.Adverb("yesterday", "gestern")
    call = telling("anrufen", "past", time=yesterday)
    assert call.german() == "Anna rief gestern ihren Onkel an"
    assert call.german(yesterday) == "gestern rief Anna ihren Onkel an"
    assert call.german_final() == "Anna gestern ihren Onkel anrief"
    assert telling("anrufen").german_infinitive() == "ihren Onkel anzurufen"
    assert telling("anrufen", "perfect").german("") == "hat Anna ihren Onkel angerufen"
    assert telling("anrufen", "perfect", negated=True).german_final() == "Anna ihren Onkel nicht angerufen hat"
    assert telling("anrufen", modal=clauses.Modal("must", "aux", "müssen")).german() == "Anna muss ihren Onkel anrufen"
    assert call.english() == "Anna called her uncle yesterday"
    assert telling("anrufen", "past", negated=True).english() == "Anna did not call her uncle"
    assert telling("anrufen", "past").english(inverted=True) == "did Anna call her uncle"


def test_negated_indefinite_object_takes_kein() -> None:
    car = clauses.Complement(phrases.NounPhrase(word("car"), "a"), "acc")
    clause = clauses.Clause(phrases.personal("we"), doing("kaufen"), (car,), negated=True)
    assert (clause.english(), clause.german()) == ("we do not buy a car", "wir kaufen kein Auto")


def test_pronouns_follow_the_german_gender() -> None:
    found = [phrases.pronoun_for(phrases.NounPhrase(word(noun), "the")) for noun in ("key", "lamp", "book", "girl")]
    assert [(pronoun.word, pronoun.german("acc")) for pronoun in found] == [
        ("it", "ihn"), ("it", "sie"), ("it", "es"), ("she", "sie"),
    ]  # fmt: skip
