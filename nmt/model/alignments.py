"""How scores become weights over the source states: zero where the mask is False.

    s = align(m)       and z = sum_i s_i y_i is read

Soft, sparse and local units read the weighted mean itself. Hard units read one state: their weights are the
probabilities with which they choose it, and `nmt.training.objectives` says how each of them learns to choose. A mixture
lies between them: it reads one of the likeliest states, or the mean of all others.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from nmt.errors import ConfigError
from nmt.model.products import Linear
from nmt.registry import Registry
from nmt.settings import Config


class Asked(NamedTuple):
    """Who asks, and when."""

    query: Tensor  # (B, T, Q)
    step: Tensor  # (B, T) number of the target word, from 0


class Alignment(nn.Module):
    """Scores -> weights."""

    hard = False  # it chooses what it reads, so that an answer is a mixture over choices
    late = False  # nothing beside the choice may tell what else was read at that step
    apart = 0  # how many of the likeliest states are choices, all others being one more; 0: each state is one
    zeros = False  # some weights of words are exactly zero, so that no gradient can raise them
    objective = "likelihood"  # of `nmt.training.objectives`

    def __init__(self, config: Config) -> None:
        super().__init__()

    def forward(self, scores: Tensor, mask: Tensor, asked: Asked) -> Tensor:
        """(B, heads, T, S), (B, S) -> weights (B, heads, T, S) in fp32 or better; rows sum to one unless it says so."""
        raise NotImplementedError


class Soft(Alignment):
    """s = softmax(m), and its expected value is read   (Bahdanau et al. 2015, equation 6)"""

    def forward(self, scores: Tensor, mask: Tensor, asked: Asked) -> Tensor:
        return _masked(scores, mask).softmax(-1)


class Sparse(Alignment):
    """A function of the entmax library, which has their exact gradients."""

    zeros = True
    name: str

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        try:
            import entmax
        except ImportError:
            raise ConfigError(
                f"attention.align={self.name} needs the entmax library. Run `pip install entmax`."
            ) from None
        self.project: Callable[..., Tensor] = getattr(entmax, self.name)

    def forward(self, scores: Tensor, mask: Tensor, asked: Asked) -> Tensor:
        weights = self.project(_masked(scores, mask).clamp_min(-1e6), dim=-1)  # it squares them
        return weights.masked_fill(~mask[:, None, None], 0.0)


class Sparsemax(Sparse):
    """s = argmin_p |p - m|², p a distribution: most weights are zero   (Martins & Astudillo 2016, equation 1)"""

    name = "sparsemax"


class Entmax15(Sparse):
    """s = argmax_p p·m + H(p), H Tsallis' entropy of order 1.5: between the two   (Peters et al. 2019, equation 10)"""

    name = "entmax15"


class Local(Alignment):
    """Reads `attention.window` states on either side of a middle."""

    zeros = True

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.window = config.attention.window


class LocalMonotonic(Local):
    """softmax within D states of p_t = t, the step   (Luong et al. 2015, 3.2, local-m)

    A translation longer than its source goes on around the last state.
    """

    def forward(self, scores: Tensor, mask: Tensor, asked: Asked) -> Tensor:
        middle = torch.minimum(asked.step, mask.sum(1, keepdim=True) - 1)  # (B, T)
        near = _distance(middle, mask.shape[1]).abs() <= self.window  # (B, T, S)
        return _masked(scores, mask, near).softmax(-1)


