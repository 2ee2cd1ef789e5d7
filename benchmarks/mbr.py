"""What choosing among candidates is worth: the best of a beam, and the one most like all of them, in two ways.

    python benchmarks/mbr.py FOLDER --model runs/multi30k --sizes 5,10,20
    python benchmarks/mbr.py FOLDER --model runs/1 --model runs/2 --sizes 20      # a team

The validation set is translated once for every size of the beam; its candidates are then ordered by the search, by
their mean likeness to all, and by that mean with each candidate's probability for a weight (`nmt translate --mbr`).
The test set is not read.
"""

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from corpus import find
from measure import machine, markdown, say, show

from nmt.checkpoint import ModelFolder
from nmt.consensus import consensus
from nmt.evaluation.metrics import score
from nmt.translator import Translation, Translator

Choose = Callable[[Translation], Translation]


def main() -> None:
    """Translate with each size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, action="append", required=True, help="several are a team")
    parser.add_argument("--sizes", default="5,10,20", help="candidates, with commas between")
    parser.add_argument("--length-penalty", type=float, help="in place of the model's")
    parser.add_argument("--precision", default="fp32")
    options = parser.parse_args()
    corpus = find(options.folder)
    source, reference = (corpus.lines(corpus.dev, side) for side in ("en", "de"))
    rows = []
    for size in map(int, options.sizes.split(",")):
        say(f"{size} candidates")
        search = replace(ModelFolder.open(options.model[0]).config().search, beam=size, nbest=size)
        search = search if options.length_penalty is None else replace(search, length_penalty=options.length_penalty)
        translator = Translator.load(options.model, search, precision=options.precision)
        found = list(translator.stream(source))
        ways: dict[str, Choose] = {
            "beam": lambda line: line,
            "alike": lambda line: consensus(line, 1),
            "alike, weighted": lambda line: consensus(line, 1, search.length_penalty),  # noqa: B023 - called here
        }
        for name, choose in ways.items():
            texts = [choose(line).text for line in found]
            rows.append({"candidates": str(size), "chosen by": name, **judged(texts, reference)})
    show({"machine": machine(), "models": [str(path) for path in options.model], "lines": len(source)})
    print(markdown(rows))


def judged(texts: list[str], reference: list[str]) -> dict[str, str]:
    """Scores of one way to choose."""
    bleu, chrf = (score(name, texts, [reference]).value for name in ("bleu", "chrf"))
    characters = sum(map(len, texts)) / sum(map(len, reference))
    return {"BLEU": f"{bleu:.2f}", "chrF": f"{chrf:.2f}", "length": f"{characters:.3f}"}


if __name__ == "__main__":
    main()
