"""Write the corpus: training, development and test sentences, aligned line by line.

Some pairs of a verb and an object are held out, chosen by a hash of the pair and the seed.  A sentence that contains
one of them can only be a development or test sentence; one that contains none can only be a training sentence.
"""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from choices import Chooser, verbs_with
from main_clauses import Pair
from patterns import draw

SEED = 20
TRAIN, DEV, TEST = 20_000, 500, 500
HELD_OUT_SHARE = 0.1
# A noun that only few verbs take is needed in training with each of them.
MIN_VERBS = 6
# No held-out pair is to dominate the development and test sentences.
MAX_USES = 6
WORDS = range(4, 27)


def is_held_out(pair: tuple[str, str], seed: int = SEED) -> bool:
    """Whether training never sees this verb with this object; Python's own hash() would change with every run."""
    if verbs_with(pair[1]) < MIN_VERBS:
        return False
    digest = hashlib.sha256(f"{seed} {pair[0]} {pair[1]}".encode()).digest()
    return int.from_bytes(digest[:4], "big") < HELD_OUT_SHARE * 2**32


def corpus(
    seed: int = SEED, train: int = TRAIN, dev: int = DEV, test: int = TEST
) -> tuple[list[Pair], list[Pair], list[Pair]]:
    """The three parts. No English and no German sentence occurs twice in any of them."""
    chooser = Chooser(seed)
    seen_english: set[str] = set()
    seen_german: set[str] = set()
    uses = Counter[tuple[str, str]]()
    training: list[Pair] = []
    held_out: list[Pair] = []
    while len(training) < train or len(held_out) < dev + test:
        pair = draw(chooser)
        if len(pair.english.split()) not in WORDS or pair.english in seen_english or pair.german in seen_german:
            continue
        seen_english.add(pair.english)
        seen_german.add(pair.german)
        unseen = [verb_object for verb_object in pair.pairs if is_held_out(verb_object, seed)]
        if unseen:
            uses.update(unseen)
            if min(uses[verb_object] for verb_object in unseen) <= MAX_USES:
                held_out.append(pair)
        elif len(training) < train:
            training.append(pair)
    return training, held_out[:dev], held_out[dev : dev + test]


def write(pairs: Iterable[Pair], stem: Path) -> None:
    """One file for each language, one sentence a line."""
    pairs = list(pairs)
    for suffix, lines in ((".en", [pair.english for pair in pairs]), (".de", [pair.german for pair in pairs])):
        stem.with_suffix(suffix).write_bytes("".join(line + "\n" for line in lines).encode())


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder to write to")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--train", type=int, default=TRAIN, help="number of training sentences")
    parser.add_argument("--dev", type=int, default=DEV, help="number of development sentences")
    parser.add_argument("--test", type=int, default=TEST, help="number of test sentences")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    parts = corpus(arguments.seed, arguments.train, arguments.dev, arguments.test)
    for name, pairs in zip(("train", "dev", "test"), parts, strict=True):
        write(pairs, arguments.out / name)


if __name__ == "__main__":
    main()
