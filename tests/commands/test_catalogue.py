"""The catalogue of mistakes: each is told in one line that says where, what, and what to do, and nothing is lost.

The tables stand in `tests/commands/catalogue/`. They run in one process: what is tried is `nmt.commands.main`.
"""

import hashlib
import os
import shlex
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nmt.checkpoint import CONFIG
from nmt.commands import main
from nmt.settings import Tokenizer
from nmt.text.tokenizer import train_tokenizer
from tests.commands.catalogue import corpora, models, settings, use
from tests.commands.catalogue.world import Mistake, World

TABLES = {"corpora": corpora, "settings": settings, "models": models, "use": use}
pytestmark = pytest.mark.skipif(os.name != "posix", reason="what a system says is told as POSIX says it")
LONGEST = 250  # characters that are read before they are skipped
MAY_NOTE = ("train", "TRAIN", "tokenize train", "check")  # what says how far it is, before the one line
CATALOGUE = [(name, mistake) for name, table in TABLES.items() for mistake in table.MISTAKES]
TEXT = (
    "The dog sees the cat.\nThe man likes the fish.\nThe boy finds the bird.\n",
    "Der Hund sieht den Kater.\nDer Mann mag den Fisch.\nDer Junge findet den Vogel.\n",
)


@pytest.fixture(scope="module")
def untouched(trained: Path, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The world before a mistake; see `tests.commands.catalogue.world`."""
    folder = tmp_path_factory.mktemp("world")
    shutil.copytree(trained, folder / "model")
    (folder / "data").mkdir()
    for language, text in zip(("en", "de"), TEXT, strict=True):
        lines = corpus.with_suffix(f".{language}").read_text("utf-8").splitlines(keepends=True)
        (folder / "data" / f"train.{language}").write_text("".join(lines), encoding="utf-8")
        (folder / "data" / f"dev.{language}").write_text("".join(lines[::5]), encoding="utf-8")
        (folder / f"text.{language}").write_text(text, encoding="utf-8")
    (folder / "short.de").write_text("".join(TEXT[1].splitlines(keepends=True)[:2]), encoding="utf-8")
    (folder / "other").mkdir()
    shutil.copy(trained / CONFIG, folder / "other" / CONFIG)
    strange = train_tokenizer(TEXT[0].splitlines() * 9, Tokenizer(size=290), note=lambda text: None)
    (folder / "other" / "joint.model").write_bytes(strange.model)
    return folder


@pytest.fixture
def world(untouched: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A copy of it, and the place where commands run."""
    world = World(Path(shutil.copytree(untouched, tmp_path / "world")), monkeypatch)
    monkeypatch.chdir(world.folder)
    yield world
    for file in world.open:
        file.close()


@pytest.fixture
def run(world: World, train_words: list[object], tmp_path: Path, capfd) -> Callable[[Mistake], tuple[int, str, str]]:
    """Make a mistake: exit code, standard output and standard error."""

    def run(mistake: Mistake) -> tuple[int, str, str]:
        patch, stdin = world.monkeypatch, tmp_path / "stdin"
        words = shlex.split(mistake.command)
        if words[0] == "TRAIN":
            words[:1] = ["train", "data/train", *map(str, train_words[2:])]
        stdin.write_bytes(mistake.stdin or b"")
        with stdin.open() as stream:
            patch.setattr(sys, "argv", ["nmt", *words])
            patch.setattr(sys, "stdin", None if mistake.stdin is None else stream)
            sigpipe = signal.getsignal(signal.SIGPIPE) if hasattr(signal, "SIGPIPE") else None
            capfd.readouterr()
            for give in mistake.given:
                give(world)
            world.before = fingerprint(world.folder)
            try:
                with pytest.raises(SystemExit) as ended:
                    main()
            finally:
                patch.undo()
                if sigpipe is not None:
                    signal.signal(signal.SIGPIPE, sigpipe)
        return int(ended.value.code or 0), *capfd.readouterr()

    return run


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file and folder, and what is in it."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no file"
        for path in sorted(folder.rglob("*"))
    }


def assert_nothing_lost(world: World) -> None:
    """All is as it was; and what is new is at most the beginning of a folder in which no training has begun."""
    after = fingerprint(world.folder)
    assert {name: after.get(name) for name in world.before} == world.before
    new = set(after) - set(world.before)
    assert {Path(name).parts[0] for name in new} <= {"new", "child"}
    assert not [name for name in new if name.endswith((".safetensors", ".part", "log.jsonl"))]


@pytest.mark.parametrize(
    "mistake", [pytest.param(mistake, id=f"{name}: {mistake.done}") for name, mistake in CATALOGUE]
)
def test_a_mistake_is_told_in_one_line_and_nothing_is_lost(
    run: Callable[[Mistake], tuple[int, str, str]], world: World, mistake: Mistake
) -> None:
    code, _, said = run(mistake)
    assert code == 2, said
    *notes, line = said.splitlines()
    assert line.startswith("nmt: ") and not any(note.startswith("nmt: ") for note in notes)
    assert "Traceback" not in said and (not notes or mistake.command.startswith(MAY_NOTE))
    for text in (mistake.where, mistake.what, mistake.remedy):
        assert text in line
    assert len(line) <= LONGEST and line.endswith((".", "?"))
    assert_nothing_lost(world)


def test_what_a_mistake_left_behind_is_no_obstacle(
    run: Callable[[Mistake], tuple[int, str, str]], world: World, train_words: list[object]
) -> None:
    words = shlex.join(["train", "data/train", *map(str, train_words[2:]), "--out", "new"])
    code, _, said = run(Mistake("", f"{words} --set data.max_length=1", "", "", ""))
    assert code == 2 and "no pair is left" in said and (world.folder / "new" / CONFIG).is_file()
    world.monkeypatch.chdir(world.folder)
    code, _, said = run(Mistake("", f"{words} --set training.epochs=1", "", "", ""))
    assert code == 0 and "Done after 1 epochs" in said, said


def test_the_catalogue_is_one_of_distinct_mistakes_in_every_command() -> None:
    mistakes = [mistake for _, mistake in CATALOGUE]
    assert len(mistakes) >= 60
    assert len({(mistake.command, mistake.given, mistake.stdin) for mistake in mistakes}) == len(mistakes)
    told = [(name, mistake.done) for name, mistake in CATALOGUE]
    assert len(set(told)) == len(told)
    from nmt.commands import app

    commands = {command.name or command.callback.__module__.split(".")[-1] for command in app.registered_commands}
    commands |= {group.name for group in app.registered_groups}
    assert {str(command) for command in commands} <= {shlex.split(mistake.command)[0] for mistake in mistakes}
