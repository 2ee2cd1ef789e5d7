"""Lines are cut between sentences, and nowhere else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.scripts import join_sentences
from nmt.text.cleaning import tidy
from nmt.text.sentences import sentences


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("The dog sleeps. The cat sees it! Why? 3 dogs. “Yes.” He left… (Then she came.) ¿Qué?", 8),
        ("Dr. Smith met J. Miller at 3 p.m. on the 3. of May, i.e. No. 7, vs. them etc. and so on.", 1),
        ("one. two. three", 1),
        ("", 1),
        ("Version 2.0 is out. “It works.”", 2),
        ("他说：「你好！」我们走吧。今天3.5度！ 明天呢？", 4),
        ("यह है। वह है। هل هذا؟ نعم.", 4),
    ],
)
def test_sentences_end_where_others_begin(line: str, count: int) -> None:
    assert len(sentences(line)) == count


@given(st.text("aB.?! \"'(…1ü字。」"))
def test_joined_they_are_the_line(text: str) -> None:
    line = re.sub("(?<=[。」字]) ", "", tidy(text))  # none stands there
    assert join_sentences(sentences(line)) == line


@pytest.mark.parametrize("line", ["Aa. B" * 30_000, "a. A" * 30_000, "Ab. " + "(" * 30_000 + "Cd. " * 30_000])
def test_a_long_line_is_read_soon(line: str) -> None:
    assert " ".join(sentences(line)) == line
