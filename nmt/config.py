"""Where values come from: the first of these that gives one.

`--set section.key=value`, the file or preset named by `--preset`, the default in `nmt.settings`. TOML is the only
syntax (`3e-4` is a float in it). This module builds nothing and imports no torch.
"""

import dataclasses
import json
import reprlib
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from nmt.bounds import SETTINGS, read_small
from nmt.errors import ConfigError
from nmt.registry import nearest
from nmt.settings import SECTIONS, Config

PRESETS = Path(__file__).parent / "presets"
PRESET_BY_PAIRS = ((5_000, "tiny"), (15_000, "small"), (None, "medium"))
"""Which preset a corpus of at most so many pairs gets when none is named."""

FINETUNE = "finetune"
"""The preset of trainings that begin from a model."""

ORIGIN = "origin"
"""The table in a model's `config.toml` that says where values came from; it is no section of settings."""

DEFAULT = "default"
"""Where a value came from that nobody gave."""

CHOSEN = "chosen on the validation pairs"
"""Where a value came from that a training has measured: another one measures it anew."""


class Layer(NamedTuple):
    """Some settings, and where they come from."""

    where: str
    sections: Mapping[str, Any]


@dataclass(frozen=True)
class Resolved:
    """A config and, for each `section.key`, where its value came from."""

    config: Config
    origin: Mapping[str, str]


def resolve(
    preset: str | None = None,
    overrides: Iterable[str] = (),
    parent: Path | None = None,
    lent: Layer | None = None,
) -> Resolved:
    """Lay a preset (a name or a file) and `section.key=value` words over the defaults.

    With `parent`, the `config.toml` of a model to begin from, its settings and preset finetune come before them.
    `lent` are the settings of a vocabulary that another model lends: no preset that ships changes them, and nobody may.

    Raises:
        ConfigError: an unknown key, a value of the wrong type, or values that contradict each other.
    """
    layers: list[Layer] = []
    wished: list[Layer] = []
    for name in [*([str(parent), FINETUNE] if parent else []), *([preset] if preset else [])]:
        path = preset_path(name)
        sections = read_toml(path)
        _forget_measured(sections)
        ships = path.parent == PRESETS
        layers.append(Layer(f"preset {name}" if ships else str(path), sections))
        wished += [] if ships else layers[-1:]
    words = [Layer(f"--set {word}", _parse_override(word)) for word in overrides]
    if lent:
        _refuse_other_pieces(lent, [*wished, *words])
    return lay([*layers, *words, *([lent] if lent else [])])


def _refuse_other_pieces(lent: Layer, wished: Iterable[Layer]) -> None:
    """Nobody may wish for pieces that were made in another way than those that are lent."""
    made = lent.sections["tokenizer"]
    for where, sections in wished:
        section = sections.get("tokenizer")
        for key, value in section.items() if isinstance(section, Mapping) else ():
            if key in made and made[key] != value:
                raise ConfigError(
                    f"{where}: tokenizer.{key} is {json.dumps(made[key])} with the {lent.where}. Leave one out."
                )


def change(config: Config, overrides: Iterable[str]) -> Config:
    """A config with `section.key=value` words laid over it; raises what `resolve` raises."""
    words = [Layer(f"--set {word}", _parse_override(word)) for word in overrides]
    return lay([Layer("config", config.to_dict()), *words]).config


def lay(layers: Iterable[Layer]) -> Resolved:
    """Lay (origin, sections) over the defaults, the last winning, and check the result."""
    values: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
    origin = {f"{name}.{key.name}": DEFAULT for name, kind in SECTIONS.items() for key in dataclasses.fields(kind)}
    for where, sections in layers:
        for name, section in sections.items():
            if name in SECTIONS and not isinstance(section, Mapping):
                raise ConfigError(
                    f"{where}: '{name}' is a section, not {section!r:.40}. Write [{name}] above its settings."
                )
            if name not in SECTIONS:
                raise ConfigError(
                    f"{where}: unknown section '{name}'.{nearest(name, SECTIONS)} Sections: {', '.join(SECTIONS)}."
                )
            for key, value in section.items():
                values[name][key] = _typed(where, name, key, value)
                origin[f"{name}.{key}"] = where
    try:
        return Resolved(Config(**{name: kind(**values[name]) for name, kind in SECTIONS.items()}), origin)
    except ConfigError as error:
        where = origin.get(str(error).split("=")[0], "")
        if not where.endswith(".toml"):
            raise
        raise ConfigError(f"{where}: {error}") from None  # in which of the files


