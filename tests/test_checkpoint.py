import math
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from nmt.checkpoint import ModelFolder, Tokenizers, load_facts, load_tensors, save_tensors, write_atomically
from nmt.errors import ModelFolderError, NmtError
from nmt.model.seq2seq import Seq2Seq
from nmt.settings import Config
from nmt.text.tokenizer import Tokenizer
from nmt.weights import average

CPU = torch.device("cpu")


@pytest.fixture(params=["all", "target", "none"])
def folder(
    request: pytest.FixtureRequest, make_config: Callable[..., Config], tokenizer: Tokenizer, tmp_path: Path
) -> ModelFolder:
    """A model folder as a training leaves it."""
    folder = ModelFolder(tmp_path / "model")
    other = tokenizer if request.param == "all" else Tokenizer(tokenizer.model)
    joint = "true" if request.param == "all" else "false"
    config = make_config(f"model.tie={request.param}", f"tokenizer.joint={joint}")
    folder.create(config, Tokenizers(tokenizer, other))
    torch.manual_seed(0)
    model = folder.build(folder.config(), folder.tokenizers())
    folder.save_weights(dict(model.named_parameters()), {"update": 7})
    folder.save_state({"model/x": torch.ones(2)}, {"progress": {"epoch": 3}})
    return folder


def failing(folder: ModelFolder) -> str:
    with pytest.raises(NmtError) as error:
        ModelFolder.open(folder.path).model(CPU)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_what_is_saved_is_loaded(folder: ModelFolder, tokenizer: Tokenizer) -> None:
    opened = ModelFolder.open(folder.path)
    model, again = opened.model(CPU), opened.model(CPU)
    weights, facts = opened.weights()
    assert facts == {"update": 7} and not model.training
    assert dict(model.named_parameters()).keys() == weights.keys()
    for name, weight in model.named_parameters():
        assert weight.equal(weights[name]) and weight.equal(again.get_parameter(name))
    assert opened.config() == folder.config()
    assert all(side.model == tokenizer.model for side in opened.tokenizers())
    tensors, facts = opened.state()
    assert opened.has_state() and tensors["model/x"].tolist() == [1, 1] and facts == {"progress": {"epoch": 3}}


def test_joint_tokenizers_stay_one_object_and_one_file(folder: ModelFolder) -> None:
    tokenizers = folder.tokenizers()
    joint = (folder.path / "joint.model").is_file()
    assert joint == (tokenizers.source is tokenizers.target) == (folder.config().model.tie == "all")
    assert joint != (folder.path / "source.model").is_file()


@pytest.mark.parametrize("kind", [torch.float32, torch.float64, torch.bfloat16, torch.int64])
def test_tensors_come_back_bit_for_bit(tmp_path: Path, kind: torch.dtype) -> None:
    tensors = {"a": torch.arange(6).reshape(2, 3).to(kind).T, "b": torch.tensor(3).to(kind), "c": torch.empty(0, 2)}
    save_tensors(tmp_path / "deep" / "x", tensors, {"ü": [1, None, "\n"]})
    back, facts = load_tensors(tmp_path / "deep" / "x")
    assert facts == {"ü": [1, None, "\n"]} and back.keys() == tensors.keys()
    assert all(back[name].equal(tensor) and back[name].dtype == tensor.dtype for name, tensor in tensors.items())


