"""`nmt info --verify`: is a model what it was when it was finished, and are its corpora what it learned from?"""

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nmt.commands.output import say
from nmt.errors import ModelFolderError, NmtError
from nmt.settings import Config

if TYPE_CHECKING:
    from nmt.checkpoint import ModelFolder
    from nmt.manifest import Check, Manifest
    from nmt.text.corpus import Corpus

JUDGES = ("bleu", "chrf")  # whose scores `nmt train` records
CLOSE = 0.005  # of a score: what is computed alike gives the same translations
NEAR = 0.5  # on another device, or with another torch, some sums are rounded otherwise, and a word may change


def verify(model: Path, dev: Sequence[str], rescore: bool, device: str, as_json: bool) -> None:
    """Print one line a check: of each file, of the weights, of each corpus, and if asked for of the scores.

    Raises:
        ModelFolderError: there is no record, or something is not what it was.
    """
    from nmt.checkpoint import ModelFolder
    from nmt.manifest import Manifest
    from nmt.text.lines import standard_output, write_line

    folder = ModelFolder.open(model)
    manifest = Manifest.read(folder)
    out = standard_output()
    checks = []
    for check in _checks(folder, manifest, dev, rescore or bool(dev), device):
        checks.append(check)
        if not as_json:
            said = f"{check.status:<10} {check.name}" + (f": {check.detail}" if check.detail else "")
            write_line(out, "".join(each if each.isprintable() else "\ufffd" for each in said))  # names may be hostile
            out.flush()
    faults = [check.name for check in checks if check.fault]
    if as_json:
        made = {"folder": str(model), "nmt": manifest.nmt, "torch": manifest.torch, "ok": not faults}
        write_line(out, json.dumps({**made, "checks": [check._asdict() for check in checks]}))
    if faults:
        raise ModelFolderError(
            f"{model}: {len(faults)} of {len(checks)} checks failed ({faults[0]}{', ...' if faults[1:] else ''}). "
            "Restore what differs, or do not trust this model."
        )


def _checks(
    folder: "ModelFolder", manifest: "Manifest", dev: Sequence[str], rescore: bool, device: str
) -> "Iterator[Check]":
    from nmt.manifest import ABSENT, OK, Check, check_files

    yield from check_files(folder, manifest)
    try:
        config = folder.config()
    except NmtError:
        return  # told by now, and nothing else can be read without it
    fit = {}
    for role in manifest.data:
        names = dev if role == "dev" and dev else manifest.data[role]["names"]
        check = _check_corpus(role, names, manifest, config)
        fit[role] = check
        yield check
    if rescore and not (manifest.scores and "dev" in fit):
        yield Check("scores", ABSENT, "none were recorded")
    elif rescore:
        found = fit["dev"]
        if found.status != OK:
            yield Check("scores", ABSENT, "without the validation pairs they cannot be computed; see --dev")
        else:
            yield from _check_scores(folder, manifest, dev or manifest.data["dev"]["names"], config, device)


def _check_corpus(role: str, names: Sequence[str], manifest: "Manifest", config: Config) -> "Check":
    from nmt.checkpoint import CONFIG, WEIGHTS, ModelFolder
    from nmt.manifest import ABSENT, OK, Check, compare, sha256_of
    from nmt.text.corpus import fingerprint
    from nmt.transfer import hash_of_pieces

    title, recorded = f"{role} {' '.join(names)}", manifest.data[role]["sha256"]
    if role == "dev" and _is_held_out(manifest, manifest.data[role]["names"]):
        if list(names) != manifest.data[role]["names"]:
            return Check(title, ABSENT, "the validation pairs were held out from the training corpus; leave out --dev")
        there = _are_there(manifest.data["train"]["names"], config)
        return Check(title, OK if there else ABSENT, "" if there else "the training corpus is not where it was")
    if role.split(" ")[0] == "parent":
        path = Path(names[0]) / WEIGHTS
        return compare(title, recorded, lambda: sha256_of(path)) if _is_file(path) else Check(title, ABSENT)
    if role.split(" ")[0] == "vocabulary":
        lender = ModelFolder(Path(names[0]))
        there = _is_file(lender.path / CONFIG)
        return compare(title, recorded, lambda: hash_of_pieces(lender)) if there else Check(title, ABSENT)
    if role == "dev" and names is not manifest.data[role]["names"]:  # --dev must be there
        found = fingerprint(names, config.data, say)
        return compare(title, recorded, lambda: found)
    if not _are_there(names, config):
        return Check(title, ABSENT, "not where it was")
    return compare(title, recorded, lambda: fingerprint(names, config.data, say))


def _is_held_out(manifest: "Manifest", names: Sequence[str]) -> bool:
    """Whether the validation pairs are a part of the training corpus: they then have its hash, and a title."""
    train = manifest.data.get("train", {})
    return bool(train) and list(names) == [
        f"{names[0].split(' ')[0]} sentences held out from {' '.join(train['names'])}"
    ]


def _are_there(names: Sequence[str], config: Config) -> bool:
    """Whether every file of some corpora is; nothing is fetched from a hub."""
    from nmt.text.readers import corpus_files

    try:
        files = [corpus_files(name, config.data.source, config.data.target) for name in names]
    except (NmtError, OSError):
        return False
    return all(some and all(map(_is_file, some)) for some in files)


def _is_file(path: Path) -> bool:
    """Whether there is such a file; no system has one of an endless name, which a stranger may have written down."""
    try:
        return path.is_file()
    except OSError:
        return False


def _check_scores(
    folder: "ModelFolder", manifest: "Manifest", names: Sequence[str], config: Config, device: str
) -> "Iterator[Check]":
    """Translate the validation pairs again, in fp32, and compare the scores."""
    import torch

    from nmt.evaluation.metrics import score
    from nmt.manifest import DIFFERS, OK, Check
    from nmt.translator import Translator

    translator = Translator.load(folder.path, device=device)
    pairs = _validation(folder, manifest, names, config)
    texts = [translation.text for translation in translator.translate(pairs.sources())]
    alike = (translator.device.type, str(torch.__version__)) == (manifest.device, manifest.torch)
    made = f"on {manifest.device} with torch {manifest.torch}"
    here = "" if alike else f" (recorded {made}: a difference of up to {NEAR} may be rounding)"
    recorded = {each["name"]: each["value"] for each in manifest.scores}
    for found in (score(name, texts, [pairs.targets()]) for name in JUDGES):
        value = recorded.get(found.name, math.nan)
        fault = not abs(found.value - value) <= (CLOSE if alike else NEAR)
        said = f"recorded {value:.2f}, is {found.value:.2f}{here}"
        yield Check(f"score {found.name}", DIFFERS if fault else OK, said, fault)


def _validation(folder: "ModelFolder", manifest: "Manifest", names: Sequence[str], config: Config) -> "Corpus":
    """The pairs that were scored: those that the training held out, or all that are not too long."""
    from nmt.commands.train import SPLIT
    from nmt.text import corpus as corpora

    pairs: Any = None
    if _is_held_out(manifest, names):
        pairs = corpora.survey(manifest.data["train"]["names"], config.data, SPLIT, True, say)[1]
    pairs = pairs or corpora.load(names, config.data)
    corpora.encode(pairs, *folder.tokenizers(), config.data)
    return pairs
