"""What an update lowers: the loss of each kind of attention, and what may be added to it.

Soft units have a likelihood, and so have hard ones: the sum over all choices. That sum costs S vocabularies a step;
`reinforce`, `gumbel` and `variational` learn from drawn choices instead. While validating, every hard unit is judged by
the exact sum, so that perplexities can be compared.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from nmt.errors import ConfigError
from nmt.model.hard import log_chances
from nmt.model.seq2seq import Seq2Seq
from nmt.model.states import Memory, Told
from nmt.registry import Registry
from nmt.settings import Attention, Config, Training
from nmt.text.batches import Batch
from nmt.training.consistency import disagreement
from nmt.training.loss import token_losses

ENTROPY = 0.01  # weight of the entropy that keeps `reinforce` from settling too early
EXPECTED = 0.5  # share of sentences for which `reinforce` reads the expected context


class Case(NamedTuple):
    """A batch, and what a model made of it."""

    model: Seq2Seq
    batch: Batch
    memory: Memory
    told: Told
    smoothing: float  # of the labels
    settings: Attention
    rdrop: float = 0.0  # weight of the disagreement of the two halves of the batch, which are then the same rows

    def losses(self, scores: Tensor) -> Tensor:
        """Cross-entropy of scores (B, T, V): (B, T) in nats."""
        return token_losses(scores, self.batch.target_out, self.batch.target_mask, self.smoothing)

    def losses_of_each(self) -> Tensor:
        """Cross-entropy, had each state been read alone: (B, T, S) in nats."""
        return self.model.loss_of_each(self.told, self.memory, self.batch.target_out, self.smoothing)


Objective = Callable[[Case], Tensor]
"""Losses of the words (B, T) in nats."""


def check_objective(model: Seq2Seq, settings: Training) -> None:
    """Refuse what a model's attention cannot lower.

    Raises:
        ConfigError: training.rdrop with a hard unit.
    """
    if settings.rdrop and model.decoder.attention.align.hard:
        raise ConfigError(
            "training.rdrop compares what is said from one context, and hard attention mixes over all: "
            "set training.rdrop=0, or attention.align=soft."
        )


def batch_loss(model: Seq2Seq, batch: Batch, config: Config, smoothing: float) -> Tensor:
    """The loss of a batch, summed over its words, in nats; while training with what is added to it."""
    doubled = model.training and config.training.rdrop > 0
    batch = batch.twice() if doubled else batch
    memory = model.encode(batch.source, batch.source_mask)
    told = model.tell(batch.target_in, memory, model.start(memory))
    align = model.decoder.attention.align
    name = align.objective if model.training or not align.hard else "marginal"
    case = Case(model, batch, memory, told, smoothing, config.attention, config.training.rdrop if doubled else 0.0)
    losses = OBJECTIVES[name](case)
    if model.training and config.training.coverage:
        losses = losses + config.training.coverage * repeated(told.attended.weights)
    if model.training and config.training.guided and batch.links.numel():
        losses = losses + config.training.guided * misaligned(told.attended.weights, batch.links)
    return losses.masked_fill(~batch.target_mask, 0.0).sum() / (2 if doubled else 1)


def likelihood(case: Case) -> Tensor:
    """-log p(y_t), and with R-Drop half of its weight times what two readings disagree."""
    scores = case.model.scores(case.told, case.memory)
    losses = case.losses(scores)
    return losses + case.rdrop / 2 * disagreement(scores) if case.rdrop else losses


def marginal(case: Case) -> Tensor:
    """-log sum_i s_i p(y_t | y_i), or over the few choices of a mixture; labels are smoothed within each p."""
    return case.model.loss_of_choices(case.told, case.memory, case.batch.target_out, case.smoothing)


def reinforce(case: Case) -> Tensor:
    """L(i) with i drawn from s, and (L(i) - b) log s_i, whose mean gradient is that of sum_i s_i L(i); or soft by half.

    L(i) = -log p(y_t | y_i). Xu et al. 2015, equations 11 and 12; their baseline is a running mean, ours the loss of
    the expected context, which knows how hard a word is. As there, the entropy of s is added with a small weight, and
    half of the sentences learn from the expected context itself, with the gradient of a soft unit (4.1).
    """
    weights, noise = case.told.attended.weights, case.model.noise
    again = noise.again(weights.device)
    expected = case.losses(case.model.had_read(case.told, case.memory, weights))
    drawn = _drawn(case, weights, expected.detach(), again)
    soft = torch.rand(len(weights), 1, device=weights.device, generator=noise.on(weights.device)) < EXPECTED
    entropy = -(weights * log_chances(weights, case.memory).clamp_min(-1e4)).sum(-1)
    return torch.where(soft, expected, drawn) - ENTROPY * (entropy - entropy.detach())


def gumbel(case: Case) -> Tensor:
    """L(i), i the largest of log s + G, with the gradient as if softmax((log s + G) / T) had been read.

    G is Gumbel noise, T is attention.temperature. Jang et al. 2017 (arXiv:1611.01144), equations 1 and 2, 2.2.
    """
    log_s = log_chances(case.told.attended.weights, case.memory)
    chance = torch.rand(log_s.shape, device=log_s.device, generator=case.model.noise.on(log_s.device))
    noise = -(-chance.clamp_min(1e-20).log()).clamp_min(1e-20).log()
    soft = ((log_s + noise) / case.settings.temperature).softmax(-1)
    chosen = torch.zeros_like(soft).scatter_(-1, soft.argmax(-1, keepdim=True), 1.0)
    return case.losses(case.model.had_read(case.told, case.memory, chosen + soft - soft.detach()))


def variational(case: Case) -> Tensor:
    """E_q[L(i)] + KL(q || s), never below -log sum_i s_i p(y_t | y_i); q has seen y (Deng et al. 2018, equation 3).

    The expectation is summed up where attention.samples is 0, else drawn as in `reinforce`.
    """
    q = case.model.guess(case.memory, case.batch.target_out, case.batch.target_mask)
    log_q, log_s = (log_chances(weights, case.memory) for weights in (q, case.told.attended.weights))
    divergence = (q * (log_q - log_s).masked_fill(~case.memory.mask[:, None], 0.0)).sum(-1)
    if not case.settings.samples:
        return (q * case.losses_of_each()).sum(-1) + divergence
    again = case.model.noise.again(q.device)
    with torch.no_grad():
        baseline = case.losses(case.model.had_read(case.told, case.memory, q))
    return _drawn(case, q, baseline, again) + divergence


OBJECTIVES = Registry[Objective](
    "objective",
    likelihood=likelihood,
    marginal=marginal,
    reinforce=reinforce,
    gumbel=gumbel,
    variational=variational,
)


def repeated(weights: Tensor) -> Tensor:
    """What is read again at each step, sum_i min(s_ti, c_ti): (B, T, S) -> (B, T)   (See et al. 2017, equation 12)"""
    before = weights.cumsum(1) - weights
    return torch.minimum(weights, before).sum(-1)


def misaligned(weights: Tensor, links: Tensor) -> Tensor:
    """-sum_s a_ts log s_ts, a a word's alignment, shared out evenly: (B, T, S), (B, T, S) bool -> (B, T).

    Zero for a word without alignment. Chen et al. 2016 (arXiv:1607.01628), equation 4.
    """
    wanted = links / links.sum(-1, keepdim=True).clamp_min(1)
    return -(wanted * weights.clamp_min(torch.finfo(weights.dtype).tiny).log()).sum(-1)


def _drawn(case: Case, weights: Tensor, baseline: Tensor, again: Callable[[], object]) -> Tensor:
    """The mean loss of states drawn with these probabilities (B, T, S), whose gradient reaches the probabilities too.

    The gradient of E[L(i)] is E[grad L(i) + (L(i) - b) grad log p(i)] for any b that does not hang on i
    (Williams 1992). The second part is added to the gradient, not to the value. `again` puts the noise back to where it
    was before b (B, T) was made: the same units are dropped, so that L(i) and b differ by what was read alone.
    """
    log_p, noise = log_chances(weights, case.memory), case.model.noise.on(weights.device)
    steps = weights.detach().flatten(0, 1)
    draws = [torch.multinomial(steps, 1, generator=noise) for _ in range(case.settings.samples)]
    total = torch.zeros_like(baseline)
    for draw in draws:
        drawn = draw.view(*weights.shape[:2], 1)
        one = torch.zeros_like(weights).scatter_(-1, drawn, 1.0)
        again()
        losses = case.losses(case.model.had_read(case.told, case.memory, one))
        chosen = log_p.gather(-1, drawn).squeeze(-1)
        total = total + losses + (losses.detach() - baseline) * (chosen - chosen.detach())
    return total / case.settings.samples
