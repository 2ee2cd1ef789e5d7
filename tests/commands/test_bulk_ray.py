"""Bulk translation on Ray: a Ray of the command's own, and a cluster of three machines that lose workers."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nmt.bulk.cluster import OWN, QUIET

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
SLOWLY = ["--set", "search.batch=4", "--shard-lines", "20"]
MINUTES = 600.0  # seconds; a busy machine takes its time to start Ray


@pytest.fixture(scope="module")
def ray() -> Any:
    """The library, with its clusters closed to strangers and talking to nobody."""
    os.environ.update(QUIET)
    os.environ.update(OWN | {"RAY_AUTH_TOKEN": secrets.token_hex()})
    return pytest.importorskip("ray")


@pytest.fixture
def text(corpus: Path, tmp_path: Path) -> Path:
    """720 lines, all different."""
    lines = corpus.with_suffix(".en").read_text().splitlines()
    path = tmp_path / "text.en"
    path.write_text("".join(f"{line} {number}\n" for number in range(5) for line in lines))
    return path


def command(*words: object) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "nmt", "bulk", *map(str, words), "--engine", "ray"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def until(true: Callable[[], Any], process: "subprocess.Popen[bytes]") -> Any:
    """Wait for something while a command runs, and give it."""
    end = time.monotonic() + MINUTES
    while not (found := true()):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def children(parent: int, beginning: bytes) -> list[int]:
    """Processes of one, by what they are called."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cmdline").read_bytes().startswith(beginning):
                status = (entry / "stat").read_text().rpartition(")")[2].split()
                found += [int(entry.name)] if int(status[1]) == parent else []
        except OSError:
            pass  # it has ended
    return found


def all_children(parent: int) -> list[int]:
    every = children(parent, b"")
    return every + [below for child in every for below in all_children(child)]


@pytest.fixture
def machines(ray: Any) -> Iterator[Any]:
    """A cluster of three machines with a processor each, all of them here."""
    from ray.cluster_utils import Cluster

    small = {"num_cpus": 1, "object_store_memory": 80 * 2**20}
    cluster = Cluster(initialize_head=True, head_node_args={**small, "include_dashboard": False})
    for _ in range(2):
        cluster.add_node(**small)
    cluster.wait_for_nodes()
    yield cluster
    cluster.shutdown()


def test_workers_and_a_machine_die_and_the_result_is_the_same(
    nmt, trained: Path, text: Path, tmp_path: Path, machines: Any
) -> None:
    out = tmp_path / "out"
    done = lambda count: len(list(out.glob("shards/0*.txt"))) >= count  # noqa: E731
    victims = sorted(machines.worker_nodes, key=lambda node: node.unique_id)
    with command(trained, text, "--out", out, *SLOWLY, "--address", machines.address) as process:
        until(lambda: done(2), process)
        raylet = victims[0].all_processes["raylet"][0].process.pid
        os.kill(until(lambda: children(raylet, b"ray::Worker.translate"), process)[0], signal.SIGKILL)
        until(lambda: done(5), process)
        raylet = victims[1].all_processes["raylet"][0].process.pid
        until(lambda: children(raylet, b"ray::Worker.translate"), process)
        machines.remove_node(victims[1], allow_graceful=False)
        output, notes = process.communicate(timeout=MINUTES)
    assert process.returncode == 0 and output == b"", notes.decode()
    died = [line for line in notes.splitlines() if line.startswith(b"nmt: shard ")]
    assert len(died) >= 2 and all(b"text.en, lines " in line for line in died), notes.decode()
    wanted = nmt("translate", trained, stdin=text.read_bytes()).stdout
    assert (out / "translation.txt").read_bytes() == wanted and wanted.count(b"\n") == 720


def test_ctrl_c_ends_a_ray_of_its_own_and_the_same_command_goes_on(
    nmt, ray: Any, trained: Path, text: Path, tmp_path: Path
) -> None:
    words = [trained, text, "--out", tmp_path / "out", *SLOWLY, "--workers", 2]
    with command(*words) as process:
        until(lambda: list(tmp_path.glob("out/shards/0*.txt")), process)
        started = all_children(process.pid)
        assert started
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=MINUTES) == 130
        assert process.stderr and process.stderr.read().count(b"\n") == 2  # no traceback
    end = time.monotonic() + MINUTES
    while left := [pid for pid in started if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < end, left
        time.sleep(0.1)
    kept = len(list(tmp_path.glob("out/shards/0*.txt")))
    with command(*words) as process:
        output, notes = process.communicate(timeout=MINUTES)
    assert process.returncode == 0 and output == b"" and notes.count(b"\n") == 2, notes.decode()
    assert f"in 36 shards, of which {36 - kept} are to be translated.".encode() in notes
    wanted = nmt("translate", trained, stdin=text.read_bytes()).stdout
    assert (tmp_path / "out" / "translation.txt").read_bytes() == wanted


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--address", "127.0.0.1:1"], b"--address 127.0.0.1:1: no Ray cluster to be used there"),
        (["--workers", "1", "--gpus", "1"], b"no machine has so many: at most 1 and 0. Lower --threads or --gpus."),
    ],
)
def test_mistakes_get_one_line(
    ray: Any, trained: Path, text: Path, tmp_path: Path, words: list[str], says: bytes
) -> None:
    with command(trained, text, "--out", tmp_path / "out", *words) as process:
        output, notes = process.communicate(timeout=MINUTES)
    assert process.returncode == 2 and output == b""
    assert says in notes.splitlines()[-1] and notes.count(b"\n") == 2, notes.decode()
