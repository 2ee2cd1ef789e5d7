from pathlib import Path

import pytest

from nmt.config import Data
from nmt.errors import DataError
from nmt.text.corpus import Corpus, encode, hold_out, load
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


def test_nothing_to_learn_from_is_refused(tmp_path: Path) -> None:
    name = write(tmp_path, "a", [("", "eins"), ("two", " ")])
    with pytest.raises(DataError, match=r"a\.tsv: no pair to learn from\. Dropped 2 of 2 pairs"):
        load([name], DATA)


@pytest.mark.parametrize("wanted", [1, 3, 1000])
def test_held_out_sources_are_on_one_side_only(wanted: int) -> None:
    corpus = some(*((f"source {i % 50}", f"target {i}") for i in range(120)))
    every = set(corpus.pairs)
    held = hold_out(corpus, Data(held_out=wanted), seed=1)
    assert len(held.pairs) == min(wanted, 5) == len(set(held.sources()))
    assert not set(held.sources()) & set(corpus.sources())
    assert set(held.sources()) | set(corpus.sources()) == {f"source {i}" for i in range(50)}
    assert every >= {*held.pairs, *corpus.pairs}
    gone = len(every) - len(held.pairs) - len(corpus.pairs)
    assert corpus.dropped.reasons.get("another translation of a held-out sentence", 0) == gone > 0


def test_the_seed_decides_what_is_held_out() -> None:
    def held(seed: int) -> list[str]:
        return sorted(hold_out(some(*((f"{i}", "x") for i in range(100))), Data(), seed).sources())

    assert held(1) == held(1) != held(2)


def test_too_few_to_hold_out_are_refused() -> None:
    with pytest.raises(DataError, match=r"^x: 9 .*too few to hold some out\. Give --dev"):
        hold_out(some(*((f"{i % 9}", "x") for i in range(40))), Data(), seed=1)


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
