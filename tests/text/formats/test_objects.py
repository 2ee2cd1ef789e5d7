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
