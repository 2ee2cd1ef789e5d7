"""Bidirectional recurrent encoder (Schuster & Paliwal 1997; Bahdanau et al. 2015, A.1.1).

Sentences are padded, not packed: the forward layer meets padding only after its words, and the backward layer reads
each sentence turned round within its own length, so padding never reaches a word.
"""

import torch
from torch import Tensor, nn

from nmt.model.dropout import Noise, SequenceDropout
from nmt.model.recurrent import CELLS, reverse
from nmt.settings import Config


class Bidirectional(nn.Module):
    """One layer read from both ends."""

    def __init__(self, cell: str, inputs: int, size: int) -> None:
        super().__init__()
        self.ahead = CELLS[cell](inputs, size)
        self.back = CELLS[cell](inputs, size)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, S, I), (B, S) -> (B, S, 2H)"""
        start = x.new_zeros(len(x), self.ahead.width)
        ahead, _ = self.ahead(x, start)
        back, _ = self.back(reverse(x, mask), start)
        return torch.cat([ahead, reverse(back, mask)], dim=-1)


class Encoder(nn.Module):
    """Embedded source (B, S, D) -> states (B, S, M = 2H) and their summary (B, M)."""

    def __init__(self, config: Config, noise: Noise) -> None:
        super().__init__()
        encoder = config.encoder
        self.states = 2 * encoder.size
        sizes = [config.model.embedding] + [self.states] * (encoder.layers - 1)
        self.layers = nn.ModuleList(Bidirectional(encoder.cell, size, encoder.size) for size in sizes)
        self.norms = nn.ModuleList(nn.LayerNorm(self.states) for _ in sizes[1:])
        self.dropout = SequenceDropout(config.dropout.hidden, noise)

    def forward(self, embedded: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """States and summary; every layer after the first adds to the one below and is normed."""
        states = self.dropout(self.layers[0](embedded, mask))  # (B, S, M)
        for layer, norm in zip(list(self.layers)[1:], self.norms, strict=True):
            states = norm(states + self.dropout(layer(states, mask)))
        last = (mask.sum(1) - 1)[:, None, None].expand(-1, 1, self.states // 2)
        ahead = states[..., : self.states // 2].gather(1, last).squeeze(1)
        return states, torch.cat([ahead, states[:, 0, self.states // 2 :]], dim=-1)
