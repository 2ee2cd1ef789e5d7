"""A worker that hangs ends itself; one that is slow does not."""

import subprocess
import sys
import textwrap

import pytest

HANG = """
import sys, time
from pathlib import Path
from nmt.bulk import worker
from nmt.bulk.shards import Shard, Task
from nmt.bulk.watch import Watched
from nmt.settings import Search

class Model:
    def encode(self, source, mask): {encode}
    def unroll(self, *rest): {unroll}
    start = None

class Translator:
    def __init__(self, model): self.model = model
    def translate(self, lines, note, first):
        self.model.encode(0, 0)
        for _ in range(10):
            self.model.unroll(0, 0, 0)
        return [type("Translation", (), dict(text=line)) for line in lines]

class Worker(worker.Worker):
    def _load(self): return Translator(Watched(Model(), self.watch))

how = worker.How(Search(), "fp32", "cpu", 1, patience={patience})
text = Worker(Path("x"), how).translate(Task(Shard(0, Path("x"), 1, 2), b"a\\nb\\n")).text
time.sleep({after})
print(text)
"""


def run(**parts: object) -> "subprocess.CompletedProcess[bytes]":
    program = textwrap.dedent(HANG).format(**{"encode": "pass", "unroll": "pass", "after": 0, "patience": 5} | parts)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=200, check=False)


@pytest.mark.parametrize(
    "parts",
    [{"encode": "time.sleep(10_000)"}, {"unroll": "time.sleep(10_000)"}, {"unroll": "(1 << 30_000_000) ** 40"}],
    ids=["sleeps", "sleeps later", "computes in C, and holds Python"],
)
def test_a_worker_that_hangs_ends_and_says_where(parts: dict[str, object]) -> None:
    ended = run(**parts, patience=2)
    assert ended.returncode == 1 and ended.stdout == b""
    assert b"Timeout" in ended.stderr and b"in translate" in ended.stderr


@pytest.mark.parametrize(
    "parts",
    [
        {"unroll": "time.sleep(0.7)"},  # all of it takes longer than its patience
        {"after": 3, "patience": 2},  # a worker that has nothing to do
        {"unroll": "time.sleep(0.1)", "patience": 0},
    ],
)
def test_a_worker_that_is_slow_or_waits_goes_on(parts: dict[str, object]) -> None:
    ended = run(**parts)
    assert (ended.returncode, ended.stdout.strip()) == (0, rb"b'a\nb\n'"), ended.stderr
