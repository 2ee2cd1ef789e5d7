"""What every benchmark needs: the machine in words, timed commands, pieces taken in turns, medians and spread."""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PEERS = ROOT / "runs" / "peers"
sys.path.insert(0, str(ROOT))  # this checkout is measured, wherever another one may be installed
NMT = [sys.executable, "-m", "nmt"]  # run from ROOT
FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_bf16", "amx_int8")


class Failed(Exception):
    """A command did not end as it should; the message holds the end of what it said."""


class Missing(Exception):
    """Something that is measured is not here: a peer, a corpus, a model."""


@dataclass(frozen=True)
class Finished:
    """A command that ran to its end."""

    output: bytes
    errors: str
    seconds: float  # wall time, start of the process included
    peak_gib: float  # most resident memory


def run(command: Sequence[str | Path], stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Finished:
    """Run a command from the root of the repository, with its time and its own peak memory.

    Raises:
        Failed: it exits with anything but 0.
    """
    words = [str(word) for word in command]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        started = time.perf_counter()
        process = subprocess.Popen(
            words, stdin=given, stdout=out, stderr=err, cwd=ROOT, env={**os.environ, **(env or {})}
        )
        # wait4 tells the peak of this child alone; RUSAGE_CHILDREN would tell that of the largest so far.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = code = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        output, errors = out.read(), err.read().decode("utf-8", "replace")
    if code:
        raise Failed(f"{' '.join(words)}: exit {code}\n{errors[-2000:]}")
    return Finished(output, errors, seconds, usage.ru_maxrss / 2**20)


def piece(script: Path, request: Mapping[str, Any], python: Path | str = sys.executable) -> dict[str, Any]:
    """Run `SCRIPT --piece REQUEST` in a process of its own and return the JSON object it prints last."""
    done = run([python, script, "--piece", json.dumps(request)])
    answer: dict[str, Any] = json.loads(done.output.splitlines()[-1])
    return answer


def in_turns(pieces: Mapping[str, Callable[[], dict[str, Any]]], rounds: int) -> dict[str, list[dict[str, Any]]]:
    """Call every piece once a round: a machine that slows down slows all of them."""
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in pieces}
    for number in range(1, rounds + 1):
        for name, measure in pieces.items():
            say(f"round {number} of {rounds}: {name}")
            results[name].append(measure())
    return results


def summary(values: Sequence[float], digits: int = 1) -> dict[str, Any]:
    """Median, range and spread: the width of the range as a share of the median."""
    middle = statistics.median(values)
    return {
        "median": round(middle, digits),
        "range": [round(min(values), digits), round(max(values), digits)],
        "spread": round((max(values) - min(values)) / middle, 3) if middle else None,
        "runs": len(values),
    }


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, Any]:
    """Ours over theirs, round by round."""
    return summary([a / b for a, b in zip(ours, theirs, strict=True)], 2)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> dict[str, Any]:
    """Processor, the instructions that matter here, cores, memory, versions."""
    import torch

    facts: dict[str, str] = {}
    info = Path("/proc/cpuinfo")
    for line in info.read_text().splitlines() if info.exists() else []:
        name, _, value = line.partition(":")
        facts.setdefault(name.strip(), value.strip())
    flags = facts.get("flags", "").split()
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    return {
        "processor": facts.get("model name") or platform.processor() or platform.machine(),
        "instructions": [flag for flag in FLAGS if flag in flags],
        "cores": os.cpu_count(),
        "memory_gib": round(pages / 2**30, 1),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "load_before": round(os.getloadavg()[0], 2),
        "date": time.strftime("%Y-%m-%d"),
    }


def peer(name: str) -> Path:
    """The Python of a peer's environment.

    Raises:
        Missing: it is not installed.
    """
    python = PEERS / name / "bin" / "python"
    if not python.exists():
        raise Missing(f"{name} is not installed: run `make peers`.")
    return python


def say(text: str) -> None:
    """A line for people."""
    print(text, file=sys.stderr, flush=True)


def show(facts: Mapping[str, Any]) -> None:
    """The result, for people and programs."""
    print(json.dumps(facts, indent=1, ensure_ascii=False))


def markdown(rows: Sequence[Mapping[str, str]]) -> str:
    """A table whose columns are the keys of its rows."""
    lines = [list(rows[0]), ["---"] * len(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
