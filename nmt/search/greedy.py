"""The likeliest piece at every step."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from nmt.search.beam import beam_search
from nmt.search.constraints import Automaton
from nmt.search.guidance import Places
from nmt.search.hypothesis import Hypothesis, Steps
from nmt.search.limits import length_limits
from nmt.search.loop import Continuations, Step, explore, ranked
from nmt.settings import Search


class Likeliest:
    """The best continuation of a hypothesis alone: where it ends, the row is done, and no second one is needed."""

    def choose(self, number: int, totals: Tensor, log_p: Tensor, alive: np.ndarray) -> Continuations:
        """Of one hypothesis a row, without the sort that several need."""
        best, pieces = log_p.max(-1, keepdim=True)
        return Continuations(totals + best, pieces, torch.zeros_like(pieces))

    def follow(self, kept: np.ndarray, step: Step) -> None:
        """Nothing to keep."""


@torch.inference_mode()
def greedy_search(
    model: Steps,
    source: Tensor,
    mask: Tensor,
    settings: Search,
    demands: Sequence[Automaton] = (),
    places: Sequence[Places] = (),
) -> list[list[Hypothesis]]:
    """One hypothesis a sentence for source ids (B, S); demands need a beam of one, which may have to look further."""
    settings = replace(settings, beam=1, nbest=1)
    if demands:
        return beam_search(model, source, mask, settings, demands, places)
    found = explore(model, model.encode(source, mask), length_limits(mask, settings), 1, Likeliest())
    return [ranked(found, [row], length, settings) for row, length in enumerate(mask.sum(1).tolist())]
