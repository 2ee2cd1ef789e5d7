"""`nmt train --vocabulary`: a model that spells as another one does."""

import json
import shutil
from pathlib import Path

import pytest

from nmt.checkpoint import ModelFolder
from nmt.config_file import read_resolved


@pytest.fixture(scope="module")
def words(train_words: list[object], tmp_path_factory: pytest.TempPathFactory) -> list[object]:
    """A training on fewer pairs of other words, which would have pieces of its own, and more of them."""
    folder = tmp_path_factory.mktemp("zoo")
    for language, line in (("en", "The zoo shows {} quokkas."), ("de", "Der Zoo zeigt {} Quokkas.")):
        (folder / f"zoo.{language}").write_text("".join(line.format(i) + "\n" for i in range(60)), encoding="utf-8")
    size = train_words.index("tokenizer.size=400")
    return ["train", folder / "zoo", *train_words[2 : size - 1], *train_words[size + 1 :]]


@pytest.fixture(scope="module")
def alike(nmt, words: list[object], trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models") / "alike"
    done = nmt(*words, "--vocabulary", trained, "--out", out)
    assert done.returncode == 0, done.stderr.decode()
    return out


@pytest.fixture(scope="module")
def alone(nmt, words: list[object], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("models") / "alone"
    done = nmt(*words, "--out", out)
    assert done.returncode == 0, done.stderr.decode()
    return out


def test_models_of_one_vocabulary_are_a_team(nmt, trained: Path, alike: Path, alone: Path) -> None:
    assert (alike / "joint.model").read_bytes() == (trained / "joint.model").read_bytes()
    found = read_resolved(alike / "config.toml")
    assert found.config.tokenizer == ModelFolder.open(trained).config().tokenizer
    assert found.origin["tokenizer.size"] == f"vocabulary of {trained}"
    assert f"| vocabulary | {trained} | 130 |" in (alike / "README.md").read_text("utf-8")
    team = nmt("translate", trained, alike, stdin=b"The dog sees the cat.\n")
    assert team.returncode == 0 and team.stdout.strip(), team.stderr.decode()
    strangers = nmt("translate", trained, alone, stdin=b"The dog sees the cat.\n")
    assert strangers.returncode == 2 and b"for a team, trained with --vocabulary" in strangers.stderr


def test_it_goes_on_with_the_pieces_it_began_with(nmt, words: list[object], trained: Path, alike: Path, alone) -> None:
    again = nmt(*words, "--vocabulary", trained, "--out", alike)
    assert again.returncode == 0 and b"already ended" in again.stderr
    for out, more, says in (
        (alike, [], f"began --vocabulary {trained}. Say so"),
        (alike, ["--vocabulary", alone], f"other pieces, those of {trained}. Give that"),
        (alone, ["--vocabulary", trained], "began with pieces of its own. Leave out --vocabulary"),
    ):
        refused = nmt(*words, "--out", out, *more)
        assert refused.returncode == 2 and says.encode() in refused.stderr, refused.stderr.decode()


def test_what_contradicts_a_vocabulary_is_refused_before_anything_is_written(
    nmt, words: list[object], trained: Path, tmp_path: Path
) -> None:
    size = ModelFolder.open(trained).config().tokenizer.size
    (tmp_path / "mine.toml").write_text("[tokenizer]\nsize = 900\n", encoding="utf-8")
    broken = Path(shutil.copytree(trained, tmp_path / "broken"))
    (broken / "joint.model").unlink()
    for lender, more, says in (
        (trained, ["--set", "tokenizer.size=8000"], f"tokenizer.size is {size} with the vocabulary of {trained}"),
        (trained, ["--set", "tokenizer.joint=false"], "tokenizer.joint is true with the vocabulary"),
        (trained, ["--preset", tmp_path / "mine.toml"], f"mine.toml: tokenizer.size is {size} with"),
        (trained, ["--from", trained], "has its pieces. Give one"),
        (tmp_path / "none", [], "none: no such folder"),
        (broken, [], "joint.model"),
    ):
        refused = nmt(*words, "--out", tmp_path / "x", "--vocabulary", lender, *more)
        assert refused.returncode == 2 and says.encode() in refused.stderr, refused.stderr.decode()
        assert refused.stderr.count(b"\n") <= 3 and not (tmp_path / "x").exists()


def test_its_lender_is_verified_where_it_is_there(nmt, words: list[object], trained: Path, tmp_path: Path) -> None:
    lender = Path(shutil.copytree(trained, tmp_path / "lender"))
    done = nmt(*words, "--vocabulary", lender, "--out", tmp_path / "model", "--set", "training.epochs=1")
    assert done.returncode == 0, done.stderr.decode()

    def status() -> str:
        found = json.loads(nmt("info", tmp_path / "model", "--verify", "--json").stdout)
        return next(each["status"] for each in found["checks"] if each["name"] == f"vocabulary {lender}")

    assert status() == "ok"
    shutil.copy(tmp_path / "model" / "config.toml", lender / "joint.model")
    assert status() == "differs"
    shutil.rmtree(lender)
    assert status() == "not there"
