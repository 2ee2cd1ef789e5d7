"""Every unit of attention on one schedule, default settings otherwise: a Markdown table of quality, time and sharpness.

    python benchmarks/attention.py FOLDER --epochs 8
    python benchmarks/attention.py FOLDER --epochs 8 --units "additive;hard" --seed 2
    python benchmarks/attention.py FOLDER --epochs 8 --half
    python benchmarks/attention.py FOLDER --speed

Each score with the soft alignment, each alignment with the additive score, and what can be added to them. A training
that was stopped goes on when the same command is given again; one that has ended is only read.

`--half` halves every layer and takes 2,000 pieces: three times as fast, so that the whole table is a night's work on a
laptop, the sums over all states included. Folders of the two sizes must be apart (`--work`).

Speed is measured apart, in the first updates of each unit one after another (`--speed`, which keeps `speeds.json`), so
that the trainings may run side by side on a thread each (`--set training.threads=1`). Where that was not done, it is
the median of the training's own log. An epoch is its target tokens over that speed, without validation.

Sharpness is measured on the validation pairs as they stand: the mean of the largest weight a word gives, and of
exp(entropy), the number of states it reads in effect. Of hard units standard error tells more: see `of_choices`.
"""

import argparse
import json
import shutil
import statistics
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import Corpus, find
from measure import ROOT, machine, markdown, say, show
from ours import NEVER, plan, reached, tokens_per_batch, train, updates, validations

if TYPE_CHECKING:
    from torch import Tensor

    from nmt.training.objectives import Case

SPEEDS = "speeds.json"
ADDITIVE = "attention.score=additive"
HALF = ["model.embedding=128", "encoder.size=128", "attention.size=128", "decoder.size=128", "decoder.readout_size=128",
        "tokenizer.size=2000"]  # fmt: skip
UNITS: dict[str, list[str]] = {
    "additive": [ADDITIVE],
    "additive, 4 heads": [ADDITIVE, "attention.heads=4"],
    "general": ["attention.score=general"],
    "general, 4 heads": ["attention.score=general", "attention.heads=4"],
    "dot": ["attention.score=dot", "decoder.size=512"],  # it compares states as they are: their sizes agree
    "scaled_dot": ["attention.score=scaled_dot"],
    "mixture": ["attention.score=scaled_dot", "attention.align=mixture"],
    "scaled_dot, 4 heads": ["attention.score=scaled_dot", "attention.heads=4"],
    "sparsemax": [ADDITIVE, "attention.align=sparsemax"],
    "entmax15": [ADDITIVE, "attention.align=entmax15"],
    "local_m": [ADDITIVE, "attention.align=local_m", "attention.window=5"],
    "local_p": [ADDITIVE, "attention.align=local_p", "attention.window=5"],
    "local_p, input feeding": [ADDITIVE, "attention.align=local_p", "attention.window=5", "decoder.kind=input_feeding"],
    "hard": [ADDITIVE, "attention.align=hard"],
    "reinforce": [ADDITIVE, "attention.align=reinforce"],
    "gumbel": [ADDITIVE, "attention.align=gumbel"],
    "variational": [ADDITIVE, "attention.align=variational"],
    "variational, summed": [ADDITIVE, "attention.align=variational", "attention.samples=0"],
    "coverage": [ADDITIVE, "attention.coverage=sum"],
    "fertility": [ADDITIVE, "attention.coverage=fertility"],
    "coverage and its loss": [ADDITIVE, "attention.coverage=sum", "training.coverage=0.5"],
    "copy": [ADDITIVE, "attention.copy=true"],
    "input feeding": [ADDITIVE, "decoder.kind=input_feeding"],
    "feedback": [ADDITIVE, "decoder.kind=feedback"],
}


def main() -> None:
    """Train each unit and print the table; the facts of the machine go before it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "data")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--work", type=Path, default=ROOT / "runs" / "attention")
    parser.add_argument("--units", default="", help="some of them, with semicolons between; none is all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--half", action="store_true", help="layers of half the size, and 2,000 pieces")
    parser.add_argument("--speed", action="store_true", help="only time the first updates of each unit")
    parser.add_argument("--updates", type=int, default=60, help="so many of them; the first 20 are not timed")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE")
    options = parser.parse_args()
    corpus, names = find(options.folder), options.units.split(";") if options.units else list(UNITS)
    if strange := [name for name in names if name not in UNITS]:
        raise SystemExit(f"{', '.join(strange)}: no unit. Choices: {'; '.join(UNITS)}.")
    if options.speed:
        speeds = {name: speed(corpus, options.work, name, options) for name in names}
        show({"machine": machine(), "target_tokens_per_second": speeds})
        return
    rows = []
    for name in names:
        say(f"{name}: {options.epochs} epochs")
        out = options.work / f"{name.replace(', ', '-').replace(' ', '-')}-{options.seed}"
        schedule = [f"training.epochs={options.epochs}", f"training.seed={options.seed}", "validation.patience=0"]
        rows.append(measure(corpus, out, name, [*schedule, *recipe(name, options)]))
        print(markdown(rows[-1:]).splitlines()[-1], flush=True)
    show({"machine": machine(), "epochs": options.epochs, "seed": options.seed, "half": options.half,
          "settings": options.settings})  # fmt: skip
    print(markdown(rows))


def recipe(name: str, options: argparse.Namespace) -> list[str]:
    """The settings of a unit at the size that was asked for."""
    words = ["attention.align=soft", *UNITS[name]]
    if options.half:
        words = [*HALF, *("decoder.size=256" if word == "decoder.size=512" else word for word in words)]
    return [*words, *options.settings]


def speed(corpus: Corpus, work: Path, name: str, options: argparse.Namespace) -> float:
    """Median target tokens a second of a unit's first updates, kept in `speeds.json`."""
    out = work / "speed"
    shutil.rmtree(out, ignore_errors=True)
    events = train(corpus, out, [NEVER, *recipe(name, options)], reached(options.updates))
    found = statistics.median(event["tokens_per_second"] for event in updates(events))
    say(f"{name}: {found:,.0f} target tokens a second")
    path = work / SPEEDS
    known = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**known, name: found}, indent=1))
    return found


