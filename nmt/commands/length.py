"""The length penalty of a new model: measured on its validation pairs, where nobody has set one."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nmt.commands.output import say
from nmt.config import CHOSEN, DEFAULT

if TYPE_CHECKING:
    from nmt.checkpoint import ModelFolder
    from nmt.search.length import Ended
    from nmt.settings import Search
    from nmt.text.corpus import Corpus

LENGTH = "search.length_penalty"
FEWEST = 100  # validation pairs; with fewer the score of a penalty is chance


def choose_length_penalty(folder: "ModelFolder", dev: "Corpus", device: str) -> None:
    """Write into `config.toml` the length penalty with which validation translations are best.

    One search tells for all penalties: they only rank what a beam has found. The score is that which has chosen the
    model, BLEU where that was the loss.
    """
    from nmt.checkpoint import CONFIG
    from nmt.config_file import read_resolved
    from nmt.evaluation.metrics import score
    from nmt.manifest import renew
    from nmt.search.length import fitting_penalty

    resolved = read_resolved(folder.path / CONFIG)
    config, search = resolved.config, resolved.config.search
    ranked_by_length = search.strategy == "beam" and search.beam > 1 and not search.coverage_penalty
    if resolved.origin[LENGTH] != DEFAULT or not ranked_by_length or len(dev) < FEWEST:
        return
    sources, references = dev.spread(config.validation.pairs)
    lines = all_ended(folder.path, search, sources, device)
    metric = "chrf" if config.validation.metric == "chrf" else "bleu"
    penalty = fitting_penalty(
        lines, lambda texts: score(metric, texts, [references]).value, search.length_penalty, config.validation.gain
    )
    chosen = replace(config, search=replace(search, length_penalty=penalty))
    folder.save_config(chosen, {**resolved.origin, LENGTH: CHOSEN})
    renew(folder, CONFIG)
    say(f"Length penalty {penalty:g}, chosen by {metric} of the validation pairs.")


def all_ended(model: Path, search: "Search", sources: Sequence[str], device: str) -> "list[list[Ended]]":
    """All hypotheses that the beam finds for each source."""
    from nmt.search.length import Ended
    from nmt.translator import Translator

    all_found = replace(search, nbest=search.beam, length_penalty=0.0)  # scores are log-probabilities then
    translations = Translator.load(model, all_found, device).translate(sources)
    return [[Ended(each.score, each.steps, each.text) for each in translation.options] for translation in translations]
