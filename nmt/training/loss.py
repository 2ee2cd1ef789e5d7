"""Cross-entropy with label smoothing (Szegedy et al. 2016, arXiv:1512.00567, section 7)."""

from typing import Any

import torch
from torch import Tensor

ROWS = 64  # scores worked on at a time: they stay in the processor's cache


def token_losses(scores: Tensor, target: Tensor, mask: Tensor, smoothing: float) -> Tensor:
    """-(1 - e) log p(target) - e mean_v log p(v) of every word, zero where there is none.

    Args:
        scores: (B, T, V) unnormalised log-probabilities.
        target: (B, T) ids.
        mask: (B, T), True at a word.
        smoothing: e, the probability spread over the whole vocabulary.

    Returns:
        (B, T) in nats.
    """
    losses = _TokenLosses.apply(scores.flatten(0, 1), target.flatten(), mask.flatten(), smoothing)  # type: ignore[no-untyped-call]
    return losses.view(target.shape)  # type: ignore[no-any-return]


class _TokenLosses(torch.autograd.Function):
    """The gradient softmax(scores) - smoothed target is made beside the loss, while a slice of scores is at hand."""

    @staticmethod
    def forward(ctx: Any, scores: Tensor, target: Tensor, mask: Tensor, smoothing: float) -> Tensor:
        """(N, V), (N,), (N,) -> (N,)"""
        spread = smoothing / scores.shape[-1]
        gradient = torch.empty_like(scores)
        wide = torch.promote_types(scores.dtype, torch.float32)
        losses = scores.new_empty(len(scores), dtype=wide)
        parts = (tensor.split(ROWS) for tensor in (scores, target, mask, gradient, losses))
        for rows, right, real, slope, loss in zip(*parts, strict=True):
            log_p = rows.to(wide).log_softmax(-1)
            chosen = log_p.gather(1, right[:, None]).squeeze(1)
            each = (smoothing - 1) * chosen - spread * log_p.sum(-1)
            loss.copy_(torch.where(real, each, 0))
            p = log_p.exp_().sub_(spread)
            p.scatter_add_(1, right[:, None], p.new_full((len(right), 1), smoothing - 1))
            slope.copy_(p.mul_(real[:, None]))
        ctx.save_for_backward(gradient)
        return losses

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        """Gradient of the scores."""
        (gradient,) = ctx.saved_tensors
        return gradient * gradients[0].to(gradient.dtype)[:, None], None, None, None
