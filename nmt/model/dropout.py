"""Noise that suits recurrent nets: one mask for all steps (Gal & Ghahramani 2016, arXiv:1512.05287)."""

import torch
from torch import Tensor, nn


class SequenceDropout(nn.Module):
    """Drop the same units at every step of a sequence."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, H) -> (B, T, H); the identity while evaluating."""
        if not self.training or self.share == 0:
            return x
        keep = 1 - self.share
        return x * torch.empty_like(x[:, :1]).bernoulli_(keep).div_(keep)


class WordDropout(nn.Module):
    """Replace whole pieces by another, so that no single one is relied on."""

    def __init__(self, share: float, replacement: int) -> None:
        super().__init__()
        self.share = share
        self.replacement = replacement

    def forward(self, ids: Tensor) -> Tensor:
        """(B, T) ids -> (B, T) ids."""
        if not self.training or self.share == 0:
            return ids
        return ids.masked_fill(torch.rand(ids.shape, device=ids.device) < self.share, self.replacement)
