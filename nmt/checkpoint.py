"""The model folder: self-describing, safe to load, whole at any moment.

    config.toml              every setting, resolved
    joint.model              the SentencePiece model, or source.model and target.model
    model.safetensors        the best weights so far
    README.md                the model card
    doubt.json               how doubtful translations of validation data were (`nmt.evaluation.doubt`)
    manifest.json            hashes of all this once it is finished (`nmt.manifest`)
    log.jsonl                what happened while training
    checkpoints/             the best few, where training.keep asks for more than one
    training/state.safetensors   what resuming needs; one file, so that it is always of one moment
    training/good.safetensors    the same after the last validation, to go back to should the training diverge
    training/examples.arrow      the ids of the corpus, while training (`nmt.text.mapped`)

No pickle is written or read. Every file is written beside its place and moved there when complete.
"""

import json
import math
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from nmt.bounds import RECORDS, check_file, read_small
from nmt.config_file import config_text, read_config
from nmt.errors import ModelFolderError, cannot_write
from nmt.files import hold, unfinished, whole
from nmt.model.seq2seq import Seq2Seq
from nmt.settings import Config
from nmt.text.tokenizer import Tokenizer
from nmt.weights import Modest, load_weights

CONFIG, WEIGHTS, CARD, LOG, DOUBT = "config.toml", "model.safetensors", "README.md", "log.jsonl", "doubt.json"
MANIFEST, TOKENIZERS = "manifest.json", ("joint.model", "source.model", "target.model")
STATE, DATA = Path("training") / "state.safetensors", Path("training") / "data.json"
GOOD = Path("training") / "good.safetensors"

_PREAMBLE = "Error while deserializing header: "


class Tokenizers(NamedTuple):
    """One a side; the same object twice if joint."""

    source: Tokenizer
    target: Tokenizer


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a reader, or a run after a power cut, finds the old or the new one, whole.

    Raises:
        ModelFolderError: the disk is full or the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as file:
            file.write(content)
    except OSError as error:
        raise ModelFolderError(cannot_write(path, error)) from None


