"""`nmt average` and `nmt info`: what models are made of, and what they are worth."""

import json
import shutil
from pathlib import Path


def test_average_info_and_config_read_the_folder(nmt, trained: Path, tmp_path: Path) -> None:
    shutil.copytree(trained, tmp_path / "twin")
    averaged = nmt("average", trained, tmp_path / "twin" / "model.safetensors", "--out", tmp_path / "mean")
    assert averaged.returncode == 0, averaged.stderr
    facts, again = (json.loads(nmt("info", folder, "--json").stdout) for folder in (trained, tmp_path / "mean"))
    assert facts["weights"] == again["weights"] and facts["languages"] == "en to de"
    card = (tmp_path / "mean" / "README.md").read_text(encoding="utf-8")
    assert str(trained / "model.safetensors") in card and str(tmp_path / "twin" / "model.safetensors") in card
    assert facts["train"]["sha256"] in card
    line = b"The dog sees the cat.\n"
    assert nmt("translate", trained, stdin=line).stdout == nmt("translate", tmp_path / "mean", stdin=line).stdout
    for folder in (trained, tmp_path / "mean"):
        shown = json.loads(nmt("config", folder, "--json").stdout)
        assert shown["encoder.size"] == {"value": 8, "origin": "--set encoder.size=8"}
        assert shown["validation.patience"]["origin"] == "preset tiny" and shown["training.lr"]["origin"] == "default"
        assert shown["data.source"] == {"value": "en", "origin": '--set data.source="en"'}
    shown = json.loads(nmt("config", "--set", "training.lr=1e-3", "--json").stdout)
    assert shown["training.lr"] == {"value": 0.001, "origin": "--set training.lr=1e-3"}


def test_an_average_names_what_all_of_its_models_learned_from(nmt, trained: Path, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.tsv").write_text("The dog sees the cat.\tDer Hund sieht den Kater.\n" * 20)
    words = ["--from", trained, "--out", tmp_path / "mine", "--set", "training.epochs=1", "--dev", corpus]
    done = nmt("train", tmp_path / "mine.tsv", *words)
    assert done.returncode == 0, done.stderr.decode()
    assert nmt("average", trained, tmp_path / "mine", "--out", tmp_path / "between").returncode == 0
    card = (tmp_path / "between" / "README.md").read_text(encoding="utf-8")
    assert f"| train of {tmp_path / 'mine'} | {tmp_path / 'mine.tsv'} |" in card
    shown = nmt("info", tmp_path / "between").stdout.decode()
    assert "?" not in shown and "scores" not in shown
    verified = nmt("info", tmp_path / "between", "--scores")
    assert verified.returncode == 0 and b"not there  scores: none were recorded" in verified.stdout
    assert f"ok         train of {tmp_path / 'mine'} " in verified.stdout.decode()


def test_info_shows_the_scores_of_the_card(nmt, trained: Path) -> None:
    facts = json.loads(nmt("info", trained, "--json").stdout)
    recorded = json.loads((trained / "manifest.json").read_text(encoding="utf-8"))["scores"]
    assert facts["scores"] == {each["name"]: each["value"] for each in recorded}
