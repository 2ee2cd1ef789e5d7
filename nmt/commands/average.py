"""`nmt average`: the mean of several checkpoints' weights as a model of its own."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nmt.errors import ModelFolderError

if TYPE_CHECKING:
    from nmt.checkpoint import ModelFolder


def run(
    models: Annotated[
        list[Path], typer.Argument(metavar="DIR|FILE...", help="Model folders, or .safetensors checkpoints of one.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The model folder to write.")],
) -> None:
    """Average models of one training, or of trainings that began alike.

    A folder that kept checkpoints (training.keep above 1) stands for those; else for its best weights.

    \b
    Example:
      nmt average model --out averaged
      nmt average model/checkpoints/update-00002000.safetensors other-seed/model.safetensors --out averaged
    """
    from nmt.checkpoint import (
        CONFIG,
        WEIGHTS,
        ModelFolder,
        load_tensors,
        shared_tokenizers,
    )
    from nmt.commands.card import keep_card
    from nmt.config_file import read_resolved
    from nmt.weights import average

    files, homes = [], []
    for path in models:
        if path.is_file():
            homes.append(_home(path))
            files.append(path)
        else:
            homes.append(ModelFolder.open(path))
            files += homes[-1].checkpoints() or [path / WEIGHTS]
    for number, file in enumerate(files):
        if file.resolve() in [other.resolve() for other in files[:number]]:
            raise ModelFolderError(f"{file}: is given twice. Give each set of weights once.")
    if len(files) < 2:
        raise ModelFolderError(
            f"{files[0]}: one set of weights has no average. Train with --set training.keep=5, or give several models."
        )
    if out.exists():
        raise ModelFolderError(f"{out}: is there already. Choose another --out.")
    tokenizers = shared_tokenizers(homes)
    weights = average(load_tensors(file)[0] for file in files)
    folder = ModelFolder(out)
    folder.save_weights(weights, {"average of": [str(file) for file in files]})
    resolved = read_resolved(homes[0].path / CONFIG)
    names = "the average of " + ", ".join(f"`{file}`" for file in files)
    folder.create(resolved.config, tokenizers, resolved.origin)
    keep_card(folder, _data(homes), [], names, {"average of": [str(file) for file in files]})
    print(f"{out}: the average of {len(files)} checkpoints.", file=sys.stderr)


def _data(homes: "Sequence[ModelFolder]") -> dict[str, Any]:
    """What the first model learned from, and under the names of others what these did besides."""
    data = homes[0].data()
    for home in homes[1:]:
        for role, facts in home.data().items():
            if facts not in data.values():
                data[f"{role} of {home.path}"] = facts
    return data


def _home(checkpoint: Path) -> "ModelFolder":
    """The folder a checkpoint lies in: it holds the settings and the vocabulary."""
    from nmt.checkpoint import CONFIG, ModelFolder

    if checkpoint.suffix != ".safetensors":
        raise ModelFolderError(f"{checkpoint}: no checkpoint. Give a model folder or a .safetensors file of one.")
    folder = checkpoint.parent.parent if checkpoint.parent.name == "checkpoints" else checkpoint.parent
    if not (folder / CONFIG).is_file():
        raise ModelFolderError(f"{checkpoint}: lies in no model folder. Give one that `nmt train --out` wrote.")
    return ModelFolder.open(folder)
