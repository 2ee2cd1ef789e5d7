"""The main job on Multi30k English-German: train with the defaults, translate, score; every figure from one run.

    python benchmarks/multi30k.py FOLDER --out runs/multi30k

FOLDER holds train, val and test_2016_flickr, each .en and .de, plain or .gz. A training that was stopped goes on.
Prints one JSON object: scores, minutes, peak memory, and whether batch size or a slow pipe changes a translation.
"""

import argparse
import resource
import subprocess
from pathlib import Path

from corpus import find, read
from measure import NMT, ROOT, machine, run, show, summary
from ours import log, validations
from ours import updates as later_updates


def main() -> None:
    """Run the job and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=Path("runs/multi30k"))
    parser.add_argument("--seed", default="1")
    parser.add_argument("--train-only", action="store_true", help="leave the test set alone")
    options = parser.parse_args()
    options.out = options.out.absolute()  # commands run from the root of the repository
    facts: dict[str, object] = {"machine": machine(), "seed": options.seed}
    facts |= train(options.folder, options.out, options.seed)
    if not options.train_only:
        facts |= translate(options.folder, options.out)
    show(facts)


def train(folder: Path, out: Path, seed: str) -> dict[str, object]:
    """Train with the defaults; minutes from the log, so that a resumed training counts all its parts."""
    command = [*NMT, "train", *find(folder).command(), "--out", str(out), "--seed", seed]
    subprocess.run(command, check=True, cwd=ROOT)  # its progress is shown: it takes a while
    events = log(out)
    judged = validations(events)
    best = max(judged, key=lambda event: event["bleu"])
    return {
        "train_minutes": round(judged[-1]["seconds"] / 60, 1),
        "train_peak_gib": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20, 2),
        "target_tokens_per_second": summary([event["tokens_per_second"] for event in later_updates(events)], 0),
        "validation": {
            "bleu_beam2": round(best["bleu"], 2),
            "epoch": best["epoch"],
            "epochs": judged[-1]["epoch"],
        },
    }


def translate(folder: Path, out: Path) -> dict[str, object]:
    """Translate the test set in batches of 1, 7 and 64 and line by line; score it."""
    test = find(folder).test
    source = read(test, "en")
    facts: dict[str, object] = {}
    outputs = []
    for size in (64, 7, 1):
        done = run([*NMT, "translate", out, "--batch", str(size)], source)
        outputs.append(done.output)
        facts[f"translate_seconds_batch_{size}"] = round(done.seconds, 1)
    outputs.append(line_by_line([*NMT, "translate", str(out)], source))
    facts["lines_that_differ"] = {
        name: sum(a != b for a, b in zip(outputs[0].splitlines(), other.splitlines(), strict=True))
        for name, other in zip(("batch 7", "batch 1", "pipe"), outputs[1:], strict=True)
    }
    hypothesis, answers = out / f"{test.name}.hyp", out / f"{test.name}.ref"
    hypothesis.write_bytes(outputs[0])
    answers.write_bytes(read(test, "de"))
    for name, extra in (("cased", []), ("lowercased", ["--lowercase"])):
        scored = run([*NMT, "score", hypothesis, "--reference", answers, *extra])
        facts[name] = scored.output.decode().splitlines()
    return facts


def line_by_line(words: list[str], source: bytes) -> bytes:
    """Send a line, wait for its answer, send the next."""
    answers = []
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdin and process.stdout
        for line in source.splitlines(keepends=True):
            process.stdin.write(line)
            process.stdin.flush()
            answers.append(process.stdout.readline())
        process.stdin.close()
    return b"".join(answers)


if __name__ == "__main__":
    main()
