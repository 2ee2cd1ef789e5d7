"""Attention: a score, an alignment, and the read, each on its own.

    m_i = score(query, y_i)      how well source state y_i answers the decoder's question   (nmt.model.scores)
    s   = align(m)               weights; zero where the mask is False                      (nmt.model.alignments)
    z   = sum_i s_i y_i          the expected value of y under s: what the decoder reads

With coverage, keys know how much of their state was read already.
"""

from typing import Any

import torch
from torch import Tensor, nn

from nmt.errors import ConfigError
from nmt.model.alignments import ALIGNMENTS, Asked
from nmt.model.products import Linear, matmul, one_product
from nmt.model.scores import SCORES
from nmt.model.states import Attended, Memory, Past
from nmt.registry import Registry
from nmt.settings import Config


class Coverage(nn.Module):
    """Adds w c_i to key i, where c_i is what was read of state i at all steps before.

    With the additive score: v · tanh(W q + U y_i + w c_i)   (See, Liu & Manning 2017, arXiv:1704.04368, equation 11)
    """

    def __init__(self, states: int, keys: int) -> None:
        super().__init__()
        self.feature = nn.Parameter(torch.zeros(1, keys))

    def share(self, covered: Tensor, states: Tensor) -> Tensor:
        """Sums of weights (N, S) and states (N, S, M) -> the share of each state that was read (N, S)."""
        return covered

    def forward(self, keys: Tensor, covered: Tensor, states: Tensor) -> Tensor:
        """Keys (N, S, A), sums of weights (N, S), states (N, S, M) -> keys (N, S, A)."""
        return keys + (self.share(covered, states)[..., None] * self.feature).to(keys.dtype)


class Fertility(Coverage):
    """The same, of c_i / F_i: a state may be worth up to two words, F_i = 2 sigmoid(u · y_i).

    Tu et al. 2016 (arXiv:1601.04811), equations 8 and 9, with their N = 2.
    """

    def __init__(self, states: int, keys: int) -> None:
        super().__init__(states, keys)
        self.fertility = Linear(states, 1)

    def share(self, covered: Tensor, states: Tensor) -> Tensor:
        return covered / (2 * self.fertility(states).squeeze(-1).to(covered.dtype).sigmoid())


COVERAGES = Registry[Any]("attention coverage", none=None, sum=Coverage, fertility=Fertility)


class Attention(nn.Module):
    """Questions of the decoder (B, T, Q) and a memory of B sentences -> what was read."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        settings, states = config.attention, 2 * config.encoder.size
        query = config.decoder.size
        for name, size in (("encoder states", states), ("decoder states", query)):
            if size % settings.heads:
                raise ConfigError(f"attention.heads={settings.heads} must divide the size of the {name} ({size}).")
        self.heads = settings.heads
        self.score = SCORES[settings.score](query, states, settings.size, settings.heads)
        self.align = ALIGNMENTS[settings.align](config)
        self.mix = Linear(states, states, bias=False) if self.heads > 1 else nn.Identity()
        kind = COVERAGES[settings.coverage]
        self.coverage = kind and kind(states, self.score.keys_size)

    def begin(self, memory: Memory) -> Past:
        """Before the first step nothing has been read."""
        rows, states = memory.mask.shape
        covered = memory.states.new_zeros(rows, states if self.coverage else 0)
        return Past(memory.mask.new_zeros(rows, dtype=torch.long), covered.to(torch.float32))

    def forward(self, query: Tensor, memory: Memory, past: Past) -> tuple[Attended, Past]:
        """Read the memory at T steps.

        Hypotheses of one sentence share its memory: `query` and `past` may have K times as many rows as the memory,
        those of a sentence side by side. They are then questions of one row, and no state is copied K times.
        """
        if not self.coverage:
            attended = self._ask(query, memory, past)
            return attended, past._replace(step=past.step + query.shape[1])
        copies = len(query) // len(memory.mask)
        if copies > 1:  # each hypothesis has keys of its own
            memory = memory.repeat(copies)
        read = []
        with one_product():
            for question in query.split(1, dim=1):
                keys = self.coverage(memory.keys, past.covered, memory.states)
                read.append(self._ask(question, memory._replace(keys=keys), past))
                past = Past(past.step + 1, past.covered + read[-1].weights[:, 0])
        return join(read), past

    def _ask(self, query: Tensor, memory: Memory, past: Past) -> Attended:
        sentences, (rows, steps) = len(memory.mask), query.shape[:2]
        questions = query.reshape(sentences, -1, query.shape[-1])  # (B, K*T, Q)
        step = past.step[:, None] + torch.arange(steps, device=query.device)
        asked = Asked(questions, step.reshape(sentences, -1))
        scores = self.score(questions, memory.keys)  # (B, heads, K*T, S)
        weights = self.align(scores, memory.mask, asked)
        context = self.mix(self._read(weights.to(memory.states.dtype), memory.states))  # (B, K*T, M)
        mean = weights.mean(1)
        return Attended(context.reshape(rows, steps, -1), mean.reshape(rows, steps, -1))

    def _read(self, weights: Tensor, states: Tensor) -> Tensor:
        """(B, heads, T, S), (B, S, M) -> (B, T, M): each head reads its own slice of the states."""
        if self.heads == 1:
            return matmul(weights[:, 0], states)
        slices = states.unflatten(-1, (self.heads, -1)).transpose(1, 2)  # (B, heads, S, M / heads)
        return matmul(weights, slices).transpose(1, 2).flatten(2)


def join(steps: list[Attended]) -> Attended:
    """What was read at single steps, as one."""
    return Attended(torch.cat([one.context for one in steps], dim=1), torch.cat([one.weights for one in steps], dim=1))
