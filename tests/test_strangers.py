"""A model folder from a stranger runs no code, takes no more memory than it should, and overwrites nothing else."""

import ast
import json
import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nmt.checkpoint import CONFIG, DATA, DOUBT, STATE, WEIGHTS, ModelFolder, Tokenizers, write_atomically
from nmt.commands.calibrate import looker
from nmt.errors import ModelFolderError, NmtError
from nmt.settings import Config
from nmt.text.tokenizer import Tokenizer

CPU = torch.device("cpu")
RUNS_CODE = {
    "pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "yaml", "eval", "exec", "compile",
    "__import__", "runpy",
}  # fmt: skip
TREES = {path: ast.parse(path.read_text("utf-8")) for path in sorted((Path(__file__).parents[1] / "nmt").rglob("*.py"))}
TERABYTE = 2**40
DEEP = b"[" * 30_000


def dangers(tree: ast.AST) -> set[str]:
    """Names of what would run, or unpack, what a file says."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names} & RUNS_CODE
        elif isinstance(node, ast.ImportFrom):
            found |= {(node.module or "").split(".")[0]} & RUNS_CODE
        elif isinstance(node, ast.Name):
            found |= {node.id} & RUNS_CODE
        elif isinstance(node, ast.keyword) and node.arg in ("trust_remote_code", "allow_pickle", "weights_only"):
            found.add(node.arg)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            name = f"{node.value.id}.{node.attr}"
            found |= {name} & {"torch.load", "torch.hub", "np.load", "numpy.load", "os.system", "shutil.unpack_archive"}
            found |= {name} & {"torch.jit", "np.frompyfunc", "zipfile.ZipFile", "tarfile.open"}
    return found


@pytest.mark.parametrize("path", TREES, ids=lambda path: path.stem)
def test_nothing_here_runs_what_a_file_says(path: Path) -> None:
    assert dangers(TREES[path]) == set()


def test_the_test_sees_dangers() -> None:
    source = (
        "import pickle\nfrom yaml import load\nx = eval('1')\ntorch.load(y)\nload_dataset(n, trust_remote_code=True)"
    )
    assert dangers(ast.parse(source)) == {"pickle", "yaml", "eval", "torch.load", "trust_remote_code"}


@pytest.fixture
def folder(make_config: Callable[..., Config], tokenizer: Tokenizer, tmp_path: Path) -> ModelFolder:
    """A whole model folder."""
    folder = ModelFolder(tmp_path / "model")
    folder.create(make_config(), Tokenizers(tokenizer, tokenizer))
    folder.save_weights(dict(folder.build(folder.config(), folder.tokenizers()).named_parameters()), {"update": 7})
    folder.save_state({"model/x": torch.ones(2)}, {"progress": {"epoch": 3}})
    write_atomically(folder.path / DATA, b"{}")
    return folder


def read_all(folder: ModelFolder) -> None:
    """Everything of a folder that any command reads."""
    folder = ModelFolder.open(folder.path)
    folder.data()
    folder.state()
    folder.model(CPU)
    looker([folder.path], None)  # type: ignore[arg-type]


def complaint(call: Callable[[], object]) -> str:
    with pytest.raises(NmtError) as error:
        call()
    assert str(error.value).isprintable()
    return str(error.value)


def test_a_whole_folder_is_read(folder: ModelFolder) -> None:
    read_all(folder)


FILES = [CONFIG, "joint.model", WEIGHTS, str(DATA), str(STATE)]


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_a_terabyte_is_refused_unread(folder: ModelFolder, name: str) -> None:
    with (folder.path / name).open("r+b") as file:
        file.truncate(TERABYTE)  # takes no room on the disk
    assert name in complaint(lambda: read_all(folder))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with names")
@pytest.mark.parametrize("name", [*FILES, DOUBT])
def test_nobody_waits_for_a_pipe(folder: ModelFolder, name: str) -> None:
    (folder.path / name).unlink(missing_ok=True)
    os.mkfifo(folder.path / name)
    if name == DOUBT:
        assert "pipe" in complaint(lambda: look(folder))
    else:
        assert str(folder.path) in complaint(lambda: read_all(folder))


def look(folder: ModelFolder) -> None:
    """Look at a blank translation by the folder's calibration."""
    from nmt.translator import Translation, Translator

    looker([folder.path], Translator.load(folder.path, device="cpu"))(Translation("", []))


@pytest.mark.parametrize("content", [DEEP, b'{"a":' * 30_000, b"\xff", b"1" * 5000, b'{"quantiles": NaN}'])
def test_json_that_is_nested_or_damaged_is_refused(folder: ModelFolder, content: bytes) -> None:
    (folder.path / DATA).write_bytes(content)
    assert "damaged" in complaint(folder.data)
    (folder.path / DATA).unlink()
    (folder.path / DOUBT).write_bytes(content)
    assert "doubt.json: damaged" in complaint(lambda: look(folder))


