"""Subtitles in two languages, matched by time."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.text.readers import Pair, read_corpus

Cue = tuple[float, float, str]


def srt(cues: list[Cue], first: int = 1) -> str:
    def time(seconds: float) -> str:
        whole, thousandths = divmod(round(seconds * 1000), 1000)
        return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02},{thousandths:03}"

    return "".join(
        f"{number}\n{time(begin)} --> {time(end)}\n{text}\n\n" for number, (begin, end, text) in enumerate(cues, first)
    )


@pytest.fixture
def pairs(write, sides):
    def pairs(left: list[Cue], right: list[Cue]) -> list:
        write("a.en.srt", srt(left))
        write("b.de.srt", srt(right, first=7))
        found = sides("a.en.srt,b.de.srt")
        assert [pair[::-1] for pair in sides("b.de.srt,a.en.srt")] == found
        return found

    return pairs


def test_a_prefix_or_a_pair(write, sides, complaint) -> None:
    write("film.en.srt", srt([(1, 2, "yes")]))
    write("film.de.srt.gz", srt([(1, 2, "ja")]))
    assert list(read_corpus("film.srt", "en", "de")) == [Pair("yes", "ja", "film.en.srt:2")]
    assert sides("film.srt", "de", "en") == [("ja", "yes")]
    assert sides("film.en.srt,film.de.srt.gz", "", "") == [("yes", "ja")]
    assert complaint("film.srt", "en", "fr").startswith(
        "film.fr.srt: no such file. Check --source and --target, or give"
    )
    assert complaint("film.srt", "", "").startswith("film.srt: which languages?")
    assert complaint("film.en.srt").startswith("film.en.srt: holds one language. Give two files")
    assert complaint("film").endswith(
        "There is film.de.srt.gz, film.en.srt: check --source and --target, or give film.srt."
    )
    write("film.en", "yes\n")
    assert (
        complaint("film.en,film.de.srt") == "film.en,film.de.srt: film.de.srt is no text in lines. Give two such files."
    )


def test_numbers_are_no_matter_but_times_are(pairs) -> None:
    assert pairs([(1, 2, "a"), (3, 4, "b")], [(0, 0.9, "intro"), (1.1, 2.2, "A"), (2.9, 4, "B")]) == [
        ("a", "A"),
        ("b", "B"),
    ]


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ([(1, 5, "a b")], [(1, 3, "A"), (3, 5, "B")], [("a b", "A B")]),
        ([(1, 3, "a"), (3, 5, "b")], [(1, 2.9, "A"), (3.2, 5, "B")], [("a", "A"), ("b", "B")]),
        ([(1, 3, "a"), (3, 5, "b")], [(1.4, 3.4, "A"), (3.4, 5.4, "B")], [("a", "A"), ("b", "B")]),
        ([(1, 3, "a"), (3, 6, "b")], [(1, 4.4, "A"), (4.4, 6, "B")], [("a", "A"), ("b", "B")]),
        ([(3, 4, "b"), (1, 2, "a")], [(1, 2, "A"), (3, 4, "B")], [("a", "A"), ("b", "B")]),
        ([(1, 2, "a")], [(5, 6, "A")], []),
        ([(1, 1, "a")], [(1, 2, "A")], []),
        ([(1, 9, "a")], [(n, n + 0.9, "A") for n in range(1, 9)], []),
        ([(n, n + 2, "a") for n in range(1, 9)], [(n, n + 2, "A") for n in range(1, 9)], [("a", "A")] * 8),
        ([(1, 2, "")], [(1, 2, "A")], [("", "A")]),
    ],
)
def test_cues_that_share_most_of_their_time_belong_together(pairs, left: list, right: list, found: list) -> None:
    assert pairs(left, right) == found


def test_what_has_no_clear_counterpart_is_counted(write, skipped) -> None:
    write("a.srt", srt([(1, 2, "a"), (10, 19, "b")]))
    write("b.srt", srt([(4, 5, "A"), *((n, n + 0.9, "B") for n in range(10, 19))]))
    assert skipped("a.srt,b.srt") == [
        "shown without a counterpart a.srt:2",
        "shown without a counterpart b.srt:2",
        "shown with too many others a.srt:6",
        *(f"shown without a counterpart b.srt:{line}" for line in range(22, 42, 4)),
    ]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<i>one</i>\n<b>two</b>", "one two"),
        ('<font color="#ff0000">one</font> {\\an8}two{y:i}', "one two"),
        ("- One.\n- Two.", "- One. - Two."),
        ("1 < 2 > 1 <3 {so}", "1 < 2 > 1 <3 {so}"),
        ("one\n\ntwo\n3", "one two 3"),
        ("<I>one</I><br>two <u>three", "one<br>two three"),
        ("5", "5"),
    ],
)
def test_a_cue_is_one_line_without_formatting(pairs, text: str, plain: str) -> None:
    assert pairs([(1, 2, text), (3, 4, "b")], [(1, 2, "A"), (3, 4, "B")]) == [(plain, "A"), ("b", "B")]


def test_what_editors_write_is_read(write, sides) -> None:
    write("a.srt", "\ufeff1\r\n00:00:01.000 --> 00:00:02.000 X1:40 X2:600\r\nyes\r\n\r\n\r\n00:00:03,5 --> 0:0:4\r\nno")
    write("b.srt", "00:00:01,000-->00:00:02,000\nja\n2\n00:00:03,500 --> 00:00:04,000\nnein\n")
    assert sides("a.srt,b.srt") == [("yes", "ja"), ("no", "nein")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Some text\n", "a.srt:1: a cue begins with its number and its times. Give a file of subtitles."),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nyes\n", "a.srt:1: a cue begins with"),
        ("1\n00:00:01,000 --> 00:00:02,000\na\n\n2\n00:00:x --> 00:00:04,000\nb", "a.srt:6: cannot read the times."),
        (b"1\n00:00:01,000 --> 00:00:02,000\nf\xfcr\n", "a.srt:3: not UTF-8 (byte 0xfc at column 2)."),
    ],
)
def test_what_are_no_subtitles_is_placed(write, complaint, text: str | bytes, message: str) -> None:
    write("a.srt", text)
    write("b.srt", "")
    assert complaint("a.srt,b.srt").startswith(message)


words = st.text(st.characters(categories=["Lu", "Ll", "Zs", "Po"]), min_size=1, max_size=20).map(str.strip).filter(bool)


@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(1, 3000), words), max_size=8))
def test_what_the_srt_library_composes_is_read(write, sides, cues: list[tuple[int, int, str]]) -> None:
    library = pytest.importorskip("srt")
    at, made = 0, []
    for number, (gap, length, text) in enumerate(cues, start=1):
        begin, end = (timedelta(milliseconds=time) for time in (at + gap, at + gap + length))
        made.append(library.Subtitle(number, begin, end, text))
        at += gap + length
    write("a.srt", library.compose(made, reindex=False))
    write("b.srt", library.compose(made[::-1], reindex=True))
    plain = [" ".join(text.replace("\u3000", "\u3000").split(" ")) for _, _, text in cues]
    assert [" ".join(s.split()) for s, _ in sides("a.srt,b.srt")] == [" ".join(text.split()) for text in plain]
    assert all(s == t for s, t in sides("a.srt,b.srt"))
