"""Recurrences over a whole sequence on a CPU, with backward passes by hand.

Each step is one matrix product and a few in-place operations. What a backward step needs beside the gradient that
arrives is computed for all steps before the loop; weights get their gradients from one product after it.
Time comes first here: a step is then one piece of memory.
"""

from typing import Any

import torch
from torch import Tensor


class GruSequence(torch.autograd.Function):
    """A GRU over a sequence.

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


class LstmSequence(torch.autograd.Function):
    """An LSTM over a sequence.

    With a = W x + U h + b (parts a_i, a_f, a_g, a_o; all but U h is the input here), one step is
        i, f, o = sigmoid(a_i, a_f, a_o)    g = tanh(a_g)    c' = f c + i g    h' = o tanh(c')
    Given d = dL/dh' and e = dL/dc' from the step after, with e <- e + d o (1 - tanh^2 c'):
        d_i = e g i (1 - i)    d_f = e c f (1 - f)    d_g = e i (1 - g^2)    d_o = d tanh(c') o (1 - o)
    so with D = [d_i, d_f, d_g, d_o]: dL/dx = D, and for the step before e = e f, d = D U.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, start: Tensor, memory: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
        """x (T, B, 4H), h (B, H), c (B, H), U (4H, H) -> outputs (T, B, H), the last c (B, H)"""
        steps, rows, width = x.shape
        size = width // 4
        turned = weight.to(x.dtype).t()
        hidden, cell = (x.new_empty(steps + 1, rows, size) for _ in range(2))
        hidden[0], cell[0] = start, memory
        gates, squashed = x.new_empty(steps, rows, width), x.new_empty(steps, rows, size)
        for t in range(steps):
            a = torch.addmm(x[t], hidden[t], turned, out=gates[t])
            a[:, : 2 * size].sigmoid_()
            a[:, 3 * size :].sigmoid_()
            i, f, g, o = a.split(size, dim=-1)
            tanh_(g)
            torch.mul(cell[t], f, out=cell[t + 1]).addcmul_(i, g)
            torch.mul(o, tanh_(squashed[t].copy_(cell[t + 1])), out=hidden[t + 1])
        ctx.save_for_backward(hidden, cell, gates, squashed, weight)
        return hidden[1:], cell[-1].clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Gradients of x, h, c and U."""
        hidden, cell, gates, squashed, weight = ctx.saved_tensors
        grad, e = gradients
        i, f, g, o = gates.chunk(4, dim=-1)
        gated = torch.stack([g * i * (1 - i), cell[:-1] * f * (1 - f), i * (1 - g * g)], dim=2)  # (T, B, 3, H)
        to_o, to_e = squashed * o * (1 - o), o * (1 - squashed * squashed)
        weight = weight.to(gates.dtype)
        slopes = torch.empty_like(gates).unflatten(-1, (4, -1))  # (T, B, 4, H)
        d = torch.zeros_like(hidden[0])
        for t in range(len(gates) - 1, -1, -1):
            d = d + grad[t]
            e = torch.addcmul(e, d, to_e[t])
            torch.mul(gated[t], e[:, None], out=slopes[t, :, :3])
            torch.mul(d, to_o[t], out=slopes[t, :, 3])
            e = e * f[t]
            d = slopes[t].flatten(1) @ weight
        flat = slopes.flatten(2)
        return flat, d, e, flat.flatten(0, 1).t() @ hidden[:-1].flatten(0, 1)


class Leak(torch.autograd.Function):
    """c_t = f_t c_{t-1} + (1 - f_t) u_t, elementwise: the recurrence of SRU and its kin.

    With D_t = dL/dc_t + f_{t+1} D_{t+1}:    dL/du = (1 - f) D    dL/df_t = (c_{t-1} - u_t) D_t
    """

    @staticmethod
    def forward(ctx: Any, u: Tensor, f: Tensor, start: Tensor) -> Tensor:
        """(T, B, H), (T, B, H), (B, H) -> (T, B, H)"""
        cell = u.new_empty(len(u) + 1, *u.shape[1:])
        cell[0] = start
        for t in range(len(u)):
            torch.lerp(u[t], cell[t], f[t], out=cell[t + 1])
        ctx.save_for_backward(u, f, cell)
        return cell[1:]

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Gradients of u, f and start."""
        u, f, cell = ctx.saved_tensors
        d = torch.empty_like(u)
        d[-1] = gradients[0][-1]
        for t in range(len(u) - 2, -1, -1):
            torch.addcmul(gradients[0][t], f[t + 1], d[t + 1], out=d[t])
        return (1 - f) * d, (cell[:-1] - u) * d, f[0] * d[0]


def tanh(x: Tensor) -> Tensor:
    """tanh as 2 sigmoid(2x) - 1: exact to rounding, and several times faster on some processors."""
    return 2 * torch.sigmoid(2 * x) - 1


def tanh_(x: Tensor) -> Tensor:
    """The same in place."""
    return x.mul_(2).sigmoid_().mul_(2).sub_(1)
