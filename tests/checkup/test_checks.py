"""Each check finds what it is for, in the one pair that has it, and nothing in good pairs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.checkup.checks import CHARACTERS, CHECKS, LEVELS, examine
from nmt.checkup.mending import mend_pair
from nmt.checkup.usual import Usual, scripts
from nmt.text.readers import Pair

GOOD = [("The dog sees the cat.", "Der Hund sieht die Katze."), ("Who is there?", "Wer ist da?"), ("Yes.", "Ja."),
        ("It costs 20 euros.", "Es kostet 20 Euro."), ("Hotel", "Hotel"), ("New York", "New York"),
        ("naïve", "naiv")]  # fmt: skip
USUAL = Usual.of([Pair(source, target, "") for source, target in GOOD * 9])
LONG = "a dog and a cat and a bird " * 4
CASES = {
    "bytes": [("caf\udce9 here", "Café hier", "source 0xe9"), ("a", "\udcff\udcfea\0", "target 0xff 0xfe: UTF-16")],
    "blank": [("", "Wer ist da?", "source"), ("Who?", " \t ", "target"), ("", "\r", "source and target")],
    "nul": [("The\0 dog", "Der Hund", "U+0000"), ("The dog", "D\0e\0r\0", "UTF-16?")],
    "ends": [("one\u2028two", "eins zwei", "U+2028"), ("one two", "eins\x85zwei\x0c", "U+0085 U+000C")],
    "returns": [("one\rtwo", "eins zwei", "U+000D")],
    "controls": [("one\x07", "eins", "U+0007"), ("one", "eins\x9b", "U+009B")],
    "hidden": [("one\u200b", "eins", "U+200B"), ("\ufeffone", "eins", "U+FEFF")],
    "lost": [("caf\ufffd", "Café", "U+FFFD")],
    "encoding": [("the cafe", "das CafÃ©", "Ã©"), ("itâ€™s", "es ist", "â€™"),
              ("street", "die StraÃŸe", "ÃŸ"), ("apples", "Ã„pfel", "Ã„")],
    "entities": [("you &amp; me", "du und ich", "&amp;"), ("me", "&#252;ber &quot;mich&quot;", "&#252; &quot;"),
              ("kitchen &mdash;", "K&uuml;che", "&mdash; &uuml;")],
    "copied": [("Der Hund sieht die Katze.", "Der Hund sieht die Katze. ", "one text")],
    "lengths": [(LONG, "Hund", "108 and 4 characters"), ("Dog.", LONG, "4 and 108")],
    "script": [("Кто это там?", "Wer ist da?", "source in cyrillic, usually latin"),
               ("Who is there?", "那是谁在那里", "target in cjk")],
    "long": [("word " * 300, "Wort " * 300, "1,500 characters")],
    "numbers": [("It costs 20 euros.", "Es kostet 30 Euro.", "20 and 30"), ("2 dogs", "Zwei Hunde", "2 and none")],
    "spaces": [("one  two", "eins zwei", "several in a row"), (" one two", "eins zwei", "at an end")],
}  # fmt: skip


def test_every_check_has_its_cases() -> None:
    assert set(CASES) == set(CHECKS) and set(CHARACTERS) <= set(CHECKS)
    assert {check.level for check in CHECKS.values()} == set(LEVELS)


@pytest.mark.parametrize(("name", "case"), [(name, case) for name, cases in CASES.items() for case in cases])
def test_it_finds_what_it_is_for(name: str, case: tuple[str, str, str]) -> None:
    source, target, what = case
    found = examine(source, target, USUAL)
    assert what in found[name]
    if name not in ("lost", "encoding", "script", "blank", "spaces", "bytes"):  # these have other signs besides
        assert set(found) <= {name, "spaces", "numbers"}


def test_it_finds_nothing_in_good_pairs() -> None:
    assert [examine(source, target, USUAL) for source, target in GOOD] == [{}] * len(GOOD)


ENTITIES = st.sampled_from(["&amp;", "&#8232;", "&#0;", "&amp;amp;", "&#38;lt;"])
ODD = st.characters(codec="utf-8") | st.sampled_from("\0\r\u2028\udcff\ufffd &;Ã¤12") | ENTITIES
ANY = st.lists(ODD, max_size=30).map("".join)


@given(ANY, ANY)
def test_no_text_stops_it_and_what_is_mended_is_whole(source: str, target: str) -> None:
    source, target, _, gone = mend_pair(source, target, USUAL)
    if gone:
        return
    again = examine(source, target, USUAL)
    assert not {name for name in again if CHECKS[name].mend is not None and not CHECKS[name].drops}


def test_usual_lengths_and_scripts_are_those_of_most_pairs() -> None:
    pairs = [Pair("abcdefghij" * 5, "абвгдежзик" * 10, "")] * 50 + [Pair("x", "y" * 90, "")] * 5
    usual = Usual.of(pairs)
    assert 0.68 < usual.ratio < 0.7 and usual.scripts == ("LATIN", "CYRILLIC")  # log 2
    assert Usual.of([]) == Usual() == Usual.of([Pair("", "", ""), Pair("a", None, "")])


WORDS = {"häßlich": "LATIN", "Ελλάδα": "GREEK", "ひらがなカタカナ漢字": "CJK", "한국어": "CJK", "שלום": "HEBREW"}


@pytest.mark.parametrize(("text", "script"), WORDS.items())
def test_letters_have_scripts(text: str, script: str) -> None:
    assert scripts(text) == {script: len(text)}
    assert not scripts("12 +-.!?")


def test_entities_are_mended_and_addresses_are_left_alone() -> None:
    text = "See http://x.org/?a=1&copy=2&reg=3 &amp; more &#8232;here."
    assert mend_pair(text, "Hier.", Usual(spread=1000))[0] == "See http://x.org/?a=1&copy=2&reg=3 & more here."


def test_a_corpus_without_letters_has_no_usual_script() -> None:
    assert "script" not in examine("Who is there?", "Wer ist da?", Usual.of([Pair("12 13", "12 13", "")] * 600))
    late = [Pair("12", "12", "")] * 600 + [Pair("Who is there?", "Кто это там?", "")] * 20
    assert Usual.of(late).scripts == ("LATIN", "CYRILLIC")
