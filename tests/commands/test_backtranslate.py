"""Pairs made of text of one language; the model translates English, so that English is what one has more of."""

import shutil
from pathlib import Path

import pytest

from nmt.evaluation.doubt import STEPS, Calibration, Length
from nmt.settings import TAG

MORE = ["The dog sees the cat.", "", "The man likes the\tbird.", "  ", "A fish. " * 200, "The boy hears the man."]


def test_each_fitting_line_makes_a_tagged_pair(nmt, trained: Path) -> None:
    done = nmt("backtranslate", trained, "--doubtful", stdin="\n".join(MORE).encode())
    assert done.returncode == 0, done.stderr.decode()
    pairs = [line.split("\t") for line in done.stdout.decode().split("\n")[:-1]]
    wanted = [" ".join(MORE[i].split("\t")) for i in (0, 2, 5)]
    if b"without a translation" not in done.stderr:
        assert [target for _, target in pairs] == wanted
    translated = nmt("translate", trained, stdin="\n".join(wanted).encode()).stdout.decode().split("\n")
    assert [source for source, _ in pairs] == [f"{TAG} {text}" for text in translated if text]
    assert b"2 blank" in done.stderr and b"1 too long" in done.stderr
    plain = nmt("backtranslate", trained, "--doubtful", "--no-tag", stdin="\n".join(MORE).encode())
    assert plain.stdout.decode() == done.stdout.decode().replace(f"{TAG} ", "")


@pytest.mark.parametrize("bar", [0.0, 1.0])
def test_doubtful_pairs_are_left_out_and_counted(nmt, trained: Path, tmp_path: Path, bar: float) -> None:
    """Calibrated on lines that were never in doubt every line is doubtful; on hopeless ones, none."""
    folder = Path(shutil.copytree(trained, tmp_path / "copy"))
    calibration = Calibration(100, Length(0.0, 1.0), 0.5, frozenset(), (bar,) * (STEPS + 1))
    (folder / "doubt.json").write_bytes(calibration.encode())
    for flags, pairs in (([], 3 * bar), (["--doubtful"], 3)):
        done = nmt("backtranslate", folder, *flags, stdin=b"The dog sees the cat.\nThe fish.\nThe man likes the boy.\n")
        assert done.stdout.count(b"\n") == pairs
        doubtful = b"Left out: 3 doubtful." if pairs == 0 else b"Left nothing out."
        assert f"Wrote {pairs:.0f} pairs.".encode() in done.stderr and doubtful in done.stderr


def test_a_model_learns_from_people_and_machines_and_is_judged_by_people(
    nmt, train_words, trained: Path, corpus: Path, tmp_path: Path
) -> None:
    made = nmt("backtranslate", trained, "--doubtful", stdin=corpus.with_suffix(".en").read_bytes())
    (tmp_path / "synthetic.tsv").write_bytes(made.stdout)
    words = ["train", corpus, tmp_path / "synthetic.tsv", *train_words[2:], "--set", "training.epochs=1"]
    done = nmt(*words, "--source", "de", "--target", "en", "--out", tmp_path / "model")
    assert done.returncode == 0, done.stderr.decode()
    pairs = made.stdout.count(b"\n")
    assert f"{144 - 14 + pairs:,} pairs to train on, 14 to validate on.".encode() in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere"], b"nowhere: no such folder"),
        (["--precision", "fp8"], b"--precision fp8 is unknown"),
        (["--sample", "--beam", "3"], b"without a beam"),
        (["--seed", "3"], b"--seed is for --sample"),
        (["--set", "training.lr=1"], b"has only its search to set"),
    ],
)
def test_mistakes_get_one_line(nmt, trained: Path, words: list[str], says: bytes) -> None:
    refused = nmt("backtranslate", *([] if words == ["nowhere"] else [trained]), *words, stdin=b"A line.\n")
    assert refused.returncode == 2 and says in refused.stderr and refused.stderr.count(b"\n") == 1
    assert not refused.stdout


def test_it_says_where_nothing_tells_doubtful_from_sure(nmt, trained: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(trained, tmp_path / "copy", ignore=shutil.ignore_patterns("doubt.json")))
    line = b"The dog sees the cat.\n"
    assert b"no doubt.json" in nmt("backtranslate", folder, stdin=line).stderr
    assert b"no doubt.json" not in nmt("backtranslate", folder, "--doubtful", stdin=line).stderr
