"""Decoders: one method, `unroll`, for a whole sentence in training and for one step in search.

`feedback` is Bahdanau's own: the context read at a step feeds the state that asks the next question, so it loops.
`input_feeding` is Luong's: the readout of a step, in which the context is mixed, feeds the next state.
`parallel` asks with a recurrence over the words alone and feeds the contexts to a second recurrence above it, so that
all steps of training are a few large matrix products.
"""

from collections.abc import Iterable
from typing import cast

import torch
from torch import Tensor, nn

from nmt.model.attention import Attention
from nmt.model.dropout import Noise, SequenceDropout
from nmt.model.products import Linear, one_product
from nmt.model.recurrent import CELLS, Recurrence
from nmt.model.sequences import tanh
from nmt.model.states import Attended, Memory, State
from nmt.registry import Registry
from nmt.settings import Config


class Decoder(nn.Module):
    """Embedded words and a memory -> readouts."""

    rereads = True  # the readout sees the embedded word too

    def __init__(self, config: Config, noise: Noise) -> None:
        super().__init__()
        self.size = config.decoder.size
        self.attention = Attention(config)
        self.dropout = SequenceDropout(config.dropout.hidden, noise)
        seen = config.decoder.size + 2 * config.encoder.size + self.rereads * config.model.embedding
        self.readout = READOUTS[config.decoder.readout](seen, config.decoder.readout_size)

    def start(self, memory: Memory) -> State:
        """The state before the first word."""
        raise NotImplementedError

    def unroll(self, embedded: Tensor, memory: Memory, state: State) -> tuple[Tensor, State, Attended]:
        """Read words (B, T, D) one after another -> readout (B, T, R), the state after the last, what was read."""
        raise NotImplementedError


class Stepwise(Decoder):
    """Decoders in which what was read feeds the state that asks next: they loop over the words."""

    def __init__(self, config: Config, noise: Noise, fed: int) -> None:
        """`fed`: size of what joins the embedded word as the input of the lowest layer."""
        super().__init__(config, noise)
        decoder, self.fed = config.decoder, fed
        sizes = [config.model.embedding + fed] + [decoder.size] * (decoder.layers - 1)
        self.layers = nn.ModuleList(CELLS[decoder.cell](size, decoder.size) for size in sizes)
        self.norms = nn.ModuleList(nn.LayerNorm(decoder.size) for _ in sizes[1:])

    def step(self, word: Tensor, fed: Tensor, hidden: list[Tensor]) -> Tensor:
        """One word (B, 1, D) and what is fed (B, 1, F) through all layers, whose states are replaced -> (B, 1, H)."""
        below, hidden[0] = self.layers[0](torch.cat([word, fed.to(word.dtype)], dim=-1), hidden[0])
        for i, norm in enumerate(self.norms, start=1):
            above, hidden[i] = self.layers[i](below, hidden[i])
            below = norm(below + above)
        return below


class Feedback(Stepwise):
    """Bahdanau et al. 2015, A.1.2 and A.2.2, with layers on top where `decoder.layers` asks for them.

        c_t = attend(s_{t-1})    s_t = cell([e(y_{t-1}); c_t], s_{t-1})    readout(s_t, c_t, e(y_{t-1}))

    The readout takes s_t as in the paper's equation 4 (its appendix prints s_{t-1}).
    s_0 = tanh(W h), h the first state of the encoder's backward layer.
    """

    def __init__(self, config: Config, noise: Noise) -> None:
        super().__init__(config, noise, fed=2 * config.encoder.size)
        self.bridge = Linear(config.encoder.size, config.decoder.layers * config.decoder.size)

    def start(self, memory: Memory) -> State:
        half = memory.summary.shape[-1] // 2
        return _start(self.layers, torch.tanh(self.bridge(memory.summary[:, half:])))

    def unroll(self, embedded: Tensor, memory: Memory, state: State) -> tuple[Tensor, State, Attended]:
        hidden = list(state.hidden.unbind(1))
        outputs, read = [], []
        with one_product():
            for word in embedded.split(1, dim=1):  # (B, 1, D)
                read.append(self.attention(hidden[-1][:, None, : self.size], memory))
                outputs.append(self.step(word, read[-1].context, hidden))
        attended = _join(read)
        top = self.dropout(torch.cat(outputs, dim=1))
        return self.readout(top, attended.context, embedded), State(torch.stack(hidden, dim=1), state.feed), attended


