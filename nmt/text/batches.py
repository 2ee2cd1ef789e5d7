"""Encoded pairs -> batches of about equal work, in an order that only the seed and the epoch decide.

Nothing here grows with the corpus but the ids themselves, and those may lie in a memory-mapped file: the order of an
epoch is computed (`nmt.text.permutation`), and lengths are looked up for one pool of rows at a time.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from nmt.settings import BOS, EOS, PAD
from nmt.text.permutation import Permutation

POOL = 400  # batches sorted by length together: large enough for little padding, small enough to stay shuffled
EVEN = 16  # rows come in multiples of this: fewer shapes, for which processors and GPUs prepare their products anew
POOLS_LOOKED_AT = 20  # for the share of padding: millions of rows, plenty for a percentage


class Batch(NamedTuple):
    """Padded ids; a mask is True at a word. target_in begins with BOS, source and target_out end with EOS."""

    source: Tensor  # (B, S)
    source_mask: Tensor  # (B, S) bool
    target_in: Tensor  # (B, T)
    target_out: Tensor  # (B, T)
    target_mask: Tensor  # (B, T) bool
    order: Tensor  # (B,) places of the rows in the corpus
    links: Tensor  # (B, T, S) bool, True where target piece and source piece are aligned; T = S = 0 without alignments

    def to(self, device: torch.device) -> "Batch":
        """The same batch on a device."""
        return Batch(*(part.to(device, non_blocking=True) for part in self))

    def pinned(self) -> "Batch":
        """The same batch in memory that a GPU can fetch from by itself, while the processor goes on."""
        return Batch(*(part.pin_memory() for part in self))

    @property
    def size(self) -> int:
        """How many ids it holds on both sides, padding included: what memory grows with."""
        return self.source.numel() + self.target_in.numel()

    def pieces(self, most: int) -> Iterator["Batch"]:
        """All rows in as few parts as hold about `most` ids each, a row at least; 0 asks for no parting."""
        return self.parts(-(-self.size // most) if most else 1)

    def parts(self, count: int) -> Iterator["Batch"]:
        """All rows in `count` parts, or in as many as there are rows."""
        count = min(count, len(self.source))
        return (self.part(number, count) for number in range(count)) if count > 1 else iter([self])

    def twice(self) -> "Batch":
        """All rows, and all rows once more."""
        return Batch(*(torch.cat([part, part]) for part in self))

    def part(self, number: int, count: int) -> "Batch":
        """Every `count`th row from row `number` on, without the padding those do not need."""
        rows = Batch(*(part[number::count] for part in self))
        longest, longest_target = int(rows.source_mask.sum(1).max()), int(rows.target_mask.sum(1).max())
        source, target = slice(None, longest), slice(None, longest_target)
        return Batch(
            rows.source[:, source], rows.source_mask[:, source],
            rows.target_in[:, target], rows.target_out[:, target], rows.target_mask[:, target], rows.order,
            rows.links[:, target, source],
        )  # fmt: skip


class Block(NamedTuple):
    """Some id sequences: sequence i is ids[ends[i] : ends[i + 1]]. Arrays in memory, or views of a mapped file."""

    ids: np.ndarray  # (all ids,) uint16 or int32
    ends: np.ndarray  # (sequences + 1,) int32, from 0 on

    @classmethod
    def of(cls, sequences: Sequence[Sequence[int]], dtype: type[np.generic] = np.int32) -> "Block":
        """Lay sequences one after another."""
        ends = np.zeros(len(sequences) + 1, dtype=np.int32)
        np.cumsum([len(sequence) for sequence in sequences], out=ends[1:])
        return cls(np.fromiter(chain.from_iterable(sequences), dtype, count=int(ends[-1])), ends)


class Ragged:
    """Many id sequences, read by their number, in blocks."""

    def __init__(self, blocks: Iterable[Block] = ()) -> None:
        self._blocks = [block for block in blocks if len(block.ends) > 1]
        self._starts = np.cumsum([0, *(len(block.ends) - 1 for block in self._blocks)])

    @classmethod
    def of(cls, sequences: Sequence[Sequence[int]]) -> "Ragged":
        """Hold sequences in memory, 4 bytes an id."""
        return cls([Block.of(sequences)])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getitem__(self, index: int) -> list[int]:
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self.take(np.array([index]))[0].tolist()

    def take(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The sequences of some rows (N,), one after another, and the length of each (N,)."""
        blocks = np.searchsorted(self._starts, rows, "right") - 1
        found = []
        for block, inside in zip(blocks.tolist(), (rows - self._starts[blocks]).tolist(), strict=True):
            ids, ends = self._blocks[block]
            found.append(ids[ends[inside] : ends[inside + 1]])
        return np.concatenate(found), np.array([len(some) for some in found])

    def lengths(self, rows: np.ndarray) -> np.ndarray:
        """The length of the sequence of each row (N,)."""
        order = np.argsort(rows)
        ordered, lengths = rows[order], np.empty(len(rows), dtype=np.int64)
        bounds = np.searchsorted(ordered, self._starts)
        for number in np.flatnonzero(np.diff(bounds)).tolist():
            some = slice(bounds[number], bounds[number + 1])
            inside, ends = ordered[some] - self._starts[number], self._blocks[number].ends
            lengths[order[some]] = ends[inside + 1] - ends[inside]
        return lengths


