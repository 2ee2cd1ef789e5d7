"""Glossaries, and where their terms stand in a line."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.errors import DataError
from nmt.text.phrases import count
from nmt.text.terms import Finder, Span, Term, read_glossary, read_kept

TERMS = [Term("dog", ("Köter",)), Term("hot dog", ("Wurst",)), Term("US", ("USA",)), Term("Fido"), Term("c++")]


def found(line: str, terms: list[Term] = TERMS) -> list[tuple[str, tuple[str, ...]]]:
    return [(line[span.start : span.end], span.forms) for span in Finder(terms).find(line)]


def test_whole_words_are_found_and_the_longest_first() -> None:
    assert found("A hot dog for the dog.") == [("hot dog", ("Wurst",)), ("dog", ("Köter",))]
    assert found("dogs, hotdog, dog_1") == []
    assert found("dog-house (dog)") == [("dog", ("Köter",))] * 2


def test_capitals_count_where_the_term_has_one() -> None:
    assert found("DOG Dog") == [("DOG", ("Köter",)), ("Dog", ("Köter",))]
    assert found("us US fido Fido") == [("US", ("USA",)), ("Fido", ("Fido",))]
    assert found("C++ and c+") == [("C++", ("C++",))]  # kept as the line has it


def test_what_is_taken_is_left_alone() -> None:
    line = "A hot dog, a dog"
    (span,) = Finder(TERMS).find(line, [Span(0, 9, ("x",))])
    assert span[:2] == (13, 16) and Finder(TERMS).find(line)[0][:2] == (2, 9)


def test_a_script_without_spaces_has_terms_anywhere() -> None:
    terms = [Term("东京", ("Tokio",)), Term("dog", ("Köter",)), Term("東", ("Osten",)), Term("โตเกียว", ("Tokio",))]
    assert found("我在东京dog。", terms) == [("东京", ("Tokio",)), ("dog", ("Köter",))]
    assert found("ไปโตเกียวกับ dogs", terms) == [("โตเกียว", ("Tokio",))]


@given(st.text("ab .ß", max_size=12), st.lists(st.text("ab ß", min_size=1, max_size=3).filter(str.strip), max_size=3))
def test_a_term_is_found_exactly_where_it_counts_as_a_phrase(line: str, terms: list[str]) -> None:
    line, terms = line.strip(" "), [term.strip(" ") for term in terms]
    for term in terms:
        assert bool(Finder([Term(term)]).find(line)) == bool(count(line, (term,)))
    spans = Finder([Term(term) for term in terms]).find(line)
    assert all(one.end <= other.start for one, other in pairwise(spans))


def test_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "terms.tsv"
    path.write_bytes("\ufeff# animals\r\ndog|hound\tKöter | laufender Hund\r\n\r\n".encode())
    forms = ("Köter", "laufender Hund", "Laufender Hund")
    assert read_glossary(path) == [Term("dog", forms), Term("hound", forms)]
    path.write_text("Fido\n\n New  York \n#x\n", encoding="utf-8")
    assert read_kept(path) == [Term("Fido"), Term("New York")]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"dog", "terms.tsv:2: no tab between a term and its translation. Write "),
        (b"dog\tHund\tx", "terms.tsv:2: 2 tabs between"),
        (b" \tHund", "terms.tsv:2: the term is blank"),
        (b"dog\t", "terms.tsv:2: the translation is blank"),
        (b"dog\tHund||", "terms.tsv:2: the translation is blank, or a form of it"),
        (b"dog\tH\xfcnd", "terms.tsv:2: not UTF-8"),
    ],
)
def test_bad_lines_are_told(tmp_path: Path, line: bytes, says: str) -> None:
    path = tmp_path / "terms.tsv"
    path.write_bytes(b"a\tb\n" + line + b"\n")
    with pytest.raises(DataError) as error:
        read_glossary(path)
    assert says in str(error.value) and "\n" not in str(error.value)
    with pytest.raises(DataError, match="no such file"):
        read_kept(tmp_path / "none.txt")
