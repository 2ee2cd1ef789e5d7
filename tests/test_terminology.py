"""Glossaries and protected spans through the translator, on a tiny random model."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from nmt.checkpoint import Tokenizers
from nmt.errors import ConfigError, DataError
from nmt.model.seq2seq import Seq2Seq
from nmt.settings import Search
from nmt.terminology import Terminology, _copy, _Prepared, _with_tags
from nmt.text.demands import Demands
from nmt.text.phrases import count
from nmt.text.requests import Request
from nmt.text.tags import take_tags
from nmt.text.terms import Term
from nmt.text.tokenizer import Tokenizer
from nmt.translator import MANY_PARTS, Translation, Translator

SEARCH = Search(beam=3, max_ratio=1.0, max_extra=2, max_source=24, batch=7)
GLOSSARY = [Term("tree", ("Baum", "Baumes")), Term("two", ("zwei",)), Term("old tree", ("alter Baum",))]
LONG = "one two three. the old tree falls! down here, one house fell. two houses stand. here, one house fell"
LINES = ["one tree", "", "Who is there?", " \t ", "Fido and two two", "an old  tree", LONG, "one tree"]
PLACES = (range(4, 7), range(66, 72))  # of "two" and of "houses"
FORMS = {0: ["Baum"], 4: ["zwei", "zwei", "Fido"], 5: ["alter Baum"], 6: ["zwei", "zwei", "alter Baum"], 7: ["Baum"]}


@pytest.fixture(scope="module")
def translator(make_model: Callable[..., Seq2Seq], tokenizer: Tokenizer) -> Translator:
    model = make_model(source=tokenizer.size, target=tokenizer.size).float()
    return Translator(model, Tokenizers(tokenizer, tokenizer), SEARCH, torch.device("cpu"))


def with_search(translator: Translator, **changes: object) -> Translator:
    search = replace(translator.search, **changes)  # type: ignore[arg-type]
    return Translator(translator.model, translator.tokenizers, search, translator.device)


def translate(translator: Translator, lines: list[str], notes: list[str], protect: bool = False) -> list[Translation]:
    terms = Terminology(GLOSSARY, [Term("Fido")], protect)
    return terms.translate(translator, [Request(line) for line in lines], notes.append)


def shown(translations: list[Translation]) -> list[list[tuple[str, float]]]:
    return [[(option.text, option.score) for option in translation.options] for translation in translations]


@pytest.mark.parametrize("nbest", [1, 3])
def test_every_term_appears_and_nothing_else_changes(translator: Translator, nbest: int) -> None:
    notes: list[str] = []
    translator = with_search(translator, nbest=nbest)
    found, plain = translate(translator, LINES, notes), translator.translate(LINES)
    assert [one.source for one in found] == LINES and all(", split in " in note for note in notes)
    for number, (one, free) in enumerate(zip(found, plain, strict=True)):
        assert len(one.options) == len(free.options)
        for option in one.options:
            for form in FORMS.get(number, ()):
                forms = ("Baum", "Baumes") if form == "Baum" else (form,)
                assert count(option.text, forms) >= FORMS[number].count(form), (option.text, form)
        if number not in FORMS:
            assert shown([one]) == shown([free])


def test_neighbours_and_batch_size_change_nothing(translator: Translator) -> None:
    expected = [[text for text, _ in some] for some in shown(translate(translator, LINES, []))]
    alone = [shown(translate(with_search(translator, batch=1), [line], []))[0] for line in LINES]
    assert [[text for text, _ in some] for some in alone] == expected
    streamed = Terminology(GLOSSARY, [Term("Fido")]).stream(with_search(translator, batch=2), iter(LINES))
    assert [[option.text for option in one.options] for one in streamed] == expected


def test_what_a_free_translation_holds_is_kept(translator: Translator) -> None:
    (free,) = translator.translate(["Who is there?"])
    word = max((w.strip(".,!?") for w in free.text.split()), key=len)
    assert count(free.text, (word,)) == 1
    terms = Terminology([Term("there", ("nowhere at all", word))])
    assert shown(terms.translate(translator, [Request("Who is there?")])) == shown([free])


def test_phrases_of_a_long_line_stand_in_the_part_that_holds_them(translator: Translator) -> None:
    request = Request(LONG, Demands(require=(("zwei",), ("drei",))), PLACES)
    whole = translator.translate([request])[0]
    assert whole.parts > 1 and whole.text.index("zwei") < whole.text.index("drei")
    turned = Request(LONG, Demands(require=(("drei",), ("zwei",))), PLACES)
    other = translator.translate([turned])[0]
    assert other.text.index("drei") < other.text.index("zwei")


def test_protected_spans_stay_and_tags_come_back(translator: Translator) -> None:
    lines = ["<b>one {n}</b> two", "{n}, <i>3.5</i>", "<br/>", "<b>", "one 3 and 3.5", "%s is 1 house <br/>", " "]
    notes: list[str] = []
    found = [one.text for one in translate(translator, lines, notes, protect=True)]
    assert found[1:4] == ["{n}, <i>3.5</i>", "<br/>", "<b>"] and found[6] == "" and notes == []
    assert found[0].index("<b>") < found[0].index("</b>") and "{n}" in found[0] and count(found[0], ("zwei",))
    assert count(found[4], ("3.5",)) and count(found[4], ("3",)) >= 2
    assert "%s" in found[5] and count(found[5], ("1",)) and found[5].count("<br/>") == 1
    plain = translate(translator, lines[:1], [])[0]
    assert plain.source == lines[0] and plain.options[0].alignment.source[0].startswith("<b>")


def test_links_count_the_tokens_of_lines_with_their_tags(translator: Translator) -> None:
    lines = ['<a href="x y">one</a> <br/> two three', "one two three", '{n} <i class="a b">3.5</i> <br/>']
    (tagged, plain, copied) = (one.options[0] for one in translate(translator, lines, [], protect=True))
    assert tagged.tokens.source == lines[0].split(" ") and tagged.tokens.target == tagged.text.split(" ")
    assert plain.text.split(" ") == [word for word in re.sub("<[^>]*>", "", tagged.text).split(" ") if word]
    weights = tagged.tokens.weights
    assert weights.shape == (len(tagged.tokens.target), 6)
    assert np.allclose(weights.sum(), plain.tokens.weights.sum()) and not weights[:, [0, 1, 3]].any()
    assert np.allclose(weights[weights.any(1)][:, [2, 4, 5]], plain.tokens.weights[plain.tokens.weights.any(1)])
    assert tagged.alignment.source == ["one", "two", "three"]  # words are as they were
    assert copied.text == lines[2] and copied.tokens.links() == [(0, 0), (3, 3)]


def test_spaces_beside_each_other_are_no_tokens() -> None:
    _, nodes, _ = take_tags("<b>a</b> b")
    odd = replace(_copy("a  b "), text="a  b ")
    tagged = _with_tags(_Prepared("<b>a</b> b", Request("a b"), [], nodes, False), odd)
    assert tagged.tokens.target == tagged.text.split() and tagged.tokens.weights.shape[1] == 2


def test_what_cannot_be_is_told_with_its_line_and_the_line_is_translated(translator: Translator) -> None:
    notes: list[str] = []
    terms = Terminology([Term("one", ("x" * 30,)), Term("tree", ("Baum",)), Term("two", ("zwei",))])
    demands = Demands.of(forbid=("Baum",))
    lines = [Request("three"), Request("one two tree", demands), Request("two")]
    found = terms.translate(translator, lines, notes.append, first=7)
    assert len(found) == 3 and all(one.text for one in found) and not count(found[1].text, ("Baum",))
    assert count(found[1].text, ("zwei",)) and count(found[2].text, ("zwei",))
    (note,) = notes
    assert note.startswith("line 8: its translation lacks 'xxx") and "'Baum'" in note


def test_what_a_user_demands_still_counts(translator: Translator) -> None:
    line = Request("one tree", Demands.of("tw", require=("house",), forbid=("the",)))
    (found,) = Terminology(GLOSSARY).translate(translator, [line])
    assert found.text.startswith("tw") and count(found.text, ("house",)) and count(found.text, ("Baum", "Baumes"))
    with pytest.raises(DataError, match=r"^line 2: 'old tree' is required"):
        bad = Request("one", Demands.of(require=("old tree",), forbid=("tree",)))
        list(Terminology(GLOSSARY).stream(translator, ["one", bad]))


def test_an_endless_line_is_no_harm(translator: Translator) -> None:
    notes: list[str] = []
    (found,) = translate(translator, ["x tree " * SEARCH.max_source * MANY_PARTS], notes)
    assert found.parts > MANY_PARTS and found.text and notes[0].startswith("line 1:")


def test_terms_need_a_beam(translator: Translator) -> None:
    with pytest.raises(ConfigError, match=r"terms need a beam, not search.strategy=sample"):
        translate(with_search(translator, strategy="sample"), ["one"], [])
    assert Terminology.read(None, None, False) is None


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("<b>" * 3000 + "one tree" + "</b>" * 3000, "more than 100 tags within one another"),
        ("one tree " + " ".join(map(str, range(1001))), "more than 1,000 numbers"),
        ("<b>one</b> tree" + " tree" * 3000, "tags among more than 3,000 words"),
    ],
)
def test_a_line_of_too_much_to_keep_is_a_line_all_the_same(translator: Translator, line: str, why: str) -> None:
    notes: list[str] = []
    found = translate(with_search(translator, beam=1), ["one tree", line, "one tree"], notes, protect=True)
    assert [one.source for one in found] == ["one tree", line, "one tree"] and all(one.text for one in found)
    assert found[0].text == found[2].text
    assert sum(note.startswith("line 2: ") and why in note for note in notes) == 1


def test_a_table_of_very_many_numbers_is_copied(translator: Translator) -> None:
    line = " ".join(map(str, range(50_000)))  # what each word reads of each would be 20 GB
    assert translate(translator, [line], [], protect=True)[0].text == line
