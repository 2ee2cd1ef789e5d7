"""Files -> shards of so many lines. The same files are cut in the same way every time: a number names a shard."""

import codecs
import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from nmt.errors import DataError
from nmt.text.lines import read_chunks, read_many


class Input(NamedTuple):
    """A file as it was when the job began."""

    path: Path
    lines: int
    sha256: str  # of its unpacked bytes

    def shards(self, size: int) -> int:
        """Into how many shards of `size` lines it is cut; none has lines of two files."""
        return -(-self.lines // size)


class Shard(NamedTuple):
    """Some lines of one file."""

    number: int  # over all files, from 0
    path: Path
    first: int  # number of its first line in the file, from 1
    lines: int

    def __str__(self) -> str:
        """What a person finds the lines by."""
        return f"shard {self.number} ({self.path}, lines {self.first} to {self.first + self.lines - 1})"


class Task(NamedTuple):
    """A shard with its text: UTF-8 as it was found, each line with one `\\n` behind it."""

    shard: Shard
    text: bytes


def survey(path: Path) -> Input:
    """Read a file once, as a stream.

    Raises:
        DataError: it cannot be read, is damaged, or is a pipe.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise DataError(f"{path}: is read more than once, and a pipe can be read once. Give a file.")
    digest, lines, last = hashlib.sha256(), 0, b""
    for number, block in enumerate(read_chunks(path)):
        digest.update(block)
        text = block.removeprefix(codecs.BOM_UTF8) if number == 0 else block
        lines += text.count(b"\n")
        last = text[-1:] or last
    return Input(path, lines + (last not in (b"", b"\n")), digest.hexdigest())


def plan(inputs: Sequence[Input], size: int) -> Iterator[Shard]:
    """All shards in order, without their text."""
    number = 0
    for one in inputs:
        for first in range(1, one.lines + 1, size):
            yield Shard(number, one.path, first, min(size, one.lines - first + 1))
            number += 1


def cut(inputs: Sequence[Input], size: int, wanted: Callable[[Shard], bool]) -> Iterator[Task]:
    """The shards that are wanted, with their text, in order; files are read as streams.

    Raises:
        DataError: a file cannot be read, or no longer has the lines it had.
    """
    shards = plan(inputs, size)
    for one in inputs:
        texts = read_many(one.path, size) if one.lines else iter(())
        for _ in range(one.shards(size)):
            shard, text = next(shards), next(texts, b"")
            if text.count(b"\n") != shard.lines:
                raise DataError(
                    f"{one.path}: has changed since it was counted. Leave it alone, or choose another --out."
                )
            if wanted(shard):
                yield Task(shard, text)
