"""Repeats are found where a decoder loops, and not where the source repeats too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.evaluation.repeats import FEWEST, LONGEST, plain, repeated

SOURCE = ["The", "old", "man", "sees", "a", "dog", "and", "a", "cat", "on", "the", "green", "hill", "."]
PROSE = ["Der", "alte", "Mann", "sieht", "einen", "Hund", "und", "eine", "Katze", "auf", "dem", "Hügel", "."]


def test_prose_is_no_loop() -> None:
    assert not repeated(PROSE, SOURCE).any()
    assert repeated([], []).shape == (0,) and not repeated(["Nein"], []).any()


@given(
    st.integers(0, len(PROSE) - 1), st.integers(1, LONGEST), st.integers(2, 5), st.sampled_from(["", ",", ".", " »"])
)
def test_a_phrase_that_goes_round_is_found_wherever_it_stands(start: int, size: int, times: int, mark: str) -> None:
    phrase = PROSE[start : start + size]
    if not any(map(plain, phrase)):
        return
    looped = PROSE[:start] + [word + mark for word in phrase] * times + PROSE[start + size :]
    marks = repeated(looped, SOURCE)
    assert marks.sum() == len(phrase) * (times - 1)
    assert not marks[: start + len(phrase)].any()  # the first time is no repeat


@given(st.lists(st.sampled_from("abc"), max_size=12))
def test_what_the_source_repeats_may_be_repeated(words: list[str]) -> None:
    assert not repeated([word.upper() + "!" for word in words], words).any()


def test_a_long_phrase_is_found_again_at_a_distance() -> None:
    target = [*["ein", "Mann", "mit", "rotem", "Hut", "und"], *["ein", "Mann", "mit", "rotem", "Hut"]]
    assert repeated(target, SOURCE).tolist() == [False] * 6 + [True] * 5
    assert not repeated(target, ["a", "man", "in", "red", "and", "a", "man", "in", "red"]).any()
    three = ["ein", "Mann", "mit", "Hut", "und", "ein", "Mann", "mit", "Schal"]
    assert not repeated(three, SOURCE).any()


@pytest.mark.parametrize(
    ("word", "loops"),
    [
        ("Kommomomomomomommen", True),
        ("哈" * FEWEST, True),
        ("ha" * 3, False),
        ("Donaudampfschiff", False),
        ("-" * 20, 0),
    ],
)
def test_a_word_may_go_round_within_itself(word: str, loops: bool) -> None:
    assert repeated(["Ein", word], SOURCE).tolist() == [False, loops]
    assert not repeated([word], ["x" * 10]).any()  # the source does too


def test_punctuation_and_blanks_are_no_words() -> None:
    assert not repeated(["-", "-", "", "", "...", "..."], SOURCE).any()
    assert repeated(["Kind", "kind,"], SOURCE).tolist() == [False, True]


def test_marks_are_part_of_a_letter() -> None:
    assert plain("«कि»") == "कि" != plain("की")
    assert not repeated(["कि", "की"], SOURCE).any()


def test_a_line_of_any_length_is_read_in_time() -> None:
    assert not repeated([str(i) for i in range(20_000)], SOURCE).any()
    assert repeated(["x" * 100_000], SOURCE).all()
