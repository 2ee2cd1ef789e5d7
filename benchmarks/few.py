"""Very small corpora: our default on the first pairs of a corpus, and Joey NMT's recurrent default beside it.

    python benchmarks/few.py FOLDER --sizes 1000,3000,10000
    python benchmarks/few.py FOLDER --sizes 1000 --preset small      # another preset than the size asks for
    python benchmarks/few.py FOLDER --sizes 1000 --joey-minutes 60

Judged on the validation set, which chooses the epoch, too: no test set is read. A training of ours that was stopped
goes on when the same command is given again. With `--set training.threads=1` two may run side by side. Joey NMT gets a
vocabulary of the size ours has, and validates once every two epochs; its BLEU is greedy, so ours is given both ways.
"""

import argparse
from pathlib import Path
from typing import Any

import joeynmt
from corpus import Corpus, find, read
from measure import NMT, ROOT, machine, markdown, run, say, show
from ours import make_vocabulary, train, updates, validations

BATCH = 1815  # real target tokens in a batch of Joey NMT's, measured on Multi30k


def main() -> None:
    """Train at every size and print the table; the facts of the machine go before it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sizes", default="1000,3000,10000", help="pairs, with commas between")
    parser.add_argument("--work", type=Path, default=ROOT / "runs" / "few")
    parser.add_argument("--name", default="ours", help="folder of these settings, beside those of others")
    parser.add_argument("--preset", help="in place of the one that the size asks for")
    parser.add_argument("--joey-minutes", type=float, default=0.0, help="train it so long at each size; 0: not at all")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE", help="for ours")
    options = parser.parse_args()
    corpus, rows = find(options.folder), []
    for size in map(int, options.sizes.split(",")):
        few = first(corpus, size, options.work / str(size))
        say(f"{size:,} pairs")
        row = ours(few, options.work / str(size) / options.name, options)
        pieces = pieces_of(options.work / str(size) / options.name)
        theirs = joey(few, options.work / str(size) / "joeynmt", pieces, options) if options.joey_minutes else {}
        rows.append({"pairs": f"{size:,}", **row, **theirs})
        print(markdown(rows[-1:]).splitlines()[-1], flush=True)
    show({"machine": machine(), "preset": options.preset, "settings": options.settings})
    print(markdown(rows))


def first(corpus: Corpus, size: int, folder: Path) -> Corpus:
    """The first pairs of a corpus, with its validation and test sets as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for side in ("en", "de"):
        lines = corpus.lines(corpus.train, side)[:size]
        (folder / f"train.{side}").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
    return Corpus((folder / "train").absolute(), corpus.dev, corpus.test)


def ours(corpus: Corpus, out: Path, options: argparse.Namespace) -> dict[str, str]:
    """Train with the defaults, and translate the validation set both ways."""
    from nmt.evaluation.metrics import score

    events = train(corpus, out, options.settings, lambda log: False, options.preset)
    judged, speeds = validations(events), [event["tokens_per_second"] for event in updates(events)]
    best = max(judged, key=lambda event: event["bleu"])
    source = read(corpus.dev, "en")
    scores = {}
    for beam in ("1", "5"):
        said = run([*NMT, "translate", out, "--beam", beam], source).output.decode().removesuffix("\n").split("\n")
        scores[beam] = [score(name, said, [corpus.lines(corpus.dev, "de")]).value for name in ("bleu", "chrf")]
    return {
        "pieces": f"{pieces_of(out):,}",
        "best epoch": f"{best['epoch']} of {judged[-1]['epoch']}",
        "target tokens/s": f"{sorted(speeds)[len(speeds) // 2]:,}",
        "minutes": f"{judged[-1]['seconds'] / 60:.0f}",
        "perplexity": f"{best['perplexity']:.1f}",
        "greedy BLEU": f"{scores['1'][0]:.1f}",
        "beam 5 BLEU": f"{scores['5'][0]:.1f}",
        "chrF": f"{scores['5'][1]:.1f}",
    }


def pieces_of(model: Path) -> int:
    """The size of a model's vocabulary."""
    from nmt.checkpoint import ModelFolder

    return ModelFolder.open(model).tokenizers()[0].size


def joey(corpus: Corpus, out: Path, pieces: int, options: argparse.Namespace) -> dict[str, str]:
    """Train the peer for some minutes, or until it ends itself."""
    vocabulary = make_vocabulary(corpus, pieces)
    target = sum(len(line.split()) for line in corpus.lines(corpus.train, "de")) * 1.3  # pieces, about
    two_epochs = max(1, round(2 * target / BATCH))  # in updates
    facts: dict[str, Any] = joeynmt.train(corpus, vocabulary, out, minutes=options.joey_minutes, validate=two_epochs)
    best = max(facts["validations"], key=lambda point: point["bleu"])
    return {
        "Joey NMT greedy BLEU": f"{best['bleu']:.1f}",
        "after updates": f"{best['update']} of {facts['updates']}",
        "its minutes": f"{facts['minutes']:.0f}",
    }


if __name__ == "__main__":
    main()
