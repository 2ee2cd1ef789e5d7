"""Do warnings find bad translations? Calibrate on one half of the validation set, look at the other half.

    python benchmarks/doubt.py FOLDER --model runs/multi30k

FOLDER holds the validation pairs, English and German, that the model was trained with. They are translated once. Then a
random half calibrates, the most doubtful 5 % of the other half are flagged, and their mean sentence chrF is compared
with that of the rest; and the other way round. A half has about 25 flagged lines, so this is done for many splits. The
same is told of single signals, with a threshold from the calibrating half. With --precision and --beam the half that is
looked at is translated in another way than the calibrating one. Early stopping selected the model on these very pairs,
so new text is a little harder. The test set is not read.
Prints one JSON object: points of chrF, mean, standard deviation and range over splits.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from corpus import find
from measure import machine, say, show

from nmt.checkpoint import ModelFolder
from nmt.commands.calibrate import evidence_of
from nmt.evaluation.doubt import FLAGGED, Evidence, Length, Remark, calibrate, doubtfulness, judge
from nmt.evaluation.metrics import each_chrf
from nmt.translator import Translation, Translator

NONE = [Remark("no warning", [], "")]
Signal = Callable[[Evidence, float, Length], float]  # evidence, score of the search, usual lengths
SIGNALS: dict[str, Signal] = {
    "doubt": lambda line, score, length: doubtfulness(line, length),
    "mean word confidence": lambda line, score, length: -float(np.mean(line.confidence)),
    "least word confidence": lambda line, score, length: -min(line.confidence),
    "mean log-probability": lambda line, score, length: -score,
    "length beside the usual": lambda line, score, length: _deviation(line, length),
    "least read source word": lambda line, score, length: -float(line.read.min()),
    "source characters": lambda line, score, length: float(len(line.source)),
}


def main() -> None:
    """Translate, split many times, and print how far the flagged lines are below the others."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--splits", type=int, default=100)
    parser.add_argument("--beam", type=int, help="of the half that is looked at")
    parser.add_argument("--precision", default="fp32", help="of the half that is looked at")
    options = parser.parse_args()
    corpus = find(options.folder)
    source, reference = (corpus.lines(corpus.dev, side) for side in ("en", "de"))
    kept = [i for i, pair in enumerate(zip(source, reference, strict=True)) if all(map(str.strip, pair))]
    source, reference = [source[i] for i in kept], [reference[i] for i in kept]
    usual = look(options.model, source)
    other = usual
    if options.beam or options.precision != "fp32":
        other = look(options.model, source, options.beam, options.precision)
    quality = np.array(each_chrf([line.text for line, _ in other], reference))
    facts: dict[str, Any] = {"machine": machine(), "lines": len(source), "splits": options.splits}
    facts |= {"beam": options.beam or "the model's", "precision": options.precision}
    facts["mean chrF"] = round(float(quality.mean()), 2)
    facts["points below the rest"] = gaps(usual, other, reference, quality, options.splits)
    facts["of all lines"] = by_kind(usual, other, reference, quality)
    show(facts)


def look(model: Path, source: Sequence[str], beam: int | None = None, precision: str = "fp32") -> list[Any]:
    """Evidence and score of every line."""
    search = replace(ModelFolder.open(model).config().search, nbest=1)
    search = replace(search, beam=beam or search.beam)
    say(f"translating {len(source):,} lines, beam {search.beam}, {precision}")
    translator = Translator.load(model, search, "cpu", precision)

    def both(translation: Translation) -> tuple[Evidence, float]:
        return evidence_of(translation, translator.tokenizers.source), translation.options[0].score

    return [both(translation) for translation in translator.translate(source)]


def gaps(
    usual: Sequence[tuple[Evidence, float]],
    other: Sequence[tuple[Evidence, float]],
    reference: Sequence[str],
    quality: np.ndarray,
    splits: int,
) -> dict[str, Any]:
    """For each signal how many points of chrF the flagged lines are below the rest, and how many lines are flagged."""
    chance = np.random.default_rng(1)
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in SIGNALS}
    for _ in range(splits):
        order = chance.permutation(len(usual))
        halves = order[: len(order) // 2], order[len(order) // 2 :]
        for own, new in (halves, halves[::-1]):
            own_lines, new_lines = [usual[i] for i in own], [other[i] for i in new]
            calibration = calibrate([line for line, _ in own_lines], [reference[i] for i in own])
            for name, signal in SIGNALS.items():
                if name == "doubt":
                    flags = np.array([bool(judge(line, calibration).flagged) for line, _ in new_lines])
                else:
                    bar = np.quantile(
                        [signal(line, score, calibration.length) for line, score in own_lines], 1 - FLAGGED
                    )
                    flags = np.array([signal(line, score, calibration.length) > bar for line, score in new_lines])
                if flags.any():
                    low, high = quality[new][flags].mean(), quality[new][~flags].mean()
                    found[name].append((float(high - low), float(low), float(flags.mean())))
    return {name: _told(rows) for name, rows in found.items()}


def _told(rows: Sequence[tuple[float, float, float]]) -> dict[str, Any]:
    points, low, share = (np.array(column) for column in zip(*rows, strict=True))
    return {
        "mean": round(points.mean(), 1),
        "standard deviation": round(points.std(), 1),
        "range": [round(points.min(), 1), round(points.max(), 1)],
        "chrF of the flagged": round(low.mean(), 1),
        "share flagged": round(share.mean(), 3),
    }


def by_kind(
    usual: Sequence[tuple[Evidence, float]],
    other: Sequence[tuple[Evidence, float]],
    reference: Sequence[str],
    quality: np.ndarray,
) -> Mapping[str, Any]:
    """How many lines have each kind of warning, and their mean chrF; calibrated on the same lines."""
    calibration = calibrate([line for line, _ in usual], reference)
    places: dict[str, list[int]] = {}
    for i, (line, _) in enumerate(other):
        for remark in judge(line, calibration).remarks or NONE:
            places.setdefault(remark.kind, []).append(i)
    return {kind: {"lines": len(some), "chrF": round(float(quality[some].mean()), 1)} for kind, some in places.items()}


def _deviation(line: Evidence, length: Length) -> float:
    """Standard deviations from the usual length, times a constant."""
    low, middle, high = np.log(length.bounds(line.source))
    return float(abs(np.log(len(line.text.strip()) + 1) - middle) / (high - low))


if __name__ == "__main__":
    main()
