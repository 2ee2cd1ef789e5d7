"""Required phrases in their right places: a phrase had better begin where its counterpart in the source is read.

A form of a group that begins at step t is worth BONUS (1 - max_{s<t} a_s) a_t nats. a_t, at most 1, is what step t
reads of the source pieces that the group translates: much where they are read, nothing where they are not or have been
read and so most likely been translated by another word. The bonus is taken back when the form is not written to its
end. All that meets its demands has begun every form somewhere, so that the bonus compares places; which form it is, and
which article stands before it, is left to the model. (Hasler et al. 2018, arXiv:1805.03750, let attention decide where
a constraint may begin; here it is weighed against the model's own opinion.)
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from nmt.search.constraints import Constraint
from nmt.search.loop import Found, Step

BONUS = 32.0
"""Nats for a form that begins where nothing but its counterpart is read; `python benchmarks/terms.py` chose it."""

Places = Sequence[Sequence[Sequence[int]]]
"""For each required group and each time it is required, the source pieces it translates; none where that is unknown."""


class Guidance:
    """The rule; stands after the `Constraint` whose states it reads."""

    def __init__(self, rule: Constraint, places: Sequence[Places], length: int, bonus: float = BONUS) -> None:
        """`places` one a row, for sources of `length` pieces at most, padding included."""
        self.rule, self.bonus = rule, bonus
        rows, groups = len(places), max(map(len, places), default=0)
        times = max((len(every) for some in places for every in some), default=0)
        self.targets = np.zeros((rows, groups, times, length), np.float32)  # 1 at the pieces of each counterpart
        for row, some in enumerate(places):
            for group, every in enumerate(some):
                for time, pieces in enumerate(every):
                    self.targets[row, group, time, list(pieces)] = 1.0
        beam = rule.beam
        self.levels = np.zeros((rows, beam, groups), np.int8)  # of each hypothesis
        self.seen = np.zeros((rows, beam, groups, times), np.float32)  # most that a step read of each so far
        self.last = np.zeros((rows, beam, groups), np.float32)  # the bonus of the form that was begun last
        self.held = np.zeros((rows, beam), np.float32)  # all bonuses of a hypothesis
        self.history: list[tuple[np.ndarray, np.ndarray]] = []  # held before and after each step, (R, K)

    def apply(self, number: int, log_p: Tensor, alive: np.ndarray, read: Tensor) -> None:
        """Add what each piece begins, and take back what it gives up."""
        beam = self.rule.beam
        weights = read.float().cpu().numpy().reshape(len(alive), beam, -1)
        targets = self.targets[alive][..., : weights.shape[-1]]
        self.now = np.einsum("rks,rgts->rkgt", weights, targets)
        worth = self.bonus * (self.now * np.maximum(0.0, 1.0 - self.seen)).max(-1, initial=0.0)  # (R, K, G)
        self.worth = worth
        self.next = self._levels(self.rule.following, alive)  # (R, K, G, V)
        change = self.next - self.levels[..., None]
        self.begins = (change > 0) | ((change == 0) & self._starts(alive))
        left = (change < 0) | ((change == 0) & self.begins)
        self.gain = (self.begins * worth[..., None] - left * self.last[..., None]).sum(2)
        log_p += torch.from_numpy(self.gain).to(log_p).flatten(0, 1)

    def follow(self, kept: np.ndarray, step: Step) -> None:
        """Each hypothesis that goes on, with what it holds."""
        parents, pieces = step.parents, step.pieces
        every = np.arange(len(parents))[:, None]
        before, held = self.held, self.held[every, parents] + self.gain[every, parents, pieces]
        self.history.append((before, held))
        new = self.next[every, parents, :, pieces]
        change = new - self.levels[every, parents]
        begun = np.where(self.begins[every, parents, :, pieces], self.worth[every, parents], self.last[every, parents])
        self.last = np.where(change < 0, 0.0, begun)[kept]
        self.seen = np.maximum(self.seen, self.now)[every, parents][kept]
        self.levels, self.held = new[kept], held[kept]

    def settle(self, found: Found) -> Found:
        """What was found, with log-probabilities as the model told them and bonuses beside them."""
        history = [
            step._replace(totals=step.totals - held)
            for step, (_, held) in zip(found.history, self.history, strict=False)
        ] + found.history[len(self.history) :]
        before = [held for held, _ in self.history] + [self.held]
        ends = []
        for some in found.ends:
            bonuses = [float(before[end.step - 1][end.row, end.parent]) for end in some]
            ends.append([
                end._replace(log_probability=end.log_probability - bonus, bonus=bonus)
                for end, bonus in zip(some, bonuses, strict=True)
            ])  # fmt: skip
        return Found(history, ends)

    def _starts(self, alive: np.ndarray) -> np.ndarray:
        """Where each piece gives up one form of a group for another (R, K, G, V)."""
        states, following = self.rule.states, self.rule.following
        found = np.zeros((*states.shape, self.targets.shape[1], following.shape[2]), bool)
        for row, name in enumerate(alive):
            for place, state in enumerate(states[row].tolist()):
                starts = self.rule.automata[name].starts(state, following[row, place])
                if starts is not None:
                    found[row, place, : len(starts)] = starts
        return found

    def _levels(self, states: np.ndarray, alive: np.ndarray) -> np.ndarray:
        """Levels (R, K, G, V) of states (R, K, V); a row with fewer groups has zeros."""
        rows, beam, pieces = states.shape
        found = np.zeros((rows, beam, self.targets.shape[1], pieces), np.int8)
        for row, name in enumerate(alive):
            levels = self.rule.automata[name].levels(states[row])
            found[row, :, : len(levels)] = levels.swapaxes(0, 1)
        return found
