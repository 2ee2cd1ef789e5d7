"""What the moving average of weights is worth: the last weights of trainings, as they are and averaged.

    python benchmarks/averaging.py FOLDER --model DIR --model DIR

A training learns with the weights as they are; the average is only validated and kept (`training.average`). So one
training tells of both, at its end or, in a copy of its folder, on the way. FOLDER's validation set is translated with
the beam and the length penalty of each model, which were chosen with the averaged weights. The test set is not read.
"""

import argparse
from pathlib import Path

import torch
from corpus import find
from measure import machine, markdown, say, show

from nmt.checkpoint import ModelFolder
from nmt.evaluation.metrics import score
from nmt.translator import Translator


def main() -> None:
    """Translate with both and print the table; the facts of the machine go before it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, action="append", required=True)
    options = parser.parse_args()
    corpus, rows = find(options.folder), []
    source, reference = (corpus.lines(corpus.dev, side) for side in ("en", "de"))
    for path in options.model:
        say(f"{path}: translating {len(source):,} lines twice")
        for name, translator in last(path).items():
            texts = [each.text for each in translator.translate(source)]
            scores = {metric: f"{score(metric, texts, [reference]).value:.2f}" for metric in ("bleu", "chrf")}
            rows.append({"model": path.name, "last weights": name, **scores})
    show({"machine": machine(), "lines": len(source)})
    print(markdown(rows))


def last(path: Path) -> dict[str, Translator]:
    """The weights after the last update of a training."""
    folder, device = ModelFolder.open(path), torch.device("cpu")
    tensors, tokenizers, config = folder.state()[0], folder.tokenizers(), folder.config()
    made = {}
    for name in ("as they are", "averaged"):
        model = folder.build(config, tokenizers)
        with torch.no_grad():
            for i, (key, weight) in enumerate(model.named_parameters()):
                weight.copy_(tensors[f"model/{key}" if name == "as they are" else f"average/{i}"])
        made[name] = Translator(model.eval(), tokenizers, config.search, device)
    return made


if __name__ == "__main__":
    main()
