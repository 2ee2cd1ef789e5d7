"""Forced decoding: how likely a model holds a translation that is given."""

import math
from collections.abc import Sequence

import numpy as np
import torch

from nmt.search.hypothesis import Hypothesis, Steps
from nmt.search.loop import score
from nmt.settings import BOS, EOS, PAD, Search

NUMBERS, UNITS = 4_000_000, 256
"""Numbers held at a time, about: a long translation is read in stretches of steps, each with a score for every piece,
and in an attention with some units for every source piece."""


@torch.inference_mode()
def force(
    model: Steps,
    sources: Sequence[Sequence[int]],
    targets: Sequence[Sequence[int]],
    vocabulary: int,
    settings: Search,
    device: torch.device,
) -> list[Hypothesis]:
    """Each target as the hypothesis that a search would give for it, for ids without BOS and EOS.

    Scores and log-probabilities are those of a search without demands, `vocabulary` the target's pieces.
    """
    source, mask = _padded([[*ids, EOS] for ids in sources], device)
    told, _ = _padded([[BOS, *ids] for ids in targets], device)
    right, _ = _padded([[*ids, EOS] for ids in targets], device)
    memory = model.encode(source, mask)
    a_step = max(vocabulary, UNITS * source.shape[1]) * len(sources)
    state, stretch = model.start(memory), math.ceil(NUMBERS / a_step)
    gains, attention = [], []
    for begin in range(0, told.shape[1], stretch):
        part = slice(begin, begin + stretch)
        out = model.unroll(told[:, part], memory, state)
        log_p = out.scores.float().log_softmax(-1)
        gains.append(log_p.gather(-1, right[:, part, None])[..., 0].cpu())
        attention.append(out.attended.weights.float().cpu())
        state = out.state
    every, read = torch.cat(gains, 1).numpy(), torch.cat(attention, 1).numpy()
    found = []
    for row, (ids, other) in enumerate(zip(targets, sources, strict=True)):
        own, seen = every[row, : len(ids) + 1], read[row, : len(ids) + 1, : len(other) + 1]
        found.append(Hypothesis(list(ids), score(float(own.sum(dtype=np.float64)), seen, settings), own, seen))
    return found


def _padded(sequences: Sequence[Sequence[int]], device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    longest = max(map(len, sequences))
    ids = torch.tensor([[*some, *[PAD] * (longest - len(some))] for some in sequences], device=device)
    lengths = torch.tensor([len(some) for some in sequences], device=device)
    return ids, torch.arange(longest, device=device) < lengths[:, None]
