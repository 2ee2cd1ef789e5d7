"""Orthogonal steps for the matrices inside a network, AdamW's for everything else.

    M <- mu M + (1 - mu) G        O = U V^T where mu M + (1 - mu) G = U S V^T
    W <- (1 - lr decay) W - lr RATE sqrt(max(rows, columns)) O

Every direction of a step is as long as every other, so that what is rare in the gradient is learned, too (Jordan et al.
2024, https://kellerjordan.github.io/posts/muon; the scale is that of Liu et al. 2025, arXiv:2502.16982, equation 4, who
take 0.2 so that a step is as long as AdamW's). Stacked gates are matrices of their own. Embeddings, the output, biases
and vectors, whose rows have nothing to do with one another, are stepped by AdamW.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import AdamW

from nmt.device import use_threads
from nmt.model.recurrent import Recurrence

MOMENTUM = 0.95
RATE = 0.4  # measured, see benchmarks/README.md
OUTPUT = "output"  # the layer over the vocabulary
COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # of the polynomial a x + b x^3 + c x^5 that draws singular values to about 1
STEPS = 5  # how often it is applied


class Muon(AdamW):
    """AdamW but for the inner matrices, which are its last group."""

    def __init__(self, model: nn.Module, lr: float, decay: float, dtype: torch.dtype, betas: tuple[float, float]):
        """All weights of a model, of which matrices decay; products are made in `dtype`."""
        self.gates, self.dtype, self.threads = inner_matrices(model), dtype, torch.get_num_threads()
        rest = [p for p in model.parameters() if p not in self.gates]
        matrices, others = ([p for p in rest if (p.dim() > 1) is wide] for wide in (True, False))
        groups: list[dict[str, Any]] = [
            {"params": matrices},
            {"params": others, "weight_decay": 0.0},
            {"params": list(self.gates)},
        ]
        super().__init__(groups, lr=lr, weight_decay=decay, betas=betas, fused=True)

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """One update; weights without a gradient stay as they are."""
        *rest, inner = every = self.param_groups
        self.param_groups = rest
        try:
            loss = super().step(closure)
        finally:
            self.param_groups = every
        by_shape = defaultdict[torch.Size, list[tuple[Tensor, Tensor]]](list)
        for weight in inner["params"]:
            if weight.grad is not None:
                gates = weight.chunk(self.gates[weight]), self._direction(weight).chunk(self.gates[weight])
                by_shape[gates[0][0].shape] += zip(*gates, strict=True)
        threads = torch.get_num_threads()
        use_threads(self.threads)  # workers have one each, and rest now
        for shape, pairs in by_shape.items():
            directions = orthogonal(torch.stack([direction for _, direction in pairs]), self.dtype)
            length = inner["lr"] * RATE * max(shape) ** 0.5
            for (gate, _), direction in zip(pairs, directions, strict=True):
                gate.mul_(1 - inner["lr"] * inner["weight_decay"]).sub_(direction, alpha=length)
        use_threads(threads)
        return loss

    def _direction(self, weight: Tensor) -> Tensor:
        """The gradient, smoothed, and looked ahead of as Nesterov does."""
        state, gradient = self.state[weight], weight.grad
        assert gradient is not None
        if not state:
            state |= {"step": torch.zeros(()), "momentum": torch.zeros_like(weight)}  # AdamW expects a step of each
        state["step"] += 1
        smooth: Tensor = state["momentum"].lerp_(gradient, 1 - MOMENTUM)
        return gradient.lerp(smooth, MOMENTUM)


def inner_matrices(model: nn.Module) -> dict[Tensor, int]:
    """The matrices between layers, and of how many gates each is a stack."""
    outer = {p for module in model.modules() if isinstance(module, nn.Embedding) for p in module.parameters()}
    outer |= {p for name, module in model.named_children() if name == OUTPUT for p in module.parameters()}
    gates = {
        p: len(p) // cell.size for cell in model.modules() if isinstance(cell, Recurrence) for p in cell.parameters()
    }
    return {p: gates.get(p, 1) for p in model.parameters() if p.dim() == 2 and min(p.shape) > 1 and p not in outer}


def orthogonal(matrices: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
    """U V^T of each U S V^T, nearly: (N, R, C) -> (N, R, C) with singular values of about 0.7 to 1.2.

    Those below a thousandth of the matrix's norm stay smaller: each of the five rounds makes them 3.4 times as large.
    """
    tall = matrices.shape[1] > matrices.shape[2]
    x = (matrices.mT if tall else matrices).to(dtype)
    x = x / torch.linalg.matrix_norm(x, keepdim=True).clamp_min(torch.finfo(torch.float32).tiny)
    a, b, c = COEFFICIENTS
    for _ in range(STEPS):
        squared = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(squared, squared, squared, beta=b, alpha=c), x, beta=a)
    return (x.mT if tall else x).to(matrices.dtype)
