"""Beam search over a batch (Sutskever et al. 2014; length normalisation as in Wu et al. 2016, with its base 0).

At a step every sentence has K live hypotheses and looks at their 2K best continuations. Those among the first K that
end are finished; the first K that go on stay. A sentence is done when K are finished or its length limit is reached,
and then leaves the batch.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from nmt.config import BOS, EOS, Search
from nmt.search.hypothesis import Hypothesis, Steps
from nmt.search.limits import length_limits, log_probabilities


class _Step(NamedTuple):
    """One step of the search, kept to trace hypotheses back. R rows are the sentences alive then."""

    rows: np.ndarray  # (R,) the row of each sentence at the step before
    pieces: np.ndarray  # (R, K)
    parents: np.ndarray  # (R, K) the hypothesis each continues
    attention: np.ndarray  # (R, K, S) what was read, by parent


@torch.inference_mode()
def beam_search(model: Steps, source: Tensor, mask: Tensor, settings: Search) -> list[list[Hypothesis]]:
    """The best `settings.nbest` hypotheses of each sentence, best first, for source ids (B, S)."""
    beam, limits, device = settings.beam, length_limits(mask, settings), source.device
    lengths = mask.sum(1).tolist()
    found: list[list[Hypothesis]] = [[] for _ in lengths]
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
        history.append(_Step(kept, pieces.cpu().numpy(), parents.cpu().numpy(), _rows(out.attended.weights, beam)))
        _collect(history, totals, alive, lengths, settings, found)
        done = [len(found[i]) >= beam or limit <= step for i, limit in zip(alive, limits.tolist(), strict=True)]
        if all(done):
            break
        totals, pieces, parents = _live(totals, pieces, parents, beam)
        history[-1] = history[-1]._replace(pieces=pieces.cpu().numpy(), parents=parents.cpu().numpy())
        kept = np.flatnonzero(~np.array(done))
        going = torch.from_numpy(kept).to(device)
        state = out.state.select((going[:, None] * beam + parents[going]).flatten())
        if any(done):
            memory, limits, alive = memory.select(going), limits[going], alive[kept]
        totals, words = totals[going], pieces[going].reshape(-1, 1)
    return [sorted(some, key=lambda h: -h.score)[: settings.nbest] for some in found]


def _continuations(totals: Tensor, log_p: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Best 2K continuations of K hypotheses: log-probabilities, pieces, parents, each (R, 2K)."""
    rows, beam = totals.shape
    every = (totals[:, :, None] + log_p.view(rows, beam, -1)).flatten(1)
    best, places = every.topk(min(2 * beam, every.shape[1]))
    return best, places % log_p.shape[-1], places // log_p.shape[-1]


def _live(totals: Tensor, pieces: Tensor, parents: Tensor, beam: int) -> tuple[Tensor, Tensor, Tensor]:
    """The first K continuations that go on, each (R, K)."""
    totals = totals.masked_fill(pieces == EOS, -torch.inf)
    order = torch.sort(pieces == EOS, dim=1, stable=True).indices[:, :beam]
    return totals.gather(1, order), pieces.gather(1, order), parents.gather(1, order)


def _rows(weights: Tensor, beam: int) -> np.ndarray:
    return weights[:, -1].unflatten(0, (-1, beam)).float().cpu().numpy()  # type: ignore[no-any-return]


def _collect(
    history: list[_Step],
    totals: Tensor,
    alive: np.ndarray,
    lengths: list[int],
    settings: Search,
    found: list[list[Hypothesis]],
) -> None:
    """Add the hypotheses that end at the last step to `found`, by sentence."""
    first = history[-1].pieces[:, : settings.beam]
    scores = totals[:, : settings.beam].double().cpu().numpy()
    for row, place in zip(*np.nonzero((first == EOS) & np.isfinite(scores)), strict=True):
        sentence, total = alive[row], float(scores[row, place])
        pieces, attention = _trace(history, int(row), int(place), lengths[sentence])
        score = total / len(attention) ** settings.length_penalty
        found[sentence].append(Hypothesis(pieces, score, total, attention))


def _trace(history: list[_Step], row: int, place: int, length: int) -> tuple[list[int], np.ndarray]:
    """Pieces without EOS and attention (T + 1, S) of a hypothesis, followed back from its last piece."""
    pieces, attention = [], []
    for step in reversed(history):
        parent = int(step.parents[row, place])
        pieces.append(int(step.pieces[row, place]))
        attention.append(step.attention[row, parent, :length])
        row, place = int(step.rows[row]), parent
    return pieces[:0:-1], np.stack(attention[::-1])
