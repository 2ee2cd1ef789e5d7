"""Demands, samples and ratings of texts: through the translator, on a tiny random model with each decoder."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from nmt.checkpoint import Tokenizers
from nmt.errors import ConfigError, DataError
from nmt.model.decoder import DECODERS
from nmt.model.seq2seq import Seq2Seq
from nmt.rating import rate
from nmt.search.forced import force
from nmt.settings import Search
from nmt.text.demands import Demands
from nmt.text.requests import Request
from nmt.text.tokenizer import Tokenizer
from nmt.translator import MANY_PARTS, Translator

SEARCH = Search(beam=3, max_ratio=1.0, max_extra=2, max_source=12, batch=7)
LONG = "one two three. the old tree falls! down here, one house fell. two houses stand"
LINES = ["one two", "", "Who is there?", " \t ", "häuser 家 👍", "one two", LONG, "tree."]
DEMANDS = [
    Demands.of(require=("old tree",)), Demands.of(require=("house",)), Demands.of("the hou"), Demands.of("one"),
    Demands.of(require=("家", "two")), Demands.of(forbid=("e", "o")), Demands.of("tw", ("tree",), ("e", "two")),
    Demands(),
]  # fmt: skip
REQUESTS = [Request(*both) for both in zip(LINES, DEMANDS, strict=True)]


@pytest.fixture(scope="module", params=DECODERS)
def translator(request: pytest.FixtureRequest, make_model: Callable[..., Seq2Seq], tokenizer: Tokenizer) -> Translator:
    words = f"decoder.kind={request.param}"
    model = make_model(words, source=tokenizer.size, target=tokenizer.size).float()
    return Translator(model, Tokenizers(tokenizer, tokenizer), SEARCH, torch.device("cpu"))


def with_search(translator: Translator, **changes: object) -> Translator:
    search = replace(translator.search, **changes)  # type: ignore[arg-type]
    return Translator(translator.model, translator.tokenizers, search, translator.device)


def texts(translator: Translator, requests: list[Request]) -> list[list[str]]:
    return [[option.text for option in translation.options] for translation in translator.translate(requests)]


def keeps(text: str, demands: Demands) -> bool:
    words = "".join(c if c.isalnum() else " " for c in text).split()
    return (
        text.startswith(demands.prefix.rstrip())
        and all(phrase in text for phrase in demands.require)
        and not set(words) & {*demands.forbid}
    )


@pytest.mark.parametrize("beam", [1, 3])
def test_every_line_keeps_to_its_demands_and_blank_stays_blank(translator: Translator, beam: int) -> None:
    found = texts(with_search(translator, beam=beam, nbest=beam), REQUESTS)
    for request, some in zip(REQUESTS, found, strict=True):
        assert bool(some) == bool(request.text.strip())
        assert all(keeps(text, request.demands) for text in some), request


def test_neighbours_and_batch_size_change_nothing(translator: Translator) -> None:
    expected = texts(translator, REQUESTS)
    assert texts(with_search(translator, batch=1), REQUESTS[::-1]) == expected[::-1]
    assert [texts(translator, [request])[0] for request in REQUESTS] == expected
    streamed = [[o.text for o in t.options] for t in with_search(translator, batch=2).stream(iter(REQUESTS))]
    assert streamed == expected
    assert texts(translator, [Request(line) for line in LINES]) == texts(translator, LINES)  # type: ignore[arg-type]


def test_samples_of_a_line_are_its_own(translator: Translator) -> None:
    drawing = with_search(translator, strategy="sample", nbest=4)
    expected = texts(drawing, [Request(line) for line in LINES])
    assert [len(some) for some in expected] == [4, 0, 4, 0, 1, 4, 1, 4]  # a line that was split has one
    assert texts(with_search(drawing, batch=1), [Request(line) for line in LINES[::-1]]) == expected[::-1]
    assert texts(with_search(drawing, seed=2), [Request(line) for line in LINES]) != expected
    some = texts(drawing, [Request("one two", Demands.of("the hou", forbid=("e",)))])[0]
    assert all(keeps(text, Demands.of("the hou", forbid=("e",))) for text in some)


def test_a_line_with_a_prefix_is_translated_whole_unless_it_is_no_sentence(translator: Translator) -> None:
    notes: list[str] = []
    demands = Demands.of("the hou", ("tree",), ("two one",))
    endless = "x y " * SEARCH.max_source * MANY_PARTS
    whole, split = translator.translate([Request(LONG, demands), Request(endless, demands)], notes.append)
    assert whole.parts == 1 and split.parts > MANY_PARTS and [note[:7] for note in notes] == ["line 2:"]
    assert keeps(whole.text, demands) and keeps(split.text, demands) and "two one" not in split.text


def test_demands_that_cannot_be_met_are_told_with_their_line(translator: Translator) -> None:
    bad = Request("one", Demands.of("tree", forbid=("tree house", "tree"), require=("old tree",)))
    with pytest.raises(DataError, match=r"^line 3: 'old tree' is required, but it contains a forbidden"):
        translator.translate(["one", "two", bad])
    with pytest.raises(DataError, match=r"need \d+ pieces; at most 12 \(search.max_source\)"):
        translator.check(Demands.of("x" * 13))
    with pytest.raises(ConfigError, match=r"required phrases need a beam, not search.strategy=sample"):
        with_search(translator, strategy="sample").check(Demands.of(require=("one",)))
    with pytest.raises(ConfigError, match="Did you mean 'sample'"):
        with_search(translator, strategy="sampel")
    answered = []
    with pytest.raises(DataError, match=r"^line 3: "):
        for translation in translator.stream(["one", "two", bad, "three"]):
            answered.append(translation.source)
    assert answered == ["one", "two"]


def test_a_line_without_any_translation_that_fits_is_blank_and_told(
    translator: Translator, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing, notes = Demands.of(forbid=("one",)), list[str]()
    automaton = translator._automaton(nothing)
    monkeypatch.setattr(automaton, "after", lambda state: torch.zeros(translator.tokenizers.target.size).long().numpy())
    found = translator.translate([Request("one", nothing), "two"], notes.append, first=4)
    assert [bool(translation.options) for translation in found] == [False, True] and found[0].text == ""
    assert notes == ["line 4: no translation meets its demands, it stays blank"]


def test_a_rating_is_what_the_search_said(translator: Translator) -> None:
    search, tokenizer = with_search(translator, length_penalty=0.0, max_source=128), translator.tokenizers.target
    for source in filter(str.strip, LINES):
        (rating,) = rate(search, [(source, LONG[:20])])
        assert rating is not None and rating.words == LONG[:20].split() and rating.pieces > len(rating.words)
        assert rating.perplexity == pytest.approx(np.exp(-rating.log_probability / rating.pieces))
        told = force(
            search.model,
            [tokenizer.encode(source)],
            [tokenizer.encode(LONG[:20])],
            tokenizer.size,
            search.search,
            search.device,
        )
        assert told[0].score == pytest.approx(rating.log_probability, abs=1e-3)


def test_ratings_keep_their_order_and_their_blanks(translator: Translator) -> None:
    pairs = [("one two", "two"), ("", "one"), ("one", " \t"), (LONG, "tree"), ("tree", LONG * 20), ("one", "one")]
    ratings = [*rate(translator, pairs)]
    assert [rating and rating.source for rating in ratings] == ["one two", None, None, LONG, "tree", "one"]
    assert [*rate(translator, [])] == []
    for pair, rating in zip(pairs, ratings, strict=True):
        (alone,) = rate(with_search(translator, batch=1), [pair])
        assert (alone is None) == (rating is None)
        if rating and alone:
            assert rating.log_probability == pytest.approx(alone.log_probability, abs=1e-3)
            assert rating.per_word == pytest.approx(rating.log_probability / (len(rating.words) + 1))
