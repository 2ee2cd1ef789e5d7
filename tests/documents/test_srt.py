"""Subtitles: what is one text, and how it is broken into lines again."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.documents.srt import SubRip, _nearest
from nmt.errors import DataError

CUE = "1\n00:00:01,000 --> 00:00:02,000\n{}\n\n"


@pytest.mark.parametrize(
    ("cue", "right"),
    [
        ("I see\nyou.", ["I see you."]),
        ("- Who?\n- Me.", ["Who?", "Me."]),
        ("- Who is\nthis?\n-Me.", ["Who is this?", "Me."]),
        ("- Who is\nthis?", ["- Who is this?"]),
        ("我看见\n你。", ["我看见你。"]),
        ("我看见 \r\n你。", ["我看见你。"]),
        ("나는\n본다", ["나는 본다"]),
        ("<i>a</i>\n<b>b</b>", ["<x0>a</x0> <x2>b</x2>"]),
        ("{\\an8}<i>a\nb</i>", ["a b"]),
        ('<font color="#fff">a</font> b', ["<x0>a</x0> b"]),
        ("a < b", ["a < b"]),
        ("♪ 12 ♪", []),
        ("a\n\nb", ["a", "b"]),
    ],
)
def test_cues_are_texts(cue: str, right: list[str]) -> None:
    assert [segment.text for segment in SubRip(CUE.format(cue).encode(), "a.srt").segments()] == right


@pytest.mark.parametrize(
    ("cue", "translation", "right"),
    [
        ("I see\nyou.", "Ich sehe dich.", "Ich sehe\ndich."),
        ("I see\nyou.", "Ja.", "Ja."),
        ("one two three\nfour", "a b c d e f g h", "a b c d e f\ng h"),
        ("a\nb\nc", "one two three four", "one two\nthree\nfour"),
        ("<i>I see\nyou</i>", "Ich sehe dich", "<i>Ich sehe\ndich</i>"),
        ("I see\nyou.", "我看见你了。", "我看见你\n了。"),
        ("I see\nyou.", "我看见你。", "我看见\n你。"),
        ("I see <i>you</i>\n.", "我看见<x0>你</x0>。", "我看见<i>你</i>。"),
        ("I <i>see\nyou</i>", "Ich <x0>sehe dich</x0>", "Ich <i>sehe\ndich</i>"),
        ("one line", "a b c d e f g h i j k l m n o p", "a b c d e f g h i j k l m n o p"),
        ("- Who?\n- Me.", "Wer?", "- Wer?\n- Me."),
    ],
)
def test_a_translation_has_no_more_lines(cue: str, translation: str, right: str) -> None:
    document = SubRip(CUE.format(cue).encode(), "a.srt")
    texts = [translation, *[""] * (len(document.segments()) - 1)]
    assert document.rendered(texts).decode() == CUE.format(right)


def test_what_is_no_cue_is_refused() -> None:
    with pytest.raises(DataError, match=r"a.srt: holds no cue. Times are written as"):
        SubRip(b"WEBVTT\n\nHello\n", "a.srt")


@given(st.lists(st.integers(1, 9), min_size=1, max_size=9), st.floats(0, 50))
def test_the_nearest_end_is_the_first_of_the_nearest(steps: list[int], end: float) -> None:
    ends = list(accumulate(steps))
    assert _nearest(ends, end) == min(range(len(ends)), key=lambda i: abs(ends[i] - end))


def test_a_cue_of_very_many_lines_is_written_soon() -> None:
    lines = "one\n" * 20_000
    document = SubRip(f"1\n00:00:01,000 --> 00:00:02,000\n{lines}".encode(), "x.srt")
    assert document.rendered(["one " * 20_000]).count(b"\none") == 20_000
