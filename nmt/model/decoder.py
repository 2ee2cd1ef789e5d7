"""Decoders: one method, `unroll`, for a whole sentence in training and for one step in search.

`feedback` is Bahdanau's own: the context read at a step feeds the state that asks the next question, so it loops.
`parallel` asks with a recurrence over the words alone and feeds the contexts to a second recurrence above it, so that
all steps of training are a few large matrix products.
"""

from typing import cast

import torch
from torch import Tensor, nn

from nmt.config import Config
from nmt.model.attention import Attention
from nmt.model.dropout import Noise, SequenceDropout
from nmt.model.recurrent import CELLS, Recurrence
from nmt.model.states import Attended, Memory, State
from nmt.registry import Registry


class Decoder(nn.Module):
    """Embedded words and a memory -> readouts."""

    def __init__(self, config: Config, noise: Noise) -> None:
        super().__init__()
        self.size = config.decoder.size
        self.attention = Attention(config)
        self.dropout = SequenceDropout(config.dropout.hidden, noise)
        self.readout = READOUTS[config.decoder.readout](
            config.decoder.size + 2 * config.encoder.size + config.model.embedding, config.decoder.readout_size
        )

    def start(self, memory: Memory) -> State:
        """The state before the first word."""
        raise NotImplementedError

    def unroll(self, embedded: Tensor, memory: Memory, state: State) -> tuple[Tensor, State, Attended]:
        """Read words (B, T, D) one after another -> readout (B, T, R), the state after the last, what was read."""
        raise NotImplementedError


class Feedback(Decoder):
    """Bahdanau et al. 2015, A.1.2 and A.2.2, with layers on top where `decoder.layers` asks for them.

        c_t = attend(s_{t-1})    s_t = cell([e(y_{t-1}); c_t], s_{t-1})    readout(s_t, c_t, e(y_{t-1}))

    The readout takes s_t as in the paper's equation 4 (its appendix prints s_{t-1}).
    s_0 = tanh(W h), h the first state of the encoder's backward layer.
    """

    def __init__(self, config: Config, noise: Noise) -> None:
        super().__init__(config, noise)
        decoder, states = config.decoder, 2 * config.encoder.size
        sizes = [config.model.embedding + states] + [decoder.size] * (decoder.layers - 1)
        self.layers = nn.ModuleList(CELLS[decoder.cell](size, decoder.size) for size in sizes)
        self.norms = nn.ModuleList(nn.LayerNorm(decoder.size) for _ in sizes[1:])
        self.bridge = nn.Linear(states // 2, decoder.layers * decoder.size)

    def start(self, memory: Memory) -> State:
        half = memory.summary.shape[-1] // 2
        hidden = torch.tanh(self.bridge(memory.summary[:, half:])).unflatten(-1, (len(self.layers), -1))
        return State(_widen(hidden, cast(Recurrence, self.layers[0]).width))

    def unroll(self, embedded: Tensor, memory: Memory, state: State) -> tuple[Tensor, State, Attended]:
        hidden = list(state.hidden.unbind(1))
        outputs, contexts, weights = [], [], []
        for word in embedded.split(1, dim=1):  # (B, 1, D)
            question = hidden[-1][:, None, : self.size]
            attended = self.attention(question, memory)
            below, hidden[0] = self.layers[0](torch.cat([word, attended.context], dim=-1), hidden[0])
            for i, norm in enumerate(self.norms, start=1):
                above, hidden[i] = self.layers[i](below, hidden[i])
                below = norm(below + above)
            outputs.append(below)
            contexts.append(attended.context)
            weights.append(attended.weights)
        attended = Attended(torch.cat(contexts, dim=1), torch.cat(weights, dim=1))
        top = self.dropout(torch.cat(outputs, dim=1))
        return self.readout(top, attended.context, embedded), State(torch.stack(hidden, dim=1)), attended


class Parallel(Decoder):
    """A recurrence over the words asks; a recurrence over words and contexts answers.

    q = cell(e(y))    c = attend(q)    s = cell([q; c])    readout(s, c, e(y))
    """

    def __init__(self, config: Config, noise: Noise) -> None:
        super().__init__(config, noise)
        decoder, states = config.decoder, 2 * config.encoder.size
        self.inner = CELLS[decoder.cell](config.model.embedding, decoder.size)
        sizes = [decoder.size + states] + [decoder.size] * (decoder.layers - 1)
        self.outer = nn.ModuleList(CELLS[decoder.cell](size, decoder.size) for size in sizes)
        self.norms = nn.ModuleList(nn.LayerNorm(decoder.size) for _ in sizes[1:])
        self.bridge = nn.Linear(states, (1 + decoder.layers) * decoder.size)

    def start(self, memory: Memory) -> State:
        hidden = torch.tanh(self.bridge(memory.summary)).unflatten(-1, (1 + len(self.outer), -1))
        return State(_widen(hidden, self.inner.width))

    def unroll(self, embedded: Tensor, memory: Memory, state: State) -> tuple[Tensor, State, Attended]:
        hidden = list(state.hidden.unbind(1))
        query, hidden[0] = self.inner(embedded, hidden[0])
        query = self.dropout(query)
        attended = self.attention(query, memory)
        top, hidden[1] = self.outer[0](torch.cat([query, attended.context], dim=-1), hidden[1])
        top = self.dropout(top)
        for i, norm in enumerate(self.norms, start=1):
            above, hidden[i + 1] = self.outer[i](top, hidden[i + 1])
            top = norm(top + self.dropout(above))
        return self.readout(top, attended.context, embedded), State(torch.stack(hidden, dim=1)), attended


def _widen(hidden: Tensor, width: int) -> Tensor:
    """Fill the part of a state (B, layers, H) that is no output (an LSTM's cell) with zeros up to (B, layers, W)."""
    return nn.functional.pad(hidden, (0, width - hidden.shape[-1]))


class Tanh(nn.Module):
    """tanh(W [s; c; e])"""

    def __init__(self, inputs: int, size: int) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, size)

    def forward(self, *parts: Tensor) -> Tensor:
        """(B, T, ·) each -> (B, T, R)"""
        return torch.tanh(self.linear(torch.cat(parts, dim=-1)))


class Maxout(nn.Module):
    """The larger of each two units of W [s; c; e]   (Goodfellow et al. 2013; Bahdanau et al. 2015, A.2.2)"""

    def __init__(self, inputs: int, size: int) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, 2 * size)

    def forward(self, *parts: Tensor) -> Tensor:
        """(B, T, ·) each -> (B, T, R)"""
        return self.linear(torch.cat(parts, dim=-1)).unflatten(-1, (-1, 2)).amax(-1)  # type: ignore[no-any-return]


READOUTS = Registry[type[nn.Module]]("readout", tanh=Tanh, maxout=Maxout)
DECODERS = Registry[type[Decoder]]("decoder", parallel=Parallel, feedback=Feedback)
