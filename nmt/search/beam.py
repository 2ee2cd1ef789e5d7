"""Beam search over a batch (Sutskever et al. 2014; length normalisation as in Wu et al. 2016, with its base 0).

At a step every sentence has K live hypotheses and looks at their 2K best continuations. Those among the first K that
end are finished; the first K that go on stay. A sentence is done when K are finished or its length limit is reached,
and then leaves the batch.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from nmt.search.hypothesis import Hypothesis, Steps
from nmt.search.limits import length_limits, log_probabilities
from nmt.settings import BOS, EOS, Search


class _Step(NamedTuple):
    """One step of the search, kept to trace hypotheses back. R rows are the sentences alive then."""

    rows: np.ndarray  # (R,) the row of each sentence at the step before
    pieces: np.ndarray  # (R, K)
    parents: np.ndarray  # (R, K) the hypothesis each continues
    totals: np.ndarray  # (R, K) log-probabilities, this step included
    attention: np.ndarray  # (R, K, S) what was read, by parent


class _End(NamedTuple):
    """Where a hypothesis ended."""

    score: float
    log_probability: float
    step: int
    row: int
    parent: int


@torch.inference_mode()
def beam_search(model: Steps, source: Tensor, mask: Tensor, settings: Search) -> list[list[Hypothesis]]:
    """The best `settings.nbest` hypotheses of each sentence, best first, for source ids (B, S)."""
    beam, limits, device = settings.beam, length_limits(mask, settings), source.device
    found: list[list[_End]] = [[] for _ in source]
    memory = model.encode(source, mask)
    state = model.start(memory).select(torch.arange(len(source), device=device).repeat_interleave(beam))
    totals = torch.full((len(source), beam), -torch.inf, device=device)  # log-probabilities of live hypotheses
    totals[:, 0] = 0
    words = torch.full((len(source) * beam, 1), BOS, device=device)
    alive, kept, history = np.arange(len(source)), np.arange(len(source)), list[_Step]()
    for step in range(1, int(limits.max()) + 1):
        out = model.unroll(words, memory, state)
        log_p = log_probabilities(out.scores[:, -1], (limits <= step).repeat_interleave(beam))
        totals, pieces, parents = _continuations(totals, log_p)
        _collect(step, totals, pieces, parents, alive, settings, found)
        done = np.array([len(found[i]) >= beam for i in alive]) | (limits <= step).cpu().numpy()
        totals, pieces, parents = _live(totals, pieces, parents, beam)
        told = (pieces.cpu().numpy(), parents.cpu().numpy(), totals.cpu().numpy())
        history.append(_Step(kept, *told, _rows(out.attended.weights, beam)))
        if done.all():
            break
        kept = np.flatnonzero(~done)
        going = torch.from_numpy(kept).to(device)
        state = out.state.select((going[:, None] * beam + parents[going]).flatten())
        if done.any():
            memory, limits, alive = memory.select(going), limits[going], alive[kept]
        totals, words = totals[going], pieces[going].reshape(-1, 1)
    lengths = mask.sum(1).tolist()
    return [
        [_trace(history, end, length) for end in sorted(ends, key=lambda end: -end.score)[: settings.nbest]]
        for ends, length in zip(found, lengths, strict=True)
    ]


def _continuations(totals: Tensor, log_p: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Best 2K continuations of K hypotheses: log-probabilities, pieces, parents, each (R, 2K).

    They use at most 2K different pieces, those with the best continuations of their own: V pieces are ranked, not K V.
    """
    rows, beam = totals.shape
    every = log_p.view(rows, beam, -1).add_(totals[:, :, None])  # (R, K, V)
    names = every.amax(1).topk(min(2 * beam, every.shape[-1])).indices  # (R, 2K)
    some = every.gather(2, names[:, None].expand(-1, beam, -1)).flatten(1)
    best, places = some.topk(min(2 * beam, some.shape[1]))
    return best, names.gather(1, places % names.shape[1]), places // names.shape[1]


def _live(totals: Tensor, pieces: Tensor, parents: Tensor, beam: int) -> tuple[Tensor, Tensor, Tensor]:
    """The first K continuations that go on, each (R, K)."""
    totals = totals.masked_fill(pieces == EOS, -torch.inf)
    order = torch.sort(pieces == EOS, dim=1, stable=True).indices[:, :beam]
    return totals.gather(1, order), pieces.gather(1, order), parents.gather(1, order)


def _rows(weights: Tensor, beam: int) -> np.ndarray:
    return weights[:, -1].unflatten(0, (-1, beam)).float().cpu().numpy()  # type: ignore[no-any-return]


def _collect(
    step: int,
    totals: Tensor,
    pieces: Tensor,
    parents: Tensor,
    alive: np.ndarray,
    settings: Search,
    found: list[list[_End]],
) -> None:
    """Add the hypotheses that end at this step to `found`, by sentence."""
    ended = (pieces[:, : settings.beam] == EOS) & totals[:, : settings.beam].isfinite()
    if not ended.any():
        return
    values, rows = totals.double().cpu().numpy(), parents.cpu().numpy()
    for row, place in ended.nonzero().tolist():
        total = float(values[row, place])
        found[alive[row]].append(_End(total / step**settings.length_penalty, total, step, row, int(rows[row, place])))


def _trace(history: list[_Step], end: _End, length: int) -> Hypothesis:
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
    gains = np.diff(totals[::-1], prepend=0.0)
    return Hypothesis(pieces[::-1], end.score, gains, np.stack(attention[::-1]))
