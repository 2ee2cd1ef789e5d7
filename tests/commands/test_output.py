"""A file a command writes is the old one or the new one, whole."""

from pathlib import Path

import pytest

from nmt.commands.output import output
from nmt.errors import NmtError


def test_a_file_takes_its_place_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.html"
    path.write_bytes(b"old")
    with output(path) as stream:
        stream.write(b"new")
        stream.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new" and list(tmp_path.iterdir()) == [path]


def test_an_output_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "x.html"
    path.write_bytes(b"old")
    with pytest.raises(KeyError), output(path) as stream:
        stream.write(b"new")
        raise KeyError
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(NmtError, match=r"x\.svg: cannot write: .*Check the path"), output(tmp_path / "no" / "x.svg"):
        pass