def preset_for(pairs: int) -> str:
    """The preset for a corpus of so many sentence pairs."""
    return next(name for limit, name in PRESET_BY_PAIRS if limit is None or pairs <= limit)


def preset_names() -> list[str]:
    """The presets that ship with nmt."""
    return sorted(path.stem for path in PRESETS.glob("*.toml"))


def preset_path(preset: str) -> Path:
    """The file of a preset name, or the path itself if it ends in .toml.

    Raises:
        ConfigError: there is no such preset or file.
    """
    if preset in preset_names():
        return PRESETS / f"{preset}.toml"
    if preset.endswith(".toml") and Path(preset).is_file():
        return Path(preset)
    if preset.endswith(".toml"):
        raise ConfigError(f"{preset}: no such file. Give a preset's name ({', '.join(preset_names())}) or a TOML file.")
    raise ConfigError(
        f"Unknown preset '{preset}'.{nearest(preset, preset_names())} "
        f"Choices: {', '.join(preset_names())}, or a .toml file."
    )


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        ConfigError: the file cannot be read or is not TOML.
    """
    try:
        return tomllib.loads(read_small(path, SETTINGS).decode("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}. Check the path.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {' '.join(str(error).split())}. Mend that line.") from None
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply. Settings are a section, a name and a value.") from None


def differences(old: Config, new: Config) -> list[str]:
    """Each setting in which two configs differ, as `key: old -> new`."""
    before, after = old.to_dict(), new.to_dict()
    return [
        f"{name}.{key}: {before[name][key]!r} -> {after[name][key]!r}"
        for name in before
        for key in before[name]
        if before[name][key] != after[name][key]
    ]


def _forget_measured(sections: dict[str, Any]) -> None:
    """Take out of a model's `config.toml`, which may serve as a preset, what is no setting for others."""
    origin = sections.pop(ORIGIN, None)
    for key in [key for key, where in origin.items() if where == CHOSEN] if isinstance(origin, dict) else ():
        section, _, name = key.partition(".")
        if isinstance(sections.get(section), dict):
            sections[section].pop(name, None)


def _parse_override(word: str) -> dict[str, dict[str, Any]]:
    key, equals, text = word.partition("=")
    section, dot, name = key.strip().partition(".")
    if not (equals and dot and name):
        raise ConfigError(f"--set {word}: write section.key=value, e.g. --set training.lr=3e-4.")
    try:
        read = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        read = {"value": text.strip()}  # a bare word is a string: --set attention.score=dot
        if not text.isprintable() or text.strip().startswith(('"', "'")):
            raise ConfigError(f"--set {word!r}: its value is neither TOML nor a plain word.") from None
    except RecursionError:
        raise ConfigError(f"--set {word!r}: its value is nested too deeply. Give one value.") from None
    if len(read) > 1:
        raise ConfigError(f"--set {word!r}: more than one setting. Give each its own --set.")
    return {section: {name: read["value"]}}


@cache
def _types(section: str) -> dict[str, Any]:
    return get_type_hints(SECTIONS[section])


def _typed(where: str, section: str, key: str, value: Any) -> Any:
    kinds = _types(section)
    if key not in kinds:
        everywhere = [f"{name}.{known}" for name in SECTIONS for known in _types(name)]
        raise ConfigError(f"{where}: unknown setting '{section}.{key}'.{nearest(f'{section}.{key}', everywhere)}")
    wanted = kinds[key]
    if isinstance(value, int) and value.bit_length() > 256:  # too many digits to be shown, and for a float
        raise ConfigError(f"{where}: {section}.{key} is a number of {value.bit_length()} bits. Give a smaller one.")
    if isinstance(value, str) and value.encode("utf-8", "replace").decode() != value:  # it could not be written down
        raise ConfigError(f"{where}: {section}.{key} holds bytes that are not UTF-8. Write it in UTF-8.")
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        names = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
        raise ConfigError(f"{where}: {section}.{key} must be {names[wanted]}, not {reprlib.repr(value)}.")
    return value
