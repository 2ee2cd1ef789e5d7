"""How soon `nmt` answers: its help, the first translated line, and where the time goes.

    python benchmarks/startup.py --model runs/demo

Without a model folder one with random weights, of the default settings, is made for the corpus in data/.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from corpus import HERE, find
from measure import NMT, ROOT, machine, run, show, summary
from ours import make_vocabulary, random_model

STEPS = Path(__file__).with_name("startup_steps.py")


def main() -> None:
    """Measure help, first line, and the steps between."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="a trained model folder")
    parser.add_argument("--runs", type=int, default=10)
    options = parser.parse_args()
    model = options.model.absolute() if options.model else _random()
    run([*NMT, "--help"])  # byte-code and the disk's cache are made by the first run
    first_line(model)
    facts: dict[str, Any] = {"machine": machine(), "model": "given" if options.model else "random weights"}
    facts["help_seconds"] = summary([run([*NMT, "--help"]).seconds for _ in range(options.runs)], 3)
    facts["first_line_seconds"] = summary([first_line(model) for _ in range(options.runs)], 3)
    each = [split(model) for _ in range(options.runs)]
    facts["where_it_goes_seconds"] = {name: summary([times[name] for times in each], 3)["median"] for name in each[0]}
    show(facts)


def first_line(model: Path) -> float:
    """Seconds from the shell to the first translated line; stdin stays open, as with a person who types."""
    started = time.perf_counter()
    command = [*NMT, "translate", str(model)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdin and process.stdout
        process.stdin.write(b"A man rides a horse.\n")
        process.stdin.flush()
        process.stdout.readline()
        seconds = time.perf_counter() - started
        process.stdin.close()
    return seconds


def split(model: Path) -> dict[str, float]:
    """Seconds of each step, in one process that does what `nmt translate` does."""
    started = time.time()
    answer: dict[str, float] = json.loads(
        run([sys.executable, STEPS, model, str(started)], env={"PYTHONPATH": str(ROOT)}).output.splitlines()[-1]
    )
    return answer


def _random() -> Path:
    out = ROOT / "runs" / "startup"
    random_model(out, make_vocabulary(find(HERE), 5000), None, [], 17)
    return out


if __name__ == "__main__":
    main()
