"""The model card: what a stranger should know before using a model."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from nmt import __version__
from nmt.evaluation.metrics import Score
from nmt.settings import Config


def card(name: str, config: Config, facts: Mapping[str, Any], scores: Sequence[Score], weights: str) -> str:
    """Markdown with languages, data and its hashes, scores and their signatures, and how to use the model."""
    data = config.data
    languages = f"{data.source or 'source'} to {data.target or 'target'}"
    rows = "\n".join(
        f"| {role} | {', '.join(each['names'])} | {each['pairs']:,} | `{each['sha256']}` |"
        for role, each in facts.items()
    )
    figures = "\n".join(f"| {each.name} | {each.value:.2f} | `{each.signature}` |" for each in scores)
    figures = figures or "| none yet | | see `nmt score --help` |"
    return f"""# {name}: {languages}

A recurrent encoder-decoder with attention, trained by nmt {__version__} (torch {torch.__version__}).

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
"""
