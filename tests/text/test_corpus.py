import os
from pathlib import Path

import numpy as np
import pytest

from nmt.errors import DataError
from nmt.settings import Data
from nmt.text.corpus import Corpus, encode, fingerprint, load, survey
from nmt.text.readers import Pair
from nmt.text.tokenizer import Tokenizer

DATA = Data(source="en", target="de")


def write(folder: Path, name: str, rows: list[tuple[str, str]]) -> str:
    path = folder / f"{name}.tsv"
    path.write_text("".join(f"{source}\t{target}\n" for source, target in rows), encoding="utf-8")
    return str(path)


def some(*pairs: tuple[str, str]) -> Corpus:
    return Corpus(["x"], [Pair(source, target, f"x:{i}") for i, (source, target) in enumerate(pairs, start=1)])


def test_corpora_are_read_one_after_another_and_cleaned(tmp_path: Path) -> None:
    names = [write(tmp_path, "a", [("one ", "eins"), ("", "zwei")]), write(tmp_path, "b", [("three", "drei")])]
    corpus = load(names, DATA)
    assert corpus.sources() == ["one", "three"] and corpus.targets() == ["eins", "drei"]
    assert corpus.names == names
    assert corpus.dropped.report().startswith("Dropped 1 of 3 pairs: 1 blank source (first: ")


def test_the_hash_is_of_what_was_read(tmp_path: Path) -> None:
    contents = [[("a", "b")], [("a", "b"), ("", "c")], [("a", "c")], [("b", "a")]]
    names = [write(tmp_path, str(i), rows) for i, rows in enumerate(contents)]
    hashes = [load([name], DATA).sha256 for name in names]
    assert len(set(hashes)) == len(names)
    assert load([write(tmp_path, "copy", contents[1])], DATA).sha256 == hashes[1]
    assert load(names[:2], DATA).sha256 != load(names[1::-1], DATA).sha256
    assert [fingerprint([name], DATA) for name in names] == hashes
    assert fingerprint(names[:2], DATA) == load(names[:2], DATA).sha256


def test_nothing_to_learn_from_is_refused(tmp_path: Path) -> None:
    name = write(tmp_path, "a", [("", "eins"), ("two", " ")])
    with pytest.raises(DataError, match=r"a\.tsv: no usable pair\. Dropped 2 of 2 pairs"):
        load([name], DATA)


@pytest.mark.parametrize("wanted", [1, 3, 1000])
def test_held_out_sources_are_on_one_side_only(wanted: int, tmp_path: Path) -> None:
    name = write(tmp_path, "a", [(f"source {i % 50}", f"target {i}") for i in range(120)])
    found, held = survey([name], Data(held_out=wanted), seed=1, hold_out=True)
    every, kept = load([name], DATA).pairs, [*found.pairs()]
    assert held is not None and len(held) == min(wanted, 5) == len(set(held.sources()))
    assert [pair for pair in every if pair in held.pairs] == held.pairs and len(found) == len(kept)
    sources = {pair.source for pair in kept}
    assert not set(held.sources()) & sources
    assert set(held.sources()) | sources == {f"source {i}" for i in range(50)}
    gone = [pair for pair in every if pair not in held.pairs and pair not in kept]
    assert len(every) == len(kept) + len(held) + len(gone)
    assert {pair.source for pair in gone} <= set(held.sources())
    assert found.dropped.reasons["another translation of a held-out sentence"] == len(gone) > 0
    assert found.dropped.first["another translation of a held-out sentence"] == gone[0].origin
    assert found.sample == [(pair.source, pair.target) for pair in kept]


def test_the_seed_decides_what_is_held_out(tmp_path: Path) -> None:
    name = write(tmp_path, "a", [(f"{i}", "x") for i in range(100)])

    def held(seed: int) -> list[str]:
        _, found = survey([name], DATA, seed, hold_out=True)
        assert found is not None
        return found.sources()

    assert held(1) == held(1) and sorted(held(1)) != sorted(held(2))


def test_too_few_to_hold_out_are_refused(tmp_path: Path) -> None:
    name = write(tmp_path, "a", [(f"{i % 9}", "x") for i in range(40)])
    with pytest.raises(DataError, match=r"a\.tsv: too few sentences to hold some out \(9\)\. Give --dev"):
        survey([name], DATA, seed=1, hold_out=True)


