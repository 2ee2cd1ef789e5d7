"""Warnings from the shell: with a calibration, without one, with a damaged one."""

import json
import shutil
from pathlib import Path

import pytest

from nmt.evaluation.doubt import LOOKS

KNOWN = b"The dog sees the cat.\n\nThe man likes the fish.\n"
HOSTILE = [
    "Le chien voit le chat noir sous la table.", "xqzvk wprtl mmbfg jjkw zzxcv", "Мужчина видит собаку.",
    "家里有一只猫在睡觉。", "dog " * 400, "The dog sees the cat. " * 300, "x" * 3000,
]  # fmt: skip


def told(nmt, folder: Path, stdin: bytes, *words: object) -> list[dict]:
    done = nmt("translate", folder, "--format", "jsonl", *words, stdin=stdin)
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]


@pytest.fixture
def folder(trained: Path, tmp_path: Path) -> Path:
    """A copy, to be changed."""
    return Path(shutil.copytree(trained, tmp_path / "copy", ignore=shutil.ignore_patterns("training")))


@pytest.fixture
def calibrated(nmt, folder: Path, corpus: Path) -> Path:
    done = nmt("calibrate", folder, corpus)
    assert done.returncode == 0, done.stderr.decode()
    return folder


def test_every_line_has_warnings_and_only_with_a_calibration_a_doubt(nmt, folder: Path, corpus: Path) -> None:
    (folder / "doubt.json").unlink(missing_ok=True)
    before = told(nmt, folder, KNOWN)
    assert nmt("calibrate", folder, corpus).returncode == 0
    after = told(nmt, folder, KNOWN)
    for without, full in zip(before, after, strict=True):
        assert not {"doubt", "flagged"} & set(without) and 0 <= full["doubt"] <= 1
        assert full["flagged"] == (full["doubt"] > 0.95)
        for warning in [*without["warnings"], *full["warnings"]]:
            assert set(warning) == {"kind", "words", "message"} and warning["kind"] in LOOKS
        assert {key: full[key] for key in without if key != "warnings"} == {
            key: without[key] for key in without if key != "warnings"
        }
    assert after[1]["warnings"] == [] and after[1]["doubt"] == 0 and after[1]["flagged"] is False


def test_few_of_the_lines_it_was_calibrated_on_are_flagged(nmt, calibrated: Path, corpus: Path) -> None:
    records = told(nmt, calibrated, corpus.with_suffix(".en").read_bytes())
    flagged = [record["flagged"] for record in records]
    assert len(flagged) == 144 and sum(flagged) <= 8  # a twentieth is 7.2; fewer where many are equally bad
    assert all(record["warnings"] for record in records if record["flagged"])


@pytest.mark.parametrize("line", HOSTILE, ids=lambda line: line[:8])
def test_hostile_lines_are_warned_about(nmt, calibrated: Path, line: str) -> None:
    (record,) = told(nmt, calibrated, line.encode() + b"\n")
    assert record["warnings"], record["translation"]


def test_a_model_that_has_learned_little_loops_and_says_so(nmt, calibrated: Path, corpus: Path) -> None:
    text = b"".join(corpus.with_suffix(".en").read_bytes().splitlines(keepends=True)[::9])
    records = told(nmt, calibrated, text, "--beam", 1)
    loops = [(r, w) for r in records for w in r["warnings"] if w["kind"] == "loop"]
    assert loops
    for record, warning in loops:
        assert warning["words"] and all(word in record["nbest"][0]["words"] for word in warning["words"])


def test_training_calibrates_where_there_are_lines_enough(nmt, train_words, corpus: Path, tmp_path: Path) -> None:
    few = tmp_path / "few"
    for side in ("en", "de"):
        lines = corpus.with_suffix(f".{side}").read_text("utf-8").splitlines(keepends=True)
        few.with_suffix(f".{side}").write_text("".join(lines[:12]), encoding="utf-8")
    enough = nmt(*train_words, "--dev", corpus, "--out", tmp_path / "enough")
    assert b"Doubt calibrated on 144 lines. Mean chrF of the " in enough.stderr, enough.stderr.decode()
    assert json.loads((tmp_path / "enough" / "doubt.json").read_text("utf-8"))["lines"] == 144
    small = nmt(*train_words, "--dev", few, "--out", tmp_path / "small")
    assert small.returncode == 0 and b"No doubt.json: 12 lines are too few" in small.stderr
    assert not (tmp_path / "small" / "doubt.json").exists()
    refused = nmt("calibrate", tmp_path / "small", few)
    assert refused.returncode == 2 and b"12 lines are too few to calibrate with" in refused.stderr


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
@pytest.mark.parametrize("beam", [1, 3])
def test_one_calibration_serves_every_beam_and_precision(nmt, calibrated: Path, precision: str, beam: int) -> None:
    for record in told(nmt, calibrated, KNOWN, "--precision", precision, "--beam", beam):
        assert 0 <= record["doubt"] <= 1 and isinstance(record["flagged"], bool)


@pytest.mark.parametrize("command", [["translate", "--format", "jsonl"], ["attend"]])
def test_a_damaged_calibration_is_told_in_one_line(nmt, calibrated: Path, command: list[str]) -> None:
    path = calibrated / "doubt.json"
    path.write_bytes(path.read_bytes()[:100])
    refused = nmt(command[0], calibrated, *command[1:], stdin=KNOWN)
    assert refused.returncode == 2 and refused.stdout == b""
    assert refused.stderr.count(b"\n") == 1 and b"doubt.json: damaged. Remove it, or make it anew" in refused.stderr
    plain = nmt("translate", calibrated, stdin=KNOWN)
    assert plain.returncode == 0 and plain.stdout, "who asks for text alone does not need it"


def test_attend_shows_what_translate_tells(nmt, calibrated: Path) -> None:
    line = "Мужчина видит собаку.\n".encode()
    (record,) = told(nmt, calibrated, line)
    (model,) = json.loads(nmt("attend", calibrated, "--format", "json", stdin=line).stdout)["models"]
    assert {key: model[key] for key in ("warnings", "doubt", "flagged")} == {
        key: record[key] for key in ("warnings", "doubt", "flagged")
    }
    drawn = nmt("attend", calibrated, stdin=line).stdout.decode()
    page = nmt("attend", calibrated, "--format", "html", stdin=line).stdout.decode()
    assert record["warnings"] and page.count('<p class="warning">') >= len(record["warnings"])
    assert all(f"! {warning['message']}" in drawn for warning in record["warnings"])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["calibrate", "nowhere", "CORPUS"], b"nowhere: no such folder"),
        (["calibrate", "MODEL", "nowhere"], b"nowhere"),
    ],
)
def test_mistakes(nmt, trained: Path, corpus: Path, words: list[str], says: bytes) -> None:
    refused = nmt(*[word.replace("MODEL", str(trained)).replace("CORPUS", str(corpus)) for word in words])
    assert refused.returncode == 2 and says in refused.stderr and b"Traceback" not in refused.stderr


def test_help_shows_an_example(nmt) -> None:
    assert b"Example:\n" in nmt("calibrate", "--help").stdout
