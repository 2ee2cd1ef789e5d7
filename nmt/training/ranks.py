"""One training in several processes, on one machine or many: `torchrun ... -m nmt train ...`.

Every process, or rank, takes its share of the rows of every batch, and the gradients of all are added up before the
step (torch.distributed: gloo between CPUs, NCCL between GPUs). So the batch stays what the settings say, no pair is
read by two ranks, and all ranks hold the same weights at any time. Rank 0, the chief, prepares the data, validates and
writes; the others see the folder it writes.

Ranks tell one another numbers and JSON, never pickles.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.rendezvous import rendezvous

from nmt.errors import ConfigError, NmtError
from nmt.text.batches import Batch

PATIENCE = timedelta(hours=12)  # the others wait while the chief reads a large corpus or validates
NEEDED = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


class Deserted(NmtError):
    """Another process of the training has ended."""


@dataclass(frozen=True)
class Ranks:
    """This process among all that train one model; alone, if nobody started more."""

    rank: int = 0
    count: int = 1

    @property
    def chief(self) -> bool:
        """Whether this process is the one that writes."""
        return self.rank == 0

    def share(self, batch: Batch) -> Batch | None:
        """This rank's rows of a batch; None where there are more ranks than rows."""
        if self.count == 1:
            return batch
        return batch.part(self.rank, self.count) if self.rank < len(batch.source) else None

    def add(self, model: nn.Module, *numbers: float) -> list[float]:
        """Add up the gradients of all ranks in each rank's model, and some numbers, which are returned.

        Raises:
            Deserted: another rank is gone.
        """
        if self.count == 1:
            return list(numbers)
        weights = list(model.parameters())
        for weight in weights:
            if weight.grad is None:
                weight.grad = torch.zeros_like(weight)
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        device = gradients[0].device
        flat = torch.cat([*(gradient.flatten() for gradient in gradients), torch.tensor(numbers, device=device)])
        with _others():
            dist.all_reduce(flat)
        parts = flat.split([*(gradient.numel() for gradient in gradients), len(numbers)])
        for gradient, part in zip(gradients, parts, strict=False):
            gradient.copy_(part.view_as(gradient))
        return [float(number) for number in parts[-1]]

    def spread(self, model: nn.Module) -> None:
        """Give all ranks the chief's weights; raises what `hear` raises."""
        if self.count > 1:
            with _others():
                for weight in model.parameters():
                    dist.broadcast(weight.detach(), 0)

    def wait(self) -> None:
        """Go on when all ranks have come here; raises what `hear` raises."""
        self.hear()

    def hear(self, said: Any = None) -> Any:
        """What the chief says, to all ranks: anything that JSON can spell.

        Raises:
            Deserted: the chief is gone.
        """
        if self.count == 1:
            return said
        text = json.dumps(said).encode() if self.chief else b""
        length = torch.tensor([len(text)])
        with _others():
            dist.broadcast(length, 0)
            letters = torch.zeros(int(length), dtype=torch.uint8)
            if self.chief:
                letters.copy_(torch.frombuffer(bytearray(text), dtype=torch.uint8))
            dist.broadcast(letters, 0)
        return json.loads(bytes(letters.tolist()))


@contextmanager
def joined(cuda: bool) -> Iterator[Ranks]:
    """Join the processes that torchrun has started, where it has; on a GPU of one's own if there is one for each.

    Raises:
        ConfigError: the variables that torchrun sets are there in part only.
    """
    count = _number("WORLD_SIZE", "1")
    if count <= 1:
        yield Ranks()
        return
    if missing := [name for name in NEEDED if name not in os.environ]:
        raise ConfigError(
            f"WORLD_SIZE={count} is set and {missing[0]} is not. Start several processes by `torchrun "
            f"--nproc-per-node {count} -m nmt train ...`, or unset WORLD_SIZE."
        )
    if cuda:
        torch.cuda.set_device(_number("LOCAL_RANK", "0") % torch.cuda.device_count())
    with _others():
        store, rank, _ = next(iter(rendezvous("env://", timeout=PATIENCE)))
        launch = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")  # else addresses of the dead would be tried again
        store = dist.PrefixStore(f"nmt {launch}", store)  # type: ignore[attr-defined]
        backend = "cpu:gloo,cuda:nccl" if cuda else "gloo"
        dist.init_process_group(backend, store=store, rank=rank, world_size=count, timeout=PATIENCE)
    try:
        yield Ranks(dist.get_rank(), count)
    finally:
        dist.destroy_process_group()


def _number(name: str, default: str) -> int:
    try:
        return int(os.environ.get(name, default))
    except ValueError:
        raise ConfigError(f"{name}={os.environ[name]!r} is no number. Unset it; torchrun sets it right.") from None


@contextmanager
def _others() -> Iterator[None]:
    """What torch raises when a peer is gone, in one line."""
    try:
        yield
    except RuntimeError as error:
        raise Deserted(
            f"rank {os.environ.get('RANK', '?')}: another process of this training has ended ({_first(error)}). See "
            "what it said; the same command goes on from what was saved last."
        ) from None


def _first(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:100]
