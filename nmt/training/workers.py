"""One batch, several threads: each worker has a copy of the model that shares its weights and adds its own gradients.

A recurrent model is many small operations. Two cores that split each of them wait for one another thousands of times
an update; two cores that each take half of the sentences wait once. The gradients are added in a fixed order, so the
result does not depend on who was first.
"""

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor

from nmt.device import use_threads
from nmt.model.seq2seq import Seq2Seq
from nmt.text.batches import Batch

Loss = Callable[[Seq2Seq, Batch], Tensor]
"""A summed loss of a batch, with gradients."""


class Workers:
    """Computes gradients of a model on one device with `count` threads of one core each."""

    def __init__(self, model: Seq2Seq, count: int) -> None:
        """Copy the model for all workers but the first; for a count of one it works alone."""
        self.models = [model] + [_share(copy.deepcopy(model), model) for _ in range(count - 1)]
        self.threads = torch.get_num_threads()
        self._pool = ThreadPoolExecutor(count) if count > 1 else None

    def begin(self, seed: int) -> None:
        """Prepare for an update: training mode, noise from this seed."""
        if self._pool:
            use_threads(1)
        for number, model in enumerate(self.models):
            model.train()
            model.noise.seed((seed * len(self.models) + number) % 2**63)

    def rest(self) -> None:
        """Give the threads back, for work that is not split among workers."""
        use_threads(self.threads)

    def backward(self, batch: Batch, loss: Loss) -> Tensor:
        """Add the gradients of a batch's loss to those of the model; returns the loss."""
        count = min(len(self.models), len(batch.source))
        if self._pool is None or count == 1:
            return _backward(self.models[0], batch, loss)
        parts = [batch.part(number, count) for number in range(count)]
        losses = list(self._pool.map(_backward, self.models[:count], parts, [loss] * count))
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
