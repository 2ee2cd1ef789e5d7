"""Recurrent cells behind one door: inputs (B, T, I), state (B, W) -> outputs (B, T, H), state after T steps.

One call reads a whole sequence or a single step; training and search use the same code.
"""

import torch
from torch import Tensor, nn

from nmt.model.products import Linear, linear
from nmt.model.sequences import GruSequence, Leak, LstmSequence, tanh
from nmt.registry import Registry


class Recurrence(nn.Module):
    """One layer, one direction. A state (B, W) begins with the last output (B, H)."""

    def __init__(self, inputs: int, size: int) -> None:
        super().__init__()
        self.inputs = inputs
        self.size = size

    @property
    def width(self) -> int:
        """Size W of the state."""
        return self.size

    def begin(self, hidden: Tensor) -> Tensor:
        """A state (B, W) to start from, made of one output (B, H)."""
        return nn.functional.pad(hidden, (0, self.width - self.size))

    def input_weights(self) -> list[Tensor]:
        """The matrices (H, I) applied to the input, one a gate, as views to initialise."""
        raise NotImplementedError

    def remember(self) -> None:
        """Open the forget gates, where there are such."""

    def recurrent_weights(self) -> list[Tensor]:
        """The square matrices (H, H) applied to the previous output, as views to initialise."""
        raise NotImplementedError


class Gru(Recurrence):
    """Gated recurrent unit as in cuDNN: the reset gate acts after the matrix product (Cho et al. 2014).

    r, z = sigmoid(W x + U h)    n = tanh(W x + r * (U h))    h' = (1 - z) * n + z * h
    """

    def __init__(self, inputs: int, size: int) -> None:
        super().__init__(inputs, size)
        self.layer = nn.GRU(inputs, size, batch_first=True)

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, I), (B, W) -> (B, T, H), (B, W)"""
        weight_x, weight_h, bias_x, bias_h = self.layer.all_weights[0]
        if x.shape[1] == 1:
            return self._step(linear(x[:, 0], weight_x, bias_x), linear(state, weight_h, bias_h), state)
        if x.device.type != "cpu":
            outputs, last = self.layer(x, state[None].contiguous())
            return outputs, last[0]
        inputs = linear(x.transpose(0, 1), weight_x, bias_x)  # (T, B, 3H)
        outputs = GruSequence.apply(inputs, state, weight_h, bias_h)  # type: ignore[no-untyped-call]
        return outputs.transpose(0, 1), outputs[-1]

    def _step(self, inputs: Tensor, answered: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        two = 2 * self.size
        reset, update = torch.sigmoid(inputs[:, :two] + answered[:, :two]).chunk(2, dim=-1)
        candidate = tanh(inputs[:, two:] + reset * answered[:, two:])
        state = torch.lerp(candidate, state.to(candidate.dtype), update)
        return state[:, None], state

    def input_weights(self) -> list[Tensor]:
        return list(self.layer.all_weights[0][0].chunk(3))

    def recurrent_weights(self) -> list[Tensor]:
        return list(self.layer.all_weights[0][1].chunk(3))


class Lstm(Recurrence):
    """Long short-term memory (Hochreiter & Schmidhuber 1997, with forget gates); the state packs h and c."""

    def __init__(self, inputs: int, size: int) -> None:
        super().__init__(inputs, size)
        self.layer = nn.LSTM(inputs, size, batch_first=True)

    @property
    def width(self) -> int:
        return 2 * self.size

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, I), (B, W) -> (B, T, H), (B, W)"""
        hidden, cell = state.chunk(2, dim=-1)
        weight_x, weight_h, bias_x, bias_h = self.layer.all_weights[0]
        if x.shape[1] == 1:
            gates = linear(x[:, 0], weight_x, bias_x + bias_h) + linear(hidden, weight_h)
            hidden, cell = self._step(gates, cell)
            return hidden[:, None], torch.cat([hidden, cell], dim=-1)
        if x.device.type != "cpu":
            outputs, (hidden, cell) = self.layer(x, (hidden[None].contiguous(), cell[None].contiguous()))
            return outputs, torch.cat([hidden[0], cell[0]], dim=-1)
        inputs = linear(x.transpose(0, 1), weight_x, bias_x + bias_h)  # (T, B, 4H)
        outputs, cell = LstmSequence.apply(inputs, hidden, cell, weight_h)  # type: ignore[no-untyped-call]
        return outputs.transpose(0, 1), torch.cat([outputs[-1], cell], dim=-1)

    def _step(self, gates: Tensor, cell: Tensor) -> tuple[Tensor, Tensor]:
        i, f, g, o = gates.chunk(4, dim=-1)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * tanh(g)
        return torch.sigmoid(o) * tanh(cell), cell

    def input_weights(self) -> list[Tensor]:
        return list(self.layer.all_weights[0][0].chunk(4))

    def remember(self) -> None:
        self.layer.all_weights[0][2].data.chunk(4)[1].fill_(1.0)  # gates are i, f, g, o

    def recurrent_weights(self) -> list[Tensor]:
        return list(self.layer.all_weights[0][1].chunk(4))


