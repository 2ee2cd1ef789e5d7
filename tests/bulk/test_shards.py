"""Cutting: every line in one shard, in order, as `decode_lines` reads it."""

import gzip
import io
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.bulk.shards import Shard, cut, plan, survey
from nmt.errors import DataError
from nmt.text.lines import decode_lines, read_chunks, read_many

BYTES = st.lists(
    st.sampled_from([b"\n", b"\r", b"\r\n", b"a", b"\xef\xbb\xbf", "\u2028\x85\x0c".encode(), b"\xff", b"\0"])
).map(b"".join)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shards") / "x"


@given(data=BYTES, size=st.integers(1, 5))
def test_shards_hold_the_lines_of_the_whole(path: Path, data: bytes, size: int) -> None:
    path.write_bytes(data)
    lines = [line.encode() for line in decode_lines(io.BytesIO(data))]
    counted = survey(path)
    assert counted.lines == len(lines)
    tasks = list(cut([counted], size, lambda shard: True))
    assert [task.shard for task in tasks] == list(plan([counted], size))
    texts = [line.decode("utf-8", "replace").encode() for t in tasks for line in t.text.split(b"\n")[:-1]]
    assert texts == lines
    assert all(task.text.count(b"\n") == task.shard.lines for task in tasks)
    assert b"".join(read_chunks(path, 3)) == data


@given(data=BYTES, size=st.integers(1, 5))
def test_many_lines_are_the_lines(path: Path, data: bytes, size: int) -> None:
    path.write_bytes(data)
    many = list(read_many(path, size))
    assert b"".join(many).count(b"\n") == survey(path).lines
    assert all(text.count(b"\n") == size for text in many[:-1])


def test_a_number_names_the_same_lines_whatever_is_wanted(tmp_path: Path) -> None:
    for name, lines in (("a", 5), ("empty", 0), ("b", 2)):
        (tmp_path / name).write_bytes(b"".join(b"%s %d\n" % (name.encode(), i) for i in range(lines)))
    inputs = [survey(tmp_path / name) for name in ("a", "empty", "b")]
    every = list(cut(inputs, 2, lambda shard: True))
    assert [task.shard.number for task in every] == [0, 1, 2, 3]
    assert [task.shard.lines for task in every] == [2, 2, 1, 2]
    assert list(cut(inputs, 2, lambda shard: shard.number in (1, 3))) == [every[1], every[3]]
    assert every[3].text == b"b 0\nb 1\n" and str(every[1].shard) == f"shard 1 ({tmp_path / 'a'}, lines 3 to 4)"
    assert every[1].shard == Shard(1, tmp_path / "a", 3, 2)


def test_packed_text_is_the_same_text(tmp_path: Path) -> None:
    data = b"one\ntwo\r\n\nthree"
    (tmp_path / "x").write_bytes(data)
    (tmp_path / "x.gz").write_bytes(gzip.compress(data))
    plain, packed = survey(tmp_path / "x"), survey(tmp_path / "x.gz")
    assert plain[1:] == packed[1:]
    texts = [[task.text for task in cut([one], 2, lambda shard: True)] for one in (plain, packed)]
    assert texts[0] == texts[1] == [b"one\ntwo\n", b"\nthree\n"]


@pytest.mark.parametrize("now", [b"a\n", b"a\nb\nc\nd\n", b""])
def test_a_file_that_changes_is_noticed(tmp_path: Path, now: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"a\nb\nc\n")
    counted = survey(path)
    path.write_bytes(now)
    with pytest.raises(DataError, match="x: has changed since it was counted"):
        list(cut([counted], 2, lambda shard: True))


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere: no such file"):
        survey(tmp_path / "nowhere")
    with pytest.raises(DataError, match="is a folder"):
        survey(tmp_path)
    (tmp_path / "x.gz").write_bytes(gzip.compress(b"text\n" * 1000)[:-9])
    with pytest.raises(DataError, match=r"x\.gz: cannot be read: damaged or cut short"):
        survey(tmp_path / "x.gz")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match=r"pipe: is read more than once, and a pipe can be read once\. Give a file"):
        survey(tmp_path / "pipe")