def test_a_survey_tells_what_reading_into_memory_tells(tmp_path: Path) -> None:
    rows = [("one ", "eins"), ("", "zwei"), ("three", "drei"), ("one", "1")]
    names = [write(tmp_path, "a", rows), write(tmp_path, "b", rows[2:])]
    found, held = survey(names, DATA, seed=1, hold_out=False)
    corpus = load(names, DATA)
    assert held is None and [*found.pairs()] == corpus.pairs
    assert (found.names, found.sha256, found.dropped) == (corpus.names, corpus.sha256, corpus.dropped)
    assert len(found) == found.cleaned == len(corpus) == 5
    assert found.sample == [*zip(corpus.sources(), corpus.targets(), strict=True)]


def test_a_survey_says_how_far_it_is_and_samples_what_is_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nmt.text.corpus.SAMPLE", 100)
    monkeypatch.setattr("nmt.text.corpus.NEWS", 400)
    name = write(tmp_path, "a", [(f"{i}", f"to {i}") for i in range(1000)])
    notes: list[str] = []
    found, held = survey([name], Data(held_out=50), 1, True, notes.append)
    assert held is not None and notes == ["Read 400 pairs.", "Read 800 pairs."]
    assert 80 < len(found.sample) <= 100 and not {source for source, _ in found.sample} & {*held.sources()}
    assert all(target == f"to {source}" for source, target in found.sample)
    assert 300 < np.mean([int(source) for source, _ in found.sample]) < 700
    assert found.sample == survey([name], Data(held_out=50), 1, True)[0].sample
    assert len([*found.pairs(notes.append)]) == len(found) == 950
    assert notes[2:] == ["Encoded 400 of 1,000 pairs.", "Encoded 800 of 1,000 pairs."]


def test_a_corpus_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    name = write(tmp_path, "a", [("one", "eins"), ("two", "zwei")])
    found, _ = survey([name], DATA, 1, hold_out=False)
    write(tmp_path, "a", [("one", "eins"), ("two", "drei")])
    with pytest.raises(DataError, match=r"a\.tsv: changed while it was read\. .*begin again"):
        list(found.pairs())


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes")
def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.tsv")
    with pytest.raises(DataError, match=r"a\.tsv: a corpus is read twice, .* Give a file"):
        survey([str(tmp_path / "a.tsv")], DATA, 1, hold_out=False)


def test_pieces_of_every_pair_that_fits(tokenizer: Tokenizer) -> None:
    long, short = "q" * 30, "one two"
    corpus = some((short, "two houses"), (long, long), (long[:15], "one"), ("one", long[:15]), ("two", short))
    examples = encode(corpus, tokenizer, tokenizer, Data(max_length=20, max_ratio=3))
    assert corpus.sources() == [short, "two"]
    assert [tokenizer.decode(examples.source[i]) for i in range(len(examples))] == corpus.sources()
    assert [tokenizer.decode(examples.target[i]) for i in range(len(examples))] == corpus.targets()
    assert [*corpus.dropped.reasons.items()] == [
        ("longer than 20 pieces", 1),
        ("lengths differ more than 3 times", 2),
    ]
    assert [*corpus.dropped.first.values()] == ["x:2", "x:3"]


def test_short_pairs_may_differ_as_they_like(tokenizer: Tokenizer) -> None:
    assert len(tokenizer.encode("q" * 7)) <= 10
    assert len(encode(some(("one", "q" * 7)), tokenizer, tokenizer, Data(max_ratio=1))) == 1


def test_nothing_left_is_refused(tokenizer: Tokenizer) -> None:
    with pytest.raises(DataError, match=r"^x: no pair is left\. .*1 longer than 1 pieces \(first: x:1\).*max_length"):
        encode(some(("one two", "two")), tokenizer, tokenizer, Data(max_length=1))


@pytest.mark.parametrize(("most", "taken"), [(2, [0, 3]), (3, [0, 2, 4]), (6, [0, 1, 2, 3, 4, 5]), (9, range(6))])
def test_some_pairs_of_all_corpora_are_taken_evenly(most: int, taken: list[int]) -> None:
    corpus = some(*((f"s{number}", f"t{number}") for number in range(6)))
    assert corpus.spread(most) == ([f"s{number}" for number in taken], [f"t{number}" for number in taken])
