"""One batch, several threads: each worker has a copy of the model that shares its weights and adds its own gradients.

A recurrent model is many small operations. Two cores that split each of them wait for one another thousands of times
an update; two cores that each take half of the sentences wait once. The gradients are added in a fixed order, so the
result does not depend on who was first.
"""

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import torch
from torch import Tensor

from nmt.device import use_threads
from nmt.errors import no_memory
from nmt.model.seq2seq import Seq2Seq
from nmt.text.batches import Batch

Loss = Callable[[Seq2Seq, Batch], Tensor]
"""A summed loss of a batch, with gradients."""


class Full(Exception):
    """Memory did not hold the gradients of so many ids in so many rows; those in the model are of no use."""

    def __init__(self, size: int, rows: int) -> None:
        super().__init__(f"{size} ids in {rows} rows")
        self.size, self.rows = size, rows


class Workers:
    """Computes gradients of a model on one device with `count` threads of one core each."""

    def __init__(self, model: Seq2Seq, count: int) -> None:
        """Copy the model for all workers but the first; for a count of one it works alone."""
        self.models = [model] + [_share(copy.deepcopy(model), model) for _ in range(count - 1)]
        self.threads = torch.get_num_threads()
        self._pool = ThreadPoolExecutor(count) if count > 1 else None

    def begin(self, seed: int, rank: int = 0, ranks: int = 1) -> None:
        """Prepare for an update: training mode, no gradients, noise from this seed, each worker its own."""
        if self._pool:
            use_threads(1)
        all_workers = len(self.models) * ranks
        for number, model in enumerate(self.models):
            model.train()
            model.zero_grad(set_to_none=True)
            model.noise.seed((seed * all_workers + rank + number * ranks) % 2**63)

    def rest(self) -> None:
        """Give the threads back, for work that is not split among workers."""
        use_threads(self.threads)

    def backward(self, batch: Batch, loss: Loss, fits: int = 0) -> Tensor:
        """Add the gradients of a batch's loss to those of the model, in pieces of about `fits` ids; returns the loss.

        Raises:
            Full: there is not enough memory for a piece.
        """
        total = torch.zeros((), device=batch.source.device)
        for piece in batch.pieces(fits):
            try:
                total += self._backward(piece, loss)
                continue
            except (MemoryError, RuntimeError) as error:
                if not no_memory(error):
                    raise
            raise Full(piece.size, len(piece.source))  # here, where nothing holds on to what was computed
        return total

    def _backward(self, batch: Batch, loss: Loss) -> Tensor:
        count = min(len(self.models), len(batch.source))
        if self._pool is None or count == 1:
            return _backward(self.models[0], batch, loss)
        parts = [batch.part(number, count) for number in range(count)]
        work = [self._pool.submit(_backward, self.models[i], parts[i], loss) for i in range(count)]
        wait(work)  # all, even where one has failed: nobody writes gradients after this
        losses = [each.result() for each in work]
        mine = [parameter.grad for parameter in self.models[0].parameters()]
        for model in self.models[1:count]:
            theirs = [parameter.grad for parameter in model.parameters()]
            pairs = [(a, b) for a, b in zip(mine, theirs, strict=True) if a is not None and b is not None]
            torch._foreach_add_([a for a, _ in pairs], [b for _, b in pairs])
            model.zero_grad(set_to_none=True)
        return torch.stack(losses).sum()


def _backward(model: Seq2Seq, batch: Batch, loss: Loss) -> Tensor:
    value = loss(model, batch)
    value.backward()
    return value.detach()


def _share(twin: Seq2Seq, model: Seq2Seq) -> Seq2Seq:
    for own, shared in zip(twin.parameters(), model.parameters(), strict=True):
        own.data = shared.data
    return twin
