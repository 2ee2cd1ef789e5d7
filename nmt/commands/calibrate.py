"""`nmt calibrate`: measure on pairs which translations of a model are the doubtful ones; and look at one by that."""

import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nmt.bounds import RECORDS, read_small
from nmt.commands.flags import Device, SourceLanguage, TargetLanguage, Threads
from nmt.errors import DataError, ModelFolderError

if TYPE_CHECKING:
    from nmt.checkpoint import ModelFolder
    from nmt.evaluation.doubt import Evidence, Verdict
    from nmt.text.tokenizer import Tokenizer
    from nmt.translator import Translation, Translator

Look = Callable[["Translation"], "Verdict"]


def run(
    model: Annotated[Path, typer.Argument(metavar="DIR", help="Model folder.")],
    corpus: Annotated[
        list[str], typer.Argument(metavar="CORPUS...", help="Pairs it was not trained on, written as for `nmt train`.")
    ],
    source: SourceLanguage = "",
    target: TargetLanguage = "",
    device: Device = "auto",
    threads: Threads = 0,
) -> None:
    """Measure how doubtful a model's translations are, so that new ones can be told from usual ones.

    Writes doubt.json into the model folder; `nmt train` has done so with its validation pairs. `nmt translate --format
    jsonl` then tells for each line `doubt`, the share of these pairs that were less doubtful, and `flagged`, whether it
    is above 0.95. The same file serves for every beam and precision; greedy or int8 translations are a little less
    sure, so that a few more of them are flagged.

    \b
    Example:
      nmt calibrate model corpus/dev
    """
    from dataclasses import replace

    from nmt.checkpoint import ModelFolder
    from nmt.device import keep_memory, use_threads
    from nmt.text import corpus as corpora
    from nmt.translator import Translator

    folder = ModelFolder.open(model)
    data = folder.config().data
    pairs = corpora.load(corpus, replace(data, source=source or data.source, target=target or data.target))
    keep_memory()
    use_threads(threads)
    translator = Translator.load(model, device=device)
    translations = translator.translate(pairs.sources())
    try:
        said = keep_calibration(folder, translator, translations, pairs.targets(), strict=True)
    except DataError as error:
        raise DataError(f"{' '.join(corpus)}: {error}") from None
    print(said, file=sys.stderr)


def keep_calibration(
    folder: "ModelFolder",
    translator: "Translator",
    translations: "Sequence[Translation]",
    references: Sequence[str],
    strict: bool = False,
) -> str:
    """Write `doubt.json` from translations and what they should be; returns what to tell a person.

    Raises:
        DataError: too few lines, if `strict`; else none are written, and the text says so.
        ModelFolderError: it cannot be written.
    """
    from nmt.checkpoint import DOUBT, write_atomically
    from nmt.evaluation.doubt import calibrate, judge
    from nmt.evaluation.metrics import each_chrf
    from nmt.manifest import renew

    evidence = [evidence_of(translation, translator.tokenizers.source) for translation in translations]
    try:
        calibration = calibrate(evidence, references)
    except DataError as error:
        if strict:
            raise
        (folder.path / DOUBT).unlink(missing_ok=True)  # one of another training would mislead
        renew(folder, DOUBT)
        return f"No {DOUBT}: {error}"
    write_atomically(folder.path / DOUBT, calibration.encode())
    renew(folder, DOUBT)
    by_flag: dict[bool | None, list[float]] = {True: [], False: []}
    qualities = each_chrf([translation.text for translation in translations], references)
    for line, quality in zip(evidence, qualities, strict=True):
        by_flag[judge(line, calibration).flagged].append(quality)
    means = [f"{sum(some) / len(some):.1f}" if some else "none" for some in by_flag.values()]
    return (
        f"Doubt calibrated on {calibration.lines:,} lines. Mean chrF of the {len(by_flag[True]):,} most doubtful: "
        f"{means[0]}, of the others: {means[1]}."
    )


def looker(models: Sequence[Path], translator: "Translator") -> Look:
    """What looks at translations of a model, by its calibration if the folder has one; several have none together.

    The first look raises ModelFolderError where the calibration is damaged.
    """
    from nmt.checkpoint import DOUBT
    from nmt.evaluation.doubt import Calibration, judge

    path = models[0] / DOUBT

    @cache
    def calibration() -> Calibration | None:
        if len(models) > 1:
            return None
        try:
            return Calibration.decode(read_small(path, RECORDS), str(path))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ModelFolderError(f"{path}: {error.strerror}. Check the path.") from None

    return lambda translation: judge(evidence_of(translation, translator.tokenizers.source), calibration())


def evidence_of(translation: "Translation", tokenizer: "Tokenizer") -> "Evidence":
    """What the search left of a line's best translation; of a line that is no sentence no words, for it has so many."""
    import numpy as np

    from nmt.evaluation.doubt import Evidence
    from nmt.translator import MANY_PARTS

    if not translation.options or translation.parts > MANY_PARTS:
        return Evidence(translation.source, translation.text, [], [], np.zeros(0), [], parts=translation.parts)
    best = translation.options[0]
    source, target, weights = best.alignment
    unknown = [word for word in source if not tokenizer.knows(word)]
    return Evidence(
        translation.source, best.text, source, target, weights.sum(0), best.confidence, unknown, translation.parts
    )
