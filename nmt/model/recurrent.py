"""Recurrent cells behind one door: inputs (B, T, I), state (B, W) -> outputs (B, T, H), state after T steps.

One call reads a whole sequence or a single step; training and search use the same code.
"""

from typing import Any

import torch
from torch import Tensor, nn

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
        layer = self.layer
        if x.device.type != "cpu":
            outputs, last = layer(x, state[None].contiguous())
            return outputs, last[0]
        weight_x, weight_h, bias_x, bias_h = layer.all_weights[0]
        inputs = nn.functional.linear(x.transpose(0, 1), weight_x, bias_x)  # (T, B, 3H)
        outputs = GruSequence.apply(inputs, state, weight_h, bias_h)  # type: ignore[no-untyped-call]
        return outputs.transpose(0, 1), outputs[-1]

    def recurrent_weights(self) -> list[Tensor]:
        return list(self.layer.all_weights[0][1].chunk(3))


class GruSequence(torch.autograd.Function):
    """A GRU over a sequence on a CPU: a few in-place operations a step, one weight gradient for all steps.

    With a = U h + b (parts a_r, a_z, a_n) and x = W x_t, one step is
        r = sigmoid(x_r + a_r)    z = sigmoid(x_z + a_z)    n = tanh(x_n + r a_n)    h' = n + z (h - n)
    Given d = dL/dh', the gradients of the three pre-activations are
        d_n = d (1 - z) (1 - n^2)    d_z = d (h - n) z (1 - z)    d_r = d_n a_n r (1 - r)
    so dL/dx = [d_r, d_z, d_n], dL/da = g = [d_r, d_z, r d_n], and d for the step before is d z + g U.
    All factors but d are known before the loop; dL/dU = sum_t g_t^T h_t is one product at the end.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, start: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """x (T, B, 3H), start (B, H), U (3H, H), b (3H) -> outputs (T, B, H)"""
        steps, rows, width = x.shape
        size = width // 3
        turned, bias = weight.to(x.dtype).t(), bias.to(x.dtype)
        hidden = x.new_empty(steps + 1, rows, size)
        hidden[0] = start
        gates, candidate, answered = (x.new_empty(steps, rows, n * size) for n in (2, 1, 1))
        for t in range(steps):
            a = torch.addmm(bias, hidden[t], turned)
            answered[t] = a[:, 2 * size :]
            r, z = torch.add(x[t, :, : 2 * size], a[:, : 2 * size], out=gates[t]).sigmoid_().split(size, dim=-1)
            n = torch.addcmul(x[t, :, 2 * size :], r, answered[t], out=candidate[t]).tanh_()
            torch.lerp(n, hidden[t], z, out=hidden[t + 1])
        ctx.save_for_backward(hidden, gates, candidate, answered, weight)
        return hidden[1:]

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Gradients of x, start, weight and bias."""
        hidden, gates, n, answered, weight = ctx.saved_tensors
        grad, size = gradients[0], n.shape[-1]
        r, z = gates.split(size, dim=-1)
        to_n = (1 - z) * (1 - n * n)
        to_z = (hidden[:-1] - n) * z * (1 - z)
        to_r = answered * r * (1 - r)
        weight = weight.to(n.dtype)
        g = torch.empty(*n.shape[:2], 3 * size, dtype=n.dtype)  # dL/da
        d_r, d_z, d_answered = g.split(size, dim=-1)
        d_n = torch.empty_like(n)
        d = torch.zeros_like(hidden[0])
        for t in range(len(n) - 1, -1, -1):
            d = d + grad[t]
            torch.mul(d, to_n[t], out=d_n[t])
            torch.mul(d, to_z[t], out=d_z[t])
            torch.mul(d_n[t], to_r[t], out=d_r[t])
            torch.mul(d_n[t], r[t], out=d_answered[t])
            d = torch.addmm(d * z[t], g[t], weight)
        flat = g.flatten(0, 1)
        d_weight = flat.t() @ hidden[:-1].flatten(0, 1)
        return torch.cat([d_r, d_z, d_n], dim=-1), d, d_weight, flat.sum(0)


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
        hidden, cell = (part[None].contiguous() for part in state.chunk(2, dim=-1))
        outputs, (hidden, cell) = self.layer(x, (hidden, cell))
        return outputs, torch.cat([hidden[0], cell[0]], dim=-1)

    def recurrent_weights(self) -> list[Tensor]:
        return list(self.layer.all_weights[0][1].chunk(4))


class Gru2014(Recurrence):
    """The gated unit as Bahdanau et al. print it (arXiv:1409.0473, A.1.1): the reset gate acts before the product.

    r, z = sigmoid(W x + U h)    n = tanh(W x + U (r * h))    h' = (1 - z) * h + z * n
    """

    def __init__(self, inputs: int, size: int) -> None:
        super().__init__(inputs, size)
        self.input = nn.Linear(inputs, 3 * size)
        self.gates = nn.Linear(size, 2 * size, bias=False)
        self.candidate = nn.Linear(size, size, bias=False)

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

    def recurrent_weights(self) -> list[Tensor]:
        return [*self.gates.weight.chunk(2), self.candidate.weight]


CELLS = Registry[type[Recurrence]]("recurrent cell", gru=Gru, lstm=Lstm, gru2014=Gru2014)


def reverse(x: Tensor, mask: Tensor) -> Tensor:
    """Turn each sequence of (B, S, ...) round within its own length; padding stays where it is."""
    steps = torch.arange(mask.shape[1], device=mask.device)
    lengths = mask.sum(1, keepdim=True)
    index = torch.where(mask, lengths - 1 - steps, steps)  # (B, S)
    return x.gather(1, index[..., None].expand_as(x))
