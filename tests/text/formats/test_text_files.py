"""A text file for each side."""

from pathlib import Path

import pytest

from nmt.text.readers import corpus_files, read_corpus

ENGLISH = ["The kettle sings.", "", "Rain again!"]
GERMAN = ["Der Kessel singt.", "Leer.", ""]
SIDES = list(zip(ENGLISH, GERMAN, strict=True))


def test_a_prefix_may_hold_dots_and_mix_compression(write_lines, sides) -> None:
    write_lines("v1.2.clean.en.gz", ["a"])
    write_lines("v1.2.clean.de", ["b"])
    assert sides("v1.2.clean") == [("a", "b")]
    assert sides("v1.2.clean", "de", "en") == [("b", "a")]
    assert corpus_files("v1.2.clean", "en", "de") == [Path("v1.2.clean.en.gz"), Path("v1.2.clean.de")]


def test_a_missing_side_of_a_prefix_names_what_is_there(complaint, make_prefix) -> None:
    make_prefix()
    assert complaint("train", "en", "fr") == (
        "train.fr: no such file. There is train.de, train.en: check --source and --target."
    )
    assert complaint("nowhere/train").startswith("nowhere/train.en and nowhere/train.de: no such files. A corpus is")


@pytest.mark.parametrize("languages", [("en", "de"), ("", "")])
def test_a_folder_is_called_a_folder(sides, complaint, make_prefix, languages: tuple[str, str]) -> None:
    Path("train").mkdir()
    Path("x.tsv").mkdir()
    assert complaint("train", *languages).startswith("train: is a folder. A corpus is a prefix")
    assert complaint("x.tsv", *languages) == "x.tsv: is a folder. Give a file."
    if all(languages):
        make_prefix()
        assert sides("train") == SIDES


def test_a_prefix_needs_languages_and_is_no_file(complaint, make_prefix) -> None:
    make_prefix()
    assert complaint("train", "", "").startswith("train: which languages? Pass --source and --target")
    assert complaint("train.en").startswith("train.en: one file does not say where its translations are. A corpus is")


def test_a_pair_of_files_is_two_files(complaint) -> None:
    for corpus in ("a,b,c,d", "a.en,", "a.en,,c"):
        assert complaint(corpus).startswith(f"{corpus}: expected two files with a comma between them, e.g. a.en,b.de,")
    assert complaint("a.en,b.de") == "a.en: no such file. Check the path."


def test_a_third_file_brings_word_alignments(write_lines, complaint, make_prefix) -> None:
    make_prefix()
    assert [pair.links for pair in read_corpus("train", "en", "de")] == [""] * 3
    write_lines("links", ["0-0 1-1", "", "0-0"])
    found = list(read_corpus("train.en,train.de,links", "en", "de"))
    assert [(pair.source, pair.target) for pair in found] == SIDES
    assert [pair.links for pair in found] == ["0-0 1-1", "", "0-0"]
    write_lines("links", ["0-0", "0-0"])
    assert complaint("train.en,train.de,links").startswith("links: ends before line 3 of train.en.")
    write_lines("links", ["0-0"] * 4)
    assert complaint("train.en,train.de,links").startswith("links:4: train.en has no such line.")


@pytest.mark.parametrize("extra", ["one more\n", "no newline", "\n"])
def test_unequal_files_name_both_counts(complaint, make_prefix, extra: str) -> None:
    make_prefix()
    with open("train.en", "a") as file:
        file.write(extra)
    assert complaint("train") == (
        "train.en has 4 lines but train.de has 3. Line i of one must be the translation of line i of the other."
    )
    assert "train.de has 3 lines but train.en has 4" in complaint("train", "de", "en")


def test_unequal_files_name_suspicious_characters(write, complaint) -> None:
    write("t.en", "one\u2028two\r\nthree\rfour\x00\r\n")
    write("t.de", "eins\n")
    message = complaint("t")
    assert "t.en has 2 lines but t.de has 1 (t.en holds 1 carriage return (\\r) inside its lines; " in message
    assert "1 U+2028 inside its lines; t.en holds 1 NUL" in message and "t.de holds" not in message


def test_bad_utf8_is_placed(write, complaint) -> None:
    write("t.en", b"good\nb\xffd\n")
    write("t.de", b"gut\nschlecht\n")
    assert complaint("t").startswith("t.en:2: not UTF-8 (byte 0xff at column 2).")
