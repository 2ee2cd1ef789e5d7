"""A model's `config.toml`: every setting with its help, and where each value came from."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nmt.config import DEFAULT, ORIGIN, Layer, Resolved, lay, read_toml
from nmt.errors import ConfigError
from nmt.settings import SECTIONS, Config


def read_config(path: Path) -> Config:
    """Read a `config.toml` of a model folder."""
    return read_resolved(path).config


def read_resolved(path: Path) -> Resolved:
    """Read a `config.toml` and where its values came from; the file itself where that is not recorded or outdated.

    Raises:
        ConfigError: the file cannot be read, or is none that `config_text` writes.
    """
    sections = read_toml(path)
    _refuse_newer(path, sections)
    recorded = ORIGIN in sections  # the models of earlier versions have no such table
    known = sections.pop(ORIGIN, {})
    if not isinstance(known, dict) or not all(isinstance(where, str) for where in known.values()):
        raise ConfigError(f"{path}: [{ORIGIN}] must hold text for each setting. Mend or remove it.")
    found = lay([Layer(str(path), sections)])
    values, defaults = found.config.to_dict(), Config().to_dict()
    origin = dict(found.origin)
    for name, section in values.items():
        for key, value in section.items():
            if f"{name}.{key}" in known:
                origin[f"{name}.{key}"] = known[f"{name}.{key}"]
            elif recorded and value == defaults[name][key]:
                origin[f"{name}.{key}"] = DEFAULT
    return Resolved(found.config, origin)


def _refuse_newer(path: Path, sections: Mapping[str, Any]) -> None:
    """A setting that we do not have is more likely of a later version than a slip."""
    ours = {name: [key.name for key in dataclasses.fields(kind)] for name, kind in SECTIONS.items()} | {ORIGIN: []}
    remedy = "A newer nmt has made this model, perhaps: update nmt, or else mend the file."
    for name, section in sections.items():
        if name not in ours:
            raise ConfigError(f"{path}: unknown section '{name}'. {remedy}")
        for key in section if isinstance(section, Mapping) and name != ORIGIN else ():
            if key not in ours[name]:
                raise ConfigError(f"{path}: unknown setting '{name}.{key}'. {remedy}")


def config_text(config: Config, origin: Mapping[str, str] | None = None) -> str:
    """The config as TOML, each setting with its help beside it, and where those that are no defaults came from."""
    import tomli_w

    lines = ["# Every setting of this model, resolved. `nmt config DIR` shows where each came from."]
    for name, kind in SECTIONS.items():
        lines += ["", f"[{name}]"]
        for key in dataclasses.fields(kind):
            value = tomli_w.dumps({key.name: getattr(getattr(config, name), key.name)}).strip()
            lines.append(f"{value}  # {key.metadata['help']}")
    if origin is not None:
        given = {k: where.encode("utf-8", "replace").decode() for k, where in origin.items() if where != DEFAULT}
        lines += ["", tomli_w.dumps({ORIGIN: given}).strip()]
    return "\n".join(lines) + "\n"
