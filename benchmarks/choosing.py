"""What choosing among candidates is worth: the best of a beam, the one most like all of them, the one explained best.

    python benchmarks/choosing.py FOLDER --model runs/multi30k --sizes 5,10,20
    python benchmarks/choosing.py FOLDER --model runs/1 --model runs/2 --sizes 20      # a team
    python benchmarks/choosing.py FOLDER --model runs/1 --sizes 20 --reverse runs/de-en --weights 0.05,0.1,0.2

The validation set is translated once for every size of the beam; its candidates are then ordered by the search, by
their mean likeness to all, by that mean with each candidate's probability for a weight (`nmt translate --mbr`), and by
how well a model of the other direction guesses the source as well (`--reverse`), by itself and before that mean. The
test set is not read.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from corpus import find
from measure import machine, markdown, say, show

from nmt.channel import guesses, weigh
from nmt.checkpoint import ModelFolder
from nmt.consensus import consensus
from nmt.evaluation.metrics import score
from nmt.translator import Translation, Translator


def main() -> None:
    """Translate with each size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, action="append", required=True, help="several are a team")
    parser.add_argument("--sizes", default="5,10,20", help="candidates, with commas between")
    parser.add_argument("--reverse", type=Path, help="a model of the other direction")
    parser.add_argument("--weights", default="0.05,0.1,0.15,0.2,0.3,0.5,1", help="of what it says, with commas between")
    parser.add_argument("--length-penalty", type=float, help="in place of the model's")
    parser.add_argument("--precision", default="fp32")
    options = parser.parse_args()
    corpus = find(options.folder)
    source, reference = (corpus.lines(corpus.dev, side) for side in ("en", "de"))
    reverse = options.reverse and Translator.load([options.reverse], precision=options.precision)
    weights = [float(weight) for weight in options.weights.split(",")]
    rows = []
    for size in map(int, options.sizes.split(",")):
        say(f"{size} candidates")
        search = replace(ModelFolder.open(options.model[0]).config().search, beam=size, nbest=size)
        search = search if options.length_penalty is None else replace(search, length_penalty=options.length_penalty)
        translator = Translator.load(options.model, search, precision=options.precision)
        found = list(translator.stream(source))
        penalty = search.length_penalty
        for name, lines in {**alike(found, penalty), **explained(found, reverse, weights, penalty)}.items():
            texts = [line.text for line in lines]
            rows.append({"candidates": str(size), "chosen by": name, **judged(texts, reference)})
    show({"machine": machine(), "models": [str(path) for path in options.model], "lines": len(source)})
    print(markdown(rows))


def alike(found: list[Translation], penalty: float) -> dict[str, list[Translation]]:
    """As the search ranks them, and the one most like all in two ways."""
    return {
        "beam": found,
        "alike": [consensus(line, 1) for line in found],
        "alike, weighted": [consensus(line, 1, penalty) for line in found],
    }


def explained(
    found: list[Translation], reverse: Translator | None, weights: list[float], penalty: float
) -> dict[str, list[Translation]]:
    """As a model of the other direction has its say, with each weight."""
    if reverse is None:
        return {}
    guessed, ways = [guesses(line, reverse, penalty) for line in found], {}
    for weight in weights:
        ranked = [weigh(line, guess, weight) for line, guess in zip(found, guessed, strict=True)]
        ways[f"explained, {weight:g}"] = ranked
        ways[f"explained, {weight:g}, and alike, weighted"] = [consensus(line, 1, penalty) for line in ranked]
    return ways


def judged(texts: list[str], reference: list[str]) -> dict[str, str]:
    """Scores of one way to choose."""
    bleu, lower = (score("bleu", texts, [reference], lowercase=low).value for low in (False, True))
    chrf = score("chrf", texts, [reference]).value
    characters = sum(map(len, texts)) / sum(map(len, reference))
    return {"BLEU": f"{bleu:.2f}", "lower-cased": f"{lower:.2f}", "chrF": f"{chrf:.2f}", "length": f"{characters:.3f}"}


if __name__ == "__main__":
    main()