def save_tensors(path: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
    """Write tensors and a JSON record as one safetensors file."""
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    write_atomically(path, save(plain, {"nmt": json.dumps(facts)}))


def load_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what `save_tensors` wrote.

    Raises:
        ModelFolderError: the file is missing, cut off, or of another kind.
    """
    with _opened(path) as file:
        return {name: file.get_tensor(name) for name in file.keys()}, _record(file)  # noqa: SIM118 - no mapping


def load_facts(path: Path) -> dict[str, Any]:
    """The JSON record of what `save_tensors` wrote, without the tensors; raises what `load_tensors` raises."""
    with _opened(path) as file:
        return _record(file)


def _record(file: Any) -> dict[str, Any]:
    facts = json.loads((file.metadata() or {}).get("nmt", "{}"))
    if not isinstance(facts, dict):
        raise ValueError("its record is no JSON object")
    return facts


def _value(facts: Mapping[str, Any]) -> float:
    value = facts.get("value")
    return value if isinstance(value, int | float) else -math.inf


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        check_file(path)
        with safe_open(path, framework="pt") as file:
            yield file
    except FileNotFoundError:
        raise ModelFolderError(
            f"{path}: no such file: its training has not come so far, or the file was lost. Train on, or restore it."
        ) from None
    except (OSError, SafetensorError, ValueError, RecursionError) as error:
        raise ModelFolderError(
            f"{path}: damaged: {' '.join(str(error).split()).removeprefix(_PREAMBLE)}. "
            "Restore the file, or train again elsewhere."
        ) from None


class ModelFolder:
    """One folder and the files in it.

    Raises:
        ModelFolderError: its name is not UTF-8, which the libraries that map files into memory ask for.
    """

    def __init__(self, path: Path) -> None:
        try:
            str(path).encode()
        except UnicodeEncodeError:
            raise ModelFolderError(f"{path}: its name is not UTF-8. Rename the folder, or choose another.") from None
        self.path = path

    @classmethod
    def open(cls, path: Path) -> "ModelFolder":
        """A folder that exists and has a config.

        Raises:
            ModelFolderError: it does not.
        """
        folder = cls(path)
        if path.is_file():
            raise ModelFolderError(f"{path}: a file, not a folder. Give the folder that `nmt train --out` wrote.")
        if not path.is_dir():
            raise ModelFolderError(f"{path}: no such folder. Give the folder that `nmt train --out` wrote.")
        if not (path / CONFIG).is_file():
            raise ModelFolderError(
                f"{path}: not a model folder, for it has no {CONFIG}. Give the folder that `nmt train --out` wrote."
            )
        return folder

    def create(self, config: Config, tokenizers: Tokenizers, origin: Mapping[str, str] | None = None) -> None:
        """Begin a model: tokenizers first, the config last, because it marks the folder as a model's.

        `origin` says where each setting came from, for those who look at the folder later.
        """
        if tokenizers.source is tokenizers.target:
            write_atomically(self.path / "joint.model", tokenizers.source.model)
        else:
            write_atomically(self.path / "source.model", tokenizers.source.model)
            write_atomically(self.path / "target.model", tokenizers.target.model)
        self.save_config(config, origin)

    def save_config(self, config: Config, origin: Mapping[str, str] | None = None) -> None:
        """Write the settings, and where each came from."""
        write_atomically(self.path / CONFIG, config_text(config, origin).encode())

    def config(self) -> Config:
        """The settings the model was made with."""
        return read_config(self.path / CONFIG)

    def tokenizers(self) -> Tokenizers:
        """The tokenizers of both sides."""
        if self.config().tokenizer.joint:
            tokenizer = Tokenizer.load(self.path / "joint.model")
            return Tokenizers(tokenizer, tokenizer)
        return Tokenizers(Tokenizer.load(self.path / "source.model"), Tokenizer.load(self.path / "target.model"))

    def build(self, config: Config, tokenizers: Tokenizers) -> Seq2Seq:
        """A fresh model of the folder's shape."""
        return Seq2Seq(config, tokenizers.source.size, tokenizers.target.size)

    def model(self, device: torch.device) -> Seq2Seq:
        """The trained model, ready to translate."""
        config, tokenizers = self.config(), self.tokenizers()
        weights, _ = self.weights()
        with Modest(weights, str(self.path)):
            model = self.build(config, tokenizers)
        load_weights(model, weights, str(self.path))
        return model.to(device).eval()

    def weights(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """The best weights and what is known about them."""
        return load_tensors(self.path / WEIGHTS)

    def save_weights(self, weights: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
        """Keep new best weights."""
        save_tensors(self.path / WEIGHTS, weights, facts)

    def checkpoints(self) -> list[Path]:
        """The kept checkpoints, oldest first."""
        return sorted((self.path / "checkpoints").glob("update-*.safetensors"))

    def keep_checkpoint(self, update: int, weights: Mapping[str, Tensor], facts: Mapping[str, Any], keep: int) -> None:
        """Add a checkpoint and drop the worst, by `facts["value"]`, beyond `keep`; one of unknown value goes first.

        Raises:
            ModelFolderError: one cannot be written, or an earlier one is damaged.
        """
        save_tensors(self.path / "checkpoints" / f"update-{update:08d}.safetensors", weights, facts)
        ranked = sorted(self.checkpoints(), key=lambda path: (_value(load_facts(path)), path))
        for worst in ranked[:-keep]:
            worst.unlink()

    def data(self) -> dict[str, dict[str, Any]]:
        """What the model was trained and validated on; empty where that is not recorded.

        Raises:
            ModelFolderError: the record is damaged.
        """
        path = self.path / DATA
        try:
            facts = json.loads(read_small(path, RECORDS))
            found = {role: {key: each[key] for key in ("names", "pairs", "sha256")} for role, each in facts.items()}
            if not all(", ".join(each["names"] + [each["sha256"]]) and each["pairs"] >= 0 for each in found.values()):
                raise ValueError("a corpus without a name, a size or a hash")
            return found
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise ModelFolderError(f"{path}: damaged. Restore the file, or train in another --out.") from None

    def refuse_links(self) -> None:
        """Refuse to write into a folder that has links to other places; to read one, they do no harm.

        Raises:
            ModelFolderError: it has; a stranger's folder could have a training write over files of yours.
        """
        home = self.path.resolve()
        for folder in (self.path, self.path / "training", self.path / "checkpoints"):
            for path in sorted(folder.iterdir()) if folder.is_dir() else ():
                if path.is_symlink() and not path.resolve().is_relative_to(home):
                    raise ModelFolderError(
                        f"{path}: a link to {path.resolve()}, outside of the model folder. Nothing is written through "
                        "it: put a copy of what it points to in its place."
                    )

    def refuse_folders(self) -> None:
        """Refuse a folder where a training will write a file, perhaps hours later, and a file where a folder goes.

        Raises:
            ModelFolderError: there is one.
        """
        files = [self.path / name for name in (CONFIG, WEIGHTS, CARD, LOG, DOUBT, MANIFEST, *TOKENIZERS)]
        for folder in (self.path / "training", self.path / "checkpoints"):
            if folder.exists() and not folder.is_dir():
                raise ModelFolderError(f"{folder}: a file, where a folder goes. Move it, or choose another --out.")
            files += folder.iterdir() if folder.is_dir() else ()
        for path in sorted(files):
            if path.is_dir():
                raise ModelFolderError(f"{path}: a folder, where a file goes. Move it, or choose another --out.")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder for one training at a time, where the system has file locks.

        Raises:
            ModelFolderError: another training holds it, it has links to other places, or cannot be written.
        """
        self.refuse_links()
        self.refuse_folders()
        path = self.path / "training" / "lock"
        write_atomically(path, b"") if not path.exists() else None
        try:
            file = path.open("rb")
        except OSError as error:
            raise ModelFolderError(cannot_write(path, error)) from None
        with file:
            if not hold(file.fileno()):
                raise ModelFolderError(
                    f"{self.path}: another training is at work here. Wait for it, or choose another --out."
                )
            yield

    def has_state(self) -> bool:
        """Whether a training can go on here."""
        return (self.path / STATE).is_file()

    def save_state(self, tensors: Mapping[str, Tensor], facts: Mapping[str, Any], good: bool = False) -> None:
        """Save what resuming needs; if `good`, for `good_state` too, as a link where the system has links."""
        save_tensors(self.path / STATE, tensors, facts)
        if not good:
            return
        waiting = unfinished(self.path / GOOD)
        try:
            waiting.unlink(missing_ok=True)
            try:
                os.link(self.path / STATE, waiting)
            except OSError:  # a file system without links
                shutil.copyfile(self.path / STATE, waiting)
            waiting.replace(self.path / GOOD)
        except OSError as error:
            raise ModelFolderError(cannot_write(self.path / GOOD, error)) from None

    def has_good_state(self) -> bool:
        """Whether something was saved as good, and the training has not ended."""
        return (self.path / GOOD).is_file()

    def good_state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What was saved last as good."""
        return load_tensors(self.path / GOOD)

    def forget_good_state(self) -> None:
        """The training has ended."""
        with suppress(OSError):
            (self.path / GOOD).unlink(missing_ok=True)

    def state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What `save_state` saved last."""
        return load_tensors(self.path / STATE)


def shared_tokenizers(folders: Sequence[ModelFolder]) -> Tokenizers:
    """The tokenizers that models have in common.

    Raises:
        ModelFolderError: one has others.
    """
    first = folders[0].tokenizers()
    for folder in folders[1:]:
        if [tokenizer.model for tokenizer in folder.tokenizers()] != [tokenizer.model for tokenizer in first]:
            raise ModelFolderError(
                f"{folder.path}: its vocabulary is not that of {folders[0].path}. Take models that share one: of the "
                "same corpus and tokenizer settings, or, for a team, trained with --vocabulary."
            )
    return first
