"""R-Drop (Liang et al. 2021, arXiv:2106.14448): a batch is read twice under other dropout, and should be told alike."""

from typing import Any

import torch
from torch import Tensor

from nmt.training.loss import ROWS


def disagreement(scores: Tensor) -> Tensor:
    """KL(p || q) + KL(q || p) of each word, p and q told by the first and the second half of the rows.

    Args:
        scores: (2B, T, V) unnormalised log-probabilities.

    Returns:
        (2B, T) in nats; half of the sum for each of the two, equation 4 without its weight.
    """
    one, other = scores.chunk(2)
    found = _Disagreement.apply(one.flatten(0, 1), other.flatten(0, 1)).view(one.shape[:2])  # type: ignore[no-untyped-call]
    return torch.cat([found, found]) / 2


class _Disagreement(torch.autograd.Function):
    """D = sum_v (p - q) d with d = log p - log q, whose gradients are made while a slice of scores is at hand.

    With l the scores behind p:    dD/dl = p (d - sum_v p d) + p - q, and for those behind q with p and q exchanged.
    """

    @staticmethod
    def forward(ctx: Any, one: Tensor, other: Tensor) -> Tensor:
        """(N, V), (N, V) -> (N,)"""
        wide = torch.promote_types(one.dtype, torch.float32)
        by_one, by_other, found = torch.empty_like(one), torch.empty_like(other), one.new_empty(len(one), dtype=wide)
        parts = (tensor.split(ROWS) for tensor in (one, other, by_one, by_other, found))
        for left, right, slope_left, slope_right, value in zip(*parts, strict=True):
            log_p, log_q = left.to(wide).log_softmax(-1), right.to(wide).log_softmax(-1)
            p, q, d = log_p.exp(), log_q.exp(), log_p - log_q
            to_q, to_p = (p * d).sum(-1, keepdim=True), -(q * d).sum(-1, keepdim=True)  # KL(p || q), KL(q || p)
            value.copy_((to_q + to_p).squeeze(-1))
            slope_left.copy_(p * (d - to_q) + (p - q))
            slope_right.copy_(q * (-d - to_p) - (p - q))
        ctx.save_for_backward(by_one, by_other)
        return found

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        """Gradients of the scores."""
        by_one, by_other = ctx.saved_tensors
        weight = gradients[0].to(by_one.dtype)[:, None]
        return by_one * weight, by_other * weight
