"""A mistake, and the small world in which it is made.

Commands run in a folder that holds

    data/train.en, .de   144 pairs              data/dev.en, .de     30 of them
    text.en, text.de     three lines each       short.de             two of them
    model/               a trained model        other/               one of another vocabulary

A row of the tables beside this file says what a person did, the command, and three texts that the one line must
contain: where it is wrong, what is wrong, and what to do. `given` is what had happened to the world before. The words
of TRAIN stand for the command that made `model`, without its --out.
"""

import gzip
import os
import pathlib
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pytest


@dataclass
class World:
    """Where a mistake is made: the folder, what is changed for the time of it, and what is closed after it."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    open: list[IO[Any]] = field(default_factory=list)
    before: dict[str, str] = field(default_factory=dict)  # what was there


Given = Callable[[World], None]


@dataclass(frozen=True)
class Mistake:
    """One row: what was done, the command, and what its line must tell."""

    done: str
    command: str
    where: str
    what: str
    remedy: str
    given: tuple[Given, ...] = ()
    stdin: bytes | None = b"The dog sees the cat.\n"  # None: it is closed


def file(name: str, content: str | bytes) -> Given:
    """A file holds this."""

    def give(world: World) -> None:
        path = world.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    return give


def corpus(name: str, source: str | bytes, target: str | bytes) -> Given:
    """Two files of a prefix hold this."""
    both = file(f"{name}.en", source), file(f"{name}.de", target)
    return lambda world: [give(world) for give in both] and None


def packed(name: str, content: bytes, cut: int = 0) -> Given:
    """A gzipped file, the last bytes of which may be missing."""
    whole = gzip.compress(content)
    return file(name, whole[: len(whole) - cut])


def gone(name: str) -> Given:
    """A file or folder was removed."""
    return lambda world: shutil.rmtree(path) if (path := world.folder / name).is_dir() else path.unlink()


def copied(source: str, target: str) -> Given:
    """A file was copied over another."""
    return lambda world: shutil.copy(world.folder / source, world.folder / target) and None


def edited(name: str, old: str, new: str) -> Given:
    """A text was replaced in a file; `old` is a regular expression."""

    def give(world: World) -> None:
        path = world.folder / name
        text, count = re.subn(old, new, path.read_text("utf-8"), count=1)
        assert count == 1, f"{name} has no {old}"
        path.write_text(text, encoding="utf-8")

    return give


def cut(name: str, length: int) -> Given:
    """Only the first bytes of a file are left."""
    return lambda world: os.truncate(world.folder / name, length)


def without(library: str) -> Given:
    """A library is not installed."""
    return lambda world: world.monkeypatch.setitem(sys.modules, library, None)  # type: ignore[arg-type]


def without_gpu(world: World) -> None:
    """The machine has no GPU."""
    import torch

    world.monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def small_documents(world: World) -> None:
    """A document may have 10 bytes: one of gigabytes would take its time to be written."""
    world.monkeypatch.setattr("nmt.bounds.DOCUMENT", 10)


def full_disk(world: World) -> None:
    """There is no space left: nothing that is written reaches the disk."""

    def refuse(number: int) -> None:
        raise OSError(28, "No space left on device")

    world.monkeypatch.setattr(os, "fsync", refuse)


def read_only(world: World) -> None:
    """No file may be written; root, who may run the tests, is let through by the system."""
    unpatched = pathlib.Path.open

    def refuse(path: Path, mode: str = "r", *rest: Any, **more: Any) -> Any:
        if set(mode) & set("wax"):
            raise PermissionError(13, "Permission denied", str(path))
        return unpatched(path, mode, *rest, **more)

    world.monkeypatch.setattr(pathlib.Path, "open", refuse)


def at_work(name: str) -> Given:
    """Another training holds a model folder."""

    def give(world: World) -> None:
        import fcntl

        path = world.folder / name / "training" / "lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        world.open.append(path.open("rb"))
        fcntl.flock(world.open[-1], fcntl.LOCK_EX)

    return give


def pipe(name: str) -> Given:
    """Where a file is due there is a pipe, as from a shell's <(...)."""
    return lambda world: os.mkfifo(world.folder / name)


def broken_weights(world: World) -> None:
    """A weight is not a number."""
    from nmt.checkpoint import load_tensors, save_tensors

    path = world.folder / "model" / "model.safetensors"
    weights, facts = load_tensors(path)
    weights["output.bias"].fill_(float("nan"))
    save_tensors(path, weights, facts)
