"""How well each source state answers each question of the decoder.

Bahdanau, Cho & Bengio 2015 (arXiv:1409.0473, A.1.2); Luong, Pham & Manning 2015 (arXiv:1508.04025, 3.1);
Vaswani et al. 2017 (arXiv:1706.03762, 3.2) for scaling and for several heads.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn

from nmt.errors import ConfigError
from nmt.model.products import Linear
from nmt.registry import Registry


class Score(nn.Module):
    """How well each state answers each question. Sizes: queries Q, states M, attention A."""

    def __init__(self, query: int, states: int, size: int, heads: int) -> None:
        super().__init__()
        self.heads, self.keys_size = heads, size

    def project(self, states: Tensor) -> Tensor:
        """What of the states (B, S, M) does not depend on the question, once a sentence: keys (B, S, A)."""
        return states

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        """(B, T, Q), (B, S, A) -> (B, heads, T, S)"""
        raise NotImplementedError

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)  # (B, heads, T, A / heads)

    def _products(self, query: Tensor, keys: Tensor) -> Tensor:
        return self._split(query) @ self._split(keys).transpose(-1, -2)


class Additive(Score):
    """v · tanh(W q + U y)   (Bahdanau et al. 2015)"""

    def __init__(self, query: int, states: int, size: int, heads: int) -> None:
        super().__init__(query, states, size, heads)
        self.query = Linear(query, size, bias=False)
        self.keys = Linear(states, size)
        self.energy = nn.Parameter(torch.empty(heads, size // heads))
        nn.init.uniform_(self.energy, -1 / math.sqrt(size // heads), 1 / math.sqrt(size // heads))

    def project(self, states: Tensor) -> Tensor:
        return self.keys(states)  # type: ignore[no-any-return]

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        parts = (x.unflatten(-1, (self.heads, -1)).movedim(2, 0) for x in (self.query(query), keys))  # (h, B, T, a)
        return AdditiveEnergy.apply(*parts, self.energy).transpose(0, 1)  # type: ignore[no-any-return, no-untyped-call]


class AdditiveEnergy(torch.autograd.Function):
    """e_ts = v · tanh(q_t + k_s), for every step and state, without autograd's copies of the (T, S, A) cube.

    tanh u = 2 p - 1 with p = sigmoid(2u), which some processors compute several times faster, so with the cube
    p = sigmoid(2q + 2k), g the gradient of e and d = g p (1 - p), where 1 - tanh² u = 4 p (1 - p):
        e = 2 p · v - sum(v)
        de/dv = 2 sum_ts g_ts p_ts - sum_ts g_ts
        de/dq_t = 4 v * sum_s d_ts
        de/dk_s = 4 v * sum_t d_ts
    Only p is kept.
    """

    @staticmethod
    def forward(ctx: Any, query: Tensor, keys: Tensor, energy: Tensor) -> Tensor:
        """(h, B, T, a), (h, B, S, a), (h, a) -> (h, B, T, S)"""
        p = ((2 * query)[:, :, :, None] + (2 * keys)[:, :, None]).sigmoid_()  # (h, B, T, S, a)
        ctx.save_for_backward(p, energy)
        v = energy.to(p.dtype)
        return torch.bmm(p.flatten(1, 3), (2 * v)[..., None]).view(p.shape[:-1]).sub_(v.sum(1)[:, None, None, None])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Gradients of query, keys and energy."""
        p, energy = ctx.saved_tensors
        grad = gradients[0].to(p.dtype).contiguous()  # (h, B, T, S)
        by_energy = 2 * torch.bmm(grad.flatten(1)[:, None], p.flatten(1, 3))[:, 0] - grad.sum((1, 2, 3))[:, None]
        slope = p * grad[..., None]
        slope.addcmul_(slope, p, value=-1)
        v = 4 * energy.to(p.dtype)[:, None, None]
        return slope.sum(3) * v, slope.sum(2) * v, by_energy


class Dot(Score):
    """q · y, without a parameter (Luong et al. 2015); questions and states must be of one size."""

    def __init__(self, query: int, states: int, size: int, heads: int) -> None:
        super().__init__(query, states, size, heads)
        if query != states:
            raise ConfigError(
                f"attention.score='dot' compares decoder states ({query}) with encoder states ({states}) as they are: "
                f"set decoder.size={states}, or take attention.score=general."
            )
        self.keys_size = states

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        return self._products(query, keys)


class General(Score):
    """q · W y   (Luong et al. 2015)"""

    def __init__(self, query: int, states: int, size: int, heads: int) -> None:
        super().__init__(query, states, size, heads)
        self.keys, self.keys_size = Linear(states, query, bias=False), query

    def project(self, states: Tensor) -> Tensor:
        return self.keys(states)  # type: ignore[no-any-return]

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        return self._products(query, keys)


class ScaledDot(Score):
    """(W q) · (U y) / sqrt(A / heads)   (Vaswani et al. 2017)"""

    def __init__(self, query: int, states: int, size: int, heads: int) -> None:
        super().__init__(query, states, size, heads)
        self.query = Linear(query, size)
        self.keys = Linear(states, size, bias=False)  # one would add the same to all states, and softmax not see it
        self.scale = 1 / math.sqrt(size // heads)

    def project(self, states: Tensor) -> Tensor:
        return self.keys(states)  # type: ignore[no-any-return]

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        return self._products(self.query(query) * self.scale, keys)


SCORES = Registry[type[Score]]("attention score", additive=Additive, dot=Dot, general=General, scaled_dot=ScaledDot)
