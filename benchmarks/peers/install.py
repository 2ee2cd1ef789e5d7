"""Give each peer an environment of its own under runs/peers/, at the exact versions listed beside this file.

    python benchmarks/peers/install.py              all
    python benchmarks/peers/install.py ctranslate2  one of them

May be run again: what is there already is kept.
"""

import argparse
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parents[1] / "runs" / "peers"
PEERS = ("joeynmt", "ctranslate2", "eflomal")
COMPILED = ("eflomal",)  # has no wheel: it is built with what its list names, which has to be there first
DROPPED = '"verbose": False,'  # an argument of the plateau scheduler that today's torch no longer takes


def main() -> None:
    """Install the peers that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"{', '.join(PEERS)}; none is all")
    names = parser.parse_args().peers or PEERS
    for name in names:
        if name not in PEERS:
            sys.exit(f"{name}: no such peer. Choices: {', '.join(PEERS)}.")
        install(name)


def install(name: str) -> None:
    """Make the environment of a peer, fill it, and mend what has to be mended."""
    folder, pins = ENVIRONMENTS / name, HERE / f"{name}.txt"
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"{name}: a new environment in {folder}", flush=True)
        venv.create(folder, with_pip=True)
    # The list is complete, so nothing needs to be resolved, and nothing newer can slip in.
    pip: list[str | Path] = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
    if name in COMPILED:
        wanted = [line for line in pins.read_text(encoding="utf-8").splitlines() if "==" in line]
        itself = [line for line in wanted if line.startswith(f"{name}==")]
        subprocess.run([*pip, *(line for line in wanted if line not in itself)], check=True)
        subprocess.run([*pip, "--no-build-isolation", *itself], check=True)
    else:
        subprocess.run([*pip, "-r", pins], check=True)
    if name == "joeynmt":
        print(f"{name}: {mend_scheduler(folder)}", flush=True)
    imported = subprocess.run([python, "-c", f"import {name}; print({name}.__file__)"], capture_output=True, text=True)
    if imported.returncode:
        sys.exit(f"{name}: installed, but it cannot be imported:\n{imported.stderr}")
    print(f"{name}: ready", flush=True)


def mend_scheduler(folder: Path) -> str:
    """Drop the argument that torch no longer takes from Joey NMT's plateau scheduler; says what was done."""
    found = list(folder.glob("lib/python*/site-packages/joeynmt/builders.py"))
    if len(found) != 1:
        sys.exit(f"{folder}: expected one joeynmt/builders.py, found {len(found)}.")
    text = found[0].read_text(encoding="utf-8")
    if '"threshold_mode": "abs",' not in text:
        sys.exit(f"{found[0]}: its plateau scheduler is not written as expected. Mend it by hand, then this script.")
    lines = text.splitlines(keepends=True)
    kept = [line for line in lines if line.strip() != DROPPED]
    if len(kept) == len(lines) - 1:
        found[0].write_text("".join(kept), encoding="utf-8")
        return "the scheduler's verbose argument is removed"
    if len(kept) == len(lines) and '"verbose"' not in text:
        return "the scheduler's verbose argument was removed before"
    sys.exit(f"{found[0]}: expected one line {DROPPED} in its plateau scheduler. Mend it by hand, then this script.")


if __name__ == "__main__":
    main()
