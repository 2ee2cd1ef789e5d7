"""The picture in the terminal."""

import numpy as np

from nmt.evaluation.picture import draw, width


def test_a_row_a_word_and_a_column_a_source_word() -> None:
    lines = draw(["a", "bc"], ["x", "yyy"], np.array([[1.0, 0.0], [0.5, 0.3]]))
    assert lines == ["    ┌─a", "    │ ┌─bc", "  x ██", "yyy ▒▒░░"]


def test_columns_stand_under_their_words_in_wide_and_combining_scripts() -> None:
    stairs, row, other = draw(["犬"], ["犬", "e\u0301"], np.array([[1.0], [1.0]]))
    assert width(row.partition("█")[0]) == width(other.partition("█")[0]) == width(stairs.partition("┌")[0]) == 3


def test_a_sentence_cannot_steer_the_terminal() -> None:
    drawn = "\n".join(draw(["\x1b[2J\u202e"], ["\x07\x9bx\u2066"], np.array([[1.0]])))
    assert not set(drawn) & set("\u202e\u2066")
    assert "\x1b" not in drawn and "\x07" not in drawn and "\x9b" not in drawn and "[2J" in drawn


def test_nothing_to_draw() -> None:
    assert draw([], [], np.zeros((0, 0))) == []