class Gru2014(Recurrence):
    """The gated unit as Bahdanau et al. print it (arXiv:1409.0473, A.1.1): the reset gate acts before the product.

    r, z = sigmoid(W x + U h)    n = tanh(W x + U (r * h))    h' = (1 - z) * h + z * n
    """

    def __init__(self, inputs: int, size: int) -> None:
        super().__init__(inputs, size)
        self.input = Linear(inputs, 3 * size)
        self.gates = Linear(size, 2 * size, bias=False)
        self.candidate = Linear(size, size, bias=False)

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, I), (B, W) -> (B, T, H), (B, W)"""
        outputs = []
        for gates_in, candidate_in in zip(*self._inputs(x), strict=True):
            reset, update = torch.sigmoid(gates_in + self.gates(state)).chunk(2, dim=-1)
            candidate = torch.tanh(candidate_in + self.candidate(reset * state))
            state = state + update * (candidate - state)
            outputs.append(state)
        return torch.stack(outputs, dim=1), state

    def _inputs(self, x: Tensor) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        gates, candidate = self.input(x).split([2 * self.size, self.size], dim=-1)
        return gates.unbind(1), candidate.unbind(1)

    def input_weights(self) -> list[Tensor]:
        return list(self.input.weight.chunk(3))

    def recurrent_weights(self) -> list[Tensor]:
        return [*self.gates.weight.chunk(2), self.candidate.weight]


class Sru(Recurrence):
    """Simple recurrent unit (Lei et al. 2018, arXiv:1709.02755, without the gates' own recurrence).

    f, r = sigmoid(W x + b)    c' = f * c + (1 - f) * (V x)    h' = r * tanh(c') + (1 - r) * (S x)

    The recurrence is elementwise, so all matrix products are before the loop. S is the identity where sizes agree.
    The state packs h, which nothing reads, and c.
    """

    def __init__(self, inputs: int, size: int) -> None:
        super().__init__(inputs, size)
        self.input = Linear(inputs, 3 * size)
        self.skip = nn.Identity() if inputs == size else Linear(inputs, size, bias=False)

    @property
    def width(self) -> int:
        return 2 * self.size

    def forward(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, I), (B, W) -> (B, T, H), (B, W)"""
        x = x.transpose(0, 1)
        u, gates = self.input(x).split([self.size, 2 * self.size], dim=-1)  # (T, B, ·)
        f, r = torch.sigmoid(gates).chunk(2, dim=-1)
        cell = Leak.apply(u, f, state[:, self.size :].to(u.dtype))  # type: ignore[no-untyped-call]
        outputs = torch.lerp(self.skip(x).to(u.dtype), tanh(cell), r)
        return outputs.transpose(0, 1), torch.cat([outputs[-1], cell[-1]], dim=-1)

    def begin(self, hidden: Tensor) -> Tensor:
        return torch.cat([hidden, hidden], dim=-1)

    def input_weights(self) -> list[Tensor]:
        return list(self.input.weight.chunk(3))

    def recurrent_weights(self) -> list[Tensor]:
        return []


CELLS = Registry[type[Recurrence]]("recurrent cell", gru=Gru, lstm=Lstm, gru2014=Gru2014, sru=Sru)


def reverse(x: Tensor, mask: Tensor) -> Tensor:
    """Turn each sequence of (B, S, ...) round within its own length; padding stays where it is."""
    steps = torch.arange(mask.shape[1], device=mask.device)
    lengths = mask.sum(1, keepdim=True)
    index = torch.where(mask, lengths - 1 - steps, steps)  # (B, S)
    return x.gather(1, index[..., None].expand_as(x))
