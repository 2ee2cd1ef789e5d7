"""The folder of a job: gone on with after any interruption, refused to another job, whole or not there."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from nmt.bulk.dispatch import Done
from nmt.bulk.job import Job, facts, model_files
from nmt.bulk.run import translate_missing
from nmt.bulk.shards import Input, Task, survey
from nmt.bulk.worker import Result
from nmt.errors import DataError, ModelFolderError, NmtError

LINES = [f"line {i}" for i in range(23)]
WANTED = b"".join(f"LINE {i}\n".encode() for i in range(23))
MODEL = {"config.toml": b"c", "model.safetensors": b"w"}


def shouting(tasks: Iterator[Task]) -> Iterator[Done]:
    """A stand-in for a model: the last shards first."""
    for task in reversed(list(tasks)):
        yield task.shard, Result(task.text.upper(), [])


@pytest.fixture
def inputs(tmp_path: Path) -> list[Input]:
    """Two files."""
    (tmp_path / "a").write_text("\n".join(LINES[:14]))
    (tmp_path / "b").write_text("\n".join(LINES[14:]) + "\n")
    return [survey(tmp_path / "a"), survey(tmp_path / "b")]


def own(inputs: list[Input], **settings: object) -> dict[str, object]:
    return facts(MODEL, inputs, {"beam": 5, **settings})


def quiet(text: str) -> None:
    """Nobody listens."""


@pytest.mark.parametrize("size", [1, 4, 100])
def test_shards_are_joined_in_order(tmp_path: Path, inputs: list[Input], size: int) -> None:
    job = Job(tmp_path / "out", inputs, size)
    with job.open(own(inputs)):
        translate_missing(job, shouting, quiet)
        assert job.left() == (0, 0) and not job.joined.exists()
        job.join()
    assert job.joined.read_bytes() == WANTED and job.lines == 23
    assert sorted(path.name for path in job.folder.iterdir()) == ["job.json", "lock", "translation.txt"]


@pytest.mark.parametrize("done", range(7))
def test_after_an_interruption_only_what_is_missing_is_translated(
    tmp_path: Path, inputs: list[Input], done: int
) -> None:
    asked: list[int] = []

    def stops(tasks: Iterator[Task]) -> Iterator[Done]:
        for task, _ in zip(tasks, range(done), strict=False):
            yield task.shard, Result(task.text.upper(), [])
        raise KeyboardInterrupt

    def counts(tasks: Iterator[Task]) -> Iterator[Done]:
        for task in tasks:
            asked.append(task.shard.number)
            yield task.shard, Result(task.text.upper(), [])

    job = Job(tmp_path / "out", inputs, 4)  # four shards and three
    with pytest.raises(KeyboardInterrupt), job.open(own(inputs)):
        translate_missing(job, stops, quiet)
    again = Job(tmp_path / "out", inputs, 4)
    with again.open(own(inputs)):
        assert again.left()[0] == 7 - done
        translate_missing(again, counts, quiet)
        again.join()
    assert asked == list(range(done, 7)) and again.joined.read_bytes() == WANTED


def test_half_a_file_that_a_kill_left_does_no_harm(tmp_path: Path, inputs: list[Input]) -> None:
    job = Job(tmp_path / "out", inputs, 4)
    (job.folder / "shards").mkdir(parents=True)
    (job.folder / ".job.json.part").write_bytes(b'{"mod')
    (job.folder / "shards").rmdir()
    with job.open(own(inputs)):
        (job.folder / "shards").mkdir()
        (job.folder / "shards" / ".00000002.txt.part").write_bytes(b"LINE")
        (job.folder / ".translation.txt.part").write_bytes(b"LINE 0\nLI")
        translate_missing(job, shouting, quiet)
        job.join()
    assert job.joined.read_bytes() == WANTED


@pytest.mark.parametrize(
    ("model", "text", "settings", "says"),
    [
        ({**MODEL, "model.safetensors": b"v"}, None, {}, "a job with another model began here"),
        (MODEL, "other\n", {}, "a job with other input began here"),
        (MODEL, None, {"beam": 4}, "a job with beam=5 began here"),
        (MODEL, None, {"new": 1}, "a job with new=None began here"),
        (MODEL, "other\n", {"beam": 1}, "a job with other input and beam=5 began here"),
    ],
)
def test_another_job_is_refused(
    tmp_path: Path, inputs: list[Input], model: dict[str, bytes], text: str | None, settings: dict[str, int], says: str
) -> None:
    with Job(tmp_path / "out", inputs, 4).open(own(inputs)):
        pass
    if text:
        (tmp_path / "a").write_text(text)
    inputs = [survey(one.path) for one in inputs]
    refused = Job(tmp_path / "out", inputs, 4)
    with pytest.raises(NmtError, match=says), refused.open(facts(model, inputs, {"beam": 5, **settings})):
        pass


def test_the_same_text_elsewhere_is_the_same_job(tmp_path: Path, inputs: list[Input]) -> None:
    with Job(tmp_path / "out", inputs, 4).open(own(inputs)):
        pass
    moved = [survey(one.path.rename(tmp_path / f"moved-{one.path.name}")) for one in inputs]
    with Job(tmp_path / "out", moved, 4).open(own(moved)):
        pass


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path, inputs: list[Input]) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with Job(out, inputs, 4).open(own(inputs)):  # empty: taken
        pass
    other, file = tmp_path / "other", tmp_path / "file"
    other.mkdir()
    (other / "thesis.txt").write_text("mine")
    file.write_text("mine")
    for place in (other, file):
        with pytest.raises(NmtError, match="exists, and no job began there"), Job(place, inputs, 4).open(own(inputs)):
            pass
    assert [path.name for path in other.iterdir()] == ["thesis.txt"]
    with pytest.raises(NmtError, match="cannot write"), Job(file / "in", inputs, 4).open(own(inputs)):
        pass


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_a_damaged_manifest_is_told(tmp_path: Path, inputs: list[Input], content: bytes) -> None:
    job = Job(tmp_path / "out", inputs, 4)
    with job.open(own(inputs)):
        pass
    (job.folder / "job.json").write_bytes(content)
    with pytest.raises(NmtError, match=r"job\.json: damaged"), job.open(own(inputs)):
        pass


def test_one_command_at_a_time(tmp_path: Path, inputs: list[Input]) -> None:
    pytest.importorskip("fcntl")
    first, second = Job(tmp_path / "out", inputs, 4), Job(tmp_path / "out", inputs, 4)
    busy = pytest.raises(NmtError, match="another command is at work")
    with first.open(own(inputs)), busy, second.open(own(inputs)):
        pass
    with second.open(own(inputs)):
        pass


@pytest.mark.parametrize("damage", [b"", b"LINE 4\n", b"LINE 4\nLINE 5\nLINE 6\nLINE 7", b"\n\n\n\n\n"])
def test_a_shard_without_its_lines_is_not_joined(tmp_path: Path, inputs: list[Input], damage: bytes) -> None:
    job = Job(tmp_path / "out", inputs, 4)
    with job.open(own(inputs)):
        translate_missing(job, shouting, quiet)
        broken = job.folder / "shards" / "00000001.txt"
        broken.write_bytes(damage)
        with pytest.raises(NmtError, match=r"00000001\.txt: not the 4 lines of shard 1 .*Remove it"):
            job.join()
        assert not job.joined.exists()
        broken.unlink()
        translate_missing(job, shouting, quiet)
        job.join()
    assert job.joined.read_bytes() == WANTED


def test_a_worker_that_loses_a_line_is_a_bug(tmp_path: Path, inputs: list[Input]) -> None:
    job = Job(tmp_path / "out", inputs, 4)
    with pytest.raises(AssertionError, match=r"shard 0 .* came back with 3 lines"), job.open(own(inputs)):
        translate_missing(job, lambda tasks: ((t.shard, Result(b"\n" * 3, [])) for t in tasks), quiet)
    assert not list((job.folder).glob("shards/*"))


def test_progress_and_notes_are_told(tmp_path: Path, inputs: list[Input]) -> None:
    heard: list[str] = []
    times = iter(range(0, 10_000, 40))
    job = Job(tmp_path / "out", inputs, 4)

    def noting(tasks: Iterator[Task]) -> Iterator[Done]:
        yield from ((task.shard, Result(task.text, [f"note {task.shard.number}"])) for task in tasks)

    with job.open(own(inputs)):
        translate_missing(job, noting, heard.append, lambda: float(next(times)))
    assert [text for text in heard if text.startswith("note")] == [f"note {i}" for i in range(7)]
    assert "5 of 7 shards to go, 0.1 lines a second, 2 minutes." in heard
    assert json.loads((job.folder / "job.json").read_bytes()) == own(inputs)


def test_nothing_makes_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    job = Job(tmp_path / "out", [survey(tmp_path / "empty")], 4)
    with job.open(own(job.inputs)):
        translate_missing(job, shouting, quiet)
        job.join()
    assert job.joined.read_bytes() == b""


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b"{}", b"[]", b"7", b"\xff", b'{"inputs": 7, "settings": [1]}', None]
)
def test_a_record_that_was_edited_is_refused_in_one_line(
    tmp_path: Path, inputs: list[Input], content: bytes | None
) -> None:
    job = Job(tmp_path / "out", inputs, 5)
    with job.open(own(inputs)):
        pass
    path = job.folder / "job.json"
    path.unlink()
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(NmtError, match=r"damaged|began here"), job.open(own(inputs)):
        pytest.fail("was let in")


@pytest.mark.parametrize("name", ["translation.txt", "shards"])
def test_what_a_job_did_not_make_is_refused_and_nothing_is_lost(tmp_path: Path, inputs: list[Input], name: str) -> None:
    job = Job(tmp_path / "out", inputs, 5)
    with job.open(own(inputs)):
        translate_missing(job, shouting, quiet)
    if name == "shards":
        (job.folder / name).rename(job.folder / "elsewhere")
        (job.folder / name).write_bytes(b"")
    else:
        (job.folder / name).mkdir()
    with pytest.raises(NmtError, match=f"{name}: is not what a job makes there"), job.open(own(inputs)):
        pytest.fail("was let in")


def test_a_folder_in_the_place_of_a_shard_is_named(tmp_path: Path, inputs: list[Input]) -> None:
    job = Job(tmp_path / "out", inputs, 5)
    with job.open(own(inputs)):
        translate_missing(job, shouting, quiet)
        one = next(iter(sorted((job.folder / "shards").iterdir())))
        one.unlink()
        one.mkdir()
        with pytest.raises(DataError, match=rf"{one.name}: cannot be read: .* Remove it, and run the same"):
            job.join()
    assert not job.joined.exists()


def test_a_model_without_weights_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(b"")
    with pytest.raises(ModelFolderError, match=r"model\.safetensors: cannot be read: No such file"):
        model_files(tmp_path)
