"""Alignment error rate on the pairs aligned by hand in data/: a trained model, IBM Model 1, eflomal.

    python benchmarks/alignment.py FOLDER --model runs/multi30k
    python benchmarks/alignment.py FOLDER --model runs/multi30k --reverse-model runs/multi30k-de-en

FOLDER holds the training corpus, English and German, that the model was trained on. IBM Model 1 and eflomal learn from
it and from the text of the 60 pairs; both are given words without the punctuation around them and without capitals. The
model reads the pairs as they stand and has never seen them. Links of two directions are made one by the same code.
eflomal samples: its figures differ by a point or two from run to run.
Prints one JSON object: percent on lines 21 to 60, since settings were chosen on lines 1 to 20, and on those beside it.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from corpus import find
from measure import NMT, ROOT, Missing, machine, peer, run, say, show

from nmt.evaluation.alignment import SYMMETRIZATIONS, Links, alignment_error, parse_gold, parse_pharaoh, turned
from nmt.evaluation.ibm1 import train
from nmt.text.words import plain

ALIGNED = ROOT / "data" / "aligned"
CHOSEN, MEASURED = slice(0, 20), slice(20, 60)  # lines for choosing settings, lines for measuring
Directions = tuple[list[Links], list[Links]]  # source -> target, target -> source; both as (source, target)


def main() -> None:
    """Align with everything that is here and print how wrong it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, help="English to German")
    parser.add_argument("--reverse-model", type=Path, help="German to English")
    parser.add_argument("--work", type=Path, default=Path("runs/alignment"))
    options = parser.parse_args()
    work = options.work.absolute()
    work.mkdir(parents=True, exist_ok=True)
    facts: dict[str, Any] = {"machine": machine()}
    texts = [both_sides(options.folder, language) for language in ("en", "de")]
    facts["pairs"] = len(texts[0])
    facts["ibm1"] = timed(lambda: statistical(by_ibm1(texts)))
    try:
        python = peer("eflomal")
        facts["eflomal"] = timed(lambda: statistical(by_eflomal(python, texts, work)))
    except Missing as missing:
        say(f"skipped: {missing}")
    if options.model:
        facts["model"] = by_model(options.model.absolute())
        if options.reverse_model:
            facts["both models"] = by_model(options.model.absolute(), options.reverse_model.absolute())
    show(facts)


def both_sides(folder: Path, language: str) -> list[list[str]]:
    """Plain words of the pairs aligned by hand, and after them of the training corpus."""
    corpus = find(folder)
    lines = lines_of(language) + corpus.lines(corpus.train, language)
    return [[plain(word) for word in line.split()] for line in lines]


def lines_of(kind: str) -> list[str]:
    """The lines of data/aligned.en, .de or .gold."""
    return ALIGNED.with_suffix(f".{kind}").read_text(encoding="utf-8").removesuffix("\n").split("\n")


def by_ibm1(texts: Sequence[list[list[str]]]) -> Directions:
    """Links of the pairs aligned by hand, in both directions."""
    english, german = texts
    say("IBM Model 1")
    forward, backward = train(english, german).links[:60], train(german, english).links[:60]
    return forward, [turned(links) for links in backward]


def by_eflomal(python: Path, texts: Sequence[list[list[str]]], work: Path) -> Directions:
    """Links of the pairs aligned by hand, in both directions, by eflomal with its own defaults."""
    say("eflomal")
    files = {name: work / f"eflomal.{name}" for name in ("source", "target", "forward", "backward")}
    pairs = [pair for pair in zip(*texts, strict=True) if all(pair)]  # it takes no blank ones
    for name, side in zip(("source", "target"), zip(*pairs, strict=True), strict=True):
        files[name].write_text("".join(" ".join(words) + "\n" for words in side), encoding="utf-8")
    flags = {"-s": "source", "-t": "target", "-f": "forward", "-r": "backward"}
    words = [word for flag, name in flags.items() for word in (flag, str(files[name]))]
    run([python, python.with_name("eflomal-align"), "--overwrite", *words])
    forward, backward = (read_links(files[name].read_text("utf-8")) for name in ("forward", "backward"))
    return forward[:60], backward[:60]


def by_model(model: Path, reverse: Path | None = None) -> dict[str, Any]:
    """What `nmt align` gives by each of its methods; of two models also by each way to make one of them."""
    ways: dict[str, list[str]] = {
        "attention, what is read most": ["--method", "attention", "--threshold", "1"],
        "attention": ["--method", "attention"],
        "posterior": ["--method", "posterior"],
    }
    if reverse:
        ways = {f"posterior, {name}": ["--reverse", str(reverse), "--symmetrize", name] for name in SYMMETRIZATIONS}
    found: dict[str, Any] = {}
    for name, extra in ways.items():
        say(f"model: {name}")
        pairs = f"{ALIGNED.with_suffix('.en')},{ALIGNED.with_suffix('.de')}"
        done = run([*NMT, "align", model, pairs, *extra])
        found[name] = judged(read_links(done.output.decode())) | {"seconds": round(done.seconds, 1)}
    return found


def read_links(text: str) -> list[Links]:
    """Links of every line."""
    lines = text.removesuffix("\n").split("\n")
    return [parse_pharaoh(line, f"line {number}") for number, line in enumerate(lines, start=1)]


def statistical(directions: Directions) -> dict[str, Any]:
    """Each direction by itself, and made one in every way."""
    forward, backward = directions
    ways = {"en-de": forward, "de-en": backward}
    ways |= {name: [*map(unite, forward, backward)] for name, unite in SYMMETRIZATIONS.items()}
    return {name: judged(links) for name, links in ways.items()}


def judged(links: Sequence[Links]) -> dict[str, Any]:
    """Percent on the lines for measuring, and the error rate on those for choosing."""
    gold = [parse_gold(line, f"{ALIGNED}.gold:{number}") for number, line in enumerate(lines_of("gold"), start=1)]
    quality = alignment_error(links[MEASURED], gold[MEASURED])
    chosen = alignment_error(links[CHOSEN], gold[CHOSEN])
    names = ("error", "precision", "recall")
    percent = {name: round(100 * getattr(quality, name), 1) for name in names}
    return percent | {"error_lines_1_to_20": round(100 * chosen.error, 1)}


def timed(measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What it gives, and how long that took, both directions together."""
    started = time.perf_counter()
    return measure() | {"seconds": round(time.perf_counter() - started, 1)}


if __name__ == "__main__":
    main()
