"""Beam search over a batch (Sutskever et al. 2014; length normalisation as in Wu et al. 2016, with its base 0)."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from nmt.search.constraints import Automaton, Banks, Constraint
from nmt.search.guidance import Guidance, Places
from nmt.search.hypothesis import Hypothesis, Steps
from nmt.search.limits import length_limits
from nmt.search.loop import Continuations, Step, explore, ranked
from nmt.settings import Search


class Best:
    """The likeliest continuations."""

    def choose(self, number: int, totals: Tensor, log_p: Tensor, alive: np.ndarray) -> Continuations:
        """The 2K best of each row, best first: K of them go on, whichever end."""
        return likeliest(totals, log_p)

    def follow(self, kept: np.ndarray, step: Step) -> None:
        """Nothing to keep."""


def likeliest(totals: Tensor, log_p: Tensor) -> Continuations:
    """Best 2K continuations of K hypotheses, best first; `log_p` is overwritten.

    They use at most 2K different pieces, those with the best continuations of their own: V pieces are ranked, not K V.
    """
    rows, beam = totals.shape
    every = log_p.view(rows, beam, -1).add_(totals[:, :, None])  # (R, K, V)
    names = every.amax(1).topk(min(2 * beam, every.shape[-1])).indices  # (R, 2K)
    some = every.gather(2, names[:, None].expand(-1, beam, -1)).flatten(1)
    best, places = some.topk(min(2 * beam, some.shape[1]))
    return Continuations(best, names.gather(1, places % names.shape[1]), places // names.shape[1])


@torch.inference_mode()
def beam_search(
    model: Steps,
    source: Tensor,
    mask: Tensor,
    settings: Search,
    demands: Sequence[Automaton] = (),
    places: Sequence[Places] = (),
) -> list[list[Hypothesis]]:
    """The best `settings.nbest` hypotheses of each sentence, best first, for source ids (B, S).

    `demands` are what the text of each must keep to. Where they ask for phrases, the beam is shared out in banks. A
    sentence whose demands cannot be met has no hypotheses. `places`, one a sentence, say what phrases are the
    translation of; then each stands where that is read, if the model agrees.
    """
    limits, beam = length_limits(mask, settings), settings.beam
    if not demands:
        found = explore(model, model.encode(source, mask), limits, beam, Best())
    else:
        rule = Constraint(demands, limits, beam)
        choice = Banks(rule) if any(automaton.owed_at_start for automaton in demands) else Best()
        guide = Guidance(rule, places, source.shape[1]) if any(map(any, places)) else None
        found = explore(
            model, model.encode(source, mask), rule.limits, beam, choice, [rule, guide] if guide else [rule]
        )
        found = guide.settle(found) if guide else found
    return [ranked(found, [row], length, settings) for row, length in enumerate(mask.sum(1).tolist())]
