"""The translation most like the others is taken."""

from math import exp

import torch
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu import sentence_chrf

from nmt.consensus import chances, consensus, utilities
from nmt.text.words import Alignment
from nmt.translator import Option, Translation

TEXTS = st.lists(
    st.sampled_from(["", "ein Hund", "ein Hund rennt", "der Hund rennt", "Katzen"]), min_size=1, max_size=7
)


def option(text: str, score: float, steps: int = 1) -> Option:
    return Option(text, score, steps, lambda bounds: Alignment([], [], [[]]), list)  # type: ignore[arg-type]


def translation(texts: list[str]) -> Translation:
    return Translation("a dog runs", [option(text, -float(i)) for i, text in enumerate(texts)])


def test_an_odd_one_is_not_taken_though_it_is_the_likeliest() -> None:
    texts = ["Katzen schlafen", "ein Hund rennt schnell", "ein Hund rennt", "der Hund rennt"]
    assert consensus(translation(texts), 1).text.startswith("ein Hund rennt")


def test_what_comes_more_often_counts_more() -> None:
    assert consensus(translation(["Katzen", "ein Hund", "ein Hund"]), 1).text == "ein Hund"
    assert consensus(translation(["ein Hund", "Katzen"]), 1).text == "ein Hund"  # of equals the earlier


def test_of_a_beam_what_is_likelier_counts_more() -> None:
    texts = ["ein Hund rennt", "Katzen schlafen", "Katzen schliefen", "Katzen schlafen da"]
    found = Translation("a dog runs", [option(text, -0.1 - 2.0 * bool(i), 4) for i, text in enumerate(texts)])
    assert consensus(found, 1).text.startswith("Katzen")
    assert consensus(found, 1, penalty=1.0).text == "ein Hund rennt"


@given(st.lists(st.tuples(st.floats(-50, 0), st.integers(1, 50)), min_size=1, max_size=6), st.floats(0, 3))
def test_chances_are_probabilities_at_the_mean_length(found: list[tuple[float, int]], penalty: float) -> None:
    mean = sum(steps for _, steps in found) / len(found)
    got = chances([option("", score, steps) for score, steps in found], penalty)
    right = torch.softmax(torch.tensor([score for score, _ in found], dtype=torch.float64) * mean**penalty, 0)
    assert torch.allclose(torch.tensor(got, dtype=torch.float64), right)


@given(st.floats(-50, 0), st.integers(1, 50), st.floats(-50, 0))
def test_of_one_length_chances_are_those_of_the_model(first: float, steps: int, second: float) -> None:
    got = chances([option("", log_p / steps, steps) for log_p in (first, second)], penalty=1.0)
    assert abs(got[0] - 1 / (1 + exp(min(second - first, 700)))) < 1e-9


@given(TEXTS, st.data())
def test_utilities_are_means_over_all_candidates(texts: list[str], data: st.DataObject) -> None:
    odds = data.draw(st.lists(st.floats(0.01, 1), min_size=len(texts), max_size=len(texts)))
    weights = [each / sum(odds) for each in odds]
    right = [
        sum(w * sentence_chrf(text, [other]).score for w, other in zip(weights, texts, strict=True)) for text in texts
    ]
    assert all(abs(one - other) < 1e-9 for one, other in zip(utilities(texts, weights), right, strict=True))


@given(TEXTS)
def test_nothing_is_added_or_lost(texts: list[str]) -> None:
    found = consensus(translation(texts), len(texts))
    assert sorted(option.text for option in found.options) == sorted(texts)
    assert consensus(translation(texts), 1).text == found.text


def test_a_blank_line_stays_blank() -> None:
    assert consensus(Translation("", []), 3).options == consensus(Translation("", []), 3, penalty=1.0).options == []
