"""What a model says that chooses what it reads: the probabilities of all its choices, and a posterior over them.

Every step t has J possible answers, one for each choice: each state, or the likeliest few and all others as one. Their
scores (T, J, V) are J times those of a soft unit, so they are made some rows at a time.
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
KEPT = 2**27  # numbers for the backward pass, in bf16 256 MiB: enough for a mixture, not for each state as a choice
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
    """-(1 - e) log p(y) - e mean_v log p(v) with p = softmax(W h + b), for many h, some rows at a time.

    With l = W h + b the loss is logsumexp(l) - (1 - e) l_y - e mean(l), and dloss/dl = p - (1 - e) [v = y] - e / V.
    The first two terms are made beside the loss; where there are too many of them to keep, they are made anew. With
    s those two and g the gradient of a loss, the gradients of h, W and b are g (s - e / V) W, (s - e / V)^T g h and
    the sum of g (s - e / V): g scales R numbers a row, not V.

    A loss that hardly counts (a state that hardly anything was read from) is left out of the gradient: together those
    of a step are less than the rounding of the dtype.
    """

    @staticmethod
    def forward(
        ctx: Any, h: Tensor, weight: Tensor, bias: Tensor, target: Tensor, smoothing: float, states: int
    ) -> Tensor:
        """(N, R), (V, R), (V,), (N,) -> (N,), of which so many `states` are of one step"""
        layer = weight.to(h.dtype), bias.to(h.dtype)
        mean = h.to(weight.dtype) @ weight.mean(0) + bias.mean()  # of the scores
        losses = h.new_empty(len(h), dtype=torch.promote_types(h.dtype, torch.float32))
        kept = ctx.needs_input_grad[0] and len(h) * len(weight) <= KEPT  # a validation needs none
        slopes = h.new_empty(len(h), len(weight)) if kept else None
        for start in range(0, len(h), ROWS):
            rows = slice(start, start + ROWS)
            unsmoothed, slope = _judged(h[rows], layer, target[rows], smoothing)
            losses[rows] = unsmoothed - smoothing * mean[rows]
            if slopes is not None:
                slopes[rows] = slope
        ctx.save_for_backward(h, weight, bias, target)
        ctx.slopes, ctx.smoothing, ctx.least = slopes, smoothing, torch.finfo(h.dtype).eps / states
        return losses

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None, None]:
        """Gradients of h, weight and bias."""
        h, weight, bias, target = ctx.saved_tensors
        layer, spread = (weight.to(h.dtype), bias.to(h.dtype)), ctx.smoothing / len(weight)
        smoothed = spread * weight.sum(0)
        by_h = torch.zeros_like(h)
        by_weight, by_bias = torch.zeros_like(weight), torch.zeros_like(bias)
        counts = gradients[0].abs() > ctx.least * gradients[0].abs().max()
        for rows in counts.nonzero().squeeze(1).split(ROWS if ctx.slopes is None else len(h)):
            some, g = h[rows], gradients[0][rows, None]
            slope = _judged(some, layer, target[rows], ctx.smoothing)[1] if ctx.slopes is None else ctx.slopes[rows]
            slope = slope.to(h.dtype)
            scaled = (some * g).to(h.dtype)
            by_h[rows] = ((slope @ layer[0] - smoothed) * g).to(h.dtype)
            by_weight += slope.t() @ scaled - spread * scaled.sum(0)
            by_bias += (slope.t() @ g.to(h.dtype)).squeeze(1) - spread * g.sum()
        return by_h, by_weight, by_bias, None, None, None


def _judged(h: Tensor, layer: tuple[Tensor, Tensor], target: Tensor, smoothing: float) -> tuple[Tensor, Tensor]:
    """logsumexp(l) - (1 - e) l_y, and its slope p - (1 - e) [v = y]: (N, R), (N,) -> (N,), (N, V) in fp32 or better."""
    scores = linear(h, *layer)
    scores = scores.to(torch.promote_types(scores.dtype, torch.float32))
    chosen, top = scores.gather(1, target[:, None]), scores.amax(-1, keepdim=True)
    odds = scores.sub_(top).exp_()
    total = odds.sum(-1, keepdim=True)
    loss = top + total.log() - (1 - smoothing) * chosen
    slope = odds.mul_(total.reciprocal())
    slope.scatter_add_(1, target[:, None], slope.new_full((len(slope), 1), smoothing - 1))
    return loss.squeeze(1), slope


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
