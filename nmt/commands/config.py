"""`nmt config`: every setting, its value, where that came from, and what it means."""

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer

from nmt.config import SECTIONS, lay, preset_names, read_toml, resolve
from nmt.errors import ConfigError


def run(
    model: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="Show a model folder's settings.")] = None,
    preset: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="Lay a preset or TOML file over the defaults.")
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="One setting; repeatable.")
    ] = None,
    presets: Annotated[bool, typer.Option("--presets", help="List the presets and stop.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show each resolved setting and where it came from.

    \b
    Example:
      nmt config --preset bahdanau2015 --set training.lr=0.5
    """
    if presets:
        print("\n".join(preset_names()))
        return
    if model is not None:
        from nmt.checkpoint import CONFIG, ModelFolder

        if preset or overrides:
            raise ConfigError("A model folder's settings are fixed. Leave out DIR, or --preset and --set.")

        path = ModelFolder.open(model).path / CONFIG
        resolved = lay([(str(path), read_toml(path))])
    else:
        resolved = resolve(preset, overrides or [])
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
