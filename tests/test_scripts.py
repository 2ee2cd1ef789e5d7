"""How texts are written: where lines may end, and how wide they are."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.scripts import display_width, line_parts


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("", [""]),
        ("one two  three", ["one ", "two  ", "three"]),
        (" one ", [" ", "one ", ""]),
        ("我们（好）。走", ["我", "们", "（好）。", "走"]),
        ("コーヒー", ["コー", "ヒー"]),
        ("用 NMT 翻译", ["用 ", "NMT ", "翻", "译"]),
        ("나는 본다", ["나는 ", "본다"]),
        ("สวัสดีครับ", ["สวัสดีครับ"]),
    ],
)
def test_lines_end_at_spaces_and_between_letters_that_have_none(text: str, right: list[str]) -> None:
    assert line_parts(text) == right


@given(st.text())
def test_no_part_is_lost(text: str) -> None:
    assert "".join(line_parts(text)) == text


def test_long_lines_take_no_quadratic_time() -> None:
    started = time.process_time()  # not the clock on the wall: other programs may run
    for text in ("x" * 300_000, "我" * 300_000):
        line_parts(text)
    assert time.process_time() - started < 20


def test_wide_characters_take_two_columns_and_marks_none() -> None:
    assert [display_width(text) for text in ("ab", "我ab", "e\u0301", "")] == [2, 4, 1, 0]
    assert [display_width(text) for text in ("ที่", "कु", "a\u200b\u200fb", "a\u00adb")] == [1, 1, 2, 3]
