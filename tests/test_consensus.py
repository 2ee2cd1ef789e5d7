"""The translation most like the others is taken."""

from hypothesis import given
from hypothesis import strategies as st
from sacrebleu import sentence_chrf

from nmt.consensus import consensus, utilities
from nmt.text.words import Alignment
from nmt.translator import Option, Translation

TEXTS = st.lists(
    st.sampled_from(["", "ein Hund", "ein Hund rennt", "der Hund rennt", "Katzen"]), min_size=1, max_size=7
)


def translation(texts: list[str]) -> Translation:
    options = [Option(text, -float(i), 1, lambda bounds: Alignment([], [], [[]]), list) for i, text in enumerate(texts)]  # type: ignore[arg-type]
    return Translation("a dog runs", options)


def test_an_odd_one_is_not_taken_though_it_is_the_likeliest() -> None:
    texts = ["Katzen schlafen", "ein Hund rennt schnell", "ein Hund rennt", "der Hund rennt"]
    assert consensus(translation(texts), 1).text.startswith("ein Hund rennt")


def test_what_comes_more_often_counts_more() -> None:
    assert consensus(translation(["Katzen", "ein Hund", "ein Hund"]), 1).text == "ein Hund"
    assert consensus(translation(["ein Hund", "Katzen"]), 1).text == "ein Hund"  # of equals the earlier


@given(TEXTS)
def test_utilities_are_means_over_all_candidates(texts: list[str]) -> None:
    right = [sum(sentence_chrf(text, [other]).score for other in texts) / len(texts) for text in texts]
    assert all(abs(one - other) < 1e-9 for one, other in zip(utilities(texts), right, strict=True))


@given(TEXTS)
def test_nothing_is_added_or_lost(texts: list[str]) -> None:
    found = consensus(translation(texts), len(texts))
    assert sorted(option.text for option in found.options) == sorted(texts)
    assert consensus(translation(texts), 1).text == found.text


def test_a_blank_line_stays_blank() -> None:
    assert consensus(Translation("", []), 3).options == []
