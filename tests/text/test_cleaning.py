import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.text.cleaning import Dropped, clean, tidy
from nmt.text.readers import Pair


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("  two \t words\t", "two words"),
        ("end\r", "end"),
        ("mid\rdle", "mid\rdle"),
        ("n\0u\0l", "nul"),
        ("no\u00a0break\u3000", "no\u00a0break\u3000"),
        ("line\u2028end\u0085", "line\u2028end\u0085"),
        ("first\nsecond", "first second"),
        (" \0 ", ""),
    ],
)
def test_tidy_touches_spaces_and_nul_only(text: str, tidied: str) -> None:
    assert tidy(text) == tidied


@given(st.text(st.sampled_from(" \t\r\n\0ab\u00a0"), max_size=12))
def test_tidy_twice_is_tidy_once(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


def test_pairs_with_a_blank_side_go_as_pairs_and_are_counted() -> None:
    pairs = [
        Pair(" one ", "eins", "x:1"),
        Pair("", "zwei", "x:2"),
        Pair("three", "\u3000", "x:3"),
        Pair("\t", "", "x:4"),
        Pair("five", None, "x:5"),
    ]
    dropped = Dropped()
    assert list(clean(pairs, dropped)) == [Pair("one", "eins", "x:1"), Pair("five", None, "x:5")]
    assert (dropped.total, dropped.kept) == (5, 2)
    assert dropped.report() == "Dropped 3 of 5 pairs: 2 blank source (first: x:2), 1 blank target (first: x:3)."


def test_nothing_is_not_called_all() -> None:
    assert Dropped().report() == "Nothing was read."


def test_later_filters_add_their_reasons() -> None:
    dropped = Dropped()
    assert len(list(clean([Pair("a", "b", f"x:{i}") for i in range(4)], dropped))) == 4
    assert dropped.report() == "Kept all 4 pairs."
    dropped.add("too long", "x:2")
    dropped.add("too long", "x:3")
    assert dropped.kept == 2
    assert dropped.report() == "Dropped 2 of 4 pairs: 2 too long (first: x:2)."


@given(st.lists(st.tuples(st.sampled_from(["", " ", "a"]), st.sampled_from(["", "\t", "b"]))))
def test_kept_and_dropped_make_the_total(sides: list[tuple[str, str]]) -> None:
    dropped = Dropped()
    kept = list(clean((Pair(source, target, "x:1") for source, target in sides), dropped))
    assert dropped.kept == len(kept) == sum(bool(s.strip() and t.strip()) for s, t in sides)
    assert dropped.total == len(sides)


def test_what_a_reader_skips_was_seen_and_is_counted() -> None:
    dropped = Dropped()
    dropped.skip("untranslated", "x.po:3")
    dropped.skip("untranslated", "x.po:9")
    assert [*clean([Pair("a", "b", "x.po:12"), Pair("", "b", "x.po:15")], dropped)] == [Pair("a", "b", "x.po:12")]
    assert dropped.report() == "Dropped 3 of 4 pairs: 2 untranslated (first: x.po:3), 1 blank source (first: x.po:15)."
