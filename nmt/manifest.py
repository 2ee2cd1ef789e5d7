"""What a finished model is made of, and whether it still is: `manifest.json` in the model folder.

    nmt, torch    the versions that finished it
    training      which training it was, or what it is the average of
    files         SHA-256 of each file, as it was when the model was finished
    data          the corpora: their names, sizes and hashes (`nmt.text.corpus`)
    scores        those of the validation pairs, with their signatures
    device        what these were translated on

It is written last, and names everything that is in the folder by then. A file keeps the hash it was first recorded
with until a command of ours writes it anew, so that damage is not recorded as if it were meant.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from hashlib import file_digest
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import torch

from nmt import __version__
from nmt.bounds import RECORDS, check_file, read_small
from nmt.checkpoint import (
    CARD,
    CONFIG,
    DATA,
    DOUBT,
    LOG,
    MANIFEST,
    STATE,
    TOKENIZERS,
    WEIGHTS,
    ModelFolder,
    write_atomically,
)
from nmt.errors import ModelFolderError, NmtError

OK, DIFFERS, ABSENT = "ok", "differs", "not there"
NEEDED = (CONFIG, WEIGHTS, *TOKENIZERS)
"""Without these no line is translated; the others of a folder may be left out of a copy."""

WRITTEN = (CARD, DOUBT)
"""What is written anew when a training that has ended is asked for again."""

LONGEST = 255  # bytes of the name of a file; systems take no more
_SHA256 = re.compile("[0-9a-f]{64}")


class Check(NamedTuple):
    """One thing that was looked at; `status` is one of OK, DIFFERS and ABSENT."""

    name: str
    status: str
    detail: str = ""
    fault: bool = False  # whether the model is not what it was


@dataclass(frozen=True)
class Manifest:
    """The record; see the head of this module."""

    training: Mapping[str, Any]
    data: Mapping[str, Mapping[str, Any]]
    scores: Sequence[Mapping[str, Any]]
    device: str
    files: dict[str, str]
    nmt: str = __version__
    torch: str = field(default_factory=lambda: str(torch.__version__))

    @classmethod
    def read(cls, folder: ModelFolder) -> "Manifest":
        """The record of a folder.

        Raises:
            ModelFolderError: there is none, or it is damaged.
        """
        path = folder.path / MANIFEST
        try:
            found = json.loads(read_small(path, RECORDS))
            manifest = cls(**{key: found[key] for key in cls.__dataclass_fields__})
            manifest._refuse_strange()
            return manifest
        except FileNotFoundError:
            raise ModelFolderError(
                f"{path}: no such file: the training has not ended, or an earlier nmt made this model. "
                "Give the command that made it once more, which writes it."
            ) from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            raise ModelFolderError(
                f"{path}: damaged. Restore it, or remove it and give the command that made the model once more."
            ) from None

    def _refuse_strange(self) -> None:
        for name, digest in self.files.items():
            path = PurePosixPath(name)
            strange = path.is_absolute() or ".." in path.parts or "\0" in name or len(name.encode()) > LONGEST
            if strange or not _SHA256.fullmatch(digest):
                raise ValueError(name)
        for each in self.data.values():
            names = each["names"]
            named = isinstance(names, list) and names and all(isinstance(name, str) for name in names)
            if not (named and _SHA256.fullmatch(each["sha256"])):
                raise ValueError("a corpus without a name or a hash")
            each["pairs"] + 0
        for each in self.scores:
            each["name"] + each["signature"] + self.device
            float(each["value"] + 0.0)

    def write(self, folder: ModelFolder) -> None:
        """Put it in its folder.

        Raises:
            ModelFolderError: it cannot be written.
        """
        write_atomically(folder.path / MANIFEST, (json.dumps(asdict(self), indent=1) + "\n").encode())


def hashes(folder: ModelFolder, training: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of every file of a finished model but the card; as recorded before, where it is the same training."""
    now = {name: sha256_of(folder.path / name) for name in _names(folder) if name != CARD}
    try:
        before = Manifest.read(folder)
    except ModelFolderError:
        return now
    if before.training != training:
        return now
    return now | {name: digest for name, digest in before.files.items() if name not in WRITTEN}


def renew(folder: ModelFolder, name: str) -> None:
    """Record a file that a command has written, or removed, after the model was finished; nothing without a record.

    Raises:
        ModelFolderError: it cannot be written.
    """
    try:
        manifest = Manifest.read(folder)
    except ModelFolderError:
        return
    manifest.files.pop(name, None)
    if (folder.path / name).is_file():
        manifest.files[name] = sha256_of(folder.path / name)
    manifest.write(folder)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in memory that does not grow with it.

    Raises:
        ModelFolderError: it cannot be read.
    """
    try:
        check_file(path)
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelFolderError(f"{path}: {error.strerror}. Check the path and its permissions.") from None


def check_files(folder: ModelFolder, manifest: Manifest) -> Iterator[Check]:
    """Compare each file with its record, and see whether the weights fit the config."""
    for name, recorded in manifest.files.items():
        path = folder.path / name
        if not path.exists():
            yield Check(name, ABSENT, "restore it" if name in NEEDED else "", name in NEEDED)
        else:
            yield compare(name, recorded, partial(sha256_of, path))
    yield _check_weights(folder)


def compare(name: str, recorded: str, find: Callable[[], str]) -> Check:
    """One hash against the recorded one; what cannot be read differs."""
    try:
        found = find()
    except NmtError as error:
        return Check(name, DIFFERS, str(error), True)
    if found != recorded:
        return Check(name, DIFFERS, f"recorded {recorded[:12]}..., is {found[:12]}...", True)
    return Check(name, OK)


def _check_weights(folder: ModelFolder) -> Check:
    name = f"{WEIGHTS} fits {CONFIG}"
    try:
        folder.model(torch.device("cpu"))
    except NmtError as error:
        return Check(name, DIFFERS, str(error), True)
    return Check(name, OK)


def _names(folder: ModelFolder) -> list[str]:
    """Those of our files that are there, as POSIX paths within the folder."""
    kept = [path.relative_to(folder.path) for path in folder.checkpoints()]
    known: list[str | Path] = [*NEEDED, CARD, DOUBT, LOG, *kept, DATA, STATE]
    return [Path(name).as_posix() for name in known if (folder.path / name).is_file()]
