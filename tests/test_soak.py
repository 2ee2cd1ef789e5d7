"""The targets of the fuzzer hold for a few cases, and the fuzzer sees what kills or hangs a worker."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from nmt.errors import LONGEST, NmtError
from tests.soak import fuzz
from tests.soak.case_file import CaseFile
from tests.soak.mutations import mutate
from tests.soak.protocol import read, write
from tests.soak.target import lines_of
from tests.soak.targets import TARGETS

FEWER = {"search": 4, "folder": 20, "stream": 40}  # cases of those that are slow
ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_or_refuses_its_seeds_and_some_mutations(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    target = TARGETS[name](tmp_path)
    seeds = target.seeds()
    assert seeds and all(len(seed) <= target.longest for seed in seeds)
    mutator = mutate(target.tokens, target.reshape, plain=lambda case, most: case[::-1][:most])
    chance = random.Random(0)
    taken = 0
    for number in range(FEWER.get(name, len(seeds) + 60)):
        case = seeds[number] if number < len(seeds) else mutator(chance.choice(seeds), target.longest, number)
        try:
            target.run(case)
            taken += 1
        except NmtError as error:
            assert str(error).isprintable() and len(str(error)) <= LONGEST
    assert taken, "no seed is taken: nothing is tested"


WORKER = """
import os, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.soak.case_file import CaseFile
file = CaseFile(Path({path!r}))
file.begin(b"the case")
"""


@pytest.mark.parametrize(
    ("then", "cause"),
    [
        ("file.end(0.5, True); file.finish()", ""),
        ("os.abort()", "died of signal 6"),
        ("os._exit(3)", "ended with 3"),
        ("file.end(0.5, False)", "ended with 0"),
        ("[None for _ in iter(int, 1)]", "hangs"),
    ],
)
def test_the_fuzzer_sees_how_a_worker_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: str, cause: str
) -> None:
    monkeypatch.setattr(fuzz, "HANGS", 0.5)
    file = CaseFile.new(tmp_path / "case")
    code = WORKER.format(root=str(ROOT), path=str(tmp_path / "case")) + then
    worker = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    assert fuzz._watch(worker, file)[0] == cause
    assert (file.cases, file.case) == (1, b"the case")
    assert (file.fine, file.refused) == {"": (0, 1), "ended with 0": (1, 0)}.get(cause, (0, 0))
    assert (file.slowest, file.slow_case) == ((0.5, b"the case") if file.fine or file.refused else (0.0, b""))


def test_messages_are_written_as_they_were_read() -> None:
    model = write([(1, 2, write([(1, 2, b"a"), (2, 5, b"1234")])), (3, 0, b"\x96\x01"), (2, 2, b"x" * 300)])
    fields = read(model)
    assert fields and write(fields) == model and [number for number, _, _ in fields] == [1, 3, 2]
    assert read(model[:-1]) is None and read(b"\x0b") is None


@pytest.mark.parametrize(
    ("data", "lines"), [(b"", []), (b"a", [b"a"]), (b"a\r\n\nb", [b"a", b"", b"b"]), (b"\xef\xbb\xbf\r", [b"\r"])]
)
def test_what_the_fuzzer_takes_for_lines(data: bytes, lines: list[bytes]) -> None:
    assert lines_of(data) == lines
