"""Plans of batches that tests know by heart, and what they ask of a trainer."""

import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import numpy as np
from torch import Tensor

from nmt.checkpoint import load_tensors
from nmt.text.batches import Batch, Plan
from nmt.training.trainer import Trainer

CLOCKS = ("seconds", "tokens_per_second", "eta_seconds")


class Even(Plan):
    """Six batches of eight rows an epoch."""

    def epoch(self, epoch: int, skip: int = 0) -> Iterator[np.ndarray]:
        yield from np.random.default_rng([self.seed, epoch]).permutation(48).reshape(6, 8)[skip:]

    def count(self, epoch: int) -> int:
        return 6


class Fixed(Plan):
    """These rows, in this order."""

    rows: list[list[int]]

    def epoch(self, epoch: int, skip: int = 0) -> Iterator[np.ndarray]:
        return (np.array(some) for some in self.rows[skip:])

    def count(self, epoch: int) -> int:
        return len(self.rows)


def stop_in(trainer: Trainer, batch: int) -> None:
    """Let Ctrl-C arrive while the batch of this number is taken."""
    taken = trainer._updates

    def updates() -> Iterator[list[Batch]]:
        before = 6 * trainer.progress.epoch + trainer.progress.batch
        for group in taken():
            if before < batch <= before + len(group):
                os.kill(os.getpid(), signal.SIGINT)
            before += len(group)
            yield group

    trainer._updates = updates  # type: ignore[method-assign]


def events(trainer: Trainer, kind: str) -> list[dict[str, Any]]:
    lines = map(json.loads, trainer.report.path.read_text().splitlines())
    return [{k: v for k, v in line.items() if k not in CLOCKS} for line in lines if line["event"] == kind]


def weights(trainer: Trainer) -> dict[str, Tensor]:
    """Everything a finished training leaves behind, tensors of the optimizer and averages too."""
    kept, _ = load_tensors(trainer.folder.path / "model.safetensors")
    state, _ = trainer.folder.state()
    return {f"kept/{name}": tensor for name, tensor in kept.items()} | state