class LocalPredictive(Local):
    """softmax within D states of p_t, times exp(-(s - p_t)² / (2 (D/2)²))   (Luong et al. 2015, equations 9 and 10)

    p_t = (S - 1) sigmoid(v · tanh(W q) / sqrt(H)), so that both ends can be reached. The Gaussian takes weight away: a
    row sums to at most one. The root of v's size is ours: steps of Adam, each as long however small the gradient, else
    push all places to one end within a hundred updates, where the sigmoid has no gradient that could bring them back.
    """

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        size = config.attention.size
        self.hidden = Linear(config.decoder.size, size, bias=False)
        self.place = Linear(size, 1, bias=False)

    def middle(self, query: Tensor) -> Tensor:
        """(B, T, Q) -> (B, T): how far from the first state to the last, from 0 to 1."""
        place = self.place(self.hidden(query).tanh()).squeeze(-1)
        return (place.to(torch.promote_types(place.dtype, torch.float32)) / self.place.in_features**0.5).sigmoid()

    def forward(self, scores: Tensor, mask: Tensor, asked: Asked) -> Tensor:
        place = (mask.sum(1, keepdim=True) - 1) * self.middle(asked.query)  # (B, T)
        distance = _distance(place, mask.shape[1])  # (B, T, S)
        near = _distance(place.detach().round(), mask.shape[1]).abs() <= self.window
        gauss = (-2 * (distance / self.window).square()).exp()
        return _masked(scores, mask, near).softmax(-1) * gauss[:, None]


class Hard(Soft):
    """One state is read, state i with probability s_i, and all choices are summed up exactly.

    p(y_t) = sum_i s_i p(y_t | y_i)   (Deng et al. 2018, arXiv:1807.03756, 2; also Wu, Shapiro & Cotterell 2018)

    The recurrence is fed the expected context: no choice hangs on an earlier one, so the sum has S terms a step.
    """

    hard = late = True
    objective = "marginal"

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        name = config.attention.align
        if config.attention.heads > 1:
            raise ConfigError(
                f"attention.align={name} reads one state a step, and {config.attention.heads} heads would choose "
                "S^heads ways: set attention.heads=1, or attention.align=soft."
            )
        if config.attention.copy:
            raise ConfigError(
                f"attention.align={name} cannot copy yet: set attention.copy=false, or attention.align=soft."
            )


class Mixture(Hard):
    """One of the k likeliest states is read, or the mean of all others as they are weighted: k + 1 choices, summed up.

    p(y_t) = sum_{i <= k} s_i p(y_t | y_i) + r p(y_t | sum_{i > k} s_i y_i / r),  s_1 > s_2 > ...,  r = sum_{i > k} s_i

    With k = 0 this is soft attention, with k = S hard attention, but for what the state is fed: the expected context of
    its own step, as in soft attention.
    """

    late = False

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.apart = config.attention.apart


class Reinforce(Hard):
    """As `hard`, learned from one state drawn a step   (Xu et al. 2015, arXiv:1502.03044, 4.1; Williams 1992)"""

    objective = "reinforce"


class Gumbel(Hard):
    """As `hard`, learned by the straight-through Gumbel softmax   (Jang et al. 2017, arXiv:1611.01144, 2.2)"""

    objective = "gumbel"


class Variational(Hard):
    """As `hard`, learned from a posterior that sees the answer   (Deng et al. 2018, arXiv:1807.03756, 3)"""

    objective = "variational"


ALIGNMENTS = Registry[type[Alignment]](
    "attention alignment",
    soft=Soft,
    mixture=Mixture,
    sparsemax=Sparsemax,
    entmax15=Entmax15,
    local_m=LocalMonotonic,
    local_p=LocalPredictive,
    hard=Hard,
    reinforce=Reinforce,
    gumbel=Gumbel,
    variational=Variational,
)


def _masked(scores: Tensor, mask: Tensor, near: Tensor | None = None) -> Tensor:
    """Scores (B, heads, T, S) in fp32 or better, minus infinity off the mask (B, S) and what is not near (B, T, S)."""
    scores = scores.to(torch.promote_types(scores.dtype, torch.float32))
    allowed = mask[:, None] if near is None else mask[:, None] & near
    return scores.masked_fill(~allowed[:, None], -torch.inf)


def _distance(place: Tensor, states: int) -> Tensor:
    """Places (B, T) -> how far state s lies behind them (B, T, S)."""
    return torch.arange(states, device=place.device) - place[..., None]