class InputFeeding(Stepwise):
    """Luong, Pham & Manning 2015 (arXiv:1508.04025), 3.3: the readout of a step is an input of the next.

    s_t = cell([e(y_{t-1}); a_{t-1}], s_{t-1})    c_t = attend(s_t)    a_t = readout(s_t, c_t)
    """

    rereads = False

    def __init__(self, config: Config, noise: Noise) -> None:
        super().__init__(config, noise, fed=config.decoder.readout_size)
        self.bridge = Linear(2 * config.encoder.size, config.decoder.layers * config.decoder.size)

    def start(self, memory: Memory) -> State:
        state = _start(self.layers, torch.tanh(self.bridge(memory.summary)))
        return state._replace(feed=memory.summary.new_zeros(len(memory.summary), self.fed))

    def unroll(self, embedded: Tensor, memory: Memory, state: State) -> tuple[Tensor, State, Attended]:
        hidden, feed, drop = list(state.hidden.unbind(1)), state.feed[:, None], self.dropout.steady()
        readouts, read = [], []
        with one_product():
            for word in embedded.split(1, dim=1):  # (B, 1, D)
                top = self.step(word, feed, hidden)
                read.append(self.attention(top, memory))
                feed = self.readout(drop(torch.cat([top, read[-1].context], dim=-1)))
                readouts.append(feed)
        return torch.cat(readouts, dim=1), State(torch.stack(hidden, dim=1), feed[:, 0]), _join(read)


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
        self.bridge = Linear(states, (1 + decoder.layers) * decoder.size)

    def start(self, memory: Memory) -> State:
        return _start([self.inner, *self.outer], torch.tanh(self.bridge(memory.summary)))

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
        return self.readout(top, attended.context, embedded), State(torch.stack(hidden, dim=1), state.feed), attended


def _start(layers: Iterable[nn.Module], hidden: Tensor) -> State:
    """A state of some layers, from outputs (B, layers * H) to begin with, and nothing fed back."""
    cells = cast(list[Recurrence], list(layers))
    parts = [cell.begin(part) for cell, part in zip(cells, hidden.chunk(len(cells), dim=-1), strict=True)]
    return State(torch.stack(parts, dim=1), hidden.new_zeros(len(hidden), 0))


def _join(steps: list[Attended]) -> Attended:
    """What was read at single steps, as one."""
    return Attended(torch.cat([one.context for one in steps], dim=1), torch.cat([one.weights for one in steps], dim=1))


class Tanh(nn.Module):
    """tanh(W [s; c; e])"""

    def __init__(self, inputs: int, size: int) -> None:
        super().__init__()
        self.linear = Linear(inputs, size)

    def forward(self, *parts: Tensor) -> Tensor:
        """(B, T, ·) each -> (B, T, R)"""
        return tanh(self.linear(torch.cat(parts, dim=-1)))


class Maxout(nn.Module):
    """The larger of each two units of W [s; c; e]   (Goodfellow et al. 2013; Bahdanau et al. 2015, A.2.2)"""

    def __init__(self, inputs: int, size: int) -> None:
        super().__init__()
        self.linear = Linear(inputs, 2 * size)

    def forward(self, *parts: Tensor) -> Tensor:
        """(B, T, ·) each -> (B, T, R)"""
        return self.linear(torch.cat(parts, dim=-1)).unflatten(-1, (-1, 2)).amax(-1)  # type: ignore[no-any-return]


READOUTS = Registry[type[nn.Module]]("readout", tanh=Tanh, maxout=Maxout)
DECODERS = Registry[type[Decoder]]("decoder", parallel=Parallel, feedback=Feedback, input_feeding=InputFeeding)
