"""Tables, with a header row or without."""

import pytest

from nmt.text.cleaning import Dropped, clean
from nmt.text.readers import Pair, read_corpus


@pytest.mark.parametrize(
    "header", ["id\tde\tnote\ten", "id\tDE\tnote\tEN", "id\ttarget\tnote\tsource", "id\t de \tnote\ten"]
)
def test_a_header_row_names_the_columns(write_lines, header: str) -> None:
    write_lines("x.tsv", [header, "7\tja\t-\tyes", "8\tnein\t-\tno"])
    assert list(read_corpus("x.tsv", "en", "de")) == [Pair("yes", "ja", "x.tsv:2"), Pair("no", "nein", "x.tsv:3")]


def test_a_table_without_header_needs_no_languages(write_lines, sides) -> None:
    write_lines("x.tsv", ["en\tfr", "yes\toui"])
    assert sides("x.tsv", "", "") == [("en", "fr"), ("yes", "oui")]
    assert sides("x.tsv", "en", "de") == [("en", "fr"), ("yes", "oui")]


@pytest.mark.parametrize(
    "header",
    ["id\tGerman\tnote\tEnglish", "id\tDeutsch\tnote\tenglish", "id\tdeu\tnote\teng", "id\tde-DE\tnote\ten_US",
     "id\ttgt\tnote\tsrc", "id\ttrg\tnote\tSRC"],
)  # fmt: skip
def test_a_header_may_use_other_words_for_its_languages(write_lines, header: str) -> None:
    write_lines("x.tsv", [header, "7\tja\t-\tyes"])
    for source, target in (("en", "de"), ("EN", "de-AT"), ("eng", "deu")):
        assert list(read_corpus("x.tsv", source, target)) == [Pair("yes", "ja", "x.tsv:2")]


@pytest.mark.parametrize(
    "row", ["English\tEnglisch", "German\tDeutsch", "en\tfr", "English\tFrench", "The source\tDie Quelle", "de\tdie"]
)
def test_a_first_row_that_may_be_a_pair_is_one(write_lines, sides, row: str) -> None:
    write_lines("x.tsv", [row, "yes\tja"])
    assert sides("x.tsv") == [tuple(row.split("\t")), ("yes", "ja")]


def test_a_header_with_two_columns_of_a_language_is_none(write_lines, sides, complaint) -> None:
    write_lines("x.tsv", ["en-US\ten-GB\tde", "yes\tyeah\tja"])
    assert complaint("x.tsv").startswith("x.tsv:1: expected 2 columns, found 3.")
    write_lines("x.tsv", ["en-US\ten\tde", "yes\tyeah\tja"])
    assert sides("x.tsv") == [("yeah", "ja")]


@pytest.mark.parametrize("blank", ["", "  ", "\t", "\t\t\t"])
@pytest.mark.parametrize("header", [[], ["id\tde\tnote\ten"]])
def test_a_blank_row_is_a_blank_pair_and_counted(write_lines, sides, blank: str, header: list[str]) -> None:
    row = "7\tja\t-\tyes" if header else "yes\tja"
    write_lines("x.tsv", [*header, row, blank, row, blank])
    assert sides("x.tsv") == [("yes", "ja"), ("", "")] * 2
    dropped = Dropped()
    assert len(list(clean(read_corpus("x.tsv", "en", "de"), dropped))) == 2
    assert dropped.reasons == {"blank source": 2}


@pytest.mark.parametrize("row", ["only one", "a\tb\tc"])
def test_a_row_with_the_wrong_number_of_columns_is_placed(write_lines, complaint, row: str) -> None:
    write_lines("x.tsv", ["yes\tja", row])
    found = row.count("\t") + 1
    assert complaint("x.tsv").startswith(f"x.tsv:2: expected 2 columns, found {found}. Mend the row;")
    write_lines("y.tsv", ["en\tde\tid\tnote", row])
    assert complaint("y.tsv").startswith(f"y.tsv:2: expected 4 columns, found {found}.")


def test_comma_separated_cells_may_be_quoted_and_hold_line_breaks(write, sides) -> None:
    write("x.csv", 'id,de,note,en\r\n1,"ja, gern",-,"yes ""sir"""\r\n2,"zwei\nZeilen",-,two lines\r\n3,null,,NA\r\n')
    assert list(read_corpus("x.csv", "en", "de")) == [
        Pair('yes "sir"', "ja, gern", "x.csv:2"),
        Pair("two lines", "zwei\nZeilen", "x.csv:3"),
        Pair("NA", "null", "x.csv:5"),
    ]
    write("x.csv", "yes,ja\nno,nein\n\n,leer\n")
    assert sides("x.csv", "", "") == [("yes", "ja"), ("no", "nein"), ("", ""), ("", "leer")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("header", [[], ["source", "target"], ["English", "German"]])
def test_spreadsheets_use_other_delimiters_too(write, sides, delimiter: str, header: list[str]) -> None:
    rows = [*([header] if header else []), ["yes", "ja"], ["no", "nein"]]
    write("x.csv", "\ufeff" + "".join(f"{delimiter.join(row)}\r\n" for row in rows))
    assert sides("x.csv") == [("yes", "ja"), ("no", "nein")]
    write("x.csv", 'yes; sir,"ja; mein\nHerr"\n')
    assert sides("x.csv") == [("yes; sir", "ja; mein\nHerr")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('yes,ja\n"two\nlines",zwei,3\n', "x.csv:2: expected 2 columns, found 3. Mend the row;"),
        ('yes,ja\n"no,nein\nand on\n', "x.csv:2: not CSV (unexpected end of data). Look for a quote"),
        ('yes,ja\n"no"t,nein\n', "x.csv:2: not CSV (',' expected after '\"'). Look for a quote"),
        ("yes,ja\nno\rt,nein\n", "x.csv:2: not CSV (new-line character seen in unquoted field). Look for a quote"),
        ("yes,ja\n" + '"' + "x" * 200_000 + '",y\n', "x.csv:2: not CSV (field larger than field limit (131072))."),
        (b"yes,ja\n\xff,nein\n", "x.csv:2: not UTF-8 (byte 0xff at column 1)."),
    ],
)
def test_a_row_that_is_not_comma_separated_is_placed(write, complaint, text: str | bytes, message: str) -> None:
    write("x.csv", text)
    assert complaint("x.csv").startswith(message)
