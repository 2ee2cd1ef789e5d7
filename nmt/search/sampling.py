"""Samples: translations drawn from the model's own distribution, tempered, or from its likelier part.

What is drawn for a sentence hangs on the sentence and the seed alone: not on its neighbours, nor on how many samples
are asked for.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from nmt.search.constraints import Automaton, Constraint
from nmt.search.guidance import Places
from nmt.search.hypothesis import Hypothesis, Steps
from nmt.search.limits import length_limits
from nmt.search.loop import Continuations, Step, explore, ranked
from nmt.settings import EOS, Search


class Draw:
    """Chooses by lot: one continuation of the one hypothesis of each row."""

    def __init__(self, settings: Search, lots: np.ndarray) -> None:
        """`lots` (R, steps) are uniform in [0, 1)."""
        self.settings, self.lots = settings, lots

    def choose(self, number: int, totals: Tensor, log_p: Tensor, alive: np.ndarray) -> Continuations:
        """One piece a row, (R, 1)."""
        chances, names = likelier(log_p, self.settings)
        sums = chances.double().cumsum(-1)
        lots = torch.from_numpy(self.lots[alive, number - 1, None]).to(sums.device)
        places = torch.searchsorted(sums, lots * sums[:, -1:], right=True)
        last = (chances > 0).cumsum(-1).argmax(-1, keepdim=True)  # where rounding would lead beyond
        places = places.minimum(last)
        pieces = places if names is None else names.gather(1, places)
        impossible = ~log_p.isfinite().any(-1, keepdim=True)  # no piece may follow: ends without being found
        pieces = pieces.masked_fill(impossible, EOS)
        return Continuations(totals + log_p.gather(1, pieces), pieces, torch.zeros_like(pieces))

    def follow(self, kept: np.ndarray, step: Step) -> None:
        """Nothing to keep."""


def likelier(log_p: Tensor, settings: Search) -> tuple[Tensor, Tensor | None]:
    """Log-probabilities (N, V) -> chances of the pieces that may be drawn (N, C), and their names (N, C) if not all.

    They are tempered, then cut to the `top_k` likeliest pieces (Fan et al. 2018, arXiv:1805.04833), then to the
    fewest, likeliest first, whose chances reach `top_p` (the nucleus: Holtzman et al. 2020, arXiv:1904.09751). A
    temperature of 0 leaves the likeliest alone.
    """
    most = 1 if settings.temperature == 0 else min(settings.top_k or log_p.shape[-1], log_p.shape[-1])
    tempered = log_p / (settings.temperature or 1.0)
    if most == log_p.shape[-1] and settings.top_p == 1:
        return tempered.softmax(-1).nan_to_num(0.0), None
    values, names = tempered.topk(most)
    chances = values.softmax(-1).nan_to_num(0.0)
    before = chances.double().cumsum(-1) - chances
    return chances.masked_fill(before >= settings.top_p, 0.0), names


def lots(source: Tensor, mask: Tensor, settings: Search, steps: int) -> np.ndarray:
    """Uniform numbers in [0, 1) for each sample of each sentence, (B nbest, steps), from source ids (B, S).

    A generator of its own for each, seeded with the sentence, the sample's number and `settings.seed`.
    """
    rows = []
    for ids, real in zip(source.cpu().numpy(), mask.cpu().numpy(), strict=True):
        content = ids[real].astype("<i8").tobytes()
        for number in range(settings.nbest):
            key = f"{settings.seed} {number} ".encode() + content
            seed = int.from_bytes(hashlib.blake2b(key, digest_size=16).digest(), "little")
            rows.append(np.random.Generator(np.random.PCG64(seed)).random(steps))
    return np.stack(rows)


@torch.inference_mode()
def sample(
    model: Steps,
    source: Tensor,
    mask: Tensor,
    settings: Search,
    demands: Sequence[Automaton] = (),
    places: Sequence[Places] = (),
) -> list[list[Hypothesis]]:
    """`settings.nbest` samples of each sentence, best first, for source ids (B, S); the same may come twice."""
    count = settings.nbest
    limits = length_limits(mask, settings).repeat_interleave(count)
    rules = [Constraint([a for a in demands for _ in range(count)], limits, 1)] if demands else []
    limits = rules[0].limits if rules else limits
    memory = model.encode(source, mask).repeat(count)
    draw = Draw(settings, lots(source, mask, settings, int(limits.max())))
    found = explore(model, memory, limits, 1, draw, rules)
    lengths = mask.sum(1).tolist()
    wanted = [range(row * count, (row + 1) * count) for row in range(len(source))]
    return [ranked(found, rows, length, settings) for rows, length in zip(wanted, lengths, strict=True)]
