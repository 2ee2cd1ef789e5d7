"""`nmt config`: every setting, its value, where that came from, and what it means."""

import dataclasses
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from nmt.commands.parts import check_parts
from nmt.config import Resolved, preset_for, preset_names, resolve
from nmt.config_file import read_resolved
from nmt.errors import ConfigError
from nmt.settings import SECTIONS


def run(
    model: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="Show a model folder's settings.")] = None,
    preset: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="Lay a preset or TOML file over the defaults.")
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="One setting; repeatable.")
    ] = None,
    pairs: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Show what a corpus of so many pairs gets.")
    ] = None,
    presets: Annotated[bool, typer.Option("--presets", help="List the presets and stop.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show each resolved setting and where it came from.

    Without --preset, `nmt train` chooses the preset by the size of the corpus; --pairs shows which one, and its
    settings. Without either, the defaults are shown. What --set and a preset FILE say is checked as `nmt train` does.

    \b
    Example:
      nmt config --preset bahdanau2015 --set training.lr=0.5
      nmt config --pairs 3000
      nmt config model
    """
    if presets:
        print("\n".join(preset_names()))
        return
    if pairs is not None:
        if preset or model:
            raise ConfigError("--pairs shows which preset is chosen. Leave it out, or DIR and --preset.")
        preset = preset_for(pairs)
        print(f"A corpus of {pairs:,} pairs gets preset {preset}.", file=sys.stderr)
    resolved = resolve(preset, overrides or []) if model is None else _of_model(model, bool(preset or overrides))
    if model is None and (overrides or preset not in (None, *preset_names())):  # ours need no check, which takes torch
        check_parts(resolved.config)
    values = resolved.config.to_dict()
    if as_json:
        print(
            json.dumps(
                {
                    k: {"value": values[k.partition(".")[0]][k.partition(".")[2]], "origin": o}
                    for k, o in resolved.origin.items()
                }
            )
        )
        return
    for name, kind in SECTIONS.items():
        for field in dataclasses.fields(kind):
            key = f"{name}.{field.name}"
            print(f"{key:<26} {values[name][field.name]!s:<12} {resolved.origin[key]:<24} {field.metadata['help']}")


def _of_model(model: Path, changed: bool) -> Resolved:
    from nmt.checkpoint import CONFIG, ModelFolder

    if changed:
        raise ConfigError("A model folder's settings are fixed. Leave out DIR, or --preset and --set.")
    return read_resolved(ModelFolder.open(model).path / CONFIG)
