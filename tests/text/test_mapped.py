import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from nmt.errors import DataError, ModelFolderError
from nmt.settings import Data
from nmt.text import mapped
from nmt.text.batches import Examples, Plan
from nmt.text.corpus import Survey, encode, load, survey
from nmt.text.mapped import IDS, RECORD, examples_of, remove_examples
from nmt.text.tokenizer import Tokenizer
from nmt.text.words import owners

DATA = Data(max_length=20, max_ratio=3)
ROWS = [(f"one two {'house ' * (i % 5)}{i}.", f"{i} two") for i in range(200)] + [("q" * 30, "one"), ("one", "x" * 14)]


@pytest.fixture
def name(tmp_path: Path) -> str:
    path = tmp_path / "corpus.tsv"
    path.write_text("".join(f"{source}\t{target}\n" for source, target in ROWS), encoding="utf-8")
    return str(path)


def look(name: str, seed: int = 1, data: Data = DATA) -> Survey:
    return survey([name], data, seed, hold_out=False)[0]


def pieces(examples: Examples) -> list[tuple[list[int], list[int]]]:
    return [*zip(examples.source, examples.target, strict=True)]


def test_a_mapped_corpus_is_the_one_in_memory(
    name: str, tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nmt.text.corpus.BLOCK", 16)
    found, corpus = look(name), load([name], DATA)
    examples = examples_of(found, (tokenizer, tokenizer), tmp_path / "training")
    in_memory = encode(corpus, tokenizer, tokenizer, DATA)
    assert len(examples) == 200 and pieces(examples) == pieces(in_memory)
    assert found.dropped == corpus.dropped and found.dropped.reasons.total() == 2
    assert {path.name for path in (tmp_path / "training").iterdir()} == {IDS, RECORD}
    ids = examples.source._blocks[0].ids
    assert ids.dtype == np.uint16 and not ids.flags.owndata and len(examples.source._blocks) > 9
    plans = [Plan(each, 60, 1) for each in (examples, in_memory)]
    for one, other in zip(plans[0].batches(3), plans[1].batches(3), strict=True):
        assert all(map(np.array_equal, one, other))


def test_word_alignments_become_those_of_pieces(tokenizer: Tokenizer, tmp_path: Path) -> None:
    lines = {"s": ["one houses", "two", "one two"], "t": ["zwei one!", "x", "two one"], "a": ["0-1 1-0", "", "1-0"]}
    for side, text in lines.items():
        (tmp_path / side).write_text("".join(f"{line}\n" for line in text), encoding="utf-8")
    found = look(",".join(str(tmp_path / side) for side in lines))
    assert found.linked
    examples = examples_of(found, (tokenizer, tokenizer), tmp_path / "training")
    in_memory = encode(load(found.names, DATA), tokenizer, tokenizer, DATA)
    assert in_memory.links is None  # they are for training
    batch = examples.batch([2, 0, 1])
    assert batch.links.shape == (3, batch.target_out.shape[1], batch.source.shape[1])
    for row, line in enumerate((2, 0, 1)):
        wanted = {tuple(map(int, link.split("-"))) for link in lines["a"][line].split()}
        source, target = (owners(tokenizer, tokenizer.encode(lines[side][line])) for side in "st")
        for t, s in np.ndindex(*batch.links.shape[1:]):
            real = t < len(target) and s < len(source)
            assert bool(batch.links[row, t, s]) == (real and (source[s], target[t]) in wanted)
    part = batch.part(1, 2)
    assert part.links.equal(batch.links[1::2, : part.target_out.shape[1], : part.source.shape[1]])


@pytest.mark.parametrize("link", ["1", "a-b", "0-0-0", "2-0", "0-1", "0--1", "٠-0", "9" * 5000 + "-0"])
def test_a_wrong_word_alignment_is_told_with_its_line(tokenizer: Tokenizer, tmp_path: Path, link: str) -> None:
    for side, text in {"s": "one two", "t": "two", "a": f"0-0 {link}"}.items():
        (tmp_path / side).write_text(f"{text}\n", encoding="utf-8")
    found = look(",".join(str(tmp_path / side) for side in "sta"))
    with pytest.raises(DataError) as error:
        examples_of(found, (tokenizer, tokenizer), tmp_path / "training")
    assert f"{tmp_path / 's'}:1: " in str(error.value) and link[:40] in str(error.value)


def test_a_changed_word_alignment_is_another_corpus(tmp_path: Path) -> None:
    hashes = set()
    for links in ("0-0", "", "1-0"):
        for side, text in {"s": "one two", "t": "two", "a": links}.items():
            (tmp_path / side).write_text(f"{text}\n", encoding="utf-8")
        hashes.add(look(",".join(str(tmp_path / side) for side in "sta")).sha256)
    assert len(hashes) == 3


def test_ids_are_encoded_once_and_again_where_anything_differs(
    name: str, tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, both, written = tmp_path / "training", (tokenizer, tokenizer), []
    write = mapped._write
    monkeypatch.setattr(mapped, "_write", lambda *words: (written.append(1), write(*words)))
    first = look(name)
    before = pieces(examples_of(first, both, folder))
    again = look(name)
    assert pieces(examples_of(again, both, folder)) == before and len(written) == 1
    assert again.dropped == first.dropped
    smaller = examples_of(look(name, data=Data(max_length=10)), both, folder)
    assert len(smaller) < 200 and len(written) == 2
    with Path(name).open("a", encoding="utf-8") as file:
        file.write("one more\ttwo\n")
    assert len(examples_of(look(name), both, folder)) == 201 and len(written) == 3


@pytest.mark.parametrize("file", [IDS, RECORD])
@pytest.mark.parametrize("how", ["gone", "cut", "other"])
def test_a_damaged_file_is_written_anew(
    name: str, tokenizer: Tokenizer, tmp_path: Path, file: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nmt.text.corpus.BLOCK", 16)
    path, both = tmp_path / file, (tokenizer, tokenizer)
    before = pieces(examples_of(look(name), both, tmp_path))
    whole = path.read_bytes()
    path.unlink()
    if how != "gone":
        path.write_bytes(whole[: len(whole) // 2] if how == "cut" else b"[1, 2]")
    found = look(name)
    assert pieces(examples_of(found, both, tmp_path)) == before and found.dropped.reasons.total() == 2
    assert path.read_bytes() == whole


def test_what_fails_leaves_nothing(name: str, tokenizer: Tokenizer, tmp_path: Path) -> None:
    folder, both = tmp_path / "training", (tokenizer, tokenizer)
    found = look(name)
    Path(name).write_text("one\tother\n", encoding="utf-8")
    with pytest.raises(DataError, match="changed while it was read"):
        examples_of(found, both, folder)
    assert [*folder.iterdir()] == []
    found = look(name, data=Data(max_length=1))
    with pytest.raises(DataError, match=r"no pair is left\. .*1 longer than 1 pieces \(first: .*:1\).*max_length"):
        examples_of(found, both, folder)
    assert [*folder.iterdir()] == []


def test_a_folder_that_cannot_be_written_is_told(name: str, tokenizer: Tokenizer, tmp_path: Path) -> None:
    (tmp_path / "training").write_text("a file")
    with pytest.raises(ModelFolderError, match=r"examples\.arrow: cannot write: .* choose another --out"):
        examples_of(look(name), (tokenizer, tokenizer), tmp_path / "training")


def test_files_are_removed_and_only_they(name: str, tokenizer: Tokenizer, tmp_path: Path) -> None:
    folder = tmp_path / "training"
    examples = examples_of(look(name), (tokenizer, tokenizer), folder)
    (folder / f".{IDS}.part").write_bytes(b"half")
    (folder / "state").write_bytes(b"mine")
    remove_examples(folder)
    remove_examples(folder)
    assert [path.name for path in folder.iterdir()] == ["state"]
    assert len(pieces(examples)) == 200  # what is mapped may still be read


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kills")
def test_killed_at_any_moment_it_begins_again_or_is_whole(tokenizer: Tokenizer, tmp_path: Path) -> None:
    path, folder = tmp_path / "large.tsv", tmp_path / "training"
    path.write_text("".join(f"one two {i}\ttwo {i}\n" for i in range(20_000)), encoding="utf-8")
    (tmp_path / "some.model").write_bytes(tokenizer.model)
    code = (
        "import sys; from pathlib import Path; from nmt.settings import Data; from nmt.text.corpus import survey; "
        "from nmt.text.mapped import examples_of; from nmt.text.tokenizer import Tokenizer; import datasets; "
        "found, _ = survey([sys.argv[1]], Data(), 1, False); print('ready', flush=True); "
        "some = Tokenizer.load(Path(sys.argv[2])); examples_of(found, (some, some), Path(sys.argv[3]), 1)"
    )
    words = [sys.executable, "-c", code, str(path), str(tmp_path / "some.model"), str(folder)]
    for wait in (0.05, 0.2, 0.5):
        with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
            assert process.stdout and process.stdout.readline() == b"ready\n"
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)
        names = {path.name for path in folder.iterdir()} if folder.exists() else set()
        assert IDS not in names or RECORD in names
    examples = examples_of(look(str(path), data=Data()), (tokenizer, tokenizer), folder)
    assert len(examples) == 20_000 == json.loads((folder / RECORD).read_text())["rows"]
    assert tokenizer.decode(examples.source[19_999]) == "one two 19999"


def test_nothing_is_left_elsewhere(name: str, tokenizer: Tokenizer, tmp_path: Path) -> None:
    """Neither in the cache of the `datasets` library nor among temporary files."""
    (tmp_path / "some.model").write_bytes(tokenizer.model)
    places = {key: tmp_path / key for key in ("HOME", "HF_HOME", "TMPDIR")}
    for place in places.values():
        place.mkdir()
    code = (
        "import sys; from pathlib import Path; from nmt.settings import Data; from nmt.text.corpus import survey; "
        "from nmt.text.mapped import examples_of; from nmt.text.tokenizer import Tokenizer; "
        "some = Tokenizer.load(Path(sys.argv[2])); found, _ = survey([sys.argv[1]], Data(), 1, False); "
        "assert len(examples_of(found, (some, some), Path(sys.argv[3]))) > 9"
    )
    words = [sys.executable, "-c", code, name, str(tmp_path / "some.model"), str(tmp_path / "training")]
    environment = {**os.environ, **{key: str(place) for key, place in places.items()}}
    subprocess.run(words, check=True, env=environment)
    left = [path for place in places.values() for path in place.rglob("*") if path.is_file()]
    assert left == [] and (tmp_path / "training" / IDS).is_file()
