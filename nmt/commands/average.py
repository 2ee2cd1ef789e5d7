"""`nmt average`: the mean of several checkpoints' weights as a model of its own."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from nmt.errors import ModelFolderError


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
    from nmt.checkpoint import CARD, WEIGHTS, ModelFolder, average, load_tensors, write_atomically
    from nmt.commands.card import card

    files, homes = [], []
    for path in models:
        if not path.is_file():
            folder = ModelFolder.open(path)
            homes.append(folder)
            files += folder.checkpoints() or [path / WEIGHTS]
        else:
            homes.append(ModelFolder.open(path.parent.parent if path.parent.name == "checkpoints" else path.parent))
            files.append(path)
    if len(files) < 2:
        raise ModelFolderError(
            f"{files[0]}: one set of weights has no average. Train with --set training.keep=5, or give several models."
        )
    if out.exists():
        raise ModelFolderError(f"{out}: is there already. Choose another --out.")
    first = homes[0].tokenizers()
    for home in homes[1:]:
        if [t.model for t in home.tokenizers()] != [t.model for t in first]:
            raise ModelFolderError(
                f"{home.path}: its vocabulary is not that of {homes[0].path}. Average models that share one."
            )
    weights = average(load_tensors(file)[0] for file in files)
    folder = ModelFolder(out)
    folder.save_weights(weights, {"average of": [str(file) for file in files]})
    config = homes[0].config()
    names = "the average of " + ", ".join(f"`{file}`" for file in files)
    write_atomically(out / CARD, card(out.name, config, homes[0].data(), [], names).encode())
    folder.create(config, first)
    print(f"{out}: the average of {len(files)} checkpoints.", file=sys.stderr)
