"""`nmt info --verify`: what is as it was passes, one byte that is not is told, and nothing is made true by asking."""

import json
import os
import shutil
import signal
import time
from pathlib import Path

import pytest

FILES = ["config.toml", "joint.model", "model.safetensors", "README.md", "doubt.json", "log.jsonl",
         "training/data.json", "training/state.safetensors", "checkpoints/"]  # fmt: skip


@pytest.fixture(scope="module")
def finished(nmt, train_words, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with every file that one can have."""
    out = tmp_path_factory.mktemp("verified") / "model"
    done = nmt(*train_words, "--dev", corpus, "--set", "training.keep=2", "--out", out)
    assert done.returncode == 0, done.stderr.decode()
    return out


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    """A copy, to be changed."""
    return Path(shutil.copytree(finished, tmp_path / "model"))


def told(nmt, folder: Path, *words: object) -> dict[str, dict]:
    """Each check by its name; the exit code is 0 if and only if nothing is at fault."""
    done = nmt("info", folder, "--verify", "--json", *words)
    assert b"Traceback" not in done.stderr
    record = json.loads(done.stdout)
    faults = [check for check in record["checks"] if check["fault"]]
    assert record["ok"] == (not faults) and done.returncode == (2 if faults else 0)
    assert (done.stderr.startswith(b"nmt: ") and done.stderr.count(b"\n") == 1) if faults else done.stderr == b""
    return {check["name"]: check for check in record["checks"]}


def name_of(folder: Path, name: str) -> str:
    """A file's name; of a folder the first file in it."""
    return (
        name
        if not name.endswith("/")
        else sorted(p.relative_to(folder).as_posix() for p in (folder / name).iterdir())[0]
    )


def change_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_finished_model_verifies(nmt, finished: Path, corpus: Path) -> None:
    checks = told(nmt, finished, "--scores")
    assert {check["status"] for check in checks.values()} == {"ok"}
    assert {name_of(finished, name) for name in FILES} <= set(checks)
    assert {f"train {corpus}", f"dev {corpus}", "score BLEU", "score chrF2"} <= set(checks)
    shown = nmt("info", finished, "--verify")
    assert shown.returncode == 0 and shown.stderr == b""
    assert [line.split()[0] for line in shown.stdout.decode().splitlines()] == ["ok"] * (len(checks) - 2)


def test_every_file_of_the_folder_is_recorded(finished: Path) -> None:
    recorded = set(json.loads((finished / "manifest.json").read_text())["files"])
    there = {path.relative_to(finished).as_posix() for path in finished.rglob("*") if path.is_file()}
    assert there - recorded == {"manifest.json", "training/lock"}


@pytest.mark.parametrize("name", FILES)
def test_one_byte_is_told(nmt, folder: Path, name: str) -> None:
    name = name_of(folder, name)
    change_a_byte(folder / name)
    check = told(nmt, folder)[name]
    assert check["status"] == "differs" and "recorded" in check["detail"]


@pytest.mark.parametrize("name", FILES)
def test_what_is_missing_is_told_and_is_a_fault_where_nothing_works_without_it(nmt, folder: Path, name: str) -> None:
    name = name_of(folder, name)
    (folder / name).unlink()
    if name == "config.toml":
        refused = nmt("info", folder, "--verify")
        assert refused.returncode == 2 and b"no config.toml" in refused.stderr
        return
    check = told(nmt, folder)[name]
    assert check["status"] == "not there"
    assert check["fault"] == (name in ("joint.model", "model.safetensors"))


def test_weights_of_another_shape_are_told_though_the_record_was_made_of_them(nmt, folder: Path) -> None:
    config = folder / "config.toml"
    config.write_text(config.read_text("utf-8").replace("readout_size = 16", "readout_size = 32"), encoding="utf-8")
    check = told(nmt, folder)["model.safetensors fits config.toml"]
    assert check["fault"] and check["status"] == "differs"


def test_asking_for_the_training_again_does_not_make_damage_true(nmt, train_words, folder: Path, corpus: Path) -> None:
    words = [*train_words, "--dev", corpus, "--set", "training.keep=2", "--out", folder]
    before = (folder / "manifest.json").read_bytes()
    again = nmt(*words)
    assert again.returncode == 0 and b"already ended" in again.stderr, again.stderr.decode()
    assert json.loads(before) == json.loads((folder / "manifest.json").read_bytes())
    change_a_byte(folder / "log.jsonl")
    for command in (words, ["calibrate", folder, corpus]):
        assert nmt(*command).returncode == 0
        assert told(nmt, folder)["log.jsonl"]["fault"]


def test_a_calibration_afterwards_is_recorded(nmt, folder: Path, corpus: Path) -> None:
    few = folder.parent / "few"
    for side in ("en", "de"):
        lines = corpus.with_suffix(f".{side}").read_text("utf-8").splitlines(keepends=True)
        few.with_suffix(f".{side}").write_text("".join(lines[:40]), encoding="utf-8")
    before = (folder / "doubt.json").read_bytes()
    assert nmt("calibrate", folder, few).returncode == 0 and (folder / "doubt.json").read_bytes() != before
    assert told(nmt, folder)["doubt.json"]["status"] == "ok"


def test_a_training_that_was_stopped_and_resumed_verifies(nmt, begin, train_words, tmp_path: Path) -> None:
    out = tmp_path / "stopped"
    words = [*train_words, "--set", "training.epochs=12", "--set", "validation.patience=0", "--out", out]
    begun, deadline = begin(*words), time.monotonic() + 120
    while not (out / "model.safetensors").exists() and begun.process.is_alive() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert b"The same command goes on" in begun.ended_by(signal.SIGINT).stderr
    refused = nmt("info", out, "--verify")
    assert refused.returncode == 2 and b"the training has not ended" in refused.stderr
    done = nmt(*words)
    assert done.returncode == 0 and b"Going on after update" in done.stderr, done.stderr.decode()
    assert {check["status"] for check in told(nmt, out, "--scores").values()} == {"ok"}


def test_corpora_that_changed_or_went_are_told(nmt, train_words, corpus: Path, tmp_path: Path) -> None:
    odd = tmp_path / 'd"ä\n\udcff t'
    odd.mkdir()
    table = odd / "train.tsv"
    sides = [corpus.with_suffix(f".{side}").read_text("utf-8").splitlines() for side in ("en", "de")]
    table.write_text("".join(f"{a}\t{b}\n" for a, b in zip(*sides, strict=True)), encoding="utf-8")
    out = tmp_path / 'm"ö\n [x]'
    done = nmt("train", table, *train_words[2:], "--out", out)
    assert done.returncode == 0, done.stderr.decode()
    checks = told(nmt, out, "--scores")
    assert {check["status"] for check in checks.values()} == {"ok"}
    (title,) = [name for name in checks if name.startswith("train ")]
    assert nmt("info", out, "--verify").returncode == 0
    change_a_byte(table)
    checks = told(nmt, out, "--scores")
    assert checks[title]["status"] == "differs" and checks[title]["fault"]
    table.unlink()
    checks = told(nmt, out, "--scores")
    assert checks[title]["status"] == "not there" and checks["scores"]["status"] == "not there"
    assert not any(check["fault"] for check in checks.values())


def test_scores_are_found_again_with_pairs_that_lie_elsewhere(nmt, folder: Path, corpus: Path, tmp_path: Path) -> None:
    for side in ("en", "de"):
        shutil.copy(corpus.with_suffix(f".{side}"), tmp_path / f"moved.{side}")
    moved = tmp_path / "moved"
    checks = told(nmt, folder, "--dev", moved)
    assert checks[f"dev {moved}"]["status"] == checks["score BLEU"]["status"] == checks["score chrF2"]["status"] == "ok"
    change_a_byte(tmp_path / "moved.de")
    checks = told(nmt, folder, "--dev", moved)
    assert checks[f"dev {moved}"]["fault"] and checks["scores"]["status"] == "not there"


def test_scores_that_were_beautified_are_told(nmt, folder: Path) -> None:
    path = folder / "manifest.json"
    record = json.loads(path.read_text())
    record["scores"][0]["value"] += 10
    path.write_text(json.dumps(record))
    assert told(nmt, folder, "--scores")["score BLEU"]["fault"]
    record["torch"], record["device"] = "1.0", "cuda"
    path.write_text(json.dumps(record))
    checks = told(nmt, folder, "--scores")
    assert checks["score BLEU"]["fault"] and not checks["score chrF2"]["fault"]
    assert "recorded on cuda with torch 1.0" in checks["score chrF2"]["detail"]


def test_the_card_tells_the_same_hashes(finished: Path) -> None:
    card = (finished / "README.md").read_text("utf-8")
    files = json.loads((finished / "manifest.json").read_text())["files"]
    assert all(
        f"| `{name}` | `{files[name]}` |" in card for name in ("config.toml", "joint.model", "model.safetensors")
    )


def test_an_averaged_model_verifies(nmt, finished: Path, tmp_path: Path) -> None:
    out = tmp_path / "mean"
    assert nmt("average", finished, "--out", out).returncode == 0
    checks = told(nmt, out, "--scores")
    assert checks.pop("scores")["detail"] == "none were recorded" and "score BLEU" not in checks
    assert {check["status"] for check in checks.values()} == {"ok"}
    change_a_byte(out / "model.safetensors")
    assert told(nmt, out)["model.safetensors"]["fault"]


def test_a_child_names_its_parent(nmt, finished: Path, corpus: Path, tmp_path: Path) -> None:
    parent = Path(shutil.copytree(finished, tmp_path / "parent"))
    out = tmp_path / "child"
    done = nmt("train", corpus, "--from", parent, "--out", out, "--set", "training.epochs=1", "--dev", corpus)
    assert done.returncode == 0, done.stderr.decode()
    assert told(nmt, out)[f"parent {parent}"]["status"] == "ok"
    change_a_byte(parent / "model.safetensors")
    assert told(nmt, out)[f"parent {parent}"]["fault"]
    shutil.rmtree(parent)
    assert told(nmt, out)[f"parent {parent}"] == {
        "name": f"parent {parent}", "status": "not there", "detail": "", "fault": False,
    }  # fmt: skip


def test_an_older_model_says_what_to_do_and_that_does_it(nmt, train_words, trained: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(trained, tmp_path / "old"))
    (folder / "manifest.json").unlink()
    refused = nmt("info", folder, "--verify")
    assert refused.returncode == 2 and refused.stdout == b"" and refused.stderr.count(b"\n") == 1
    assert (
        b"manifest.json: no such file: " in refused.stderr
        and b"Give the command that made it once more" in refused.stderr
    )
    assert nmt("info", folder).returncode == 0
    assert nmt(*train_words, "--out", folder).returncode == 0
    assert {check["status"] for check in told(nmt, folder).values()} == {"ok"}


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record["files"].update({"../../secret": "0" * 64}),
        lambda record: record["files"].update({"/etc/passwd": "0" * 64}),
        lambda record: record["files"].update({"config.toml": 5}),
        lambda record: record["data"]["train"].pop("sha256"),
        lambda record: record["data"].update({"train": {"names": [], "sha256": "", "pairs": 1}}),
        lambda record: record.pop("scores"),
        lambda record: record.update(files=[]),
        lambda record: record.update(scores=3),
        lambda record: record["scores"][0].update(value="high"),
    ],
)
def test_a_damaged_record_gets_one_line(nmt, folder: Path, change) -> None:
    path = folder / "manifest.json"
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))
    refused = nmt("info", folder, "--scores")
    assert refused.returncode == 2 and refused.stdout == b"" and refused.stderr.count(b"\n") == 1
    assert b"manifest.json: damaged. Restore it" in refused.stderr
    assert nmt("info", folder).returncode == 0, "who asks for no verification does not need it"


def test_info_needs_no_training_folder(nmt, folder: Path) -> None:
    before = json.loads(nmt("info", folder, "--json").stdout)
    shutil.rmtree(folder / "training")
    after = json.loads(nmt("info", folder, "--json").stdout)
    assert before == after and before["made by"].startswith("nmt ") and "sha256" in before["train"]


@pytest.mark.skipif(os.name != "posix", reason="the system has no such names")
def test_what_a_record_says_does_not_command_a_terminal(nmt, folder: Path) -> None:
    path = folder / "manifest.json"
    record = json.loads(path.read_text())
    record["data"]["train"]["names"] = ["\x1b[31mred\n"]
    path.write_text(json.dumps(record))
    shown = nmt("info", folder, "--verify").stdout
    assert b"\x1b" not in shown and "not there  train \ufffd[31mred\ufffd: not where it was\n".encode() in shown
