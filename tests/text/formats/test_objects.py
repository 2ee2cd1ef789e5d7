"""JSON, on lines and in lists."""

import json

import pytest

from nmt.text.readers import Pair, read_corpus


def test_json_may_bring_word_alignments(write_lines, complaint) -> None:
    rows = [{"en": "a b", "de": "c", "alignment": "1-0"}, {"translation": {"en": "a", "de": "c"}, "alignment": "0-0"}]
    write_lines("x.jsonl", [json.dumps(row) for row in [*rows, {"en": "a", "de": "b"}]])
    assert [pair.links for pair in read_corpus("x.jsonl", "en", "de")] == ["1-0", "0-0", ""]
    write_lines("x.jsonl", [json.dumps({"en": "a", "de": "b", "alignment": [[0, 0]]})])
    assert complaint("x.jsonl").startswith("x.jsonl:1: 'alignment' is [[0, 0]], not text. Write '0-0 1-2'")


@pytest.mark.parametrize(
    "row",
    [
        {"en": "yes", "de": "ja", "id": 3},
        {"source": "yes", "target": "ja"},
        {"translation": {"de": "ja", "en": "yes"}},
        {"translation": {"source": "yes", "target": "ja"}},
    ],
)
def test_json_objects_in_all_shapes(write_lines, row: object) -> None:
    write_lines("x.jsonl", [json.dumps(row), ""])
    assert list(read_corpus("x.jsonl", "en", "de")) == [Pair("yes", "ja", "x.jsonl:1")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('["yes", "ja"]', "x.jsonl:1: not an object but list. Write"),
        ("3", "x.jsonl:1: not an object but int. Write"),
        ('{"en": "yes"', "x.jsonl:1: not JSON ("),
        ("[" * 100_000, "x.jsonl:1: not JSON ("),
        (
            '{"en": "yes", "dee": "ja"}',
            "x.jsonl:1: no key 'de'. Did you mean 'dee'? Keys: en, dee. Check --source and --target.",
        ),
        ('{"en": "yes", "de": null}', "x.jsonl:1: 'de' is None, not text. Mend or remove the line."),
        (
            '{"en": "yes", "fr": "oui"}',
            "x.jsonl:1: no key 'de'. Keys: en, fr. Check --source and --target.",
        ),
        ('{"en": 5, "de": "fünf"}', "x.jsonl:1: 'en' is 5, not text."),
        ("{}", "x.jsonl:1: no key 'en'."),
    ],
)
def test_what_json_lines_cannot_be(write_lines, complaint, line: str, message: str) -> None:
    write_lines("x.jsonl", [line])
    assert complaint("x.jsonl").startswith(message)


def test_json_keys_by_language_need_languages(write_lines, sides, complaint) -> None:
    write_lines("x.jsonl", ['{"en": "yes", "de": "ja"}'])
    assert complaint("x.jsonl", "", "") == "x.jsonl:1: which of the keys en, de? Pass --source and --target."
    write_lines("x.jsonl", ['{"source": "yes", "target": "ja"}'])
    assert sides("x.jsonl", "", "") == [("yes", "ja")]


def test_a_lone_surrogate_in_json_becomes_a_replacement_character(write_lines, sides) -> None:
    write_lines("x.jsonl", [r'{"en": "\ud83d!", "de": "\ud83d\ude00"}'])
    assert sides("x.jsonl") == [("\ufffd!", "😀")]


def test_a_list_may_take_as_many_lines_as_it_likes(write, sides) -> None:
    write("x.json", '\n[{"en": "yes",\n"de": "ja"}\n,\n\n  {"translation": {"en": "no", "de": "nein"}}]\n')
    assert list(read_corpus("x.json", "en", "de")) == [Pair("yes", "ja", "x.json:2"), Pair("no", "nein", "x.json:6")]
    write("x.json", '{"en": "yes", "de": "ja"} {\n"en": "no", "de": "nein"}')
    assert sides("x.json") == [("yes", "ja"), ("no", "nein")]
    write("x.json", "[]")
    assert sides("x.json") == []


def test_a_list_is_read_as_it_comes(write, complaint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nmt.text.formats.objects.LONGEST", 2**17)
    rows = [{"en": f"{number}" * 50, "de": "x" * 100} for number in range(3000)]
    write("x.json", json.dumps(rows, indent=1))
    assert [pair.source for pair in read_corpus("x.json", "en", "de")] == [row["en"] for row in rows]
    write("x.json", json.dumps(rows, indent=1)[:-300] + '{"a')  # what comes before the damage is read
    read = []
    with pytest.raises(Exception, match=r"x\.json:\d+: "):
        for pair in read_corpus("x.json", "en", "de"):
            read.append(pair.source)
    assert len(read) == 2999
    write("x.json", json.dumps([{"en": "word " * 15_000, "de": "x"}] * 9))
    assert len(list(read_corpus("x.json", "en", "de"))) == 9
    write("x.json", '[{"en": "' + "x" * 1_000_000)
    assert "not JSON (no value ends within 131,072 characters)" in complaint("x.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"en": "yes", "de": "ja"}\n{"en"', "x.json:2: not JSON (a comma is missing). Mend the file."),
        ('[{"en": "yes", "de": "ja"},\n{"en"', "x.json:2: not JSON (Expecting ':' delimiter). Mend the file: a list"),
        ('[{"en": "yes", "de": "ja"},\n', "x.json:2: the list has no end: cut short? Fetch or write the file again."),
        ('[{"en": "yes", "de": "ja"},]', "x.json:1: not JSON (Expecting value)"),
        ("[]\n[]", "x.json:2: there is more behind the end of the list. Write one list."),
        ("[\n3]", "x.json:2: not an object but int."),
        ('{"data": []}', "x.json:1: no key 'en'."),
        ("[" * 100_000, "x.json:1: not JSON ("),
        ("yes\tja", "x.json:1: not JSON (Expecting value)"),
        (b'[\n{"en": "yes\xff"', "x.json:2: not UTF-8 (byte 0xff). Convert the file"),
        (b'[\n{"en": "yes\xc3', "x.json:2: not UTF-8 (byte 0xc3). Convert the file"),
        ('[{"en": "' + "9" * 5000 + '", "de": ' + "9" * 5000 + "}]", "x.json:1: not JSON (Exceeds the limit"),
    ],
)
def test_what_a_list_cannot_be(write, complaint, text: str | bytes, message: str) -> None:
    write("x.json", text)
    assert complaint("x.json").startswith(message)


def test_a_complaint_is_one_line_whatever_a_file_holds(write, complaint) -> None:
    write("x.json", '[{"a\\nb\\u001b[31m": 1}]')
    assert complaint("x.json").startswith("x.json:1: no key 'en'. Keys: a\\nb\\x1b[31m.")
