"""The folder of a job: what it is, which shards are there, and the joined result.

    job.json                 the model, the files, the settings; written once, before anything else
    shards/00000000.txt      the translation of a shard; there only when it is whole
    translation.txt          all of them in order; there only when it is whole, and then the shards are removed
    lock                     held while a command works here

The same command on the same folder goes on with the shards that are missing. Another one is refused.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nmt.bounds import RECORDS, check_file, read_small
from nmt.bulk.shards import Input, Shard, Task, cut, plan
from nmt.bulk.worker import Result
from nmt.checkpoint import CONFIG, WEIGHTS, ModelFolder, write_atomically
from nmt.errors import DataError, ModelFolderError, NmtError, cannot_write
from nmt.files import hold, unfinished, whole

MANIFEST, SHARDS, JOINED, LOCK = "job.json", "shards", "translation.txt", "lock"


def model_files(path: Path) -> dict[str, bytes]:
    """The files of a model folder that translating takes, by name.

    Raises:
        ModelFolderError: it is no model folder, or a file cannot be read.
    """
    folder = ModelFolder.open(path).path
    names = [CONFIG, WEIGHTS, *sorted(file.name for file in folder.glob("*.model"))]
    return {name: _content(folder / name) for name in names}


def _content(path: Path) -> bytes:
    try:
        check_file(path)
        return path.read_bytes()
    except OSError as error:
        raise ModelFolderError(f"{path}: cannot be read: {error.strerror}. Restore the file.") from None


def facts(model: Mapping[str, bytes], inputs: Sequence[Input], settings: Mapping[str, Any]) -> dict[str, Any]:
    """What the result of a job depends on. Where files lie and what they are called is no part of it."""
    return {
        "model": {name: hashlib.sha256(content).hexdigest() for name, content in model.items()},
        "inputs": [{"lines": one.lines, "sha256": one.sha256} for one in inputs],
        "settings": dict(settings),
    }


class Job:
    """Files that are translated into a folder."""

    def __init__(self, folder: Path, inputs: Sequence[Input], size: int) -> None:
        """`size` is the number of lines of a shard."""
        self.folder, self.inputs, self.size = folder, inputs, size

    @property
    def joined(self) -> Path:
        """Where the whole result goes."""
        return self.folder / JOINED

    @property
    def shards(self) -> int:
        """How many there are."""
        return sum(one.shards(self.size) for one in self.inputs)

    @property
    def lines(self) -> int:
        """How many there are."""
        return sum(one.lines for one in self.inputs)

    @contextmanager
    def open(self, own: Mapping[str, Any]) -> Iterator[None]:
        """Begin the job, or go on with it; `own` are its facts. One command at a time, where there are file locks.

        Raises:
            NmtError: another job began here, something else is in the folder, a command is at work in it, or it cannot
                be written.
        """
        path = self.folder / MANIFEST
        if self.folder.exists() and not path.exists() and (not self.folder.is_dir() or self._foreign()):
            raise NmtError(f"{self.folder}: exists, and no job began there. Choose another --out, or an empty folder.")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = (self.folder / LOCK).open("ab")
        except OSError as error:
            raise NmtError(cannot_write(self.folder, error)) from None
        with file:
            if not hold(file.fileno()):
                raise NmtError(f"{self.folder}: another command is at work here. Wait for it, or choose another --out.")
            for made, right in ((self.joined, Path.is_file), (self.folder / SHARDS, Path.is_dir)):
                if made.exists() and not right(made):
                    raise NmtError(f"{made}: is not what a job makes there. Move it, or choose another --out.")
            if path.exists():
                self._compare(path, own)
            else:
                write_atomically(path, json.dumps(own, indent=1, ensure_ascii=False).encode() + b"\n")
            yield

    def missing(self) -> Iterator[Task]:
        """The shards that are not there yet, with their text; raises what `cut` raises."""
        return cut(self.inputs, self.size, lambda shard: not self.path(shard).exists())

    def left(self) -> tuple[int, int]:
        """How many shards are missing, and how many lines they have."""
        absent = [shard.lines for shard in plan(self.inputs, self.size) if not self.path(shard).exists()]
        return len(absent), sum(absent)

    def path(self, shard: Shard) -> Path:
        """Where the translation of a shard goes."""
        return self.folder / SHARDS / f"{shard.number:08d}.txt"

    def keep(self, shard: Shard, result: Result) -> None:
        """Write the translation of a shard.

        Raises:
            ModelFolderError: it cannot be written.
        """
        if (lines := result.text.count(b"\n")) != shard.lines:
            raise AssertionError(f"{shard} came back with {lines} lines")
        write_atomically(self.path(shard), result.text)

    def join(self) -> None:
        """Write all shards into one file, in order, and remove them.

        Raises:
            DataError: a shard has not the lines it should have.
            NmtError: the file cannot be written.
        """
        try:
            with whole(self.joined) as out:
                for shard in plan(self.inputs, self.size):
                    out.write(self._translated(shard))
        except OSError as error:
            raise NmtError(cannot_write(self.joined, error)) from None
        self.tidy()

    def _translated(self, shard: Shard) -> bytes:
        path, wrong = self.path(shard), f"not the {shard.lines} lines of {shard}"
        try:
            check_file(path)
            text = path.read_bytes()
            if text.count(b"\n") == shard.lines and text.endswith(b"\n"):
                return text
        except OSError as error:
            wrong = f"cannot be read: {error.strerror}"
        raise DataError(f"{path}: {wrong}. Remove it, and run the same command again.")

    def tidy(self) -> None:
        """Remove the shards of a job that is joined."""
        shutil.rmtree(self.folder / SHARDS, ignore_errors=True)

    def _foreign(self) -> bool:
        ours = {LOCK, unfinished(Path(MANIFEST)).name}  # of a command that was killed as it began
        return any(path.name not in ours for path in self.folder.iterdir())

    def _compare(self, path: Path, own: Mapping[str, Any]) -> None:
        try:
            known = json.loads(read_small(path, RECORDS))
            if not isinstance(known, dict):
                raise ValueError
        except (OSError, ValueError, RecursionError):
            raise NmtError(f"{path}: damaged. Restore it, or choose another --out.") from None
        if odd := _differences(known, own):
            raise NmtError(
                f"{self.folder}: a job with {odd} began here. Give the same command, or choose another --out."
            )


def _differences(known: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    """In words what another job has; "" for nothing."""
    odd = []
    if known.get("model") != own["model"]:
        odd.append("another model")
    if known.get("inputs") != own["inputs"]:
        odd.append("other input")
    settings = known.get("settings")
    then = settings if isinstance(settings, dict) else {}
    odd += [
        f"{key}={then.get(key)}" for key in {**then, **own["settings"]} if then.get(key) != own["settings"].get(key)
    ]
    return " and ".join(odd)
