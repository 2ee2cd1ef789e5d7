"""What a length penalty chosen on validation pairs is worth on others: choose on one half, look at the other half.

    python benchmarks/length.py FOLDER --model runs/multi30k

FOLDER holds the validation pairs, English and German, that the model was trained with. They are translated once. Then
a random half chooses the penalty as `nmt train` does, and the other half is scored with it and with the usual one; and
the other way round. Early stopping selected the model on these very pairs. The test set is not read.
Prints one JSON object: BLEU and length of all lines by penalty, and points gained on the halves that did not choose.
"""

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import sacrebleu
from corpus import find
from measure import machine, say, show

from nmt.checkpoint import ModelFolder
from nmt.commands.length import all_ended
from nmt.search.length import PENALTIES, Ended, best, fitting_penalty
from nmt.settings import Search

USUAL = Search().length_penalty


def main() -> None:
    """Translate, split many times, and print what was gained."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--splits", type=int, default=20)
    options = parser.parse_args()
    corpus, config = find(options.folder), ModelFolder.open(options.model).config()
    source, reference = (corpus.lines(corpus.dev, side) for side in ("en", "de"))
    say(f"translating {len(source):,} lines, beam {config.search.beam}")
    lines = all_ended(options.model, config.search, source, "cpu")
    facts = {"machine": machine(), "lines": len(source), "splits": options.splits}
    facts["all lines"] = {f"{penalty:g}": told(lines, reference, penalty) for penalty in PENALTIES if penalty >= USUAL}
    facts["halves that did not choose"] = gains(lines, reference, options.splits, config.validation.gain)
    show(facts)


def bleu(texts: Sequence[str], reference: Sequence[str]) -> sacrebleu.metrics.bleu.BLEUScore:
    """The score with its lengths."""
    return sacrebleu.corpus_bleu(texts, [reference])


def bleu_against(reference: Sequence[str], texts: Sequence[str]) -> float:
    """The score alone, of texts that come last."""
    return float(bleu(texts, reference).score)


def told(lines: Sequence[Sequence[Ended]], reference: Sequence[str], penalty: float) -> dict[str, float]:
    """BLEU, chrF and the words of the best hypotheses over those of the references."""
    texts = [best(line, penalty) for line in lines]
    found = bleu(texts, reference)
    chrf = sacrebleu.corpus_chrf(texts, [reference]).score
    return {"bleu": round(found.score, 2), "chrf": round(chrf, 2), "length": round(found.sys_len / found.ref_len, 3)}


def gains(lines: Sequence[Sequence[Ended]], reference: Sequence[str], splits: int, gain: float) -> dict[str, object]:
    """Points of BLEU that the penalty chosen by one half gains on the other, and which ones were chosen."""
    chance, points, chosen = np.random.default_rng(1), [], []
    for _ in range(splits):
        order = chance.permutation(len(lines)).tolist()
        halves = order[: len(order) // 2], order[len(order) // 2 :]
        for own, new in (halves, halves[::-1]):
            right = [reference[i] for i in own]
            penalty = fitting_penalty([lines[i] for i in own], partial(bleu_against, right), USUAL, gain)
            usual, other = (
                bleu([best(lines[i], p) for i in new], [reference[i] for i in new]).score for p in (USUAL, penalty)
            )
            points.append(other - usual)
            chosen.append(penalty)
    return {
        "mean gain": round(float(np.mean(points)), 2),
        "standard deviation": round(float(np.std(points)), 2),
        "range": [round(min(points), 2), round(max(points), 2)],
        "penalties": {f"{p:g}": chosen.count(p) for p in sorted(set(chosen))},
    }


if __name__ == "__main__":
    main()
