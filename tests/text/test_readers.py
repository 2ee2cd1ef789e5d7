import gzip
import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.errors import DataError
from nmt.text.cleaning import Dropped, clean
from nmt.text.readers import READERS, HuggingFace, Pair, corpus_files, read_corpus

ENGLISH = ["The kettle sings.", "", "Rain again!"]
GERMAN = ["Der Kessel singt.", "Leer.", ""]
SIDES = list(zip(ENGLISH, GERMAN, strict=True))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, text: str | bytes) -> None:
    data = text.encode() if isinstance(text, str) else text
    Path(name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)


def write_lines(name: str, lines: list[str]) -> None:
    write(name, "".join(f"{line}\n" for line in lines))


def sides(corpus: str, source: str = "en", target: str = "de") -> list[tuple[str, str | None]]:
    return [(pair.source, pair.target) for pair in read_corpus(corpus, source, target)]


def complaint(corpus: str, source: str = "en", target: str = "de") -> str:
    with pytest.raises(DataError) as error:
        list(read_corpus(corpus, source, target))
    assert "\n" not in str(error.value)
    return str(error.value)


def make_prefix(packed: str = "") -> str:
    write_lines(f"train.en{packed}", ENGLISH)
    write_lines(f"train.de{packed}", GERMAN)
    return "train"


def make_pair() -> str:
    make_prefix()
    return "train.en,train.de"


def make_tsv(packed: str = "") -> str:
    write_lines(f"x.tsv{packed}", [f"{s}\t{t}" for s, t in SIDES])
    return f"x.tsv{packed}"


def make_jsonl(packed: str = "") -> str:
    write_lines(f"x.jsonl{packed}", [json.dumps({"en": s, "de": t}) for s, t in SIDES])
    return f"x.jsonl{packed}"


def make_hf() -> str:
    return f"hf:{make_jsonl()}"


CORPORA = {"prefix": make_prefix, "pair": make_pair, "tsv": make_tsv, "jsonl": make_jsonl, "hf": make_hf}


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if importlib.util.find_spec("datasets") is None:
        pytest.skip("datasets is not installed")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    import datasets
    import huggingface_hub

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    yield


@pytest.mark.parametrize("form", READERS)
def test_every_form_gives_the_same_pairs_with_their_origins(form: str, offline: None) -> None:
    corpus = CORPORA[form]()
    pairs = list(read_corpus(corpus, "en", "de"))
    assert [(pair.source, pair.target) for pair in pairs] == SIDES
    assert all(pair.origin.endswith(f":{number}") for number, pair in enumerate(pairs, start=1))
    assert all(path.is_file() for path in corpus_files(corpus, "en", "de"))


@pytest.mark.parametrize("make", [make_prefix, make_tsv, make_jsonl])
def test_compressed_corpora_read_the_same(make: object) -> None:
    assert sides(make(".gz")) == SIDES  # type: ignore[operator]


def test_an_empty_corpus_is_no_error() -> None:
    for name in ("e.en", "e.de", "e.tsv", "e.jsonl"):
        write(name, "")
    assert [sides(corpus) for corpus in ("e", "e.en,e.de", "e.tsv", "e.jsonl")] == [[], [], [], []]


def test_a_prefix_may_hold_dots_and_mix_compression() -> None:
    write_lines("v1.2.clean.en.gz", ["a"])
    write_lines("v1.2.clean.de", ["b"])
    assert sides("v1.2.clean") == [("a", "b")]
    assert sides("v1.2.clean", "de", "en") == [("b", "a")]
    assert corpus_files("v1.2.clean", "en", "de") == [Path("v1.2.clean.en.gz"), Path("v1.2.clean.de")]


def test_a_missing_side_of_a_prefix_names_what_is_there() -> None:
    make_prefix()
    assert complaint("train", "en", "fr") == (
        "train.fr: no such file. There is train.de, train.en: check --source and --target."
    )
    assert complaint("nowhere/train").startswith("nowhere/train.en and nowhere/train.de: no such files. A corpus is")


@pytest.mark.parametrize("languages", [("en", "de"), ("", "")])
def test_a_folder_is_called_a_folder(languages: tuple[str, str]) -> None:
    Path("train").mkdir()
    Path("x.tsv").mkdir()
    assert complaint("train", *languages).startswith("train: is a folder. A corpus is a prefix")
    assert complaint("x.tsv", *languages) == "x.tsv: is a folder. Give a file."
    if all(languages):
        make_prefix()
        assert sides("train") == SIDES


