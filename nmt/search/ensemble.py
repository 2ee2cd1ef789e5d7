"""Several models that say every word together: its probability is the mean of theirs.

They share the vocabularies of both sides. What is read is the mean of what they read.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from nmt.model.states import Attended, Unrolled
from nmt.search.hypothesis import Steps


@dataclass(frozen=True)
class Joined:
    """The memories, or the states, of several models; the rows of each are those of all."""

    parts: tuple[Any, ...]

    def select(self, rows: Tensor) -> "Joined":
        """Keep these rows, in this order."""
        return Joined(tuple(part.select(rows) for part in self.parts))

    def repeat(self, copies: int) -> "Joined":
        """Every row so many times, its copies side by side."""
        return Joined(tuple(part.repeat(copies) for part in self.parts))


class Ensemble:
    """Models as one."""

    def __init__(self, models: Sequence[Steps]) -> None:
        self.models = models

    def encode(self, source: Tensor, mask: Tensor) -> Joined:
        """(B, S), (B, S) -> what each model reads of B sentences."""
        return Joined(tuple(model.encode(source, mask) for model in self.models))

    def start(self, memory: Joined) -> Joined:
        """States before the first word."""
        return Joined(tuple(map(lambda model, part: model.start(part), self.models, memory.parts)))

    def unroll(self, target_in: Tensor, memory: Joined, state: Joined) -> Unrolled:
        """(B, T) -> scores (B, T, V): log mean_k p_k in fp32."""
        every = [
            model.unroll(target_in, part, before)
            for model, part, before in zip(self.models, memory.parts, state.parts, strict=True)
        ]
        log_p = torch.stack([out.scores.float().log_softmax(-1) for out in every])
        weights = torch.stack([out.attended.weights.float() for out in every]).mean(0)
        attended = Attended(every[0].attended.context, weights)
        return Unrolled(log_p.logsumexp(0) - math.log(len(every)), Joined(tuple(o.state for o in every)), attended)