def measure(corpus: Corpus, out: Path, name: str, words: list[str]) -> dict[str, str]:
    """Train one unit to its end, and look at how it reads."""
    events = train(corpus, out, words, lambda log: False)
    judged = validations(events)
    best = max(judged, key=lambda event: event["bleu"])
    kept = out.parent / SPEEDS
    speeds = json.loads(kept.read_text()) if kept.exists() else {}
    found = speeds.get(name) or statistics.median(event["tokens_per_second"] for event in updates(events))
    _, batches = plan(corpus, None, words, out / "joint.model")
    read = sharpness(corpus, out)
    if beside := {key: round(value, 3) for key, value in read.items() if key not in ("largest_weight", "states_read")}:
        say(f"{name}: {beside}")
    return {
        "unit": name,
        "validation BLEU": f"{best['bleu']:.1f}",
        "perplexity": f"{best['perplexity']:.2f}",
        "target tokens/s": f"{found:,.0f}",
        "s an epoch": f"{tokens_per_batch(batches) * batches.count(0) / found:,.0f}",
        "largest weight": f"{read['largest_weight']:.2f}",
        "states read": f"{read['states_read']:.1f}",
    }


def sharpness(corpus: Corpus, out: Path) -> dict[str, float]:
    """The mean largest weight and the mean number of states read, over the words of the validation set."""
    import torch

    from nmt.checkpoint import ModelFolder
    from nmt.text import corpus as corpora
    from nmt.text.batches import Plan
    from nmt.training.objectives import Case

    folder = ModelFolder.open(out)
    config, model = folder.config(), folder.model(torch.device("cpu"))
    pairs = corpora.load([str(corpus.dev)], config.data)
    plan = Plan(corpora.encode(pairs, *folder.tokenizers(), config.data), config.training.batch_tokens, 1)
    found: dict[str, float] = defaultdict(float)
    with torch.inference_mode():
        for batch in plan.batches(0):
            memory = model.encode(batch.source, batch.source_mask)
            told = model.tell(batch.target_in, memory, model.start(memory))
            weights = told.attended.weights[batch.target_mask]
            weights = weights / weights.sum(-1, keepdim=True).clamp_min(1e-9)  # local_p's sum to less than one
            found["words"] += len(weights)
            found["largest_weight"] += float(weights.max(-1).values.sum())
            found["states_read"] += float(states(weights).sum())
            if model.decoder.attention.align.late:
                case = Case(model, batch, memory, told, 0.0, replace(config.attention, samples=0))
                for name, each in of_choices(case).items():
                    found[name] += float(each[batch.target_mask].sum())
    words = found.pop("words")
    return {name: total / words for name, total in found.items()}


def of_choices(case: "Case") -> dict[str, "Tensor"]:
    """How much hangs on which state a hard unit reads: (B, T) each.

    `states_likely`: exp(entropy) of the choice once the word is known. `evenly`: the loss of a state drawn evenly above
    that of the sum, in nats. Of a variational unit also `q_reads`, exp(entropy) of its posterior q, and `slack`, its
    bound above the sum.
    """
    from nmt.model.hard import log_chances
    from nmt.training.objectives import OBJECTIVES

    losses, exact, real = case.losses_of_each(), OBJECTIVES["marginal"](case), case.batch.source_mask[:, None]
    known = (log_chances(case.told.attended.weights, case.memory) - losses).softmax(-1)
    evenly = losses.masked_fill(~real, 0.0).sum(-1) / real.sum(-1) - exact
    found = {"states_likely": states(known), "evenly": evenly}
    if case.model.posterior is not None:
        q = case.model.guess(case.memory, case.batch.target_out, case.batch.target_mask)
        found |= {"q_reads": states(q), "slack": OBJECTIVES["variational"](case) - exact}
    return found


def states(weights: "Tensor") -> "Tensor":
    """exp(entropy): (..., S) -> (...)"""
    from torch.special import entr

    return entr(weights).sum(-1).exp()


if __name__ == "__main__":
    main()