class Examples(NamedTuple):
    """A corpus as ids, without BOS and EOS."""

    source: Ragged
    target: Ragged
    links: Ragged | None = None  # of pieces, see `nmt.text.words.piece_links`

    def __len__(self) -> int:  # of pairs, not of fields
        return len(self.source)

    def lengths(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How long the source and the target of some rows (N,) are in a batch: with EOS."""
        return self.source.lengths(rows) + 1, self.target.lengths(rows) + 1

    def batch(self, rows: Sequence[int]) -> Batch:
        """Pad these rows into one batch."""
        order = np.array(rows)
        source, target = self.source.take(order), self.target.take(order)
        source_ids, source_mask = _framed(*source, after=EOS)
        target_out, target_mask = _framed(*target, after=EOS)
        target_in, _ = _framed(*target, before=BOS)
        links = np.zeros((len(order), 0, 0), dtype=bool)
        if self.links is not None:
            links = _matrix(*self.links.take(order), (*target_out.shape, source_ids.shape[1]))
        arrays = (source_ids, source_mask, target_in, target_out, target_mask, order, links)
        return Batch(*map(torch.from_numpy, arrays))


Respell = Callable[[Examples, np.ndarray, Sequence[int]], Examples]
"""Rows (N,) of some examples and a seed -> N examples in their stead."""


def pad(sequences: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Ids (B, longest) filled up with PAD, and the mask of real ones."""
    lengths = np.array([len(sequence) for sequence in sequences])
    mask = np.arange(lengths.max()) < lengths[:, None]
    ids = np.full(mask.shape, PAD, dtype=np.int64)
    ids[mask] = np.concatenate([np.asarray(sequence) for sequence in sequences])
    return torch.from_numpy(ids), torch.from_numpy(mask)


def _framed(
    ids: np.ndarray, lengths: np.ndarray, before: int | None = None, after: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """What `pad` gives for sequences laid one after another, each with one id more before or after it."""
    width, shift = int(lengths.max()) + 1, int(before is not None)
    column = np.arange(width)
    padded = np.full((len(lengths), width), PAD, dtype=np.int64)
    padded[(column >= shift) & (column < lengths[:, None] + shift)] = ids
    if before is not None:
        padded[:, 0] = before
    if after is not None:
        padded[np.arange(len(lengths)), lengths] = after
    return padded, column <= lengths[:, None]


def _matrix(places: np.ndarray, lengths: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Links laid one after another, target and source place by turns -> where they are (B, T, S)."""
    found = np.zeros(shape, dtype=bool)
    rows = np.repeat(np.arange(len(lengths)), lengths // 2)
    found[rows, places[0::2], places[1::2]] = True
    return found


class Plan:
    """Which rows go together: the longer side, padding included, stays within `tokens` where one row fits.

    An epoch is a random order of all rows, cut into pools; a pool is sorted by length, cut into batches, and these are
    shuffled. Only one pool is in memory at a time, and how large it is depends on `tokens` alone.
    """

    def __init__(self, examples: Examples, tokens: int, seed: int, respell: Respell | None = None) -> None:
        """`respell` may spell the rows of every batch anew; batches are planned by the lengths as they were."""
        self.examples = examples
        self.tokens = tokens
        self.seed = seed
        self.respell = respell
        self._pool = max(1, int(POOL * tokens / self._mean_width()))

    def epoch(self, epoch: int, skip: int = 0) -> Iterator[np.ndarray]:
        """The batches of an epoch as row numbers, without the first `skip`."""
        for number, pool in enumerate(self._pools(epoch)):
            batches = self._split(pool)
            order = np.random.default_rng([self.seed, epoch, number]).permutation(len(batches))
            yield from (batches[i] for i in order[skip:])
            skip = max(0, skip - len(batches))

    def count(self, epoch: int) -> int:
        """How many batches an epoch has."""
        return sum(len(self._split(pool)) for pool in self._pools(epoch))

    def in_order(self) -> list[np.ndarray]:
        """All rows sorted by length and cut, without chance: for validation, whose rows are few."""
        return self._split(np.arange(len(self.examples)))

    def batches(self, epoch: int, skip: int = 0) -> Iterator[Batch]:
        """The padded batches of an epoch, without the first `skip`."""
        for number, rows in enumerate(self.epoch(epoch, skip), start=skip):
            if self.respell is None:
                yield self.examples.batch(rows.tolist())
            else:
                spelled = self.respell(self.examples, rows, [self.seed, epoch, number])
                yield spelled.batch(range(len(rows)))._replace(order=torch.from_numpy(rows))

    def padding(self) -> float:
        """Share of padding among all ids of the first pools of the first epoch, both sides counted."""
        real = padded = 0
        for pool in islice(self._pools(0), POOLS_LOOKED_AT):
            sides = self.examples.lengths(pool)
            order, ends = self._cut(*sides)
            for side in sides:
                real += int(side.sum())
                padded += int((np.maximum.reduceat(side[order], ends[:-1]) * np.diff(ends)).sum())
        return 1 - real / padded

    def _pools(self, epoch: int) -> Iterator[np.ndarray]:
        count = len(self.examples)
        order = Permutation(count, [self.seed, epoch])
        for start in range(0, count, self._pool):
            yield order(np.arange(start, min(count, start + self._pool)))

    def _mean_width(self) -> float:
        total, step = 0, 2**16
        for start in range(0, len(self.examples), step):
            source, target = self.examples.lengths(np.arange(start, min(len(self.examples), start + step)))
            total += int(np.maximum(source, target).sum())
        return total / len(self.examples)

    def _split(self, rows: np.ndarray) -> list[np.ndarray]:
        """Batches of a pool, shortest first."""
        order, ends = self._cut(*self.examples.lengths(rows))
        return np.split(rows[order], ends[1:-1])

    def _cut(self, source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Lengths (N,) of both sides -> the order of a pool by length (N,), and where its batches end, from 0 on."""
        order = np.lexsort((source, target))
        widths = np.maximum(source, target)[order]
        ends = [0]
        while (start := ends[-1]) < len(widths):
            most = max(1, self.tokens // int(widths[start]))  # the first row alone allows no more
            widest = np.maximum.accumulate(widths[start : start + most])
            fitting = int(np.count_nonzero(widest * np.arange(1, len(widest) + 1) <= self.tokens))
            if fitting > EVEN and start + fitting < len(widths):
                fitting -= fitting % EVEN
            ends.append(start + max(1, fitting))
        return order, np.array(ends)
