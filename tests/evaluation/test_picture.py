"""The picture in the terminal."""

import numpy as np

from nmt.evaluation.picture import draw, draw_sentence
from nmt.evaluation.readings import Reading, Sentence, Unit
from nmt.scripts import display_width


def reading(source: list[str], target: list[str], weights: list[list[float]]) -> Reading:
    sure = [0.97, 0.5, 1.0][: len(target)]
    return Reading(" ".join(target), -0.5, source, target, np.array(weights), sure, [])


def test_a_row_a_word_and_a_column_a_source_word() -> None:
    lines = draw(reading(["a", "bc"], ["x", "yyy"], [[1.0, 0.0], [0.5, 0.3]]))
    assert lines == ["         ┌─a", "         │ ┌─bc", "  x  97% ██", "yyy  50% ▒▒░░"]


def test_columns_stand_under_their_words_in_wide_and_combining_scripts() -> None:
    stairs, row, other = draw(reading(["犬"], ["犬", "e\u0301"], [[1.0], [1.0]]))
    assert (
        display_width(row.partition("█")[0])
        == display_width(other.partition("█")[0])
        == display_width(stairs.partition("┌")[0])
        == 8
    )


def test_a_sentence_cannot_steer_the_terminal() -> None:
    bad = reading(["\x1b[2J\u202e"], ["\x07\x9bx\u2066"], [[1.0]])
    drawn = "\n".join(draw_sentence(Sentence(1, "", [Unit("\x1bname", [bad, bad._replace(text="\x1b]0;")])])))
    assert not set(drawn) & set("\u202e\u2066")
    assert "\x1b" not in drawn and "\x07" not in drawn and "\x9b" not in drawn and "[2J" in drawn


def test_nothing_to_draw(make_sentence) -> None:
    assert draw(Reading("", 0.0, [], [], np.zeros((0, 0)), [], [])) == []
    assert draw_sentence(make_sentence("", [])) == []


def test_every_option_of_every_unit_has_a_heading_where_there_are_several(make_sentence, unsplit) -> None:
    lines = draw_sentence(make_sentence("a b", ["x y", "x"], ["z"]))
    heads = [line for line in lines if "(" in line]
    assert heads == ["unit0, 1 (-0.50): x y", "unit0, 2 (-0.50): x", "unit1 (-0.50): z"]
    assert not any("(" in line for line in draw_sentence(make_sentence("a b", ["x y"])))
    assert draw_sentence(Sentence(1, "", [Unit("m", [unsplit])])) == ["so many words"]


def test_no_line_of_a_block_is_blank(make_sentence, unsplit) -> None:
    empty = unsplit._replace(text="")
    for sentence in (make_sentence("a b", ["x y z"]), Sentence(1, "a", [Unit("m", [empty])])):
        assert draw_sentence(sentence) and all(line.strip() for line in draw_sentence(sentence))


def test_a_narrow_terminal_gets_bands_that_fit_and_lose_nothing(make_reading) -> None:
    source = " ".join(f"word{i}" for i in range(40))
    wide = make_reading(source, " ".join(f"Wort{i}" for i in range(30)))
    lines = draw(wide, 60)
    assert max(map(display_width, lines)) <= 60 < max(map(display_width, draw(wide)))
    assert [line.partition("┌─")[2] for line in lines if "┌─" in line] == source.split()
    assert {line.split()[0] for line in lines if "%" in line} == set(wide.target)


def test_one_long_word_does_not_push_the_others_out_of_a_terminal(make_reading) -> None:
    source = " ".join(["https://example.org/" + "犬" * 50, *(f"word{i}" for i in range(20))])
    long = make_reading(source, " ".join(["Wort", "geh-" * 40, *(f"Wort{i}" for i in range(20))]))
    for columns in (60, 80):
        lines = draw(long, columns)
        assert max(map(display_width, lines)) <= columns
        assert sum("geh-geh-" in line and "…" in line for line in lines) and any("┌─https://" in line for line in lines)
    assert long.target[1] in "\n".join(draw(long))  # a file has room
