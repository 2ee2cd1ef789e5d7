"""What bulk translation costs beside translating: reading and writing, a shard's way to a worker, Ray as a whole.

    python benchmarks/bulk.py FOLDER --model runs/demo --lines 2000 --rounds 3

Processor seconds are those of a command and of all processes below it, looked at five times a second; on a machine that
others use they say more than the clock.
"""

import argparse
import os
import tempfile
import threading
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any

from corpus import find
from measure import NMT, ROOT, machine, ratios, show, summary

TICK = os.sysconf("SC_CLK_TCK")
ENGINES = {"local": ["--engine", "local"], "ray": ["--engine", "ray", "--workers", "1"]}
LINE = b"The old gardener waters his roses before the sun gets warm.\n"  # 60 bytes


class Echo:
    """A worker that gives back what it gets."""

    def __init__(self, model: object, how: object) -> None:
        """Loads nothing."""

    def start(self, version: str) -> str:
        """Is ready at once."""
        return version

    def translate(self, task: Any) -> Any:
        """The text itself."""
        from nmt.bulk.worker import Result

        return Result(task.text, [])


def main() -> None:
    """Measure the three in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="holds val.en or dev.en, among others")
    parser.add_argument("--model", type=Path, required=True, help="a trained model folder")
    parser.add_argument("--lines", type=int, default=2000)
    parser.add_argument("--shard-lines", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--echoes", type=int, default=200, help="shards that go to a worker and back untouched")
    options = parser.parse_args()
    facts: dict[str, Any] = {"machine": machine()}
    with tempfile.TemporaryDirectory() as folder:
        facts["reading_and_writing"] = alone(Path(folder), options.echoes)
        facts["a_shard_there_and_back"] = {
            f"{lines} lines": echoes(Path(folder), lines, options.echoes) for lines in (500, 5000, 50000)
        }
        source = Path(folder) / "text.en"
        corpus = find(options.folder)
        lines = corpus.lines(corpus.dev, "en")
        source.write_text(
            "".join(f"{lines[i % len(lines)]} {i // len(lines)}\n" for i in range(options.lines)), "utf-8"
        )
        facts["whole"] = compare(options, source, Path(folder))
    show(facts)


def alone(folder: Path, shards: int) -> dict[str, Any]:
    """What the one process that reads and writes can do, without workers."""
    from nmt.bulk.job import Job
    from nmt.bulk.shards import survey
    from nmt.bulk.worker import Result

    path = folder / "big.en"
    path.write_bytes(LINE * 5000 * shards)
    begun = time.perf_counter()
    job = Job(folder / "big", [survey(path)], 5000)
    counted = time.perf_counter()
    tasks = list(job.missing())
    cut = time.perf_counter()
    for task in tasks:
        job.keep(task.shard, Result(task.text, []))
    kept = time.perf_counter()
    job.join()
    joined = time.perf_counter()
    size = job.lines * len(LINE) / 2**20
    return {
        "MiB": round(size),
        "MiB/s counted": round(size / (counted - begun)),
        "MiB/s cut": round(size / (cut - counted)),
        "ms to write a shard of 5,000 lines": round(1000 * (kept - cut) / shards, 2),
        "MiB/s joined": round(size / (joined - kept)),
    }


def echoes(folder: Path, lines: int, shards: int) -> dict[str, Any]:
    """Milliseconds of a shard's way to one worker on Ray and back; a start before is left out."""
    from nmt.bulk.cluster import RayCrew, Size, ray_workers
    from nmt.bulk.dispatch import Dispatch
    from nmt.bulk.shards import Shard, Task
    from nmt.bulk.worker import How
    from nmt.settings import Search

    begun = time.perf_counter()
    times: list[float] = []
    with ray_workers({}, How(Search(), "fp32", "cpu", 1), Size(1, 1, 0), None) as (crew, _):
        assert isinstance(crew, RayCrew)
        crew._worker = crew._ray.remote(num_cpus=1)(Echo)
        tasks = (Task(Shard(i, Path("x"), 1, lines), LINE * lines) for i in range(shards))
        for _ in Dispatch(crew, 1, 0).run(tasks):
            times.append(time.perf_counter())
    each = [1000 * (after - before) for before, after in pairwise(times)]
    return {"ms": summary(each, 2), "seconds until the first": round(times[0] - begun, 1)}


def compare(options: argparse.Namespace, source: Path, folder: Path) -> dict[str, Any]:
    """The same job with and without Ray, one core each, in turns."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ENGINES}
    results = set()
    for number in range(options.rounds):
        for name, words in ENGINES.items():
            out = folder / f"{name}-{number}"
            size = ["--shard-lines", str(options.shard_lines), "--threads", "1"]
            found[name].append(
                timed([*NMT, "bulk", str(options.model.absolute()), str(source), "--out", str(out), *size, *words])
            )
            results.add((out / "translation.txt").read_bytes())
    assert len(results) == 1, "every translation is the same"
    passed, worked = ({name: [one[i] for one in found[name]] for name in ENGINES} for i in (0, 1))
    return {
        "lines": options.lines,
        "seconds": {name: summary(passed[name]) for name in ENGINES},
        "processor_seconds": {name: summary(worked[name]) for name in ENGINES},
        "ray_over_local": {
            "seconds": ratios(passed["ray"], passed["local"]),
            "processor": ratios(worked["ray"], worked["local"]),
        },
    }


def timed(command: list[str]) -> tuple[float, float]:
    """Seconds that pass, and processor seconds of a command and all below it."""
    used: dict[int, float] = {}
    ended = threading.Event()

    def look(process: int) -> None:
        while not ended.wait(0.2):
            used.update(below(process))

    begun = time.perf_counter()
    with Popen(command, cwd=ROOT, stderr=DEVNULL) as process:
        watcher = threading.Thread(target=look, args=(process.pid,))
        watcher.start()
        assert process.wait() == 0, command
        passed = time.perf_counter() - begun
        ended.set()
        watcher.join()
    return passed, sum(used.values())


def below(process: int) -> dict[int, float]:
    """Processor seconds of a process and of its descendants, by number."""
    parents, seconds = dict[int, int](), dict[int, float]()
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):  # it has ended, or is no process
            facts = (entry / "stat").read_text().rpartition(")")[2].split()
            parents[int(entry.name)], seconds[int(entry.name)] = int(facts[1]), sum(map(int, facts[11:13])) / TICK
    found = {process}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return {one: seconds[one] for one in found if one in seconds}


if __name__ == "__main__":
    main()
