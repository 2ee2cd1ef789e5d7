"""The model card: what a stranger should know before using a model; and the same facts for `nmt info --verify`."""

from collections.abc import Mapping, Sequence
from typing import Any

from nmt.checkpoint import CARD, ModelFolder, write_atomically
from nmt.evaluation.metrics import Score
from nmt.manifest import NEEDED, Manifest, hashes, sha256_of
from nmt.settings import Config
from nmt.text.formats.standard_input import NAME, WORD


def keep_card(
    folder: ModelFolder,
    facts: Mapping[str, Any],
    scores: Sequence[Score],
    weights: str,
    training: Mapping[str, Any],
    device: str = "",
) -> None:
    """Write the card and the manifest of a model that is finished.

    `facts` tell of the corpora, `weights` says which these are, `training` tells this training from others, and
    `device` is what the scores come from.

    Raises:
        ModelFolderError: a file cannot be read or written.
    """
    found = [{"name": each.name, "value": each.value, "signature": each.signature} for each in scores]
    manifest = Manifest(training, facts, found, device, hashes(folder, training))
    text = card(folder.path.name, folder.config(), manifest, weights)
    write_atomically(folder.path / CARD, text.encode("utf-8", "replace"))  # names of files may be no text
    manifest.files[CARD] = sha256_of(folder.path / CARD)
    manifest.write(folder)


def _said(corpus: str) -> str:
    """The name of a corpus, for people."""
    return NAME if corpus == WORD else corpus


def card(name: str, config: Config, manifest: Manifest, weights: str) -> str:
    """Markdown with languages, data and its hashes, scores and their signatures, and how to use the model."""
    data = config.data
    languages = f"{data.source or 'source'} to {data.target or 'target'}"
    rows = "\n".join(
        f"| {role} | {', '.join(map(_said, each['names']))} | {each['pairs']:,} | `{each['sha256']}` |"
        for role, each in manifest.data.items()
    )
    figures = "\n".join(f"| {each['name']} | {each['value']:.2f} | `{each['signature']}` |" for each in manifest.scores)
    figures = figures or "| none yet | | see `nmt score --help` |"
    files = "\n".join(f"| `{file}` | `{digest}` |" for file, digest in manifest.files.items() if file in NEEDED)
    return f"""# {name}: {languages}

A recurrent encoder-decoder with attention, trained by nmt {manifest.nmt} (torch {manifest.torch}).

    nmt translate {name} < text.{data.source or "txt"}

## Scores on the validation set
The model was selected on these pairs, so expect a little less on new text.

| metric | value | signature |
|---|---|---|
{figures}

## Data
Hashes are SHA-256 over the source and target lines as they were read.

| use | corpus | pairs | hash |
|---|---|---|---|
{rows}

## Model
{config.encoder.layers}-layer bidirectional {config.encoder.cell} encoder of {config.encoder.size} units a direction,
{config.attention.score} attention, {config.decoder.kind} decoder of {config.decoder.size} units.
The weights are {weights}. All settings: `config.toml`. What happened: `log.jsonl`.

## Files
`nmt info {name} --verify` compares them, and the data, with `manifest.json`. Hashes are SHA-256.

| file | hash |
|---|---|
{files}
"""
