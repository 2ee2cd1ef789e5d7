"""Readings as records, and which way a text runs."""

import json

import numpy as np
import pytest

from nmt.evaluation.readings import direction, heading, record


def test_a_record_is_json_and_holds_the_weights(make_sentence) -> None:
    sentence = make_sentence("one two", ["eins zwei drei", "eins"], ["zwei"], number=7)
    told = json.loads(json.dumps(record(sentence)))
    assert (told["line"], told["source"], [m["model"] for m in told["models"]]) == (7, "one two", ["unit0", "unit1"])
    for unit, model in zip(sentence.units, told["models"], strict=True):
        assert model["source_words"] == ["one", "two"]
        for reading, option in zip(unit.readings, model["options"], strict=True):
            assert option["words"] == reading.target and option["text"] == reading.text
            assert np.allclose(option["weights"], reading.weights, atol=1e-4)
            assert np.allclose(option["confidence"], reading.confidence, atol=1e-4)
            assert [tuple(link) for link in option["links"]] == reading.links


def test_a_blank_line_has_models_without_options(make_sentence) -> None:
    sentence = make_sentence("", [], [])
    assert sentence.blank and [model["options"] for model in record(sentence)["models"]] == [[], []]


@pytest.mark.parametrize(
    ("text", "runs"),
    [("Haus", "ltr"), ("بيت", "rtl"), ("בית.", "rtl"), ("12 %", "ltr"), ("", "ltr"), ("Anna قالت مرحبا", "rtl")],
)
def test_most_letters_decide_which_way_a_text_runs(text: str, runs: str) -> None:
    assert direction(text.split()) == runs


def test_a_heading_names_what_there_is_more_than_one_of(make_sentence) -> None:
    one, options = make_sentence("a", ["b"]), make_sentence("a", ["b", "c"])
    units, both = make_sentence("a", ["b"], ["c"]), make_sentence("a", ["b", "c"], ["d"])
    assert [heading(s, s.units[0], 1) for s in (one, options, units, both)] == ["", "1", "unit0", "unit0, 1"]
