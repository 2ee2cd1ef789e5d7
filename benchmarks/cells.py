"""Every recurrent cell on the same schedule, default settings otherwise: a Markdown table of time and BLEU.

    python benchmarks/cells.py FOLDER --epochs 5

`gru2014`, the paper's own, is left out: it stands for comparison with 2015, not for speed. A training that was stopped
goes on when the same command is given again.
"""

import argparse
import statistics
from pathlib import Path

from corpus import Corpus, find
from measure import ROOT, machine, markdown, say, show
from ours import train, updates, validations

LEFT_OUT = ("gru2014",)


def main() -> None:
    """Train each cell and print the table; the facts of the machine go before it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "data")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--work", type=Path, default=ROOT / "runs" / "cells")
    parser.add_argument("--cells", default="", help="some of them, with commas; none is all")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE")
    options = parser.parse_args()
    corpus = find(options.folder)
    rows = []
    for cell in options.cells.split(",") if options.cells else cells():
        say(f"{cell}: {options.epochs} epochs")
        rows.append(measure(corpus, options.work / cell, cell, options.epochs, options.settings))
    show({"machine": machine(), "epochs": options.epochs, "settings": options.settings})
    print(markdown(rows))


def cells() -> list[str]:
    """The cells there are, by name."""
    from nmt.model.recurrent import CELLS

    return [name for name in CELLS if name not in LEFT_OUT]


def measure(corpus: Corpus, out: Path, cell: str, epochs: int, settings: list[str]) -> dict[str, str]:
    """Train one cell in encoder and decoder for so many epochs."""
    words = [f"encoder.cell={cell}", f"decoder.cell={cell}", f"training.epochs={epochs}", "validation.patience=0"]
    events = train(corpus, out, [*words, *settings], lambda log: False)
    judged = validations(events)
    speed = statistics.median(event["tokens_per_second"] for event in updates(events))
    return {
        "cell": f"`{cell}`",
        "million weights": f"{_weights(out) / 1e6:.1f}",
        "target tokens/s": f"{speed:,.0f}",
        "s an epoch, validation included": f"{judged[-1]['seconds'] / epochs:.0f}",
        "validation BLEU by epoch": ", ".join(f"{event['bleu']:.1f}" for event in judged),
    }


def _weights(out: Path) -> int:
    from safetensors import safe_open

    with safe_open(out / "model.safetensors", framework="pt") as file:
        return sum(file.get_tensor(name).numel() for name in file.keys())  # noqa: SIM118 - no mapping


if __name__ == "__main__":
    main()
