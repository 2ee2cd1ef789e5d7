"""Word alignment through the command line: a line for every pair, from a model, from two, and from IBM Model 1."""

from pathlib import Path

import pytest

from nmt.evaluation.alignment import SYMMETRIZATIONS, parse_pharaoh, turned

ODD = [
    ("The dog sees the cat.", "Der Hund sieht den Kater."), ("", "Der Hund."), ("The man.", " \t "),
    ("x" * 20_000, "Ein sehr langes Wort."), ("one\u2028two\x0cthree", "eins\u0085zwei drei"), ("\u3000", "\0"),
    ("The boy finds the fish.", "Der Junge findet den Fisch."), ("dog " * 600, "Hund"), ("\\ud800", "▁▁ low ▁"),
]  # fmt: skip
BLANK = {1, 2, 3, 5, 7}


@pytest.fixture
def odd(tmp_path: Path) -> str:
    """Two files with pairs that readers, tokenizers and batches could stumble over."""
    for side, language in enumerate(("en", "de")):
        (tmp_path / f"odd.{language}").write_bytes("".join(f"{pair[side]}\n" for pair in ODD).encode())
    return f"{tmp_path}/odd.en,{tmp_path}/odd.de"


def lines(done) -> list[str]:
    assert done.returncode == 0, done.stderr.decode()
    found = done.stdout.decode().split("\n")
    assert found.pop() == ""
    return found


def within(found: list[str], pairs: list[tuple[str, str]]) -> None:
    for line, (source, target) in zip(found, pairs, strict=True):
        for i, j in parse_pharaoh(line, "out"):
            assert i < len(source.split(" ")) and j < len(target.split(" "))


@pytest.mark.parametrize("method", ["posterior", "attention"])
def test_one_line_a_pair_in_order_whatever_stands_in_it(nmt, trained: Path, odd: str, method: str) -> None:
    done = nmt("align", trained, odd, "--method", method)
    found = lines(done)
    within(found, ODD)
    assert {i for i, line in enumerate(found) if not line} == BLANK
    said = done.stderr.decode().splitlines()
    assert [line.partition(".en:")[2].partition(":")[0] for line in said] == ["4", "8"]
    assert all("not aligned: " in line and " pieces, more than 200" in line for line in said)
    assert lines(nmt("align", trained, odd, "--method", method, "--batch", 1)) == found
    assert lines(nmt("align", trained, odd, odd, "--method", method)) == found * 2


def test_two_models_are_made_one(nmt, trained: Path, back: Path, odd: str, tmp_path: Path) -> None:
    there, here = (tmp_path / f"odd.{language}" for language in ("en", "de"))
    forward = [parse_pharaoh(line, "") for line in lines(nmt("align", trained, odd))]
    backward = [turned(parse_pharaoh(line, "")) for line in lines(nmt("align", back, f"{here},{there}"))]
    assert forward != backward
    for name, unite in SYMMETRIZATIONS.items():
        both = lines(nmt("align", trained, odd, "--reverse", back, "--symmetrize", name))
        assert [parse_pharaoh(line, "") for line in both] == [*map(unite, forward, backward)]
    assert lines(nmt("align", trained, odd, "--reverse", back)) == lines(
        nmt("align", trained, odd, "--reverse", back, "--symmetrize", "intersection")
    )


def test_ibm_model_1_needs_no_model(nmt, corpus: Path, odd: str) -> None:
    words = ["align", "--ibm1", corpus, "--source", "en", "--target", "de"]
    found = lines(nmt(*words))
    assert len(found) == 144 and found == lines(nmt(*words, "--symmetrize", "grow-diag-final-and"))
    assert found != lines(nmt(*words, "--symmetrize", "intersection"))
    straight = sum(line == "0-0 1-1 2-2 3-3 4-4" for line in found)  # The dog sees the cat. Der Hund sieht den Kater.
    assert straight > 100
    done = nmt("align", "--ibm1", odd, "--train", corpus, "--source", "en", "--target", "de")
    found = lines(done)
    within(found, ODD)
    assert {i for i, line in enumerate(found) if not line} >= {1, 2, 5, 7}
    assert found[0] == found[6] == "0-0 1-1 2-2 3-3 4-4"
    assert "odd.en:8: not aligned: 600 words, more than 500" in done.stderr.decode()


def test_languages_are_the_models_unless_given(nmt, trained: Path, corpus: Path) -> None:
    found = lines(nmt("align", trained, corpus, "--method", "attention"))
    assert len(found) == 144
    swapped = lines(nmt("align", trained, corpus, "--method", "attention", "--source", "de", "--target", "en"))
    assert len(swapped) == 144 and swapped != found
    wrong = nmt("align", trained, corpus, "--target", "fr")
    assert wrong.returncode == 2 and b"train.fr: no such file" in wrong.stderr


def test_mistakes_get_one_line(nmt, trained: Path, corpus: Path, tmp_path: Path) -> None:
    for words, said in (
        ([trained], "Give a model folder and a corpus, e.g. `nmt align model corpus/test`, or --ibm1 and a corpus."),
        (["--ibm1", corpus, "--reverse", trained], "--ibm1 takes no model: leave out --reverse, or --ibm1."),
        ([trained, corpus, "--train", corpus], "--train is for --ibm1: a model has been trained."),
        ([trained, corpus, "--reverse", trained], "translates en to de, but --reverse wants de to en."),
        ([trained, corpus, "--symmetrize", "grow"], "Unknown symmetrization 'grow'. Did you mean 'grow-diag'?"),
        ([trained, corpus, "--method", "atention"], "Unknown alignment method 'atention'. Did you mean 'attention'?"),
        (["--ibm1", corpus, "--threshold", 0.1], "--threshold is for models: leave it out, or --ibm1."),
        (["--ibm1", corpus, "--method", "posterior"], "--method is for models: leave it out, or --ibm1."),
        ([trained, corpus, "--symmetrize", "union"], "add --reverse DIR2, or leave it out."),
        ([tmp_path / "nix", corpus], "nix: no such folder."),
        (["--ibm1", corpus], "which languages? Pass --source and --target"),
        ([trained, corpus, "--threshold", 2], "--threshold"),
        ([], "DIR CORPUS..."),
    ):
        done = nmt("align", *words)
        error = done.stderr.decode()
        assert (done.returncode, done.stdout) == (2, b"") and said in error and error.count("\n") == 1, error
