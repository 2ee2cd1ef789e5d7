"""A training that is killed, or runs out of disk, again and again: it always goes on, and ends as one that was not.

    python tests/soak/survive.py --kills 50 --seed 1
    python tests/soak/survive.py --kills 0 --disks 10          # needs root: it mounts small disks

Prints one JSON object. Trains a small model on 500 pairs of data/, once straight through; then the same once more,
killed (SIGKILL) at random moments from the first import to the last line, or in a disk that is too small until it is
made larger. After each death the folder must load or resume, and at the end the weights must be the same, bit for bit.
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "tokenizer.size": 500, "model.embedding": 32, "encoder.size": 16, "encoder.layers": 1, "attention.size": 16,
    "decoder.size": 32, "decoder.readout_size": 32, "training.epochs": 3, "training.batch_tokens": 400,
    "training.threads": 1, "validation.every": 20, "validation.pairs": 20, "validation.patience": 0,
}  # fmt: skip
WORDS = [sys.executable, "-m", "nmt", "train", "data/dev", "--source", "en", "--target", "de", "--dev", "data/test"]
WORDS += [word for key, value in SETTINGS.items() for word in ("--set", f"{key}={value}")]


def main() -> None:
    """Run what is asked for and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--disks", type=int, default=0, help="trainings in a disk that fills up")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.monotonic()
        say = train(folder / "straight")
        seconds = time.monotonic() - started
        assert say.returncode == 0, say.stderr
        found: dict[str, Any] = {"seed": options.seed, "seconds_straight": round(seconds, 1)}
        if options.kills:
            found["kills"] = killed(folder, options.kills, seconds, chance)
        if options.disks:
            found["disks"] = [full_disk(folder, chance) for _ in range(options.disks)]
    print(json.dumps(found, indent=1))


def train(out: Path, timeout: float | None = None) -> subprocess.CompletedProcess[str]:
    """Run the training, or kill it when its time is up (the status is that of SIGKILL then)."""
    process = subprocess.Popen(
        [*WORDS, "--out", str(out)], cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    try:
        _, said = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        _, said = process.communicate()
    return subprocess.CompletedProcess(WORDS, process.returncode, "", said)


def killed(folder: Path, kills: int, seconds: float, chance: random.Random) -> dict[str, Any]:
    """Trainings killed so many times in all; one that comes to its end is begun again in a new folder."""
    where: Counter[str] = Counter()
    number, left, finished = 0, kills, 0
    while left:
        out = folder / f"killed-{number}"
        done = train(out, chance.uniform(0.2, 0.9 * seconds))
        assert done.returncode in (0, -9), (done.returncode, done.stderr)
        if done.returncode == 0:
            same(folder / "straight", out)
            finished, number = finished + 1, number + 1
            continue
        left -= 1
        where[stage(out, done.stderr)] += 1
        check(out)
        print(f"{kills - left} of {kills} kills, {finished} trainings finished", file=sys.stderr, flush=True)
    done = train(folder / f"killed-{number}")
    assert done.returncode == 0, done.stderr
    same(folder / "straight", folder / f"killed-{number}")
    return {"kills": kills, "at": dict(where), "trainings_equal_to_the_straight_one": finished + 1}


def full_disk(folder: Path, chance: random.Random) -> dict[str, Any]:
    """A training in a disk too small for it ends in one line and code 2; with more room the same command goes on."""
    disk = folder / "disk"
    disk.mkdir()
    size = chance.randint(40, 1500)  # KiB
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", disk], check=True)
    try:
        out = disk / "model"
        done = train(out)
        lines = done.stderr.strip().splitlines()
        assert done.returncode == 2 and lines[-1].startswith("nmt: ") and "Free some space" in lines[-1], done.stderr
        assert "Traceback" not in done.stderr
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        again = train(out)
        assert again.returncode == 0, again.stderr
        same(folder / "straight", out)
        return {"KiB": size, "said": lines[-1].replace(str(disk), "DISK")}
    finally:
        subprocess.run(["umount", disk], check=True)
        disk.rmdir()


def stage(out: Path, said: str) -> str:
    """How far a killed run had come."""
    for words, name in (
        ("Done ", "after the end"), ("validation after", "validations"), ("million weights", "updates"),
        ("pairs to train on", "tokenizer and encoding"),
    ):  # fmt: skip
        if words in said:
            return name
    return "start and reading" if not (out / "log.jsonl").exists() else "start of a resumed run"


def check(out: Path) -> None:
    """What is there loads: weights where there are any, and what the next run goes on from."""
    from nmt.checkpoint import CONFIG, STATE, WEIGHTS, ModelFolder

    folder = ModelFolder(out)
    if (out / CONFIG).exists():
        folder.config()
        folder.tokenizers()
    if (out / WEIGHTS).exists():
        import torch

        folder.model(torch.device("cpu"))
    if (out / STATE).exists():
        folder.state()


def same(one: Path, two: Path) -> None:
    """Weights, state and validations of two trainings are equal."""
    from nmt.checkpoint import ModelFolder

    for kind in ("weights", "state"):
        a, b = (getattr(ModelFolder(path), kind)()[0] for path in (one, two))
        assert a.keys() == b.keys() and all(a[name].equal(b[name]) for name in a), (kind, two)
    if two.name.startswith("killed"):
        shutil.rmtree(two)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
