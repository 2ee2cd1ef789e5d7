"""The folder of a training: begun, gone on with, or refused because it is another's."""

import json
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nmt.commands.output import say
from nmt.config import CHOSEN, DEFAULT, Resolved, differences, preset_names
from nmt.errors import ConfigError, ModelFolderError

if TYPE_CHECKING:
    from nmt.checkpoint import ModelFolder, Tokenizers
    from nmt.text.corpus import Corpus, Survey
    from nmt.training.progress import Progress
    from nmt.transfer import Lender, Parent

SHOWN = 4  # changed settings that are told; more of them would hide what to do
FREE = ("training.device", "training.threads")  # may change when a training goes on: where it is done, not what


def refuse_strange_folder(out: Path) -> None:
    """A folder that holds other things is not ours to write in."""
    ours = {"config.toml", "joint.model", "source.model", "target.model", "training"}
    if out.is_file():
        raise ModelFolderError(f"{out}: a file, not a folder. Choose another --out.")
    if out.is_dir() and not (out / "config.toml").is_file():
        strange = sorted(p.name for p in out.iterdir() if p.name not in ours and not p.name.startswith("."))
        if strange:
            raise ModelFolderError(f"{out}: holds other files ({strange[0]}) and no model. Choose another --out.")


def settle_precision(resolved: Resolved, folder: "ModelFolder") -> Resolved:
    """`auto` precision as the folder's training began, else as suits this machine: it helps decide the weights."""
    from nmt.checkpoint import CONFIG
    from nmt.device import choose_device, precision

    training = resolved.config.training
    if training.precision != "auto":
        return resolved
    began = (folder.path / CONFIG).is_file()
    kind = folder.config().training.precision if began else precision("auto", choose_device(training.device))
    config = replace(resolved.config, training=replace(training, precision=kind))
    return Resolved(config, {**resolved.origin, "training.precision": "auto, on this machine"})


def ended(folder: "ModelFolder") -> "Progress | None":
    """Where the folder's training ended, if it did: nothing has to be prepared for it."""
    from nmt.training.progress import Progress

    facts = folder.state()[1].get("progress", {}) if folder.has_state() else {}
    try:
        progress = Progress(**facts)
    except TypeError:
        raise ModelFolderError(f"{folder.path}: its training state is damaged. Train again in a new --out.") from None
    if not progress.finished:
        return None
    require_best(folder, progress)
    say(f"{folder.path}: this training has already ended, {progress.finished}.")
    return progress


def require_best(folder: "ModelFolder", progress: "Progress") -> None:
    """Refuse to go on where the best weights of a training are gone."""
    from nmt.checkpoint import WEIGHTS

    if progress.best is not None and not (folder.path / WEIGHTS).is_file():
        raise ModelFolderError(
            f"{folder.path / WEIGHTS}: missing, though this training has kept its best weights there. "
            "Restore the file, or train in another --out."
        )


def open_or_create(
    folder: "ModelFolder", resolved: Resolved, survey: "Survey", dev: "Corpus", giver: "Parent | Lender | None"
) -> "Tokenizers":
    """The folder's tokenizers: made or given for a new folder, read where the same settings and data are resumed."""
    from nmt.checkpoint import CONFIG, DATA, WEIGHTS, Tokenizers, write_atomically
    from nmt.text.tokenizer import train_tokenizer

    config, path = resolved.config, folder.path
    facts = {"train": _facts(survey), "dev": _facts(dev)} | ({giver.role: giver.facts()} if giver else {})
    if (path / CONFIG).is_file() and (folder.has_state() or (path / WEIGHTS).is_file()):  # else nothing has begun
        _refuse_another_training(folder, resolved, facts)
        return folder.tokenizers()
    settings, grows = config.tokenizer, _is_ours(resolved.origin["tokenizer.size"])
    sides = [[pair[side] for pair in survey.sample] for side in (0, 1)]
    if giver:
        tokenizers = giver.tokenizers(config, sides, say)
    elif settings.joint:
        joint = train_tokenizer(chain(*sides), settings, say, grows)
        tokenizers = Tokenizers(joint, joint)
    else:
        tokenizers = Tokenizers(*(train_tokenizer(side, settings, say, grows) for side in sides))
    write_atomically(path / DATA, json.dumps(facts, indent=1).encode())
    folder.create(config, tokenizers, resolved.origin)
    return tokenizers


def _is_ours(origin: str) -> bool:
    """Whether a value is our guess, from a default or a preset, and nobody's wish."""
    return origin == DEFAULT or origin in [f"preset {name}" for name in preset_names()]


def _refuse_another_training(folder: "ModelFolder", resolved: Resolved, facts: dict[str, dict[str, Any]]) -> None:
    """A folder goes on with the settings, the data and the model it began from, or not at all."""
    from nmt.checkpoint import CONFIG, DATA, WEIGHTS
    from nmt.config_file import read_resolved

    path, began = folder.path, folder.data()
    if (path / WEIGHTS).is_file() and not folder.has_state():
        raise ModelFolderError(f"{path}: holds a trained model and no training that could go on. Choose another --out.")
    for role, flag in (("parent", "--from"), ("vocabulary", "--vocabulary")):
        if role in began and role not in facts:
            raise ConfigError(f"{path}: its training began {flag} {began[role]['names'][0]}. Say so, or another --out.")
    if "vocabulary" in facts and "vocabulary" not in began:  # or its settings, which nobody has given, would be blamed
        raise ConfigError(
            f"{path}: its training began with pieces of its own. Leave out --vocabulary, or another --out."
        )
    if "vocabulary" in facts and facts["vocabulary"]["sha256"] != began["vocabulary"]["sha256"]:
        raise ConfigError(
            f"{path}: its training began with other pieces, those of {began['vocabulary']['names'][0]}. "
            "Give that --vocabulary, or another --out."
        )
    old = read_resolved(path / CONFIG)
    measured = tuple(key for key, where in old.origin.items() if (where, resolved.origin[key]) == (CHOSEN, DEFAULT))
    if changed := [each for each in differences(old.config, resolved.config) if not each.startswith(FREE + measured)]:
        more = f"; and {len(changed) - SHOWN} more" if len(changed) > SHOWN else ""
        raise ConfigError(
            f"{path}: its training began with other settings ({'; '.join(changed[:SHOWN])}{more}). "
            "Give the old values, or another --out."
        )
    for name, now in facts.items():
        what = "model to begin from" if name == "parent" else f"{name} corpus"
        if name not in began:
            raise ModelFolderError(
                f"{path / DATA}: no record of the {what}, so nothing tells whether it is the one this "
                "training began with. Restore the file, or give another --out."
            )
        if began[name]["sha256"] != now["sha256"]:
            was, is_now = (f"{', '.join(each['names'])}, {each['pairs']:,} pairs" for each in (began[name], now))
            now_other = f"; now {is_now}" if was != is_now else ""
            raise ModelFolderError(
                f"{path}: the {what} is not the one it began with ({was}{now_other}). "
                "Give the old files, or another --out."
            )


def _facts(corpus: "Corpus | Survey") -> dict[str, Any]:
    return {"names": corpus.names, "pairs": len(corpus), "sha256": corpus.sha256}
