"""An update, several threads: each worker has a copy of the model that shares its weights and adds its own gradients.

A recurrent model is many small operations. Two cores that split each of them wait for one another thousands of times
an update; two cores that each take half of the sentences wait once. The gradients are added in a fixed order, so the
result does not depend on who was first.
"""

import copy
import math
from collections.abc import Callable, Iterator, Sequence
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

    def backward(self, batches: Sequence[Batch], loss: Loss, fits: int = 0) -> Tensor:
        """Add the gradients of some batches' loss to those of the model; returns the loss, summed.

        As many batches as there are workers are computed at once, one each: a whole batch makes larger products than
        parts of all. With `fits`, one piece of about so many ids is computed at a time, by all workers.

        Raises:
            Full: there is not enough memory for what is computed at once.
        """
        total = torch.zeros((), device=next(self.models[0].parameters()).device)
        for group in self._groups(batches, fits):
            try:
                total += self._backward(group, loss)
                continue
            except (MemoryError, RuntimeError) as error:
                if not no_memory(error):
                    raise
            # here, where nothing holds on to what was computed
            raise Full(sum(batch.size for batch in group), sum(len(batch.source) for batch in group))
        return total

    def _groups(self, batches: Sequence[Batch], fits: int) -> Iterator[Sequence[Batch]]:
        """What is computed at once."""
        if fits:
            yield from ([piece] for batch in batches for piece in batch.pieces(fits))
        else:
            count = len(self.models)
            yield from (batches[i : i + count] for i in range(0, len(batches), count))

    def _backward(self, batches: Sequence[Batch], loss: Loss) -> Tensor:
        """The same for batches that are as many as the workers at most; fewer are cut until all have as many parts."""
        count = len(self.models)
        if self._pool is None:
            return _backward(self.models[0], batches, loss)
        each = count // math.gcd(count, len(batches))
        parts = [part for batch in batches for part in batch.parts(each)]
        shares = [share for number in range(count) if (share := parts[number::count])]
        work = [
            self._pool.submit(_backward, model, share, loss)
            for model, share in zip(self.models, shares, strict=False)  # few rows may leave a worker without any
        ]
        wait(work)  # all, even where one has failed: nobody writes gradients after this
        losses = [each.result() for each in work]
        mine = [parameter.grad for parameter in self.models[0].parameters()]
        for model in self.models[1 : len(work)]:
            theirs = [parameter.grad for parameter in model.parameters()]
            pairs = [(a, b) for a, b in zip(mine, theirs, strict=True) if a is not None and b is not None]
            torch._foreach_add_([a for a, _ in pairs], [b for _, b in pairs])
            model.zero_grad(set_to_none=True)
        return torch.stack(losses).sum()


def _backward(model: Seq2Seq, batches: Sequence[Batch], loss: Loss) -> Tensor:
    total = torch.zeros((), device=batches[0].source.device)
    for batch in batches:
        value = loss(model, batch)
        value.backward()
        total += value.detach()
    return total


def _share(twin: Seq2Seq, model: Seq2Seq) -> Seq2Seq:
    for own, shared in zip(twin.parameters(), model.parameters(), strict=True):
        own.data = shared.data
    return twin
