"""What is not to be translated is found."""

import pytest

from nmt.text.protected import as_often, find_protected, nothing_else


@pytest.mark.parametrize(
    ("line", "spans"),
    [
        ("Hi {name}, {{x}} ${y} {0}", [" {name}", " {{x}}", " ${y}", " {0}"]),
        ("%s of %1$s, %(count)d%% at %.2f", [" %s", " %1$s", " %(count)d", " %.2f"]),
        ("50 % of it, 10%, 5th, B2B", ["50", "10"]),
        ("See https://a.org/b?c=1, (www.x.de).", ["https://a.org/b?c=1", "www.x.de"]),
        ("Ask me.you@x-y.org.", ["me.you@x-y.org"]),
        ("3.5 or 1,000 at 12:30.", ["3.5", "1,000", "12:30"]),
        ("v{n}", ["{n}"]),
        ("no such thing", []),
        ("我有3个，看https://a.b/c?d=1，或写信给a.b@c.cn。共%s个", ["3", "https://a.b/c?d=1", "a.b@c.cn", "%s"]),
    ],
)
def test_spans(line: str, spans: list[str]) -> None:
    assert [span.forms[0] for span in find_protected(line)] == spans


def test_what_another_span_contains_is_required_beside_it() -> None:
    line = "3 or 3.5"
    forms = sorted(span.forms[0] for span in as_often(line, find_protected(line)))
    assert forms == ["3", "3", "3.5"]
    assert len(as_often("3 or 3", find_protected("3 or 3"))) == 2


def test_a_line_of_nothing_else() -> None:
    for line, alone in [("{name}", True), ("{a}: 3.", True), ("{a} x", False), ("...", False), ("", False)]:
        assert nothing_else(line, find_protected(line)) == alone


@pytest.mark.parametrize("text", ["a", "a.b-", "x@", "1:", "www.", "{", "%(", "3个", "a@b."])
def test_a_long_line_is_read_soon(text: str) -> None:
    find_protected(text * (400_000 // len(text)))  # minutes if it were read to its end from each of its places


def test_a_line_of_very_many_numbers_is_read_soon() -> None:
    line = " ".join(map(str, range(300))) + " and 7.5 7.5"
    assert len(as_often(line, find_protected(line))) == 306
