"""A record that was edited is refused in one line, or read; it is never a traceback, and nobody waits for it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from nmt.checkpoint import ModelFolder
from nmt.commands.verify import _checks
from nmt.errors import ModelFolderError
from nmt.manifest import LONGEST, Manifest

HASH = "0" * 64
GOOD: dict[str, Any] = {
    "training": {"update": 3},
    "data": {"train": {"names": ["a"], "pairs": 3, "sha256": HASH}},
    "scores": [{"name": "bleu", "value": 3.5, "signature": "x"}],
    "device": "cpu",
    "files": {"config.toml": HASH},
    "nmt": "1",
    "torch": "2",
}
STRANGE = [None, True, 7, -1, 1e999, 10**400, "x", "", [], [[]], ["x"], {}, {"x": "x"}, {"x": {}}, "\ud800", "x" * 9999]


def write(folder: Path, record: object) -> None:
    (folder / "manifest.json").write_text(json.dumps(record))


@pytest.mark.parametrize("strange", STRANGE, ids=lambda value: f"{value!r:.12}")
@pytest.mark.parametrize(
    "place",
    [(), *((key,) for key in GOOD), ("data", "train"), ("data", "train", "names"), ("data", "train", "pairs"),
     ("data", "train", "sha256"), ("scores", 0), ("scores", 0, "name"), ("scores", 0, "value"),
     ("scores", 0, "signature"), ("files", "config.toml")],
    ids=lambda place: ".".join(map(str, place)),
)  # fmt: skip
def test_values_of_wrong_types(tmp_path: Path, place: tuple[str | int, ...], strange: object) -> None:
    record = json.loads(json.dumps(GOOD))
    if place:
        inner = record
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = strange
    write(tmp_path, record if place else strange)
    folder = ModelFolder(tmp_path)
    try:
        manifest = Manifest.read(folder)
    except ModelFolderError as error:
        assert "manifest.json: damaged. Restore it" in str(error)
        return
    list(_checks(folder, manifest, [], False, "cpu"))


@pytest.mark.parametrize(
    "name",
    ["x" * 9999, "x/" * 999 + "x", "\ud800", "a\0b", "/etc/passwd", "../x", "x" * LONGEST],
    ids=lambda name: f"{name!r:.12}",
)
def test_strange_names_of_files(tmp_path: Path, name: str) -> None:
    write(tmp_path, GOOD | {"files": {name: HASH}, "data": {"parent": GOOD["data"]["train"] | {"names": [name]}}})
    (tmp_path / "config.toml").write_bytes(b"")
    folder = ModelFolder(tmp_path)
    try:
        manifest = Manifest.read(folder)
    except ModelFolderError:
        return
    assert not any(check.status == "ok" for check in _checks(folder, manifest, [], False, "cpu"))


@pytest.mark.parametrize("role", ["train", "dev", "parent"])
def test_endless_names_of_corpora(tmp_path: Path, role: str) -> None:
    write(tmp_path, GOOD | {"data": {role: GOOD["data"]["train"] | {"names": ["x" * 9999]}}})
    (tmp_path / "config.toml").write_bytes(b"")
    folder = ModelFolder(tmp_path)
    found = {check.name: check for check in _checks(folder, Manifest.read(folder), [], False, "cpu")}
    assert found[f"{role} {'x' * 9999}"].status == "not there"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with names")
def test_nobody_waits_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "manifest.json")
    with pytest.raises(ModelFolderError, match="damaged"):
        Manifest.read(ModelFolder(tmp_path))
    (tmp_path / "manifest.json").unlink()
    os.mkfifo(tmp_path / "log.jsonl")
    write(tmp_path, GOOD | {"files": {"log.jsonl": HASH}})
    found = list(_checks(ModelFolder(tmp_path), Manifest.read(ModelFolder(tmp_path)), [], False, "cpu"))
    assert found[0].name == "log.jsonl" and "a pipe" in found[0].detail
