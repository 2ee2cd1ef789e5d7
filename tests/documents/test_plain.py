"""Plain text: lines are paragraphs unless they were broken to a width."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.documents.plain import NARROWEST, WIDEST, Plain

PROSE = "It was a dark night and the rain fell on all the roofs of the town where nobody was awake but two old cats."

CHINESE = "那是一个漆黑的夜晚，雨水落在小城所有的屋顶上，" * 3 + "只有两只老猫醒着。"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("A title\nThe text.\n", ["A title", "The text."]),
        ("  1. one\n  2) two\n* three\n- four", ["one", "two", "three", "four"]),
        ("\ufeffa \r\nb\rc", ["a", "b", "c"]),
        (textwrap.fill(PROSE, 50) + "\n\nNext.", [PROSE, "Next."]),
        (textwrap.indent(textwrap.fill(PROSE, 50), "    "), [PROSE]),
        ("\n".join(textwrap.wrap(CHINESE, 24)) + "\n\n好。", [CHINESE, "好。"]),
        ("\n".join([CHINESE[:24], "see you", "now"]), [CHINESE[:24], "see you", "now"]),
        ("long line of text that is as long as it is\nshort\nanother line of text which is as long as it is", None),
    ],
)
def test_paragraphs(text: str, right: list[str] | None) -> None:
    found = [segment.text for segment in Plain(text.encode(), "a.txt").segments()]
    assert found == (text.split("\n") if right is None else right)


@given(st.integers(NARROWEST + 12, WIDEST - 2), st.sampled_from(["", "  ", "\t"]), st.sampled_from(["\n", "\r\n"]))
def test_a_broken_paragraph_is_broken_again(width: int, indent: str, end: str) -> None:
    text = end.join(indent + line for line in textwrap.wrap(PROSE * 3, width)) + end
    document = Plain(text.encode(), "a.txt")
    assert len(document.segments()) == 1
    written = document.rendered([PROSE.upper() * 4]).decode()
    lines = written.split(end)
    assert all(line.startswith(indent) for line in lines[:-1]) and lines[-1] == ""
    assert " ".join(line.strip() for line in lines).strip() == PROSE.upper() * 4
    assert max(map(len, lines)) <= max(map(len, text.split(end)))


@given(st.integers(NARROWEST // 2 + 2, WIDEST // 2))
def test_chinese_is_broken_between_its_characters(width: int) -> None:
    document = Plain("\n".join(textwrap.wrap(CHINESE * 2, width)).encode(), "a.txt")
    assert len(document.segments()) == 1
    written = document.rendered([CHINESE * 4]).decode()
    assert written.replace("\n", "") == CHINESE * 4
    assert max(map(len, written.split("\n"))) <= width
    assert not any(line[0] in "，。" for line in written.split("\n"))