def test_a_prefix_needs_languages_and_is_no_file() -> None:
    make_prefix()
    assert complaint("train", "", "").startswith("train: which languages? Pass --source and --target")
    assert complaint("train.en").startswith("train.en: one file does not say where its translations are. A corpus is")


def test_a_pair_of_files_is_two_files() -> None:
    for corpus in ("a,b,c,d", "a.en,", "a.en,,c"):
        assert complaint(corpus).startswith(f"{corpus}: expected two files with a comma between them, e.g. a.en,b.de,")
    assert complaint("a.en,b.de") == "a.en: no such file. Check the path."


def test_a_third_file_brings_word_alignments() -> None:
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


def test_json_may_bring_word_alignments() -> None:
    rows = [{"en": "a b", "de": "c", "alignment": "1-0"}, {"translation": {"en": "a", "de": "c"}, "alignment": "0-0"}]
    write_lines("x.jsonl", [json.dumps(row) for row in [*rows, {"en": "a", "de": "b"}]])
    assert [pair.links for pair in read_corpus("x.jsonl", "en", "de")] == ["1-0", "0-0", ""]
    write_lines("x.jsonl", [json.dumps({"en": "a", "de": "b", "alignment": [[0, 0]]})])
    assert complaint("x.jsonl").startswith("x.jsonl:1: 'alignment' is [[0, 0]], not text. Write '0-0 1-2'")


@pytest.mark.parametrize("extra", ["one more\n", "no newline", "\n"])
def test_unequal_files_name_both_counts(extra: str) -> None:
    make_prefix()
    with open("train.en", "a") as file:
        file.write(extra)
    assert complaint("train") == (
        "train.en has 4 lines but train.de has 3. Line i of one must be the translation of line i of the other."
    )
    assert "train.de has 3 lines but train.en has 4" in complaint("train", "de", "en")


def test_unequal_files_name_suspicious_characters() -> None:
    write("t.en", "one\u2028two\r\nthree\rfour\x00\r\n")
    write("t.de", "eins\n")
    message = complaint("t")
    assert "t.en has 2 lines but t.de has 1 (t.en holds 1 carriage return (\\r) inside its lines; " in message
    assert "1 U+2028 inside its lines; t.en holds 1 NUL" in message and "t.de holds" not in message


def test_bad_utf8_is_placed() -> None:
    write("t.en", b"good\nb\xffd\n")
    write("t.de", b"gut\nschlecht\n")
    assert complaint("t").startswith("t.en:2: not UTF-8 (byte 0xff at column 2).")


@pytest.mark.parametrize(
    "header", ["id\tde\tnote\ten", "id\tDE\tnote\tEN", "id\ttarget\tnote\tsource", "id\t de \tnote\ten"]
)
def test_a_header_row_names_the_columns(header: str) -> None:
    write_lines("x.tsv", [header, "7\tja\t-\tyes", "8\tnein\t-\tno"])
    assert list(read_corpus("x.tsv", "en", "de")) == [Pair("yes", "ja", "x.tsv:2"), Pair("no", "nein", "x.tsv:3")]


def test_a_table_without_header_needs_no_languages() -> None:
    write_lines("x.tsv", ["en\tfr", "yes\toui"])
    assert sides("x.tsv", "", "") == [("en", "fr"), ("yes", "oui")]
    assert sides("x.tsv", "en", "de") == [("en", "fr"), ("yes", "oui")]


@pytest.mark.parametrize(
    "header",
    ["id\tGerman\tnote\tEnglish", "id\tDeutsch\tnote\tenglish", "id\tdeu\tnote\teng", "id\tde-DE\tnote\ten_US",
     "id\ttgt\tnote\tsrc", "id\ttrg\tnote\tSRC"],
)  # fmt: skip
def test_a_header_may_use_other_words_for_its_languages(header: str) -> None:
    write_lines("x.tsv", [header, "7\tja\t-\tyes"])
    for source, target in (("en", "de"), ("EN", "de-AT"), ("eng", "deu")):
        assert list(read_corpus("x.tsv", source, target)) == [Pair("yes", "ja", "x.tsv:2")]


