"""Neighbours, batch size, order and threads change no fp32 translation: thousands of lines compared.

    python tests/soak/lines.py --model DIR --lines 10000 [--text FILE]

Without a model one is trained on the corpus in data/ first. The text is that corpus's own by default, with odd
lines (blank, very long, broken bytes) among it. Prints one JSON object: for each way how many lines came out otherwise.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
NMT = [sys.executable, "-m", "nmt"]
ODD = [
    b"",
    b" ",
    b"\xff\xfe",
    "  \x0c\x85".encode(),
    b"a" * 3000,
    b"one two " * 400,
    b"\0",
    "日本 العربية 👩‍👧".encode(),
]
WAYS = {
    "batches of 7": ["--batch", "7"],
    "batches of 300": ["--batch", "300"],
    "one thread": ["--threads", "1"],
    "three threads": ["--threads", "3"],
}


def main() -> None:
    """Translate the same lines in several ways and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--text", type=Path, default=ROOT / "data" / "train.en")
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--alone", type=int, default=300, help="so many lines are translated one by one as well")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    lines = options.text.read_bytes().split(b"\n")[: options.lines - len(ODD)] + ODD
    chance.shuffle(lines)
    with tempfile.TemporaryDirectory() as name:
        model = options.model or _train(Path(name) / "model")
        started = time.monotonic()
        usual = translate(model, lines)
        found = {"lines": len(lines), "seconds": round(time.monotonic() - started), "other lines": {}}
        for way, words in WAYS.items():
            found["other lines"][way] = differing(usual, translate(model, lines, *words))
        order = list(range(len(lines)))
        chance.shuffle(order)
        mixed = translate(model, [lines[i] for i in order])
        found["other lines"]["another order"] = differing([usual[i] for i in order], mixed)
        some = chance.sample(order, min(options.alone, len(lines)))
        alone = translate(model, [lines[i] for i in some], "--batch", "1")
        found["other lines"][f"one by one ({len(some)})"] = differing([usual[i] for i in some], alone)
    print(json.dumps(found, indent=1, ensure_ascii=False))


def translate(model: Path, lines: list[bytes], *words: str) -> list[bytes]:
    """What `nmt translate` writes; as many lines as it was given, or this fails."""
    done = subprocess.run(
        [*NMT, "translate", str(model), *words], input=b"".join(line + b"\n" for line in lines), cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    found = done.stdout.split(b"\n")[:-1]
    assert len(found) == len(lines), (len(found), len(lines))
    return found


def differing(one: list[bytes], two: list[bytes]) -> int:
    """How many lines are not the same."""
    return sum(a != b for a, b in zip(one, two, strict=True))


def _train(out: Path) -> Path:
    words = ["train", "data/train", "--source", "en", "--target", "de", "--dev", "data/dev", "--preset", "demo"]
    subprocess.run([*NMT, *words, "--out", str(out)], cwd=ROOT, check=True)
    return out


if __name__ == "__main__":
    main()
