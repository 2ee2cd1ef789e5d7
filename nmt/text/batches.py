"""Encoded pairs -> batches of about equal work, in an order that only the seed and the epoch decide."""

from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from nmt.config import BOS, EOS, PAD

POOL = 400  # batches sorted by length together: large enough for little padding, small enough to stay shuffled


class Batch(NamedTuple):
    """Padded ids; a mask is True at a word. target_in begins with BOS, source and target_out end with EOS."""

    source: Tensor  # (B, S)
    source_mask: Tensor  # (B, S) bool
    target_in: Tensor  # (B, T)
    target_out: Tensor  # (B, T)
    target_mask: Tensor  # (B, T) bool
    order: Tensor  # (B,) places of the rows in the corpus

    def to(self, device: torch.device) -> "Batch":
        """The same batch on a device."""
        return Batch(*(part.to(device, non_blocking=True) for part in self))

    def part(self, number: int, count: int) -> "Batch":
        """Every `count`th row from row `number` on, without the padding those do not need."""
        rows = Batch(*(part[number::count] for part in self))
        longest, longest_target = int(rows.source_mask.sum(1).max()), int(rows.target_mask.sum(1).max())
        source, target = slice(None, longest), slice(None, longest_target)
        return Batch(
            rows.source[:, source], rows.source_mask[:, source],
            rows.target_in[:, target], rows.target_out[:, target], rows.target_mask[:, target], rows.order,
        )  # fmt: skip


class Ragged:
    """Many id sequences in one flat array: 4 bytes an id, whatever the number of sequences."""

    def __init__(self) -> None:
        self._ids = array("i")
        self._ends = array("q", [0])

    def append(self, ids: Sequence[int]) -> None:
        """Add one sequence."""
        self._ids.extend(ids)
        self._ends.append(len(self._ids))

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, index: int) -> list[int]:
        return self._ids[self._ends[index] : self._ends[index + 1]].tolist()

    def lengths(self) -> np.ndarray:
        """Length of each sequence."""
        return np.diff(np.frombuffer(self._ends, dtype=np.int64))


class Examples(NamedTuple):
    """A corpus as ids, without BOS and EOS."""

    source: Ragged
    target: Ragged

    def __len__(self) -> int:  # of pairs, not of fields
        return len(self.source)

    def batch(self, rows: Sequence[int]) -> Batch:
        """Pad these rows into one batch."""
        source, source_mask = pad([[*self.source[row], EOS] for row in rows])
        target_out, target_mask = pad([[*self.target[row], EOS] for row in rows])
        target_in, _ = pad([[BOS, *self.target[row]] for row in rows])
        return Batch(source, source_mask, target_in, target_out, target_mask, torch.tensor(rows))


def pad(sequences: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Ids (B, longest) filled up with PAD, and the mask of real ones."""
    lengths = np.array([len(sequence) for sequence in sequences])
    mask = np.arange(lengths.max()) < lengths[:, None]
    ids = np.full(mask.shape, PAD, dtype=np.int64)
    ids[mask] = np.concatenate([np.asarray(sequence) for sequence in sequences])
    return torch.from_numpy(ids), torch.from_numpy(mask)


class Plan:
    """Which rows go together: the longer side, padding included, stays within `tokens` where one row fits."""

    def __init__(self, examples: Examples, tokens: int, seed: int) -> None:
        self.examples = examples
        self.tokens = tokens
        self.seed = seed
        self._source = examples.source.lengths() + 1
        self._target = examples.target.lengths() + 1

    def epoch(self, epoch: int) -> list[np.ndarray]:
        """The batches of an epoch as row numbers: pools of random rows, each sorted by length, cut, and shuffled."""
        random = np.random.default_rng([self.seed, epoch])
        rows = random.permutation(len(self.examples))
        mean = float(np.maximum(self._source, self._target).mean())
        pool = max(1, int(POOL * self.tokens / mean))
        batches: list[np.ndarray] = []
        for start in range(0, len(rows), pool):
            batches.extend(self._cut(rows[start : start + pool]))
        return [batches[i] for i in random.permutation(len(batches))]

    def in_order(self) -> list[np.ndarray]:
        """All rows sorted by length and cut, without chance: for validation."""
        return list(self._cut(np.arange(len(self.examples))))

    def batches(self, epoch: int) -> Iterator[Batch]:
        """The padded batches of an epoch."""
        return (self.examples.batch(rows.tolist()) for rows in self.epoch(epoch))

    def padding(self) -> float:
        """Share of padding among all ids of the first epoch, both sides counted."""
        real = int(self._source.sum() + self._target.sum())
        padded = sum(len(rows) * int(self._source[rows].max() + self._target[rows].max()) for rows in self.epoch(0))
        return 1 - real / padded

    def _cut(self, rows: np.ndarray) -> Iterator[np.ndarray]:
        rows = rows[np.lexsort((self._source[rows], self._target[rows]))]
        start, widest = 0, 0
        for end, row in enumerate(rows):
            widest_with = max(widest, int(self._source[row]), int(self._target[row]))
            if end > start and widest_with * (end + 1 - start) > self.tokens:
                yield rows[start:end]
                start, widest_with = end, max(int(self._source[row]), int(self._target[row]))
            widest = widest_with
        if start < len(rows):
            yield rows[start:]
