"""Tags are taken out and put back, and stay well-formed whatever was read."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.text.tags import DEEPEST, MOST, WORDS, place_tokens, put_tags, take_tags, token_places


def again(line: str, order: list[int] | None = None) -> str:
    """A line whose words are translated by themselves, in another order."""
    text, nodes, _ = take_tags(line)
    words = text.split(" ") if text else []
    order = order or [*range(len(words))]
    return put_tags(nodes, [words[i] for i in order], np.eye(len(words))[order])


@pytest.mark.parametrize(
    "line",
    [
        "Click <b>here</b>, please.", "<p>A <i><b>big</b> dog</i> runs. <br/>It barks.</p>", '<a href="x">A dog.</a>',
        "(<b>one</b>) two", "<br/>", "", "one <x/> two", "a < b > c <3", "<b>one</b> <b>two</b> three <u>",
        "one <!-- a > b --> two", "<b><br/></b>",
    ],
)  # fmt: skip
def test_what_keeps_its_order_keeps_its_tags(line: str) -> None:
    assert again(line) == line


@pytest.mark.parametrize(
    ("line", "order", "right"),
    [
        ("the <b>red</b> house", [2, 1, 0], "house <b>red</b> the"),
        ("<i>the <b>red</b></i> house", [2, 1, 0], "house <i><b>red</b> the</i>"),
        ("I <b>have seen</b> it.", [0, 1, 3, 2], "I <b>have</b> it. seen"),  # torn apart: the first of equal runs
        ("one <b>two.</b>", [1, 0], "<b>two.</b> one"),
        ("one <b>two</b>.", [1, 0], "<b>two</b>. one"),
        ("un<b>do</b>ing it", [1, 0], "it <b>undoing</b>"),
        ("one <x/> two three", [2, 1, 0], "three <x/> two one"),
    ],
)
def test_tags_go_with_the_words_they_covered(line: str, order: list[int], right: str) -> None:
    assert again(line, order) == right


TREES = st.recursive(
    st.sampled_from(["one", "two.", "(three", "<x/>", "<br>"]),
    lambda inner: st.tuples(st.sampled_from("abc"), st.lists(inner, max_size=3)).map(
        lambda pair: f"<{pair[0]}>{' '.join(pair[1])}</{pair[0]}>"
    ),
    max_leaves=8,
)


@given(st.lists(TREES, max_size=4), st.integers(0, 2**32 - 1), st.integers(1, 6))
def test_all_tags_come_back_well_formed(trees: list[str], seed: int, length: int) -> None:
    line, chance = " ".join(trees), np.random.default_rng(seed)
    text, nodes, _ = take_tags(line)
    assert "<" not in text and text == " ".join(text.split())
    width = len(text.split(" ")) if text else 0
    words = ["Wort,"] * length if width else []
    told = put_tags(nodes, words, chance.random((len(words), width)))
    tags = re.compile(r"</?\w+/?>")
    assert sorted(tags.findall(told)) == sorted(tags.findall(line))
    assert tags.sub("", told).split() == words
    open_tags = list[str]()
    for tag in tags.findall(told):
        if tag.startswith("</"):
            assert open_tags.pop() == tag[2:-1]
        elif tag not in ("<x/>", "<br>"):
            open_tags.append(tag[1:-1])
    assert open_tags == []


@given(st.text("<b>/i a.", max_size=20))
def test_tags_that_fit_no_others_are_not_lost(line: str) -> None:
    text, nodes, _ = take_tags(line)
    words = text.split(" ") if text else []
    told = put_tags(nodes, words, np.eye(len(words)))
    assert sorted(told.replace(" ", "")) == sorted(line.replace(" ", ""))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("<b>" * (DEEPEST + 1) + "x" + "</b>" * (DEEPEST + 1), "within one another"),
        ("<b>" * 200_000 + "x" + "</b>" * 200_000, "tags"),
        ("x<br/>" * (MOST + 1), "tags"),
        ("<b>x</b>" + " x" * WORDS, "words"),
    ],
)
def test_tags_that_are_too_many_stay_in_the_text(line: str, why: str) -> None:
    text, nodes, excess = take_tags(line)
    assert (text, nodes) == (line, []) and why in excess


@pytest.mark.parametrize(
    "line",
    [
        "<b>" * DEEPEST + "x" + "</b>" * DEEPEST,
        "<p>" * (MOST - 1) + "x",  # never closed: not one within another
        "x " + "</b>" * (MOST - 1),
        "<!-- " * 50_000 + "x",  # none of them ends
        "<a " * 50_000,
        "<b>x</b>" * (MOST // 2),
    ],
)
def test_hostile_lines_come_back_whole_and_soon(line: str) -> None:
    text, nodes, excess = take_tags(line)
    words = text.split(" ") if text else []
    told = put_tags(nodes, words, np.eye(len(words))) if nodes else text
    assert not excess and sorted(told.replace(" ", "")) == sorted(line.replace(" ", ""))


@pytest.mark.parametrize(
    ("line", "places"),
    [
        ("one  two", [0, 1]),
        ('A <a href="x y">man</a> <br/> in <b>b</b>lue.', [0, 3, 5, 6]),
        (" one<br/>two <x/>", [0, 0]),
        ("<b> one </b>\ttw<i>o</i>\r", [1, 3]),
        ("<!-- one two -->three", [3]),
        ("<br/>", []),
        ("", []),
    ],
)
def test_tokens_are_counted_with_tags(line: str, places: list[int]) -> None:
    text, nodes, _ = take_tags(line)
    words = text.split(" ") if text else []
    assert token_places(line, text) == places
    if again(line) == line:
        assert place_tokens(nodes, words, np.eye(len(words))) == places


@given(st.lists(st.sampled_from(["<b>", "</b>", '<a x="1 2">', "</a>", "<br/>", " ", " ", "w", "w.", "(", "\t"])))
def test_each_word_is_in_the_token_that_is_told(pieces: list[str]) -> None:
    line = "".join(f"{i}w" if piece[:1] == "w" else piece for i, piece in enumerate(pieces))
    text, nodes, _ = take_tags(line)
    words, weights = text.split(" ") if text else [], np.eye(len(text.split(" ")))
    told = put_tags(nodes, words, weights)
    for whole, places in ((line, token_places(line, text)), (told, place_tokens(nodes, words, weights))):
        assert len(places) == len(words) and places == sorted(places)
        tokens = whole.replace("\t", " ").split()
        for word, place in zip(words, places, strict=True):
            name = re.match("[(.]*[0-9]*", word)
            assert name and name[0].strip("(.") in re.sub("<[^>]*>", "", tokens[place])
