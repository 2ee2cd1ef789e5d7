"""The main job on Multi30k English-German: train with the defaults, translate, score; every figure from one run.

    python benchmarks/multi30k.py FOLDER --out runs/multi30k

FOLDER holds train, val and test_2016_flickr, each .en and .de, plain or .gz. A training that was stopped goes on.
Prints one JSON object: scores, minutes, peak memory, and whether batch size or a slow pipe changes a translation.
"""

import argparse
import gzip
import json
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

NMT = [sys.executable, "-m", "nmt"]
TEST = "test_2016_flickr"


def main() -> None:
    """Run the job and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=Path("runs/multi30k"))
    parser.add_argument("--seed", default="1")
    parser.add_argument("--train-only", action="store_true", help="leave the test set alone")
    options = parser.parse_args()
    facts = {"machine": platform.processor() or platform.machine(), "cores": os.cpu_count(), "seed": options.seed}
    facts |= train(options.folder, options.out, options.seed)
    if not options.train_only:
        facts |= translate(options.folder, options.out)
    print(json.dumps(facts, indent=1))


def train(folder: Path, out: Path, seed: str) -> dict[str, object]:
    """Train with the defaults; minutes from the log, so that a resumed training counts all its parts."""
    words = ["train", str(folder / "train"), "--source", "en", "--target", "de", "--dev", str(folder / "val")]
    subprocess.run([*NMT, *words, "--out", str(out), "--seed", seed], check=True)
    log = [json.loads(line) for line in (out / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    updates = sorted(line["tokens_per_second"] for line in log if line["event"] == "update")
    validations = [line for line in log if line["event"] == "validation"]
    best = max(validations, key=lambda line: line["bleu"])
    return {
        "train_minutes": round(validations[-1]["seconds"] / 60, 1),
        "train_peak_gib": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20, 2),
        "target_tokens_per_second": {"median": updates[len(updates) // 2], "range": [updates[0], updates[-1]]},
        "validation": {
            "bleu_beam2": round(best["bleu"], 2),
            "epoch": best["epoch"],
            "epochs": validations[-1]["epoch"],
        },
    }


def translate(folder: Path, out: Path) -> dict[str, object]:
    """Translate the test set in batches of 1, 7 and 64 and line by line; score it."""
    source, reference = read(folder, f"{TEST}.en"), read(folder, f"{TEST}.de")
    facts: dict[str, object] = {}
    outputs = []
    for size in (64, 7, 1):
        started = time.monotonic()
        words = [*NMT, "translate", str(out), "--batch", str(size)]
        outputs.append(subprocess.run(words, input=source, capture_output=True, check=True).stdout)
        facts[f"translate_seconds_batch_{size}"] = round(time.monotonic() - started, 1)
    outputs.append(line_by_line([*NMT, "translate", str(out)], source))
    facts["lines_that_differ"] = {
        name: sum(a != b for a, b in zip(outputs[0].splitlines(), other.splitlines(), strict=True))
        for name, other in zip(("batch 7", "batch 1", "pipe"), outputs[1:], strict=True)
    }
    hypothesis, answers = out / f"{TEST}.hyp", out / f"{TEST}.ref"
    hypothesis.write_bytes(outputs[0])
    answers.write_bytes(reference)
    for name, extra in (("cased", []), ("lowercased", ["--lowercase"])):
        words = [*NMT, "score", str(hypothesis), "--reference", str(answers), *extra]
        facts[name] = subprocess.run(words, capture_output=True, check=True, text=True).stdout.splitlines()
    return facts


def line_by_line(words: list[str], source: bytes) -> bytes:
    """Send a line, wait for its answer, send the next."""
    answers = []
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        for line in source.splitlines(keepends=True):
            process.stdin.write(line)
            process.stdin.flush()
            answers.append(process.stdout.readline())
        process.stdin.close()
    return b"".join(answers)


def read(folder: Path, name: str) -> bytes:
    """A file, plain or gzipped."""
    plain = folder / name
    return plain.read_bytes() if plain.exists() else gzip.decompress((folder / f"{name}.gz").read_bytes())


if __name__ == "__main__":
    main()
