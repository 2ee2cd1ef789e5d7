"""Diverse beam search (Vijayakumar et al. 2018, arXiv:1610.02424): groups of hypotheses that shun one another's words.

A beam of K is cut into G groups. At each step they choose in turn, and a group pays `diversity` for a piece each time
an earlier group has just taken it, EOS too (Hamming diversity). What a hypothesis has paid counts while its group
chooses, but not when all are ranked in the end.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from nmt.search.beam import likeliest
from nmt.search.constraints import Automaton, Constraint
from nmt.search.guidance import Places
from nmt.search.hypothesis import Hypothesis, Steps
from nmt.search.limits import length_limits
from nmt.search.loop import Continuations, Step, explore, ranked
from nmt.settings import EOS, PAD, Search


class Groups:
    """Chooses for one group after another. A row is a group; the groups of a sentence stand side by side."""

    def __init__(self, groups: int, diversity: float) -> None:
        self.groups, self.diversity = groups, diversity
        self._paid = torch.zeros(0)  # (R, K) by each hypothesis, so far
        self._prices = torch.zeros(0)  # (R, V) of each piece at this step

    def choose(self, number: int, totals: Tensor, log_p: Tensor, alive: np.ndarray) -> Continuations:
        """The best 2K continuations of each group, after what earlier groups have chosen."""
        rows, beam = totals.shape
        if number == 1:
            self._paid = torch.zeros_like(totals)
        used = log_p.new_zeros(rows, log_p.shape[-1])
        self._prices = torch.empty_like(used)
        best = [torch.empty(rows, min(2 * beam, log_p.shape[-1] * beam), dtype=dtype, device=log_p.device)
                for dtype in (totals.dtype, torch.long, torch.long)]  # fmt: skip
        sentences = torch.from_numpy(np.unique(alive // self.groups, return_inverse=True)[1]).to(log_p.device)
        for group in range(self.groups):
            own = torch.from_numpy(np.flatnonzero(alive % self.groups == group)).to(log_p.device)
            if len(own) == 0:
                continue
            self._prices[own] = used[sentences[own]] * self.diversity
            told = log_p.unflatten(0, (rows, beam))[own]
            priced = (told - self._prices[own, None]).flatten(0, 1)
            _, pieces, parents = likeliest(totals[own] - self._paid[own], priced)
            true = totals[own].gather(1, parents) + told.flatten(1).gather(1, parents * told.shape[-1] + pieces)
            for all_rows, part in zip(best, (true, pieces, parents), strict=True):
                all_rows[own] = part
            went_on = torch.sort(pieces == EOS, dim=1, stable=True).indices[:, :beam]
            chosen = torch.cat([pieces.gather(1, went_on), pieces[:, :beam].where(pieces[:, :beam] == EOS, PAD)], 1)
            used.index_put_((sentences[own, None], chosen), used.new_ones(()), accumulate=True)
        return Continuations(*best)

    def follow(self, kept: np.ndarray, step: Step) -> None:
        """What those that go on have paid."""
        rows = torch.from_numpy(kept).to(self._paid.device)
        parents, pieces = (torch.from_numpy(part[kept]).to(rows.device) for part in (step.parents, step.pieces))
        self._paid = self._paid[rows].gather(1, parents) + self._prices[rows].gather(1, pieces)


@torch.inference_mode()
def diverse_search(
    model: Steps,
    source: Tensor,
    mask: Tensor,
    settings: Search,
    demands: Sequence[Automaton] = (),
    places: Sequence[Places] = (),
) -> list[list[Hypothesis]]:
    """Different hypotheses of each sentence, best first, for source ids (B, S). `places` are not heeded.

    At most `settings.nbest`, and fewer where groups found the same: a larger `settings.diversity` gives more.
    """
    groups = settings.groups or settings.beam
    beam, limits = settings.beam // groups, length_limits(mask, settings).repeat_interleave(groups)
    rules = [Constraint([a for a in demands for _ in range(groups)], limits, beam)] if demands else []
    limits = rules[0].limits if rules else limits
    memory = model.encode(source, mask).repeat(groups)
    found = explore(model, memory, limits, beam, Groups(groups, settings.diversity), rules)
    lengths = mask.sum(1).tolist()
    wanted = [range(row * groups, (row + 1) * groups) for row in range(len(source))]
    return [ranked(found, rows, length, settings, distinct=True) for rows, length in zip(wanted, lengths, strict=True)]
