"""How time and memory grow with the corpus and with the text to translate.

    python benchmarks/growth.py FOLDER --pairs 20000 200000 1000000 --lines 10000 100000 1000000

FOLDER is for scratch: corpora, model folders and `results.json` go there (10 million pairs take about 3 GB). Each
corpus is the sentences of `data/train`, drawn by lot, alone or two in a row. A measurement that is already in
`results.json` is not repeated, so that sizes may be added later. Prints the results and draws `growth.svg`.

Memory is read from /proc/PID/status of the command, twenty times a second, so Linux is needed. RssAnon is memory the
program asked for, and what a larger corpus must not need more of. RssFile is what is mapped from files: libraries and
the ids of the corpus. The system takes such pages back whenever it needs them: they may grow while there is room.

Processor seconds are of all threads of the command together; unlike the others they mean something on a busy machine.

The models are much smaller than the defaults: their arithmetic must not hide what reading costs.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "data"
NMT = [sys.executable, "-m", "nmt"]
TRAINED = {
    "model.embedding": 64, "encoder.layers": 1, "encoder.size": 64, "attention.size": 64, "decoder.size": 64,
    "decoder.readout_size": 64, "validation.every": 1_000_000,
}  # fmt: skip
TRANSLATING = TRAINED | {
    "tokenizer.size": 1000, "model.embedding": 8, "encoder.size": 4, "attention.size": 8, "decoder.size": 8,
    "decoder.readout_size": 8, "training.epochs": 4, "validation.metric": "loss", "search.max_ratio": 0.2,
    "search.max_extra": 3,
}  # fmt: skip
WARM = 100  # updates before the speed is read
COLOURS = ("#1b6ca8", "#c8553d")

Results = dict[str, dict[str, dict[str, Any]]]


def main() -> None:
    """Measure what is not measured yet, print everything, draw it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pairs", type=int, nargs="*", default=[20_000, 200_000, 1_000_000, 10_000_000])
    parser.add_argument("--lines", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--updates", type=int, default=400)
    options = parser.parse_args()
    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "results.json"
    results: Results = json.loads(path.read_text()) if path.exists() else {"training": {}, "translating": {}}
    jobs: list[tuple[str, int, Callable[[], dict[str, Any]]]] = []
    for count in options.pairs:
        jobs.append(("training", count, partial(train, folder, count, options.updates)))
    for count in options.lines:
        jobs.append(("translating", count, partial(translate, folder, count)))
    for kind, count, measure in jobs:
        if str(count) not in results[kind]:
            results[kind][str(count)] = measure()
            path.write_text(json.dumps(results, indent=1))
            print(kind, count, results[kind][str(count)], file=sys.stderr, flush=True)
    print(json.dumps(results, indent=1))
    (folder / "growth.svg").write_text(draw(results), encoding="utf-8")


def corpus(folder: Path, count: int) -> Path:
    """The prefix of a corpus of so many pairs: sentences of `data/train`, alone or two in a row."""
    prefix = folder / f"pairs-{count}"
    if not prefix.with_suffix(".de").exists():
        sides = [(DATA / f"train.{language}").read_text("utf-8").splitlines() for language in ("en", "de")]
        sentences, chance = list(zip(*sides, strict=True)), random.Random(count)
        unfinished = [prefix.with_suffix(f".{language}.part") for language in ("en", "de")]
        with unfinished[0].open("w", encoding="utf-8") as source, unfinished[1].open("w", encoding="utf-8") as target:
            for _ in range(count):
                some = chance.choices(sentences, k=chance.choice((1, 2)))
                source.write(" ".join(pair[0] for pair in some) + "\n")
                target.write(" ".join(pair[1] for pair in some) + "\n")
        for part in unfinished:
            part.replace(part.with_suffix(""))
    return prefix


def train(folder: Path, count: int, updates: int) -> dict[str, Any]:
    """Prepare a corpus, train on it for some updates, and stop."""
    prefix, out = corpus(folder, count), folder / f"model-{count}"
    words = [*NMT, "train", str(prefix), "--source", "en", "--target", "de", "--out", str(out), *settings(TRAINED)]
    started = time.monotonic()
    with watched(words) as (process, memory):
        while not (out / "training" / "state.safetensors").exists():
            alive(process)
        prepared, processor, preparing = time.monotonic() - started, memory.seconds, memory.take()
        done = 0
        while done < updates:
            alive(process)
            lines = log(out)
            done = lines[-1]["update"] if lines else 0
        training_seconds = memory.seconds - processor
        process.send_signal(signal.SIGTERM)  # which a script that ignores Ctrl-C does not ignore
        process.wait()
        training = memory.take()
    speeds = sorted(line["tokens_per_second"] for line in lines if line["update"] > WARM)
    return {
        "prepare_seconds": round(prepared, 1),
        "prepare_processor_seconds": round(processor, 1),
        "prepare_anon_mib": preparing["RssAnon"],
        "train_anon_mib": training["RssAnon"],
        "train_file_mib": training["RssFile"],
        "ids_on_disk_mib": round((out / "training" / "examples.arrow").stat().st_size / 2**20),
        "processor_seconds_per_100_updates": round(100 * training_seconds / done, 1),
        "target_tokens_per_second": {"median": speeds[len(speeds) // 2], "range": [speeds[0], speeds[-1]]},
    }


def translate(folder: Path, count: int) -> dict[str, Any]:
    """Translate so many lines with a model that is next to nothing."""
    model, text = folder / "model-tiny", corpus(folder, count).with_suffix(".en")
    if not (model / "README.md").exists():
        words = [*NMT, "train", str(DATA / "dev"), "--source", "en", "--target", "de", "--out", str(model)]
        subprocess.run([*words, *settings(TRANSLATING)], check=True)
    started, out = time.monotonic(), folder / f"translated-{count}"
    words = [*NMT, "translate", str(model), "--beam", "1", "--batch", "256"]
    with text.open("rb") as source, out.open("wb") as target, watched(words, source, target) as (process, memory):
        assert process.wait() == 0
    seconds = time.monotonic() - started
    with out.open("rb") as translated:
        assert sum(1 for _ in translated) == count
    return {
        "seconds": round(seconds, 1),
        "processor_seconds": round(memory.seconds, 1),
        "lines_per_second": round(count / seconds),
        "anon_mib": memory.most["RssAnon"],
    }


def settings(values: dict[str, Any]) -> list[str]:
    """The same as words for a command line."""
    return [word for key, value in values.items() for word in ("--set", f"{key}={value}")]


def log(out: Path) -> list[dict[str, Any]]:
    """The updates a training has written down so far."""
    path = out / "log.jsonl"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def alive(process: subprocess.Popen[bytes]) -> None:
    """Wait a little for a process that should not have ended."""
    time.sleep(0.1)
    if process.poll() is not None:
        sys.exit(f"It ended with {process.returncode}. Remove its folder before it is measured again.")


class Memory:
    """The most memory a process had, in MiB, since it was asked last, and its processor seconds so far."""

    def __init__(self, pid: int) -> None:
        self.status, self.stat = Path(f"/proc/{pid}/status"), Path(f"/proc/{pid}/stat")
        self.most = {"RssAnon": 0, "RssFile": 0}
        self.seconds = 0.0

    def look(self) -> None:
        """Read once."""
        user, system = self.stat.read_text().rpartition(")")[2].split()[11:13]
        self.seconds = (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
        for line in self.status.read_text().splitlines():
            name, _, value = line.partition(":")
            if name in self.most:
                self.most[name] = max(self.most[name], int(value.split()[0]) // 1024)

    def take(self) -> dict[str, int]:
        """The most so far; from here on it is counted anew."""
        found, self.most = self.most, dict.fromkeys(self.most, 0)
        return found


@contextmanager
def watched(words: list[str], stdin: Any = None, stdout: Any = None) -> Iterator[tuple[Any, Memory]]:
    """A running command and its memory; killed where something goes wrong here."""
    ended = threading.Event()
    with subprocess.Popen(words, stdin=stdin, stdout=stdout, env={**os.environ, "PYTHONUNBUFFERED": "1"}) as process:
        memory = Memory(process.pid)

        def look() -> None:
            while not ended.wait(0.05):
                try:
                    memory.look()
                except (OSError, IndexError, ValueError):
                    return  # it has ended

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        try:
            yield process, memory
        finally:
            ended.set()
            thread.join()
            if process.poll() is None:
                process.kill()


def draw(results: Results) -> str:
    """Four small figures side by side as SVG: values from nothing up, sizes one beside the other."""
    training, translating = ({int(size): facts for size, facts in each.items()} for each in results.values())
    panels = [
        ("preparing, processor s", "pairs", {"": {n: f["prepare_processor_seconds"] for n, f in training.items()}}),
        (
            "training, private MiB",
            "pairs",
            {
                "preparing": {n: f["prepare_anon_mib"] for n, f in training.items()},
                "training": {n: f["train_anon_mib"] for n, f in training.items()},
            },
        ),
        (
            "100 updates, processor s",
            "pairs",
            {"": {n: f["processor_seconds_per_100_updates"] for n, f in training.items()}},
        ),
        ("translating, private MiB", "lines", {"": {n: f["anon_mib"] for n, f in translating.items()}}),
    ]
    drawn = [panel(20 + 210 * place, *each) for place, each in enumerate(panels) if any(each[2].values())]
    width = 20 + 210 * len(panels)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 190" width="{width}" '
        f'font-family="sans-serif" font-size="10"><rect width="100%" height="100%" fill="white"/>'
        f"{''.join(drawn)}</svg>\n"
    )


def panel(left: int, title: str, unit: str, series: dict[str, dict[int, float]]) -> str:
    """One figure, 180 wide, with the value written at each point."""
    sizes = sorted({size for points in series.values() for size in points})
    top = 1.2 * max(value for points in series.values() for value in points.values())
    parts = [f'<text x="{left}" y="16" font-weight="bold">{title}</text>']
    parts.append(f'<path d="M{left} 30V160H{left + 180}" stroke="#888" fill="none"/>')
    place = {size: left + 20 + 140 * i / max(1, len(sizes) - 1) for i, size in enumerate(sizes)}
    parts += [f'<text x="{x}" y="174" text-anchor="middle">{short(size)}</text>' for size, x in place.items()]
    parts.append(f'<text x="{left + 180}" y="186" text-anchor="end" fill="#666">{unit}</text>')
    for number, (name, points) in enumerate(series.items()):
        colour, spots = COLOURS[number], [(place[n], 160 - 130 * points[n] / top, points[n]) for n in sorted(points)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in spots)
        parts.append(f'<polyline points="{line}" stroke="{colour}" fill="none" stroke-width="2"/>')
        for x, y, value in spots:
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
            parts.append(f'<text x="{x:.1f}" y="{y - 6:.1f}" text-anchor="middle" fill="{colour}">{value:,.0f}</text>')
        parts.append(f'<text x="{left + 60 * number}" y="186" fill="{colour}">{name}</text>')
    return "".join(parts)


def short(size: int) -> str:
    """20k, 1M."""
    return f"{size // 10**6}M" if size >= 10**6 else f"{size // 1000}k"


if __name__ == "__main__":
    main()
