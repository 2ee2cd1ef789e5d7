"""`torchrun ... -m nmt train`: several processes train one model, and outlive the death of one of them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nmt.checkpoint import ModelFolder

pytestmark = pytest.mark.slow
RANKS = 2


def torchrun(words: list[object], *options: object) -> subprocess.Popen[bytes]:
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", RANKS, *options, "-m", "nmt"]
    shell = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen([str(word) for word in [*launcher, *words]], env=shell, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[bytes]) -> str:
    _, said = process.communicate(timeout=280)
    assert process.returncode == 0, said.decode()
    return said.decode()


def ranks_of(process: subprocess.Popen[bytes]) -> dict[int, int]:
    """Rank -> process."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            shell = dict(part.partition("=")[::2] for part in (folder / "environ").read_text().split("\0"))
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if parent == process.pid and "RANK" in shell:
            found[int(shell["RANK"])] = int(folder.name)
    return found


def updates(out: Path) -> int:
    log = out / "log.jsonl"
    lines = log.read_text().splitlines() if log.exists() else []
    return max((json.loads(line)["update"] for line in lines if line.endswith("}")), default=0)


@pytest.fixture(scope="module")
def words(train_words) -> list[object]:
    return [*train_words, "--set", "validation.every=3", "--set", "validation.patience=0", "--out"]


@pytest.fixture(scope="module")
def straight(words: list[object], tmp_path_factory: pytest.TempPathFactory) -> ModelFolder:
    """What the ranks make undisturbed."""
    out = tmp_path_factory.mktemp("ranks") / "straight"
    said = finish(torchrun([*words, out], "--standalone"))
    assert f"1 threads in each of {RANKS} processes." in said and said.count("pairs to train on") == 1
    return ModelFolder(out)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds the processes in /proc")
@pytest.mark.parametrize("killed", [0, 1])
def test_a_rank_is_killed_and_all_is_as_if_it_were_not(
    words: list[object], straight: ModelFolder, tmp_path: Path, killed: int
) -> None:
    process = torchrun([*words, tmp_path], "--standalone", "--max-restarts", 3)
    while updates(tmp_path) < 6:
        assert process.poll() is None
        time.sleep(0.05)
    os.kill(ranks_of(process)[killed], signal.SIGKILL)
    said = finish(process)
    assert "Going on after update " in said and "Traceback" not in said.partition("Going on after update")[2]
    one, two = straight.weights()[0], ModelFolder(tmp_path).weights()[0]
    assert one.keys() == two.keys() and [name for name in one if not one[name].equal(two[name])] == []


def test_a_mistake_is_told_by_one_and_all_end(train_words, tmp_path: Path) -> None:
    words = ["train", tmp_path / "nothing", *train_words[2:], "--out", tmp_path / "out"]
    process = torchrun(words, "--standalone")
    _, said = process.communicate(timeout=200)
    assert process.returncode != 0
    assert said.decode().count("nothing.en and ") == 1 and not (tmp_path / "out").exists()
