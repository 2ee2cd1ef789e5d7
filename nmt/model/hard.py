"""What a model says that chooses what it reads: the probabilities of all its choices, and a posterior over them.

Every step t has J possible answers, one for each choice: each state, or the likeliest few and all others as one. Their
scores (T, J, V) are J times those of a soft unit, so they are made some rows at a time, and never kept.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from nmt.model.encoder import Bidirectional
from nmt.model.products import Linear
from nmt.model.scores import Additive
from nmt.model.states import Memory
from nmt.settings import Config

ROWS = 256  # states whose losses are worked on at a time
SCORES = 2**22  # of a mixture worked on at a time: 16 MiB


def log_chances(weights: Tensor, memory: Memory) -> Tensor:
    """log of weights (K*B, T, S), minus infinity where there is no state; a weight too small to be told counts so."""
    real = memory.mask.repeat_interleave(len(weights) // len(memory.mask), 0)[:, None]
    return weights.clamp_min(torch.finfo(weights.dtype).tiny).log().masked_fill(~real, -torch.inf)


class Choices(NamedTuple):
    """What could have been read at a step, J ways."""

    log_p: Tensor  # (B, T, J)
    weights: Tensor | None  # (B, T, J, S) of the states in each choice; None: choice j is state j alone


def choices(weights: Tensor, memory: Memory, apart: int) -> Choices:
    """Each state where `apart` is 0, else so many of the likeliest and the mean of all others.

    Weights (K*B, T, S), the hypotheses of a sentence side by side, are K*T steps of that sentence.
    """
    sentences, states = memory.mask.shape
    if not apart:
        return Choices(log_chances(weights, memory).reshape(sentences, -1, states), None)
    weights = weights.reshape(sentences, -1, states)
    likeliest, places = weights.topk(min(apart, states), dim=-1)
    others = weights.scatter(-1, places, 0.0)
    left, tiny = others.sum(-1, keepdim=True), torch.finfo(weights.dtype).tiny
    alone = weights.new_zeros(*places.shape, states).scatter(-1, places[..., None], 1.0)
    read = torch.cat([alone, (others / left.clamp_min(tiny))[:, :, None]], dim=2)
    return Choices(torch.cat([likeliest, left], dim=-1).clamp_min(tiny).log(), read)


def log_mixture(readouts: Tensor, output: Linear, log_p: Tensor) -> Tensor:
    """log sum_j p(j) p(v | j): readouts (B, T, J, R), log p(j) (B, T, J) -> (B, T, V) in fp32 or better."""
    steps, count = readouts.flatten(0, 1), readouts.shape[2]
    rows = max(1, SCORES // (count * len(output.weight)))  # so that long sentences need no more memory than short ones
    mixed = []
    for some, log_j in zip(steps.split(rows), log_p.flatten(0, 1).split(rows), strict=True):
        scores = output(some)  # (rows, J, V)
        scores = scores.to(torch.promote_types(scores.dtype, torch.float32))
        odds = (scores - scores.amax(-1, keepdim=True)).exp()
        mixed.append(((log_j.exp() / odds.sum(-1))[:, None] @ odds).squeeze(1))
    told = torch.cat(mixed)
    return told.clamp_min(torch.finfo(told.dtype).tiny).log().unflatten(0, readouts.shape[:2])


def each_loss(readouts: Tensor, output: Linear, target: Tensor, smoothing: float) -> Tensor:
    """Smoothed cross-entropy of the answer, had each choice been read: (B, T, J, R), (B, T) -> (B, T, J) in nats."""
    place = readouts.device.type
    kind = torch.get_autocast_dtype(place) if torch.is_autocast_enabled(place) else readouts.dtype
    targets = target[..., None].expand(readouts.shape[:3]).flatten()
    losses = _EachLoss.apply(  # type: ignore[no-untyped-call]
        readouts.flatten(0, 2).to(kind), output.weight, output.bias, targets, smoothing, readouts.shape[2]
    )
    return losses.view(readouts.shape[:3])  # type: ignore[no-any-return]


class _EachLoss(torch.autograd.Function):
    """-(1 - e) log p(y) - e mean_v log p(v) with p = softmax(W h + b), for many h, without keeping a score.

    With l = W h + b and z = logsumexp(l) the loss is z - (1 - e) l_y - e mean(l), and dloss/dl = p - (1 - e) [v = y]
    - e / V. Only z is kept; the backward pass makes l anew. Its gradient g gives those of h, W, b: g W, g^T h, sum g.

    A loss that hardly counts (a state that hardly anything was read from) is left out of the gradient: together those
    of a step are less than the rounding of the dtype.
    """

    @staticmethod
    def forward(
        ctx: Any, h: Tensor, weight: Tensor, bias: Tensor, target: Tensor, smoothing: float, states: int
    ) -> Tensor:
        """(N, R), (V, R), (V,), (N,) -> (N,), of which so many `states` are of one step"""
        right, shift = weight.to(h.dtype), bias.to(h.dtype)
        wide = torch.promote_types(h.dtype, torch.float32)
        total, losses = h.new_empty(len(h), dtype=wide), h.new_empty(len(h), dtype=wide)
        for start in range(0, len(h), ROWS):
            rows = slice(start, start + ROWS)
            scores = linear(h[rows], right, shift).to(wide)
            total[rows] = scores.logsumexp(-1)
            chosen = scores.gather(1, target[rows, None]).squeeze(1)
            losses[rows] = total[rows] - (1 - smoothing) * chosen - smoothing * scores.mean(-1)
        ctx.save_for_backward(h, weight, bias, target, total)
        ctx.smoothing, ctx.least = smoothing, torch.finfo(h.dtype).eps / states
        return losses

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None, None]:
        """Gradients of h, weight and bias."""
        h, weight, bias, target, total = ctx.saved_tensors
        right, shift, smoothing = weight.to(h.dtype), bias.to(h.dtype), ctx.smoothing
        counts = gradients[0].abs() > ctx.least * gradients[0].abs().max()
        by_h = torch.zeros_like(h)
        by_weight, by_bias = torch.zeros_like(weight), torch.zeros_like(bias)
        for rows in counts.nonzero().squeeze(1).split(ROWS):
            scores = linear(h[rows], right, shift).to(total.dtype)
            slope = scores.sub_(total[rows, None]).exp_().sub_(smoothing / len(weight))
            slope.scatter_add_(1, target[rows, None], slope.new_full((len(slope), 1), smoothing - 1))
            slope = slope.mul_(gradients[0][rows, None]).to(h.dtype)
            by_h[rows] = slope @ right
            by_weight += slope.t() @ h[rows]
            by_bias += slope.sum(0)
        return by_h, by_weight, by_bias, None, None, None


class Posterior(nn.Module):
    """q(s | x, y_t and its neighbours): asks the source states with a bidirectional reading of the answer.

    Deng et al. 2018 (arXiv:1807.03756), 5; their score is bilinear, ours the additive one.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        size = config.encoder.size
        self.reader = Bidirectional(config.encoder.cell, config.model.embedding, size)
        self.score = Additive(2 * size, 2 * size, config.attention.size, 1)

    def forward(self, answer: Tensor, mask: Tensor, memory: Memory) -> Tensor:
        """Embedded answers (B, T, D) and their mask (B, T) -> weights (B, T, S) in fp32 or better."""
        scores = self.score(self.reader(answer, mask), self.score.project(memory.states))[:, 0]
        scores = scores.to(torch.promote_types(scores.dtype, torch.float32))
        return scores.masked_fill(~memory.mask[:, None], -torch.inf).softmax(-1)
