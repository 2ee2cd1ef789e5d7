"""What a translation must keep to, as automata over pieces, and a beam that is shared out while phrases are missing.

An automaton reads pieces and says which may come next and how many are still needed until the text may end. With it a
rule bars what is not allowed, and what would leave too few steps to meet the demands: so they are met whenever the
length limit allows. (Anderson et al. 2017, arXiv:1612.00576, search with automata of words; here any spelling of a
text in pieces counts, as in Koo et al. 2024, arXiv:2407.08103.)
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from nmt.search.loop import Continuations, Step
from nmt.settings import EOS

DEAD = 0
"""The state of an automaton after a piece that is not allowed."""


class Automaton(Protocol):
    """The demands on one text. States are numbers from 0, which is DEAD; they are found as they are asked for."""

    start: int

    @property
    def owed_at_start(self) -> int:
        """Pieces that required phrases need; 0 where none are required."""

    @property
    def needed_at_start(self) -> int:
        """Pieces that suffice to meet all demands."""

    def after(self, state: int) -> np.ndarray:
        """The state after each piece (V,), DEAD where it may not follow; at EOS the state itself where a text may end.

        Any thread may ask.
        """

    def too_far(self, states: np.ndarray, left: int) -> np.ndarray | None:
        """Which of some states need more than `left` pieces until the text may end; None where none does."""

    def owed(self, states: np.ndarray) -> np.ndarray:
        """How many pieces suffice, from each of some states, for the required phrases that are missing."""

    def starts(self, state: int, following: np.ndarray) -> np.ndarray | None:
        """In which groups of G each piece, which leads to states (V,), begins a form and gives up another: (G, V).

        None where no form has begun that could be given up.
        """

    def levels(self, states: np.ndarray) -> np.ndarray:
        """How often each of G required groups has been met in some states (...,), or has begun to be: (G, ...)."""


class Constraint:
    """The rule: follows each hypothesis in the automaton of its sentence."""

    def __init__(self, automata: Sequence[Automaton], limits: Tensor, beam: int) -> None:
        """One automaton a row. `limits` (R,) are for the text alone: what the demands need is added to them."""
        self.automata, self.beam = automata, beam
        self.limits = limits + torch.tensor([a.needed_at_start for a in automata], device=limits.device)
        self._limits = self.limits.cpu().numpy()
        self.states = np.array([[automaton.start] * beam for automaton in automata])  # (R, K)
        self.following = np.empty((0, 0, 0))  # (R, K, V) the state after each piece

    def apply(self, number: int, log_p: Tensor, alive: np.ndarray, read: Tensor) -> None:
        """Bar the pieces that may not follow, or after which the steps left do not suffice."""
        own = [self.automata[i] for i in alive]
        rows = [some.after(state) for some, states in zip(own, self.states.tolist(), strict=True) for state in states]
        self.following = np.stack(rows).reshape(len(alive), self.beam, -1)
        barred = self.following == DEAD
        left = self._limits[alive] - number - 1  # without EOS
        for row, automaton in enumerate(own):
            far = automaton.too_far(self.following[row, :, EOS + 1 :], int(left[row]))
            if far is not None:
                barred[row, :, EOS + 1 :] |= far
        log_p.masked_fill_(torch.from_numpy(barred).to(log_p.device).flatten(0, 1), -torch.inf)

    def follow(self, kept: np.ndarray, step: Step) -> None:
        """The hypotheses that go on, each in its new state."""
        self.states = self.following[kept[:, None], step.parents[kept], step.pieces[kept]]

    def owed(self, alive: np.ndarray) -> np.ndarray:
        """What hypotheses owe, and would owe after each piece: (R, K, 1 + V), in pieces of required phrases."""
        both = np.concatenate([self.states[..., None], self.following], axis=2)
        return np.stack([self.automata[i].owed(states) for i, states in zip(alive, both, strict=True)])


class Banks:
    """Dynamic beam allocation (Post & Vilar 2018, arXiv:1804.06609): those that met as much compete with one another.

    Bank b holds the hypotheses that still owe b pieces. The beam takes the best of each bank, then the second of each,
    and so on: places that one bank cannot fill go to the others. Candidates are the 2K best continuations of each
    hypothesis and the K best of those by which it comes nearer to its phrases.
    """

    def __init__(self, rule: Constraint) -> None:
        self.rule = rule

    def choose(self, number: int, totals: Tensor, log_p: Tensor, alive: np.ndarray) -> Continuations:
        """2K continuations of each row."""
        rows, beam = totals.shape
        every = log_p.view(rows, beam, -1).add_(totals[:, :, None])  # (R, K, V)
        owed = torch.from_numpy(self.rule.owed(alive)).to(every.device)
        nearer = every.masked_fill(owed[..., 1:] >= owed[..., :1], -torch.inf)
        nearer[..., EOS] = -torch.inf
        best, pieces = every.topk(min(2 * beam, every.shape[-1]))
        found, towards = nearer.topk(min(beam, every.shape[-1]))
        found = found.masked_fill((towards[..., None] == pieces[..., None, :]).any(-1), -torch.inf)  # they are there
        values, names = torch.cat([best, found], -1).flatten(1), torch.cat([pieces, towards], -1)
        banks = owed[..., 1:].gather(2, names).flatten(1)
        order = _in_turns(values.cpu().numpy(), banks.cpu().numpy())[:, : 2 * beam]
        places = torch.from_numpy(order).to(every.device)
        pieces = names.flatten(1).gather(1, places)
        return Continuations(values.gather(1, places), pieces, places // names.shape[2])

    def follow(self, kept: np.ndarray, step: Step) -> None:
        """Nothing to keep: the rule follows."""


def _in_turns(values: np.ndarray, banks: np.ndarray) -> np.ndarray:
    """The order of candidates (R, C): by rank within their bank, then by what they owe; the impossible last."""
    banks = np.where(np.isfinite(values), banks, np.iinfo(banks.dtype).max)
    order = np.lexsort((-values, banks), axis=1)  # bank after bank, the best first
    sorted_banks = np.take_along_axis(banks, order, 1)
    places = np.arange(values.shape[1])[None]
    first = np.concatenate([np.ones((len(banks), 1), bool), sorted_banks[:, 1:] != sorted_banks[:, :-1]], 1)
    ranks = places - np.maximum.accumulate(np.where(first, places, 0), 1)
    ranks = np.where(sorted_banks == np.iinfo(banks.dtype).max, values.shape[1], ranks)
    return np.take_along_axis(order, np.lexsort((sorted_banks, ranks), axis=1), 1)
