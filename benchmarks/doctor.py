"""The corpus doctor: which shifted stretches it finds and mends, and what a large corpus costs it.

    python benchmarks/doctor.py FOLDER
    python benchmarks/doctor.py FOLDER --pairs 1000000

Targets of some stretches of the training corpus are moved up by one line, at places drawn by lot. For time and memory
pairs are drawn from it with a number before both sides, so that few repeat.
"""

import argparse
import random
import tempfile
from pathlib import Path
from typing import Any

from corpus import find
from measure import NMT, ROOT, machine, run, show

from nmt.text.cleaning import tidy

STRETCHES = 20  # planted at most; those that would touch another are left out


def main() -> None:
    """Plant and look, and where asked to, time; prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "data")
    parser.add_argument("--pairs", type=int, default=0, help="so many for time and memory; 0 skips that")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    corpus, chance = find(options.folder), random.Random(options.seed)
    source, target = (corpus.lines(corpus.train, language) for language in ("en", "de"))
    facts = {"seed": options.seed}
    if options.pairs:  # first: a process's peak counts what the one that starts it holds, and torch is large
        facts["cost"] = cost(source, target, options.pairs, chance)
    facts["machine"] = machine()
    facts["as it is"] = len(shifts(source, target))
    for length in (15, 25, 50, 200):
        facts[f"stretches of {length}"] = planted(source, target, length, chance)
    whole = shifts(source, ["Eine neue Zeile.", *target[:-1]])
    facts["shifted as a whole"] = [shift._asdict() for shift in whole]
    facts["a target lost in the middle, mended"] = mended(source, target)
    show(facts)


def mended(source: list[str], target: list[str]) -> dict[str, int]:
    """Pairs before, after `nmt check --fix` of a corpus that lost one target, and how many of these are wrong."""
    lost = [*target[: len(target) // 2], *target[len(target) // 2 + 1 :]]
    with tempfile.TemporaryDirectory() as folder:
        prefix = Path(folder) / "lost"
        for language, lines in (("en", source[:-1]), ("de", lost)):
            prefix.with_suffix(f".{language}").write_text("".join(f"{line}\n" for line in lines), "utf-8")
        run([*NMT, "check", prefix, "--source", "en", "--target", "de", "--fix", Path(folder) / "cured"])
        sides = [(Path(folder) / f"cured.{language}").read_text("utf-8").split("\n")[:-1] for language in ("en", "de")]
    right = {*zip(map(tidy, source), map(tidy, target), strict=True)}
    pairs = list(zip(*(map(tidy, side) for side in sides), strict=True))
    return {"before": len(source), "after": len(pairs), "wrong": sum(pair not in right for pair in pairs)}


def shifts(source: list[str], target: list[str]) -> list[Any]:
    """The runs that are found."""
    from nmt.checkup.examination import BLOCK
    from nmt.checkup.shifts import Shifts
    from nmt.checkup.usual import Usual
    from nmt.text.readers import Pair

    pairs = [Pair(one, other, "") for one, other in zip(source[:BLOCK], target[:BLOCK], strict=True)]
    found = Shifts(Usual.of(pairs))
    for start in range(0, len(source), BLOCK):
        end = start + BLOCK
        found.show(source[start:end], target[start:end], last=end >= len(source))
    return found.runs()


def planted(source: list[str], target: list[str], length: int, chance: random.Random) -> dict[str, int]:
    """How many stretches were moved, how many of them were found, and how many runs were found in all."""
    drawn = sorted(chance.randrange(100, len(source) - 500) for _ in range(STRETCHES))
    places = [place for i, place in enumerate(drawn) if not i or place - drawn[i - 1] > 2 * length + 60]
    moved = list(target)
    for place in places:
        moved[place : place + length] = [*moved[place + 1 : place + length], moved[place]]
    found = shifts(source, moved)
    hit = sum(any(shift.first < place + length and shift.last > place for shift in found) for place in places)
    return {"planted": len(places), "found": hit, "runs": len(found)}


def cost(source: list[str], target: list[str], pairs: int, chance: random.Random) -> dict[str, float]:
    """Seconds and most memory of `nmt check` on so many pairs."""
    with tempfile.TemporaryDirectory() as folder:
        prefix = Path(folder) / "many"
        with prefix.with_suffix(".en").open("w") as left, prefix.with_suffix(".de").open("w") as right:
            for number in range(pairs):
                row = chance.randrange(len(source))
                left.write(f"{number % 977} {source[row]}\n")
                right.write(f"{number % 977} {target[row]}\n")
        done = run([*NMT, "check", prefix, "--source", "en", "--target", "de"])
    return {"pairs": pairs, "seconds": round(done.seconds, 1), "peak_mib": round(done.peak_gib * 1024)}


if __name__ == "__main__":
    main()