@pytest.mark.parametrize(
    "row", ["English\tEnglisch", "German\tDeutsch", "en\tfr", "English\tFrench", "The source\tDie Quelle", "de\tdie"]
)
def test_a_first_row_that_may_be_a_pair_is_one(row: str) -> None:
    write_lines("x.tsv", [row, "yes\tja"])
    assert sides("x.tsv") == [tuple(row.split("\t")), ("yes", "ja")]


def test_a_header_with_two_columns_of_a_language_is_none() -> None:
    write_lines("x.tsv", ["en-US\ten-GB\tde", "yes\tyeah\tja"])
    assert complaint("x.tsv").startswith("x.tsv:1: expected 2 columns, found 3.")
    write_lines("x.tsv", ["en-US\ten\tde", "yes\tyeah\tja"])
    assert sides("x.tsv") == [("yeah", "ja")]


@pytest.mark.parametrize("blank", ["", "  ", "\t", "\t\t\t"])
@pytest.mark.parametrize("header", [[], ["id\tde\tnote\ten"]])
def test_a_blank_row_is_a_blank_pair_and_counted(blank: str, header: list[str]) -> None:
    row = "7\tja\t-\tyes" if header else "yes\tja"
    write_lines("x.tsv", [*header, row, blank, row, blank])
    assert sides("x.tsv") == [("yes", "ja"), ("", "")] * 2
    dropped = Dropped()
    assert len(list(clean(read_corpus("x.tsv", "en", "de"), dropped))) == 2
    assert dropped.reasons == {"blank source": 2}


@pytest.mark.parametrize("row", ["only one", "a\tb\tc"])
def test_a_row_with_the_wrong_number_of_columns_is_placed(row: str) -> None:
    write_lines("x.tsv", ["yes\tja", row])
    found = row.count("\t") + 1
    assert complaint("x.tsv").startswith(f"x.tsv:2: expected 2 columns, found {found}. Mend the row;")
    write_lines("y.tsv", ["en\tde\tid\tnote", row])
    assert complaint("y.tsv").startswith(f"y.tsv:2: expected 4 columns, found {found}.")


@pytest.mark.parametrize(
    "row",
    [
        {"en": "yes", "de": "ja", "id": 3},
        {"source": "yes", "target": "ja"},
        {"translation": {"de": "ja", "en": "yes"}},
        {"translation": {"source": "yes", "target": "ja"}},
    ],
)
def test_json_objects_in_all_shapes(row: object) -> None:
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
def test_what_json_lines_cannot_be(line: str, message: str) -> None:
    write_lines("x.jsonl", [line])
    assert complaint("x.jsonl").startswith(message)


def test_json_keys_by_language_need_languages() -> None:
    write_lines("x.jsonl", ['{"en": "yes", "de": "ja"}'])
    assert complaint("x.jsonl", "", "") == "x.jsonl:1: which of the keys en, de? Pass --source and --target."
    write_lines("x.jsonl", ['{"source": "yes", "target": "ja"}'])
    assert sides("x.jsonl", "", "") == [("yes", "ja")]


def test_a_lone_surrogate_in_json_becomes_a_replacement_character() -> None:
    write_lines("x.jsonl", [r'{"en": "\ud83d!", "de": "\ud83d\ude00"}'])
    assert sides("x.jsonl") == [("\ufffd!", "😀")]


no_breaks = st.text(st.characters(exclude_characters="\n\r\t", exclude_categories=["Cs"]), max_size=10)


@given(st.lists(st.tuples(no_breaks, no_breaks), max_size=4))
def test_what_is_written_is_read(pairs: list[tuple[str, str]]) -> None:
    pairs = [("first", "erste"), *pairs]  # keeps a byte order mark away from the start
    write_lines("x.tsv", [f"{s}\t{t}" for s, t in pairs])
    write_lines("x.jsonl", [json.dumps({"en": s, "de": t}) for s, t in pairs])
    write_lines("p.en", [s for s, _ in pairs])
    write_lines("p.de", [t for _, t in pairs])
    assert sides("x.tsv") == sides("x.jsonl") == sides("p") == pairs


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("hf:wmt14", ("wmt14", None, "train")),
        ("hf:user/set@de-en:validation", ("user/set", "de-en", "validation")),
        ("hf:user/set:train[:10%]", ("user/set", None, "train[:10%]")),
        (r"hf:C:\data\x.jsonl", (r"C:\data\x.jsonl", None, "train")),
        ("hf:C:/data/x.jsonl:dev", ("C:/data/x.jsonl", None, "dev")),
        ("hf:/home/me@work/set@plain", ("/home/me@work/set", "plain", "train")),
    ],
)
def test_parts_of_a_hub_word(word: str, parts: tuple[str, str | None, str]) -> None:
    assert HuggingFace(word, "en", "de")._parts() == parts


