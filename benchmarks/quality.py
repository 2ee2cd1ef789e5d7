"""What each ingredient of the recipe is worth: one changed at a time, on one schedule, as a Markdown table.

    python benchmarks/quality.py FOLDER --epochs 8
    python benchmarks/quality.py FOLDER --epochs 8 --variants "the recipe;R-Drop" --seed 2
    python benchmarks/quality.py FOLDER --with attention.align=soft     # the recipe is another one

Selected on validation data alone: no test set is read. A training that was stopped goes on when the same command is
given again; one that has ended is only read. With `--set training.threads=1` two may run side by side; its tokens then
tell of one thread.
"""

import argparse
import statistics
from pathlib import Path

from corpus import Corpus, find
from measure import ROOT, machine, markdown, say, show
from ours import train, updates, validations

RECIPE = "the recipe"
VARIANTS: dict[str, list[str]] = {
    RECIPE: [],
    "vocabulary of 2,000": ["tokenizer.size=2000"],
    "vocabulary of 3,500": ["tokenizer.size=3500"],
    "vocabulary of 8,000": ["tokenizer.size=8000"],
    "BPE": ["tokenizer.kind=bpe"],
    "subword sampling 0.5": ["tokenizer.sampling=0.5"],
    "subword sampling 0.3": ["tokenizer.sampling=0.3"],
    "word dropout 0.1": ["dropout.word=0.1"],
    "dropout 0.15": ["dropout.embedding=0.15", "dropout.hidden=0.15", "dropout.readout=0.15"],
    "dropout 0.35": ["dropout.embedding=0.35", "dropout.hidden=0.35", "dropout.readout=0.35"],
    "R-Drop": ["attention.align=soft", "training.rdrop=5"],
    "no label smoothing": ["training.label_smoothing=0"],
    "no average": ["training.average=0"],
    "nothing tied": ["model.tie=none"],
    "target tied": ["model.tie=target"],
    "encoder of 1 layer": ["encoder.layers=1"],
    "encoder of 3 layers": ["encoder.layers=3"],
    "decoder of 2 layers": ["decoder.layers=2"],
    "384 units": ["model.embedding=384", "encoder.size=384", "decoder.size=384", "decoder.readout_size=384",
                  "attention.size=384"],
    "no mixture": ["attention.align=soft"],
    "additive attention": ["attention.score=additive"],
    "4 heads": ["attention.align=soft", "attention.heads=4"],
    "no lexical term": ["decoder.lexical=false"],
    "batches of 500": ["training.batch_tokens=500"],
    "batches of 1,000": ["training.batch_tokens=1000"],
    "batches of 4,000": ["training.batch_tokens=4000"],
    "muon": ["training.optimizer=muon"],
    "lr 2e-3": ["training.lr=2e-3"],
    "inverse square root": ["training.schedule=inverse_sqrt"],
}  # fmt: skip


def main() -> None:
    """Train each variant and print the table; the facts of the machine go before it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "data")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--work", type=Path, default=ROOT / "runs" / "quality")
    parser.add_argument("--variants", default="", help="some of them, with semicolons between; none is all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--with", dest="recipe", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE")
    options = parser.parse_args()
    corpus, names = find(options.folder), options.variants.split(";") if options.variants else list(VARIANTS)
    if strange := [name for name in names if name not in VARIANTS]:
        raise SystemExit(f"{', '.join(strange)}: no variant. Choices: {'; '.join(VARIANTS)}.")
    schedule = [f"training.epochs={options.epochs}", f"training.seed={options.seed}", "validation.patience=0"]
    rows = []
    for name in names:
        say(f"{name}: {options.epochs} epochs")
        out = options.work / f"{name.replace(', ', '-').replace(' ', '-')}-{options.seed}"
        rows.append(measure(corpus, out, name, [*schedule, *options.recipe, *VARIANTS[name], *options.settings]))
        print(markdown(rows[-1:]).splitlines()[-1], flush=True)
    facts = {"machine": machine(), "epochs": options.epochs, "seed": options.seed, "recipe": options.recipe}
    show({**facts, "settings": options.settings})
    print(markdown(rows))


def measure(corpus: Corpus, out: Path, name: str, words: list[str]) -> dict[str, str]:
    """Train one variant to its end."""
    events = train(corpus, out, words, lambda log: False)
    judged = validations(events)
    best = max(judged, key=lambda event: event["bleu"])
    speed = statistics.median(event["tokens_per_second"] for event in updates(events))
    return {
        "variant": name,
        "validation BLEU": f"{best['bleu']:.2f}",
        "chrF": f"{best['chrf']:.2f}",
        "perplexity": f"{best['perplexity']:.2f}",
        "target tokens/s": f"{speed:,.0f}",
        "minutes": f"{judged[-1]['seconds'] / 60:.0f}",
        "BLEU by epoch": ", ".join(f"{event['bleu']:.1f}" for event in judged),
    }


if __name__ == "__main__":
    main()