def with_header(header: bytes, body: bytes = b"") -> bytes:
    return struct.pack("<Q", len(header)) + header + body


@pytest.mark.parametrize(
    "header",
    [
        {"x": {"dtype": "F32", "shape": [10**15], "data_offsets": [0, 4 * 10**15]}},
        {"x": {"dtype": "F32", "shape": [2**32, 2**32], "data_offsets": [0, 0]}},
        {"x": {"dtype": "F32", "shape": [1], "data_offsets": [2**63, 2**63 + 4]}},
        {"x": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}},
        {"x": {"dtype": "OBJ", "shape": [1], "data_offsets": [0, 4]}},
        {"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, "__metadata__": {"nmt": "[" * 30_000}},
        {"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, "__metadata__": {"nmt": "1"}},
        {"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}},
    ],
)
def test_weights_that_are_declared_and_not_there_take_no_memory(folder: ModelFolder, header: object) -> None:
    for name in (WEIGHTS, STATE):
        (folder.path / name).write_bytes(with_header(json.dumps(header).encode(), bytes(4)))
    assert "model" in complaint(lambda: folder.model(CPU))
    if "__metadata__" in header:  # type: ignore[operator]
        assert "damaged" in complaint(folder.state)


def test_a_header_that_declares_its_own_length_wrongly_is_refused(folder: ModelFolder) -> None:
    for size in (0, 1, 2**31, 2**63, 2**64 - 1):
        (folder.path / WEIGHTS).write_bytes(struct.pack("<Q", size) + b"{}")
        assert "damaged" in complaint(folder.weights)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=st.sampled_from([CONFIG, "joint.model", WEIGHTS, str(DATA), str(STATE)]))
def test_a_folder_with_some_other_bytes_loads_or_is_refused_in_one_line(
    folder: ModelFolder, data: st.DataObject, name: str
) -> None:
    path = folder.path / name
    whole = path.read_bytes()
    begin = data.draw(st.integers(0, min(len(whole), 3000)))
    size = data.draw(st.integers(0, 8))
    path.write_bytes(whole[:begin] + data.draw(st.binary(max_size=8)) + whole[begin + size :])
    try:
        read_all(folder)
    except NmtError as error:
        assert str(error).isprintable()
    finally:
        path.write_bytes(whole)


def test_a_folder_of_links_is_read(folder: ModelFolder, tmp_path: Path) -> None:
    """As the Hugging Face hub keeps what it has fetched."""
    blobs = tmp_path / "blobs"
    blobs.mkdir()
    for name in (CONFIG, "joint.model", WEIGHTS):
        (folder.path / name).rename(blobs / name)
        (folder.path / name).symlink_to(blobs / name)
    read_all(folder)


@pytest.mark.parametrize("name", [DOUBT, "README.md", f".{DOUBT}.part"])
def test_what_is_written_takes_the_place_of_a_link(folder: ModelFolder, tmp_path: Path, name: str) -> None:
    mine = tmp_path / "mine"
    mine.write_bytes(b"precious")
    (folder.path / name).symlink_to(mine)
    for written in (DOUBT, "README.md"):
        write_atomically(folder.path / written, b"new")
    assert mine.read_bytes() == b"precious" and (folder.path / DOUBT).read_bytes() == b"new"
    assert not (folder.path / name).is_symlink()


@pytest.mark.parametrize("name", ["log.jsonl", "training", "checkpoints", "training/examples.arrow"])
def test_no_training_goes_on_where_links_lead_out(folder: ModelFolder, tmp_path: Path, name: str) -> None:
    (tmp_path / "outside").mkdir()
    path = folder.path / name
    if path.is_dir():
        path.rename(folder.path / "old")
    path.symlink_to(tmp_path / "outside")
    with pytest.raises(ModelFolderError, match="outside of the model folder"), folder.alone():
        pytest.fail("it is held")
    assert not [*(tmp_path / "outside").iterdir()]
    path.unlink()
    inside = folder.path / "inside"
    inside.touch() if "." in name else inside.mkdir()
    path.symlink_to(inside)
    with folder.alone():
        pass


@pytest.mark.parametrize("progress", [{"no such field": 1}, {"finished": "x", "epochs": 3}])
def test_a_training_state_of_odd_fields_is_refused(folder: ModelFolder, progress: dict[str, object]) -> None:
    from nmt.commands.training_folder import ended

    folder.save_state({"model/x": torch.ones(2)}, {"progress": progress})
    assert "its training state is damaged" in complaint(lambda: ended(folder))


def test_a_checkpoint_whose_value_is_no_number_is_the_worst(folder: ModelFolder) -> None:
    for update, value in ((1, "9"), (2, None), (3, 0.5), (4, 0.25)):
        folder.keep_checkpoint(update, {"x": torch.ones(2)}, {"value": value}, keep=2)
    assert [path.stem for path in folder.checkpoints()] == ["update-00000003", "update-00000004"]