def test_a_hub_word_without_a_name_shows_how() -> None:
    assert complaint("hf:").startswith("hf:: write hf:NAME[@CONFIG][:SPLIT], e.g.")


def test_local_folders_and_their_splits(offline: None) -> None:
    Path("set").mkdir()
    write_lines("set/train.jsonl", ['{"translation": {"en": "yes", "de": "ja"}}'])
    write_lines("set/validation.jsonl", ['{"translation": {"en": "no", "de": "nein"}}'])
    assert list(read_corpus("hf:set", "en", "de")) == [Pair("yes", "ja", "hf:set:1")]
    assert sides("hf:set:validation") == [("no", "nein")]
    assert corpus_files("hf:set", "en", "de") == [Path("set/train.jsonl"), Path("set/validation.jsonl")]
    message = complaint("hf:set:dev")
    assert message.startswith("hf:set:dev: ") and "'train'" in message and "'validation'" in message
    assert "'xy'" in complaint("hf:set@xy")


def test_sets_saved_to_disk(offline: None) -> None:
    import datasets

    part = datasets.Dataset.from_dict({"source": ["yes", ""], "target": ["ja", "leer"]})
    part.save_to_disk("one")
    datasets.DatasetDict({"train": part, "validation": part}).save_to_disk("two")
    for corpus in ("hf:one", "hf:two", "hf:two:validation"):
        assert sides(corpus, "", "") == [("yes", "ja"), ("", "leer")]
    assert complaint("hf:two:valid") == (
        "hf:two:valid: no split 'valid'. Did you mean 'validation'? Splits: train, validation."
    )
    assert complaint("hf:one:test") == "hf:one:test: no split 'test'. Splits: train."


def test_local_data_files(offline: None, capfd: pytest.CaptureFixture[str]) -> None:
    write("x.csv", 'en,de\n"yes, sir",jawohl\n')
    assert sides("hf:x.csv") == [("yes, sir", "jawohl")]
    write("x.csv", "en,de\nNA,null\n,leer\n")
    assert sides("hf:x.csv") == [("NA", "null"), ("", "leer")]
    for name in ("x.tsv", "x.tsv.gz"):
        write(name, 'en\tde\n"yes, sir\tja"wohl\nNA\t\n')
        assert sides(f"hf:{name}") == [('"yes, sir', 'ja"wohl'), ("NA", "")]
    write("x.unknown", "?")
    assert complaint("hf:x.unknown").startswith("hf:x.unknown: cannot tell the format of x.unknown. Endings: .jsonl,")
    write("bad.jsonl", '{"en": \n[[[')
    message = complaint("hf:bad.jsonl")
    assert message.startswith("hf:bad.jsonl: ") and "JSON" in message and message.endswith(". Mend the data.")
    assert "generating" not in message and capfd.readouterr() == ("", "")


def test_the_hub_without_network(offline: None, capfd: pytest.CaptureFixture[str]) -> None:
    assert corpus_files("hf:no-such-user/no-such-set", "en", "de") == []
    assert complaint("hf:no-such-user/no-such-set").endswith("Check the name and the network.")
    assert capfd.readouterr() == ("", "")


def test_without_the_library_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    assert complaint("hf:wmt14") == "hf:wmt14: needs the datasets library. Run `pip install datasets`."


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, pattern: str) -> None:
        raise PermissionError(13, "Permission denied", str(path / "secret"))

    monkeypatch.setattr(Path, "rglob", refuse)
    with pytest.raises(DataError, match=r"secret: Permission denied\. Check the path and its permissions\.$"):
        corpus_files(f"hf:{tmp_path}", "en", "de")
