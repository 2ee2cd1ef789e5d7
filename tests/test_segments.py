"""Segments through a translator: sentences, tags and placeholders, with stand-ins that translate word by word."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from nmt.segments import translate_segments
from nmt.text.tags import DEEPEST
from nmt.text.words import Alignment
from nmt.translator import Option, Translation

Words = Callable[[list[str]], list[int]]


def stand_in(order: Words = lambda words: [*range(len(words))], change: Callable[[str], str] = str.upper):  # type: ignore[no-untyped-def]
    """A translator that changes every word and puts them in an order; with what it was asked to translate."""
    asked: list[list[str]] = []

    def translate(lines: Sequence[str], tell: Callable[[str], None], first: int) -> list[Translation]:
        asked.append([*lines])
        found = []
        for number, line in enumerate(lines, start=first):
            words = line.split(" ") if line else []
            places = order(words)
            target = [change(words[place]) for place in places]
            table = Alignment(words, target, np.eye(len(words))[places] if words else np.zeros((0, 0)))
            option = Option(" ".join(target), 0.0, 1, lambda bounds, table=table: table, lambda: [])  # type: ignore[misc]
            found.append(Translation(line, [option] if words else []))
            if "odd" in words:
                tell(f"line {number}: is odd")
        return found

    return translate, asked


def test_sentences_are_translated_by_themselves_and_in_batches() -> None:
    translate, asked = stand_in()
    assert translate_segments(["One. Two three.", "Four", "Five. Six"], translate, 2) == [
        "ONE. TWO THREE.", "FOUR", "FIVE. SIX",
    ]  # fmt: skip
    assert asked == [["One.", "Two three."], ["Four", "Five."], ["Six"]]


def test_sentences_without_spaces_get_none() -> None:
    translate, asked = stand_in()
    assert translate_segments(["你好。再见！ok. Yes"], translate, 9) == ["你好。再见！OK. YES"]
    assert asked == [["你好。", "再见！", "ok.", "Yes"]]


@pytest.mark.parametrize(
    ("segment", "right"),
    [
        ("the <x0>red</x0> house", "HOUSE <x0>RED</x0> THE"),
        ("<x0>One two.</x0> Three <x2/> four.", "<x0>TWO. ONE</x0> <x2/> FOUR. THREE"),
        ("Three four. The <x0>red. One</x0> two.", "FOUR. THREE <x0>RED</x0>. THE TWO. ONE"),
        ("Press <x0/>.", "<x0/>. PRESS"),
    ],
)
def test_tags_go_with_the_words_across_sentences(segment: str, right: str) -> None:
    translate, asked = stand_in(lambda words: [*range(len(words))][::-1])
    assert translate_segments([segment], translate, 9) == [right]
    assert not any("<" in line for lines in asked for line in lines)


def test_a_tag_by_itself_is_no_part_of_a_word() -> None:
    translate, _ = stand_in(lambda words: [1, 0, 2] if len(words) == 3 else [*range(len(words))], lambda word: "wort")
    assert translate_segments(["Press <x0/>.", "a<x0/>b c"], translate, 9) == ["wort <x0/> wort", "<x0/>wort wort wort"]


def test_without_tags_they_are_words() -> None:
    translate, asked = stand_in()
    assert translate_segments(["a <b>c</b>"], translate, 9, tags=False) == ["A <B>C</B>"] and asked == [["a <b>c</b>"]]


def test_placeholders_that_are_lost_are_put_back_as_tags() -> None:
    translate, asked = stand_in()
    notes: list[tuple[int, str]] = []
    found = translate_segments(
        ["two %d", "Use %(name)s, {0}", "plain"],
        translate,
        9,
        placeholders=True,
        note=lambda i, text: notes.append((i, text)),
    )
    assert found == ["TWO %d", "USE %(name)s, {0}", "PLAIN"] and len(asked) == 2 and notes == []
    translate, _ = stand_in(change=lambda word: "%s")  # whatever it is given, it makes one up
    found = translate_segments(
        ["one", "%s"], translate, 9, placeholders=True, note=lambda i, text: notes.append((i, text))
    )
    assert found == ["", "%s"] and notes == [(0, "not translated: no translation with all its placeholders was found")]


def test_notes_name_the_segment() -> None:
    notes: list[tuple[int, str]] = []
    translate, _ = stand_in()
    translate_segments(["One. Two.", "Three. An odd one"], translate, 1, note=lambda i, text: notes.append((i, text)))
    assert notes == [(1, "is odd")]


def test_a_segment_is_translated_whole_or_not_at_all() -> None:
    translate, _ = stand_in(change=lambda word: "" if word.startswith("T") else word)
    assert translate_segments(["One. Two.", "Four."], translate, 9) == ["", "Four."]
    deep = "<b>" * (DEEPEST + 1) + "x" + "</b>" * (DEEPEST + 1)
    notes: list[tuple[int, str]] = []
    assert translate_segments([deep, "a"], stand_in()[0], 9, note=lambda i, text: notes.append((i, text))) == ["", "A"]
    assert [number for number, _ in notes] == [0] and "tags within one another" in notes[0][1]
