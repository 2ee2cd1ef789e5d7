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
from nmt.search.limits import length_limits, log_probabilities
from nmt.search.loop import score
from nmt.settings import BOS, EOS, Search


@torch.inference_mode()
def greedy_search(
    model: Steps,
    source: Tensor,
    mask: Tensor,
    settings: Search,
    demands: Sequence[Automaton] = (),
    places: Sequence[Places] = (),
) -> list[list[Hypothesis]]:
    """One hypothesis a sentence for source ids (B, S); finished sentences leave the batch."""
    if demands:
        return beam_search(model, source, mask, replace(settings, beam=1, nbest=1), demands, places)
    limits = length_limits(mask, settings)
    memory = model.encode(source, mask)
    state = model.start(memory)
    words = torch.full((len(source), 1), BOS, device=source.device)
    alive = list(range(len(source)))
    pieces: list[list[int]] = [[] for _ in alive]
    attention: list[list[Tensor]] = [[] for _ in alive]
    gains: list[list[float]] = [[] for _ in alive]
    for step in range(1, int(limits.max()) + 1):
        out = model.unroll(words, memory, state)
        log_p, chosen = log_probabilities(out.scores[:, -1], limits <= step).max(-1)
        weights = out.attended.weights[:, -1].float().cpu()
        for row, gain, piece in zip(range(len(alive)), log_p.tolist(), chosen.tolist(), strict=True):
            gains[alive[row]].append(gain)
            pieces[alive[row]].append(piece)
            attention[alive[row]].append(weights[row])
        going = (chosen != EOS).nonzero().squeeze(1)
        if len(going) == 0:
            break
        state = out.state if len(going) == len(alive) else out.state.select(going)
        if len(going) < len(alive):
            memory, limits = memory.select(going), limits[going]
            alive = [alive[row] for row in going.tolist()]
        words = chosen[going, None]
    lengths = mask.sum(1).tolist()
    return [
        [_finished(pieces[i], np.array(gains[i]), torch.stack(attention[i])[:, : lengths[i]], settings)]
        for i in range(len(source))
    ]


def _finished(pieces: list[int], gains: np.ndarray, attention: Tensor, settings: Search) -> Hypothesis:
    read = attention.numpy()
    return Hypothesis(pieces[:-1], score(float(gains.sum()), read, settings), gains, read)
