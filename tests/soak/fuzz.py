"""Hostile input by coverage-guided fuzzing; `python tests/soak/fuzz.py [TARGET...] --cases N --seconds S --seed K`.

Every target is run in a process of its own (`worker.py`) by atheris, so that input which kills the interpreter kills
no more than that. The worker notes each case in a file before it runs it; when it dies or hangs, this program keeps
the case, and goes on with another worker. What was found lies in --out; the summary is one JSON object. Needs atheris.
"""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.soak.case_file import CaseFile  # noqa: E402 - found only now
from tests.soak.targets import TARGETS  # noqa: E402

HANGS = 40.0  # seconds of a processor after which a case is killed; a worker itself ends it after fewer
STARVED = 600.0  # seconds of the clock
WAIT = 0.25  # seconds between two looks
DEATHS = 25  # of a target's workers, after which the target is given up


def main() -> int:
    """Fuzz the targets one after another and print what came of it; 1 where anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", nargs="*", choices=[[], *TARGETS], help="what to fuzz; all, if none is named")
    parser.add_argument("--cases", type=int, default=10_000, help="of each target")
    parser.add_argument("--seconds", type=float, default=60, help="at most, of each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=ROOT / "runs" / "fuzz", help="where findings are kept")
    given = parser.parse_args()
    summary: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} CPUs",
        "python": platform.python_version(),
        "seed": given.seed,
        "targets": {},
    }
    for name in given.target or TARGETS:
        found = fuzz(name, given.cases, given.seconds, given.seed, given.out / name.replace(":", "-"))
        summary["targets"][name] = found
        print(f"{name}: {json.dumps(found)}", file=sys.stderr, flush=True)
    summary["cases"] = sum(found["cases"] for found in summary["targets"].values())
    summary["crashes"] = sum(len(found["crashes"]) for found in summary["targets"].values())
    print(json.dumps(summary, indent=1))
    return int(bool(summary["crashes"]))


def fuzz(name: str, cases: int, seconds: float, seed: int, out: Path) -> dict[str, Any]:
    """Run workers of a target until it has had as many cases or seconds."""
    out.mkdir(parents=True, exist_ok=True)
    spent, done, deaths, outcomes = 0.0, 0, [], dict.fromkeys(("fine", "refused"), 0)
    slowest: tuple[float, bytes] = (0.0, b"")
    with TemporaryDirectory(prefix="nmt-fuzz-", dir=_quick_folder()) as folder:
        while done < cases and (left := seconds - spent) > 0 and len(deaths) < DEATHS:
            file = CaseFile.new(Path(folder) / "case")
            words = [name, str(cases - done), str(left), str(seed + len(deaths)), folder, str(out)]
            with (out / f"log-{len(deaths)}").open("wb") as log:
                command = [sys.executable, str(Path(__file__).with_name("worker.py")), *words]
                worker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
                cause, last = _watch(worker, file)
            spent += last
            done += file.cases
            outcomes = {key: count + getattr(file, key) for key, count in outcomes.items()}
            slowest = max(slowest, (file.slowest, file.slow_case))
            if not cause:
                break
            name_of_case = f"death-{seed}-{len(deaths)}.case"
            (out / name_of_case).write_bytes(file.case)
            deaths.append(f"{cause}: {name_of_case}, log-{len(deaths)}")
    (out / "slowest.case").write_bytes(slowest[1])
    return {
        "cases": done,
        "seconds": round(spent, 1),
        **outcomes,
        "slowest": round(slowest[0], 3),
        "crashes": deaths + sorted(path.name for path in out.glob("*.traceback")),
    }


def _watch(worker: "subprocess.Popen[bytes]", file: CaseFile) -> tuple[str, float]:
    """Wait for a worker; returns why it ended, "" where it did so in good order, and for how long it had cases."""
    began, case, then, used = None, 0, time.monotonic(), 0.0
    while worker.poll() is None:
        time.sleep(WAIT)
        now = time.monotonic()
        if file.cases != case or began is None:
            case, then, used = file.cases, now, _processor(worker.pid)
            began = now if case and began is None else began
        elif case and file.since and (now - then > STARVED or _processor(worker.pid) - used > HANGS):
            worker.send_signal(signal.SIGUSR2)  # it tells where it is
            time.sleep(1)
            worker.kill()
            worker.wait()
            return "hangs", now - (began or now)
    spent = time.monotonic() - (began or time.monotonic())
    if file.finished:
        return "", spent
    cause = f"died of signal {-worker.returncode}" if worker.returncode < 0 else f"ended with {worker.returncode}"
    return cause, spent


def _processor(number: int) -> float:
    """Seconds that a process has had of a processor: on a busy machine the clock says nothing."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text("ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _quick_folder() -> str | None:
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # files in memory


if __name__ == "__main__":
    sys.exit(main())
