"""`nmt train --vocabulary`: a model that spells as another one does."""

from pathlib import Path

import pytest

from nmt.checkpoint import ModelFolder
from nmt.config_file import read_resolved


@pytest.fixture(scope="module")
def words(train_words: list[object], trained: Path, tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    """A training on fewer pairs of other words, which would have pieces of its own."""
    folder = tmp_path_factory.mktemp("zoo")
    for language, line in (("en", "The zoo shows {} quokkas."), ("de", "Der Zoo zeigt {} Quokkas.")):
        (folder / f"zoo.{language}").write_text("".join(line.format(i) + "\n" for i in range(60)), encoding="utf-8")
    return ["train", folder / "zoo", *train_words[2:]]


@pytest.fixture(scope="module")
def alike(nmt, words: list[object], trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models") / "alike"
    done = nmt(*words, "--vocabulary", trained, "--out", out)
    assert done.returncode == 0, done.stderr.decode()
    return out


def test_models_of_one_vocabulary_are_a_team(nmt, trained: Path, alike: Path) -> None:
    assert (alike / "joint.model").read_bytes() == (trained / "joint.model").read_bytes()
    assert read_resolved(alike / "config.toml").origin["tokenizer.size"] == f"vocabulary of {trained}"
    team = nmt("translate", trained, alike, stdin=b"The dog sees the cat.\n")
    assert team.returncode == 0 and team.stdout.strip(), team.stderr.decode()


def test_it_goes_on_with_the_vocabulary_it_began_with(nmt, words, trained: Path, alike: Path, tmp_path: Path) -> None:
    again = nmt(*words, "--vocabulary", trained, "--out", alike)
    assert again.returncode == 0 and b"already ended" in again.stderr
    refused = nmt(*words, "--out", alike)
    assert refused.returncode == 2 and f"began with --vocabulary {trained}. Say so".encode() in refused.stderr
    alone = tmp_path / "alone"
    assert nmt(*words, "--out", alone).returncode == 0
    refused = nmt(*words, "--vocabulary", trained, "--out", alone)
    assert refused.returncode == 2 and b"began with another vocabulary" in refused.stderr
    team = nmt("translate", trained, alone, stdin=b"The dog sees the cat.\n")
    assert team.returncode == 2 and b"or trained with --vocabulary" in team.stderr


def test_what_contradicts_a_vocabulary_is_refused(nmt, words: list[object], trained: Path, tmp_path: Path) -> None:
    size = ModelFolder.open(trained).config().tokenizer.size
    words = [*words, "--out", tmp_path / "x"]
    for more, says in (
        (["--vocabulary", trained, "--set", "tokenizer.size=8000"], f"were made with {size}. Leave one out"),
        (["--vocabulary", trained, "--from", trained], "has its pieces. Give one"),
        (["--vocabulary", tmp_path / "none"], "none: no such folder"),
    ):
        refused = nmt(*words, *more)
        assert refused.returncode == 2 and says.encode() in refused.stderr and refused.stderr.count(b"\n") <= 3
    assert not (tmp_path / "x").exists()
