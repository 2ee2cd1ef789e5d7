"""Corpora through the `datasets` library."""

import sys
from pathlib import Path

import pytest

from nmt.errors import DataError
from nmt.text.readers import HuggingFace, Pair, corpus_files, read_corpus


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


def test_a_hub_word_without_a_name_shows_how(complaint) -> None:
    assert complaint("hf:").startswith("hf:: write hf:NAME[@CONFIG][:SPLIT], e.g.")


def test_local_folders_and_their_splits(write_lines, sides, complaint, offline: None) -> None:
    Path("set").mkdir()
    write_lines("set/train.jsonl", ['{"translation": {"en": "yes", "de": "ja"}}'])
    write_lines("set/validation.jsonl", ['{"translation": {"en": "no", "de": "nein"}}'])
    assert list(read_corpus("hf:set", "en", "de")) == [Pair("yes", "ja", "hf:set:1")]
    assert sides("hf:set:validation") == [("no", "nein")]
    assert corpus_files("hf:set", "en", "de") == [Path("set/train.jsonl"), Path("set/validation.jsonl")]
    message = complaint("hf:set:dev")
    assert message.startswith("hf:set:dev: ") and "'train'" in message and "'validation'" in message
    assert "'xy'" in complaint("hf:set@xy")


def test_sets_saved_to_disk(sides, complaint, offline: None) -> None:
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


def test_local_data_files(write, sides, complaint, offline: None, capfd: pytest.CaptureFixture[str]) -> None:
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


def test_the_hub_without_network(complaint, offline: None, capfd: pytest.CaptureFixture[str]) -> None:
    assert corpus_files("hf:no-such-user/no-such-set", "en", "de") == []
    assert complaint("hf:no-such-user/no-such-set").endswith("Check the name and the network.")
    assert capfd.readouterr() == ("", "")


def test_without_the_library_the_remedy_is_named(complaint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    assert complaint("hf:wmt14") == "hf:wmt14: needs the datasets library. Run `pip install datasets`."


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, pattern: str) -> None:
        raise PermissionError(13, "Permission denied", str(path / "secret"))

    monkeypatch.setattr(Path, "rglob", refuse)
    with pytest.raises(DataError, match=r"secret: Permission denied\. Check the path and its permissions\.$"):
        corpus_files(f"hf:{tmp_path}", "en", "de")


def test_a_damaged_parquet_file_is_named(complaint, offline: None) -> None:
    import pyarrow
    from pyarrow import parquet

    Path("set").mkdir()
    table = pyarrow.table({"en": [f"dog {i}" for i in range(3000)], "de": [f"Hund {i}" for i in range(3000)]})
    parquet.write_table(table, "set/train-1.parquet")
    whole = Path("set/train-1.parquet").read_bytes()
    garbled = bytes(byte ^ 0x5A if 200 <= place < 2200 else byte for place, byte in enumerate(whole))
    for damaged in (whole[: len(whole) // 2], garbled, b"", b"no parquet"):
        Path("set/train-2.parquet").write_bytes(damaged)
        for corpus in ("hf:set", "hf:set/train-2.parquet"):
            message = complaint(corpus)
            assert str(Path("set/train-2.parquet")) in message and "damaged" in message
            assert message.endswith(". Fetch this file again.") and "\n" not in message
