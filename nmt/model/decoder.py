"""Decoders: one method, `unroll`, for a whole sentence in training and for one step in search.

`feedback` is Bahdanau's own: the context read at a step feeds the state that asks the next question, so it loops.
`input_feeding` is Luong's: the readout of a step, in which the context is mixed, feeds the next state.
`parallel` asks with a recurrence over the words alone and feeds the contexts to a second recurrence above it, so that
all steps of training are a few large matrix products.

A hard unit chooses one state a step. Nothing beside the choice may tell what could be chosen, else the answer would not
need it: what is read out of then knows the contexts of earlier steps alone. A mixture is told them all.
"""

from collections.abc import Iterable
from typing import cast

import torch
from torch import Tensor, nn

from nmt.model.attention import Attention, join
from nmt.model.dropout import Noise, SequenceDropout
from nmt.model.products import Linear, linear, matmul, one_product
from nmt.model.recurrent import CELLS, Recurrence
from nmt.model.sequences import tanh
from nmt.model.states import Memory, State, Told
from nmt.registry import Registry
from nmt.settings import Config


class Decoder(nn.Module):
    """Embedded words and a memory -> readouts."""

    rereads = True  # the readout sees the embedded word too

    def __init__(self, config: Config, noise: Noise) -> None:
        super().__init__()
        self.size = config.decoder.size
        self.attention = Attention(config)
        self.late = self.attention.align.late  # readouts see what was read one step later, but for the state chosen
        self.dropout = SequenceDropout(config.dropout.hidden, noise)
        seen = config.decoder.size + 2 * config.encoder.size + self.rereads * config.model.embedding
        self.readout = READOUTS[config.decoder.readout](seen, config.decoder.readout_size)

    def start(self, memory: Memory) -> State:
        """The state before the first word."""
        raise NotImplementedError

    def unroll(self, embedded: Tensor, memory: Memory, state: State) -> Told:
        """Read words (B, T, D) one after another."""
        raise NotImplementedError

    def had_read(self, told: Told, context: Tensor) -> Tensor:
        """Readouts (B, T, R), had other contexts (B, T, M) been read; the recurrence stays as it went."""
        return self.readout(told.top, context, told.embedded)  # type: ignore[no-any-return]

    def had_read_each(self, told: Told, states: Tensor, weights: Tensor | None = None) -> Tensor:
        """Readouts (B, K*T, S, R), had each state (B, S, M) been read alone; K hypotheses a sentence are one row.

        With weights (B, K*T, J, S): had each of J means of the states been read, (B, K*T, J, R).
        """
        steps = [x.reshape(len(states), -1, x.shape[-1]) for x in (told.top, told.embedded)]
        return self.readout.each(steps[0], states, weights, *steps[1:])  # type: ignore[no-any-return]

    def _start(self, layers: Iterable[nn.Module], hidden: Tensor, memory: Memory, fed: int = 0) -> State:
        """A state of some layers, from outputs (B, layers * H) to begin with, and zeros (B, fed) fed back."""
        cells = cast(list[Recurrence], list(layers))
        parts = [cell.begin(part) for cell, part in zip(cells, hidden.chunk(len(cells), dim=-1), strict=True)]
        feed = hidden.new_zeros(len(hidden), fed)
        return State(torch.stack(parts, dim=1), feed, self.attention.begin(memory))


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

    The readout takes s_t as in the paper's equation 4, and s_{t-1}, as in its appendix, where attention is hard.
    s_0 = tanh(W h), h the first state of the encoder's backward layer.
    """

    def __init__(self, config: Config, noise: Noise) -> None:
        super().__init__(config, noise, fed=2 * config.encoder.size)
        self.bridge = Linear(config.encoder.size, config.decoder.layers * config.decoder.size)

    def start(self, memory: Memory) -> State:
        half = memory.summary.shape[-1] // 2
        state = self._start(self.layers, torch.tanh(self.bridge(memory.summary[:, half:])), memory)
        return state._replace(feed=state.hidden[:, -1, : self.size]) if self.late else state

    def unroll(self, embedded: Tensor, memory: Memory, state: State) -> Told:
        hidden, past = list(state.hidden.unbind(1)), state.past
        outputs, read = [state.feed[:, None]] if self.late else [], []
        with one_product():
            for word in embedded.split(1, dim=1):  # (B, 1, D)
                attended, past = self.attention(hidden[-1][:, None, : self.size], memory, past)
                outputs.append(self.step(word, attended.context, hidden))
                read.append(attended)
        feed = outputs.pop()[:, 0] if self.late else state.feed
        top, attended = self.dropout(torch.cat(outputs, dim=1)), join(read)
        state = State(torch.stack(hidden, dim=1), feed, past)
        return Told(self.readout(top, attended.context, embedded), top, embedded, state, attended)


class InputFeeding(Stepwise):
    """Luong, Pham & Manning 2015 (arXiv:1508.04025), 3.3: the readout of a step is an input of the next.

    s_t = cell([e(y_{t-1}); a_{t-1}], s_{t-1})    c_t = attend(s_t)    a_t = readout(s_t, c_t)
    """

    rereads = False

    def __init__(self, config: Config, noise: Noise) -> None:
        super().__init__(config, noise, fed=config.decoder.readout_size)
        self.bridge = Linear(2 * config.encoder.size, config.decoder.layers * config.decoder.size)

    def start(self, memory: Memory) -> State:
        return self._start(self.layers, torch.tanh(self.bridge(memory.summary)), memory, self.fed)

    def unroll(self, embedded: Tensor, memory: Memory, state: State) -> Told:
        hidden, feed, past, drop = list(state.hidden.unbind(1)), state.feed[:, None], state.past, self.dropout.steady()
        readouts, outputs, read = [], [], []
        with one_product():
            for word in embedded.split(1, dim=1):  # (B, 1, D)
                outputs.append(self.step(word, feed, hidden))
                attended, past = self.attention(outputs[-1], memory, past)
                feed = self.readout(drop(torch.cat([outputs[-1], attended.context], dim=-1)))
                readouts.append(feed)
                read.append(attended)
        state = State(torch.stack(hidden, dim=1), feed[:, 0], past)
        return Told(torch.cat(readouts, dim=1), torch.cat(outputs, dim=1), embedded, state, join(read))

    def had_read(self, told: Told, context: Tensor) -> Tensor:
        return self.readout(self.dropout(torch.cat([told.top, context], dim=-1)))  # type: ignore[no-any-return]

    def had_read_each(self, told: Told, states: Tensor, weights: Tensor | None = None) -> Tensor:
        top = told.top.reshape(len(states), -1, told.top.shape[-1])
        return self.readout.each(self.dropout(top), self.dropout(states), weights)  # type: ignore[no-any-return]


class Parallel(Decoder):
    """A recurrence over the words asks; a recurrence over words and contexts answers.

    q = cell(e(y))    c = attend(q)    s = cell([q; c])    readout(s, c, e(y))

    Where attention is hard, s is fed the context of the step before.
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
        fed = memory.states.shape[-1] if self.late else 0
        return self._start([self.inner, *self.outer], torch.tanh(self.bridge(memory.summary)), memory, fed)

    def unroll(self, embedded: Tensor, memory: Memory, state: State) -> Told:
        hidden = list(state.hidden.unbind(1))
        query, hidden[0] = self.inner(embedded, hidden[0])
        query = self.dropout(query)
        attended, past = self.attention(query, memory, state.past)
        contexts, feed = attended.context, state.feed
        if self.late:
            contexts = torch.cat([feed[:, None].to(contexts.dtype), contexts], dim=1)
            contexts, feed = contexts[:, :-1], contexts[:, -1]
        top, hidden[1] = self.outer[0](torch.cat([query, contexts], dim=-1), hidden[1])
        top = self.dropout(top)
        for i, norm in enumerate(self.norms, start=1):
            above, hidden[i + 1] = self.outer[i](top, hidden[i + 1])
            top = norm(top + self.dropout(above))
        state = State(torch.stack(hidden, dim=1), feed, past)
        return Told(self.readout(top, attended.context, embedded), top, embedded, state, attended)


