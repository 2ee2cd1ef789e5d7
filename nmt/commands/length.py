"""The length penalty of a new model: measured on its validation pairs, where nobody has set one."""

from dataclasses import replace
from typing import TYPE_CHECKING

from nmt.commands.output import say
from nmt.config import CHOSEN, DEFAULT

if TYPE_CHECKING:
    from nmt.checkpoint import ModelFolder
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
    from nmt.search.length import Ended, fitting_penalty
    from nmt.translator import Translator

    resolved = read_resolved(folder.path / CONFIG)
    config, search = resolved.config, resolved.config.search
    ranked_by_length = search.strategy == "beam" and search.beam > 1 and not search.coverage_penalty
    if resolved.origin[LENGTH] != DEFAULT or not ranked_by_length or len(dev) < FEWEST:
        return
    all_found = replace(search, nbest=search.beam, length_penalty=0.0)  # scores are log-probabilities then
    translator = Translator.load(folder.path, all_found, device)
    sources, references = (side[: config.validation.pairs] for side in (dev.sources(), dev.targets()))
    lines = [
        [Ended(each.score, each.steps, each.text) for each in translation.options]
        for translation in translator.translate(sources)
    ]
    metric = "chrf" if config.validation.metric == "chrf" else "bleu"
    penalty = fitting_penalty(
        lines, lambda texts: score(metric, texts, [references]).value, search.length_penalty, config.validation.gain
    )
    chosen = replace(config, search=replace(search, length_penalty=penalty))
    folder.save_config(chosen, {**resolved.origin, LENGTH: CHOSEN})
    renew(folder, CONFIG)
    say(f"Length penalty {penalty:g}, chosen by {metric} of the validation pairs.")
