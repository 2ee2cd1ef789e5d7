"""The loop behind every search: one step of the model, rules, a choice, and again until all sentences are done.

R rows are searched side by side, each with K live hypotheses. At a step the model tells log-probabilities, rules change
them, and a choice names continuations in its order. Those among the first K that end are finished; the first K that go
on stay. A row is done when K are finished or its length limit is reached, and then leaves the batch.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from nmt.search.hypothesis import Hypothesis, Remembered, Steps
from nmt.search.limits import log_probabilities
from nmt.settings import BOS, EOS, Search

SMALLEST = 1e-9
"""What a source piece counts for in the coverage penalty at the least, for 0 has no logarithm."""


class Continuations(NamedTuple):
    """What may follow, in the order of a choice. At least K of them go on, where there are so many."""

    totals: Tensor  # (R, C) log-probabilities, this step included
    pieces: Tensor  # (R, C)
    parents: Tensor  # (R, C) the hypothesis each continues


class Step(NamedTuple):
    """One step of the search, kept to trace hypotheses back. R rows are those alive then."""

    rows: np.ndarray  # (R,) the row of each at the step before
    pieces: np.ndarray  # (R, K)
    parents: np.ndarray  # (R, K) the hypothesis each continues
    totals: np.ndarray  # (R, K) log-probabilities, this step included
    attention: np.ndarray  # (R, K, S) what was read, by parent


class Follower(Protocol):
    """What keeps something about every hypothesis."""

    def follow(self, kept: np.ndarray, step: Step) -> None:
        """Rows `kept` (R',) of a step go on."""


class Rule(Follower, Protocol):
    """What changes log-probabilities before a choice is made."""

    def apply(self, number: int, log_p: Tensor, alive: np.ndarray, read: Tensor) -> None:
        """Change log-probabilities (R K, V) of step `number`, from 1 on, in place.

        `alive` (R,) are the rows' names, `read` (R K, S) what was read for this step.
        """


class Choice(Follower, Protocol):
    """What picks continuations."""

    def choose(self, number: int, totals: Tensor, log_p: Tensor, alive: np.ndarray) -> Continuations:
        """Hypotheses (R, K) and their next log-probabilities (R K, V), which may be overwritten -> continuations."""


class End(NamedTuple):
    """Where a hypothesis ended."""

    log_probability: float
    step: int
    row: int
    parent: int
    bonus: float = 0.0  # what counts in its favour beside the log-probability


class Found(NamedTuple):
    """The hypotheses that ended, by row, and what they are traced back through."""

    history: list[Step]
    ends: list[list[End]]


def explore(
    model: Steps, memory: Remembered, limits: Tensor, beam: int, choice: Choice, rules: Sequence[Rule] = ()
) -> Found:
    """Search all rows of a memory, each at most `limits` (R,) steps, with `beam` hypotheses each."""
    rows, device = len(limits), limits.device
    ends: list[list[End]] = [[] for _ in range(rows)]
    state = model.start(memory).select(torch.arange(rows, device=device).repeat_interleave(beam))
    totals = torch.full((rows, beam), -torch.inf, device=device)  # log-probabilities of live hypotheses
    totals[:, 0] = 0
    words = torch.full((rows * beam, 1), BOS, device=device)
    alive, kept, history = np.arange(rows), np.arange(rows), list[Step]()
    for number in range(1, int(limits.max()) + 1):
        out = model.unroll(words, memory, state)
        log_p = log_probabilities(out.scores[:, -1], (limits <= number).repeat_interleave(beam))
        for rule in rules:
            rule.apply(number, log_p, alive, out.attended.weights[:, -1])
        found = choice.choose(number, totals, log_p, alive)
        _collect(number, found, alive, beam, ends)
        done = np.array([len(ends[i]) >= beam for i in alive]) | (limits <= number).cpu().numpy()
        totals, pieces, parents = _live(*found, beam)
        told = (pieces.cpu().numpy(), parents.cpu().numpy(), totals.cpu().numpy())
        history.append(Step(kept, *told, _rows(out.attended.weights, beam)))
        if done.all():
            break
        kept = np.flatnonzero(~done)
        for follower in (choice, *rules):
            follower.follow(kept, history[-1])
        going = torch.from_numpy(kept).to(device)
        state = out.state.select((going[:, None] * beam + parents[going]).flatten())
        if done.any():
            memory, limits, alive = memory.select(going), limits[going], alive[kept]
        totals, words = totals[going], pieces[going].reshape(-1, 1)
    return Found(history, ends)


def ranked(
    found: Found, rows: Sequence[int], length: int, settings: Search, distinct: bool = False
) -> list[Hypothesis]:
    """The hypotheses that ended in some rows of one sentence of `length` pieces, best first, `settings.nbest` at most.

    Ranked by log-probability over length to the power of the length penalty, plus the coverage penalty (Wu et al. 2016,
    equation 14, with a base of 0 for the length). A bonus changes the order, not the score. `distinct` leaves out those
    that another row has found too.
    """
    ends = [end for row in rows for end in found.ends[row]]
    ends.sort(key=lambda end: -(end.log_probability + end.bonus) / end.step**settings.length_penalty)
    if not (settings.coverage_penalty or distinct):  # only what is returned needs to be traced
        ends = ends[: settings.nbest]
    every = [_trace(found.history, end, length, settings) for end in ends]
    if any(end.bonus for end in ends):
        extra = [end.bonus / end.step**settings.length_penalty for end in ends]
        order = sorted(range(len(ends)), key=lambda place: -every[place].score - extra[place])
        return [every[place] for place in order][: settings.nbest]
    if distinct:
        every = list({tuple(hypothesis.pieces): hypothesis for hypothesis in reversed(every)}.values())[::-1]
    return sorted(every, key=lambda hypothesis: -hypothesis.score)[: settings.nbest]


def score(log_probability: float, attention: np.ndarray, settings: Search) -> float:
    """What hypotheses are ranked by: a log-probability and the attention (T + 1, S), EOS included."""
    over_length = log_probability / float(len(attention)) ** settings.length_penalty
    if not settings.coverage_penalty:
        return over_length
    return over_length + settings.coverage_penalty * coverage(attention)


def coverage(attention: np.ndarray) -> float:
    """How far the source was read, at most 0, from attention (T + 1, S): sum_i log(min(sum_j a_ij, 1)).

    Wu et al. 2016 (arXiv:1609.08144), equation 14. i runs over the source's pieces without its EOS, j over all steps.
    """
    read = attention[:, :-1].sum(0, dtype=np.float64)
    return float(np.log(np.clip(read, SMALLEST, 1.0)).sum())


def _live(totals: Tensor, pieces: Tensor, parents: Tensor, beam: int) -> tuple[Tensor, Tensor, Tensor]:
    """The first K continuations that go on, each (R, K)."""
    totals = totals.masked_fill(pieces == EOS, -torch.inf)
    order = torch.sort(pieces == EOS, dim=1, stable=True).indices[:, :beam]
    return totals.gather(1, order), pieces.gather(1, order), parents.gather(1, order)


def _rows(weights: Tensor, beam: int) -> np.ndarray:
    return weights[:, -1].unflatten(0, (-1, beam)).float().cpu().numpy()  # type: ignore[no-any-return]


def _collect(number: int, found: Continuations, alive: np.ndarray, beam: int, ends: list[list[End]]) -> None:
    """Add the hypotheses that end at this step to `ends`, by row."""
    ended = (found.pieces[:, :beam] == EOS) & found.totals[:, :beam].isfinite()
    if not ended.any():
        return
    values, rows = found.totals.double().cpu().numpy(), found.parents.cpu().numpy()
    for row, place in ended.nonzero().tolist():
        ends[alive[row]].append(End(float(values[row, place]), number, row, int(rows[row, place])))


def _trace(history: list[Step], end: End, length: int, settings: Search) -> Hypothesis:
    """A hypothesis without its EOS, with its attention (T + 1, S), followed back from its end."""
    row, place = end.row, end.parent
    last = history[end.step - 1]
    pieces, totals, attention = list[int](), [end.log_probability], [last.attention[row, place, :length]]
    row = int(last.rows[row])
    for step in reversed(history[: end.step - 1]):
        pieces.append(int(step.pieces[row, place]))
        totals.append(float(step.totals[row, place]))
        place = int(step.parents[row, place])
        attention.append(step.attention[row, place, :length])
        row = int(step.rows[row])
    gains, read = np.diff(totals[::-1], prepend=0.0), np.stack(attention[::-1])
    return Hypothesis(pieces[::-1], score(end.log_probability, read, settings), gains, read)