class Readout(nn.Module):
    """One layer over [s; c; e]: the state, what was read, and perhaps the embedded word."""

    fold = 1  # units of the layer for each of the readout

    def __init__(self, inputs: int, size: int) -> None:
        super().__init__()
        self.linear = Linear(inputs, self.fold * size)

    def bend(self, x: Tensor) -> Tensor:
        """What makes the layer more than linear: (..., fold * R) -> (..., R)."""
        raise NotImplementedError

    def forward(self, *parts: Tensor) -> Tensor:
        """(B, T, ·) each -> (B, T, R)"""
        return self.bend(self.linear(torch.cat(parts, dim=-1)))

    def each(self, top: Tensor, states: Tensor, weights: Tensor | None, *rest: Tensor) -> Tensor:
        """(B, T, H), every state (B, S, M), (B, T, ·) -> (B, T, S, R): as if state s alone had been read at step t.

        With weights (B, T, J, S) -> (B, T, J, R): as if the mean had been read that they give. The layer is linear in
        its parts, so that the products of steps and of states are taken apart.
        """
        sizes = [part.shape[-1] for part in (top, states, *rest)]
        by_top, by_state, *by_rest = self.linear.weight.split(sizes, dim=1)
        steps = linear(torch.cat([top, *rest], -1), torch.cat([by_top, *by_rest], 1), self.linear.bias)
        read = linear(states, by_state)
        if weights is None:
            return self.bend(steps[:, :, None] + read[:, None])
        mean = matmul(weights.to(read.dtype).flatten(1, 2), read).unflatten(1, weights.shape[1:3])
        return self.bend(steps[:, :, None] + mean)


class Tanh(Readout):
    """tanh(W [s; c; e])"""

    def bend(self, x: Tensor) -> Tensor:
        return tanh(x)


class Maxout(Readout):
    """The larger of each two units of W [s; c; e]   (Goodfellow et al. 2013; Bahdanau et al. 2015, A.2.2)"""

    fold = 2

    def bend(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (-1, 2)).amax(-1)


READOUTS = Registry[type[Readout]]("readout", tanh=Tanh, maxout=Maxout)
DECODERS = Registry[type[Decoder]]("decoder", parallel=Parallel, feedback=Feedback, input_feeding=InputFeeding)
