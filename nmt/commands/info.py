"""`nmt info`: what a model folder holds."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from nmt.errors import one_line


def run(
    model: Annotated[Path, typer.Argument(metavar="DIR", help="Model folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show a model's languages, size, data and scores.

    \b
    Example:
      nmt info model
    """
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
        "update": known.get("update", "?"),
        "scores": known.get("scores", {}),
    }
    for role, each in folder.data().items():
        facts[role] = {"pairs": each["pairs"], "sha256": each["sha256"]}
    return facts
