"""Saying a piece of the source as it stands: names, numbers, what the vocabulary spells badly.

See, Liu & Manning 2017 (arXiv:1704.04368), equations 8 and 9; Gu et al. 2016 (arXiv:1603.06393).
"""

import torch
from torch import Tensor, nn

from nmt.errors import ConfigError
from nmt.model.products import Linear
from nmt.model.states import Memory, Told
from nmt.settings import Config


class CopyGate(nn.Module):
    """p(v) = g softmax(scores)_v + (1 - g) sum over states i whose piece is v of s_i, with g = sigmoid(w · readout).

    Both sides must share one vocabulary: a piece is then the same id in both.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        if not config.tokenizer.joint:
            raise ConfigError("attention.copy=true needs pieces that both languages share: set tokenizer.joint=true.")
        self.gate = Linear(config.decoder.readout_size, 1)

    def forward(self, scores: Tensor, told: Told, memory: Memory) -> Tensor:
        """Scores (B, T, V) -> log-probabilities (B, T, V) in fp32 or better."""
        wide = torch.promote_types(scores.dtype, torch.float32)
        gate = self._open(told, wide)
        weights = told.attended.weights.to(wide)
        source = memory.source.repeat_interleave(len(scores) // len(memory.source), 0)
        source = source[:, None].expand(weights.shape)
        p = (gate * scores.to(wide).softmax(-1)).scatter_add(2, source, (1 - gate) * weights)
        return p.clamp_min(torch.finfo(wide).tiny).log()

    def loss_of_each(self, losses: Tensor, told: Told, memory: Memory, answer: Tensor) -> Tensor:
        """-log(g p(y | i) + (1 - g) [x_i = y]) for every state i, from -log p(y | i) (B, T, S) and answers (B, T)."""
        gate = self._open(told, losses.dtype)
        same = (memory.source[:, None] == answer[..., None]).to(losses.dtype)
        return -(gate * (-losses).exp() + (1 - gate) * same).clamp_min(torch.finfo(losses.dtype).tiny).log()

    def _open(self, told: Told, kind: torch.dtype) -> Tensor:
        """g (B, T, 1)"""
        return self.gate(told.readout).to(kind).sigmoid()  # type: ignore[no-any-return]
