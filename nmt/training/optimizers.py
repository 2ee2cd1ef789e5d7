"""Gradients -> steps, and the state of an optimizer as plain tensors."""

from collections.abc import Callable, Iterable, Mapping

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adadelta, AdamW, Optimizer

from nmt.registry import Registry
from nmt.settings import Training
from nmt.training.muon import Muon

BETAS = (0.9, 0.98)


def _adamw(model: nn.Module, settings: Training, dtype: torch.dtype) -> Optimizer:
    """Loshchilov & Hutter 2019 (arXiv:1711.05101); only matrices decay."""
    matrices = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": settings.weight_decay}, {"params": others, "weight_decay": 0.0}]
    return AdamW(groups, lr=settings.lr, betas=BETAS, fused=True)


def _adadelta(model: nn.Module, settings: Training, dtype: torch.dtype) -> Optimizer:
    """Zeiler 2012 (arXiv:1212.5701), with rho and epsilon of Bahdanau et al. 2015, B.2."""
    return Adadelta(model.parameters(), lr=settings.lr, rho=0.95, eps=1e-6, weight_decay=settings.weight_decay)


def _muon(model: nn.Module, settings: Training, dtype: torch.dtype) -> Optimizer:
    return Muon(model, settings.lr, settings.weight_decay, dtype, BETAS)


def _sgd(model: nn.Module, settings: Training, dtype: torch.dtype) -> Optimizer:
    return SGD(model.parameters(), lr=settings.lr, weight_decay=settings.weight_decay)


OPTIMIZERS = Registry[Callable[[nn.Module, Training, torch.dtype], Optimizer]](
    "optimizer", adamw=_adamw, muon=_muon, adadelta=_adadelta, sgd=_sgd
)


def make_optimizer(model: nn.Module, settings: Training, dtype: torch.dtype = torch.float32) -> Optimizer:
    """The optimizer that `training.optimizer` names, over all weights of a model.

    `dtype` is what it may multiply matrices in; weights and its state are kept in their own.
    """
    return OPTIMIZERS[settings.optimizer](model, settings, dtype)


def optimizer_tensors(optimizer: Optimizer) -> dict[str, Tensor]:
    """Its state, flat: `3/exp_avg` is what it remembers of its fourth weight."""
    states = optimizer.state_dict()["state"]
    return {f"{i}/{key}": torch.as_tensor(value) for i, state in states.items() for key, value in state.items()}


def restore_optimizer(optimizer: Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Take back what `optimizer_tensors` gave."""
    states: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        index, _, key = name.partition("/")
        states.setdefault(int(index), {})[key] = tensor
    optimizer.load_state_dict({**optimizer.state_dict(), "state": states})


class MovingAverage:
    """Moving average of weights (Polyak & Juditsky 1992) with decay min(d, (1 + u) / (10 + u)) after u updates."""

    def __init__(self, parameters: Iterable[nn.Parameter], decay: float) -> None:
        self.decay = decay
        self.live = list(parameters)
        self.weights = [p.detach().clone() for p in self.live]

    @torch.no_grad()
    def update(self, updates: int) -> None:
        """Move towards the live weights after so many updates."""
        decay = min(self.decay, (1 + updates) / (10 + updates))
        torch._foreach_lerp_(self.weights, [p.detach() for p in self.live], 1 - decay)

    @torch.no_grad()
    def swap(self) -> None:
        """Exchange the live weights and the averages; a second call undoes the first."""
        for parameter, weight in zip(self.live, self.weights, strict=True):
            kept = parameter.detach().clone()
            parameter.copy_(weight)
            weight.copy_(kept)