@pytest.mark.parametrize("step", ["pathlib.Path.replace", "os.fsync"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def full(*args: object) -> None:
        assert path.read_bytes() == b"old"
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(step, full)
        with pytest.raises(ModelFolderError, match=r"file: cannot write: No space left on device\. Free some space"):
            write_atomically(path, b"new and longer")
    assert path.read_bytes() == b"old" and [*tmp_path.iterdir()] == [path]
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new" and [*tmp_path.iterdir()] == [path]


def test_a_write_that_is_killed_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def die(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", die)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("length", [0, 1, 7, 100, -1])
def test_a_cut_file_is_called_damaged(folder: ModelFolder, length: int) -> None:
    path = folder.path / "model.safetensors"
    path.write_bytes(path.read_bytes()[:length])
    assert failing(folder).startswith(f"{path}: damaged: ")


def test_a_pickle_is_refused_unread(folder: ModelFolder, tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
            return Path.touch, (tmp_path / "sprung",)

    path = folder.path / "model.safetensors"
    path.write_bytes(pickle.dumps(Trap()))
    assert failing(folder).startswith(f"{path}: damaged: ")
    torch.save({"x": torch.ones(2)}, path)
    assert failing(folder).startswith(f"{path}: damaged: ")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("name", ["model.safetensors", "config.toml"])
def test_a_missing_file_is_named(folder: ModelFolder, name: str) -> None:
    (folder.path / name).unlink()
    message = failing(folder)
    assert str(folder.path) in message and name in message


def test_a_missing_or_foreign_tokenizer_is_named(folder: ModelFolder) -> None:
    path = next(folder.path.glob("*.model"))
    path.write_bytes(b"nonsense")
    assert failing(folder).startswith(f"{path}: not a SentencePiece model")
    path.unlink()
    assert ".model: No such file" in failing(folder)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        assert failing(ModelFolder(path)).startswith(f"{path}: no")
    assert not ModelFolder(tmp_path).has_state()


def test_foreign_weights_are_refused(folder: ModelFolder) -> None:
    path = folder.path / "model.safetensors"
    save_file({"x": torch.ones(2)}, path)
    assert "is on one side only" in failing(folder)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(folder: ModelFolder, value: float) -> None:
    weights, facts = folder.weights()
    weights["output.bias"][3] = value
    folder.save_weights(weights, facts)
    assert "'output.bias' holds values that are no numbers" in failing(folder)


def test_swapped_shapes_are_refused(folder: ModelFolder) -> None:
    weights, facts = folder.weights()
    name = "decoder.readout.linear.weight"
    folder.save_weights(weights | {name: weights[name].T}, facts)
    assert f"'{name}' has shape" in failing(folder)
    folder.save_weights(weights, facts)
    config = folder.config()
    wider = replace(config, encoder=replace(config.encoder, size=5))
    folder.create(wider, folder.tokenizers())
    assert "but config.toml wants" in failing(folder)


@pytest.mark.parametrize(
    ("values", "left"), [([1.0, 3.0, 2.0], [90, 100]), ([3.0, 1.0, -math.inf], [5, 90]), ([2.0, 2.0, 2.0], [90, 100])]
)
def test_the_worst_checkpoints_go_and_of_equals_the_oldest(
    tmp_path: Path, values: list[float], left: list[int]
) -> None:
    folder = ModelFolder(tmp_path)
    for update, value in zip((5, 90, 100), values, strict=True):
        folder.keep_checkpoint(update, {"x": torch.tensor([float(update)])}, {"value": value}, keep=2)
    assert [load_tensors(path)[0]["x"].item() for path in folder.checkpoints()] == left


@pytest.mark.parametrize("load", [load_tensors, load_facts])
def test_a_damaged_record_is_named(tmp_path: Path, load: Callable[[Path], object]) -> None:
    save_file({"x": torch.ones(2)}, tmp_path / "x", {"nmt": "[1]"})
    with pytest.raises(ModelFolderError, match="x: damaged: its record is no JSON object"):
        load(tmp_path / "x")
    for content in (b"", b"nonsense", (tmp_path / "x").read_bytes()[:9]):
        (tmp_path / "x").write_bytes(content)
        with pytest.raises(ModelFolderError, match="x: damaged: "):
            load(tmp_path / "x")
    with pytest.raises(ModelFolderError, match="none: no such file"):
        load(tmp_path / "none")


def test_a_checkpoint_without_a_value_is_the_worst_and_a_damaged_one_is_named(tmp_path: Path) -> None:
    folder = ModelFolder(tmp_path)
    save_file({"x": torch.ones(2)}, write_place(tmp_path / "checkpoints" / "update-00000009.safetensors"))
    for update in (3, 5):
        folder.keep_checkpoint(update, {"x": torch.ones(2)}, {"value": 1.0}, keep=2)
    assert [path.stem for path in folder.checkpoints()] == ["update-00000003", "update-00000005"]
    folder.checkpoints()[0].write_bytes(b"cut")
    with pytest.raises(ModelFolderError, match=r"update-00000003\.safetensors: damaged"):
        folder.keep_checkpoint(7, {"x": torch.ones(2)}, {"value": 1.0}, keep=2)


def write_place(path: Path) -> Path:
    path.parent.mkdir()
    return path


def test_what_keeps_a_file_from_being_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "x", tmp_path / "file" / "deep" / "x"):
        with pytest.raises(ModelFolderError) as error:
            write_atomically(path, b"")
        assert str(error.value) == f"{path}: cannot write: Not a directory. Check the path, or choose another."


def test_a_config_that_asks_for_more_than_the_weights_have_takes_no_memory(folder: ModelFolder) -> None:
    config = folder.config()
    huge = replace(config, decoder=replace(config.decoder, size=16_384))  # gigabytes of weights
    folder.create(huge, folder.tokenizers())
    assert "but config.toml wants" in failing(folder)


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"dev": 1}', b'{"dev": {"pairs": 3}}', b"\xff"])
def test_a_damaged_record_of_the_data_is_named(tmp_path: Path, content: bytes) -> None:
    folder = ModelFolder(tmp_path)
    assert folder.data() == {}
    write_atomically(tmp_path / "training" / "data.json", content)
    with pytest.raises(ModelFolderError, match=r"data\.json: damaged\. Restore the file, or train in another --out\."):
        folder.data()


def test_one_training_at_a_time_holds_a_folder(tmp_path: Path) -> None:
    pytest.importorskip("fcntl", reason="the system has no file locks")
    for _ in range(2):
        with (
            ModelFolder(tmp_path).alone(),
            pytest.raises(ModelFolderError, match="another training is at work here"),
            ModelFolder(tmp_path).alone(),
        ):
            pytest.fail("two hold it")


def test_averages(make_model: Callable[..., Seq2Seq]) -> None:
    one, two, other = (
        {name: weight.detach().float() for name, weight in model.named_parameters()}
        for model in (make_model(seed=1), make_model(seed=2), make_model("decoder.size=10"))
    )
    assert all(tensor.equal(one[name]) for name, tensor in average([one]).items())
    assert all(tensor.equal(one[name]) for name, tensor in average([one, one, one]).items())
    mean = average([one, two])
    assert mean.keys() == one.keys()
    for name, tensor in mean.items():
        torch.testing.assert_close(tensor, (one[name] + two[name]) / 2)
    with pytest.raises(ModelFolderError, match="number 2 has other shapes than the first"):
        average([one, other])


@pytest.mark.parametrize(
    "name",
    ["training/lock", "log.jsonl", "training/state.safetensors", "training/good.safetensors", "training/data.json",
     "training/examples.arrow", "manifest.json", "README.md", "model.safetensors", "doubt.json", "config.toml",
     "joint.model", "checkpoints/update-00000001.safetensors"],
)  # fmt: skip
def test_a_folder_in_the_place_of_a_file_is_told_before_a_training(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir(parents=True)
    with pytest.raises(ModelFolderError, match="a folder, where a file goes") as caught, ModelFolder(tmp_path).alone():
        pytest.fail("was let in")
    assert str(caught.value).startswith(f"{tmp_path / name}: ")


@pytest.mark.parametrize("name", ["training", "checkpoints"])
def test_a_file_in_the_place_of_a_folder_is_told_before_a_training(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(ModelFolderError, match="a file, where a folder goes"), ModelFolder(tmp_path).alone():
        pytest.fail("was let in")


def test_a_lock_that_cannot_be_opened_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "lock").write_bytes(b"")

    def refuse(*args: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with (
        pytest.raises(ModelFolderError, match=r"lock: cannot write: Permission denied"),
        ModelFolder(tmp_path).alone(),
    ):
        pytest.fail("was let in")
