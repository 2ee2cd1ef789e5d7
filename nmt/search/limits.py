"""What every search allows: lengths and pieces."""

import torch
from torch import Tensor

from nmt.settings import EOS, Search


def length_limits(mask: Tensor, settings: Search) -> Tensor:
    """Longest translation of each sentence (B,), EOS included, from source masks (B, S)."""
    pieces = mask.sum(1) - 1  # without EOS
    return (pieces * settings.max_ratio).long() + settings.max_extra


def log_probabilities(scores: Tensor, must_end: Tensor) -> Tensor:
    """Scores (N, V) -> log-probabilities in fp32, without pieces that are no text; only EOS where `must_end` (N,)."""
    log_p = scores.float().log_softmax(-1)
    log_p[:, :EOS] = -torch.inf  # PAD, UNK and BOS
    if must_end.any():
        log_p[must_end, EOS + 1 :] = -torch.inf
    return log_p
