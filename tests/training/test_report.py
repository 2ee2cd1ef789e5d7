"""The log for programs and the one for people."""

import json
import math
import tracemalloc
from io import StringIO
from pathlib import Path

import pytest

from nmt.errors import ModelFolderError
from nmt.training import report
from nmt.training.report import Report, clock


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_resuming_forgets_what_will_be_lived_through_again(tmp_path: Path) -> None:
    log = Report(tmp_path / "log.jsonl", StringIO())
    for update in (20, 40, 60):
        log.record(event="update", update=update, name="Ä\u2028")
    log.resume(40)
    log.record(event="update", update=60)
    lines = [json.loads(line) for line in log.path.read_bytes().splitlines()]
    assert [line["update"] for line in lines] == [20, 40, 60] and lines[0]["name"] == "Ä\u2028"


@pytest.mark.parametrize("damage", [b'{"update": 30', b'{"update": 30, "los\n', b"\0\0\0\n", b"7\n", b"{}\n"])
def test_a_damaged_log_never_stops_a_training(tmp_path: Path, damage: bytes) -> None:
    log = Report(tmp_path / "log.jsonl", StringIO())
    log.record(update=20)
    with log.path.open("ab") as file:
        file.write(damage)
    log.resume(40)
    log.record(update=60)
    assert [json.loads(line)["update"] for line in log.path.read_bytes().splitlines()] == [20, 60]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_log_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(
        ModelFolderError, match=r"^/dev/full: cannot write: No space left on device\. Free some space\.$"
    ):
        Report(Path("/dev/full"), StringIO()).record(update=1)
    with pytest.raises(ModelFolderError, match=r"log\.jsonl: cannot write: No such file or directory\. Check the path"):
        Report(tmp_path / "gone" / "log.jsonl", StringIO()).record(update=1)


def test_a_log_that_is_not_there_is_not_missed(tmp_path: Path) -> None:
    log = Report(tmp_path / "log.jsonl", StringIO())
    log.resume(5)
    assert not log.path.exists()


def test_progress_is_live_on_a_terminal_and_calm_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(100, 300, 5))
    monkeypatch.setattr(report.time, "monotonic", lambda: next(now))
    live, calm = Terminal(), StringIO()
    for stream in (live, calm):
        log = Report(tmp_path / "log.jsonl", stream)
        for step in range(7):
            log.progress(f"step {step}")
        log.say("done")
    assert live.getvalue() == "".join(f"\r\033[Kstep {step}" for step in range(7)) + "\r\033[Kdone\n"
    assert calm.getvalue() == "step 0\nstep 3\nstep 6\ndone\n"


def test_clock() -> None:
    assert [clock(seconds) for seconds in (0, 61, 3599.9, 3600, 36_061)] == [
        "0:00",
        "1:01",
        "59:59",
        "1:00:00",
        "10:01:01",
    ]


def test_live_progress_never_wraps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    live = Terminal()
    Report(tmp_path / "log.jsonl", live).progress("x" * 500)
    assert live.getvalue() == "\r\033[K" + "x" * 19


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_null_in_the_log(tmp_path: Path, value: float) -> None:
    log = Report(tmp_path / "log.jsonl", StringIO())
    log.record(update=1, loss=value)
    assert json.loads(log.path.read_bytes(), parse_constant=pytest.fail) == {"update": 1, "loss": None}


def test_a_log_is_resumed_in_little_memory(tmp_path: Path) -> None:
    log = Report(tmp_path / "log.jsonl", StringIO())
    log.record(update=20)
    with log.path.open("ab") as file:
        file.write(b"x" * 2**25 + b"\n")  # a line of 32 MiB
    log.record(update=30)
    tracemalloc.start()
    log.resume(40)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [json.loads(line)["update"] for line in log.path.read_bytes().splitlines()] == [20, 30]
    assert peak < 2**23


def test_a_log_that_cannot_be_read_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Report(tmp_path / "log.jsonl", StringIO())
    log.record(update=20)

    def refuse(*args: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ModelFolderError, match=r"log\.jsonl: cannot write: Permission denied"):
        log.resume(40)
