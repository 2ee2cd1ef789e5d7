"""`nmt info`: what a model folder holds, and whether that is what it was."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nmt.commands.flags import Device
from nmt.errors import ModelFolderError, one_line

if TYPE_CHECKING:
    from nmt.checkpoint import ModelFolder
    from nmt.manifest import Manifest


def run(
    model: Annotated[Path, typer.Argument(metavar="DIR", help="Model folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    check: Annotated[
        bool, typer.Option("--verify", help="Compare files, weights and corpora with what was recorded.")
    ] = False,
    rescore: Annotated[
        bool, typer.Option("--scores", help="--verify, and translate the validation pairs again: are the scores true?")
    ] = False,
    dev: Annotated[
        list[str] | None,
        typer.Option(metavar="CORPUS", help="--scores with validation pairs that lie elsewhere now; repeatable."),
    ] = None,
    device: Device = "auto",
) -> None:
    """Show a model's languages, size, data and scores; or verify that it is what it was when it was finished.

    --verify prints a line for each file, whether the weights fit the settings, and for each corpus that is still where
    it was: ok, differs, or not there. It ends with 2 where something differs. A large corpus takes its time to read.

    \b
    Example:
      nmt info model
      nmt info model --verify
      nmt info model --scores --dev corpus/dev
    """
    if check or rescore or dev:
        from nmt.commands.verify import verify

        verify(model, dev or [], rescore, device, as_json)
        return
    facts = _facts(model)
    if as_json:
        print(json.dumps(facts, ensure_ascii=False))
        return
    for name, value in facts.items():
        text = (
            ", ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in value.items())
            if isinstance(value, dict)
            else value
        )
        print(f"{name:<12} {one_line(str(text))}")


def _facts(model: Path) -> dict[str, Any]:
    from nmt.checkpoint import ModelFolder

    folder = ModelFolder.open(model)
    config, tokenizers = folder.config(), folder.tokenizers()
    weights, known = folder.weights()
    facts: dict[str, Any] = {
        "folder": str(model),
        "languages": f"{config.data.source or '?'} to {config.data.target or '?'}",
        "weights": sum(tensor.numel() for tensor in weights.values()),
        "vocabulary": {"source": tokenizers.source.size, "target": tokenizers.target.size},
        "encoder": f"{config.encoder.layers} x {config.encoder.cell} {config.encoder.size}",
        "attention": f"{config.attention.score}, {config.attention.align}, heads {config.attention.heads}",
        "decoder": f"{config.decoder.kind}, {config.decoder.layers} x {config.decoder.cell} {config.decoder.size}",
    }
    made = _manifest(folder)
    if "update" in known:
        facts["update"] = known["update"]
    if made and made.scores:
        facts["scores"] = {each["name"]: each["value"] for each in made.scores}
    elif "scores" in known:  # of a beam of two, and of some pairs only
        facts["scores while training"] = known["scores"]
    if made:
        facts["made by"] = f"nmt {made.nmt}, torch {made.torch}"
    for role, each in (folder.data() or (made.data if made else {})).items():
        facts[role] = {"pairs": each["pairs"], "sha256": each["sha256"]}
    return facts


def _manifest(folder: "ModelFolder") -> "Manifest | None":
    """What was recorded when the model was finished; what is damaged is for --verify to tell."""
    from nmt.manifest import Manifest

    try:
        return Manifest.read(folder)
    except ModelFolderError:
        return None
