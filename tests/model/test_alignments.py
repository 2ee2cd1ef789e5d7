"""Each alignment is compared with its formula; what all of them keep to stands in test_attention.py."""

import builtins
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from nmt.errors import ConfigError
from nmt.model.alignments import ALIGNMENTS, Alignment, Asked, LocalPredictive
from nmt.settings import Config

MakeConfig = Callable[..., Config]
MASK = torch.arange(7) < torch.tensor([7, 4])[:, None]
STEPS = torch.arange(3).expand(2, 3)


@pytest.fixture
def scores() -> Tensor:
    return torch.randn(2, 1, 3, 7, generator=torch.Generator().manual_seed(5)).double() * 2


@pytest.fixture
def asked() -> Asked:
    return Asked(torch.randn(2, 3, 8, generator=torch.Generator().manual_seed(6)).double(), STEPS)


@pytest.fixture
def make(make_config: MakeConfig) -> Callable[..., Alignment]:
    def make(name: str, *words: str) -> Alignment:
        torch.manual_seed(0)
        return ALIGNMENTS[name](make_config(f"attention.align={name}", *words)).double()

    return make


def projection(m: Tensor, order: float) -> Tensor:
    """p_i = [(a - 1) m_i - t]_+ ^ (1 / (a - 1)) with t such that p sums to one: a-entmax, by halving t's interval."""
    m = m * (order - 1)
    low, high = m.max() - 1, m.max()
    for _ in range(100):
        middle = (low + high) / 2
        total = (m - middle).clamp_min(0).pow(1 / (order - 1)).sum()
        low, high = (middle, high) if total > 1 else (low, middle)
    return (m - low).clamp_min(0).pow(1 / (order - 1))


@pytest.mark.parametrize(("name", "order"), [("sparsemax", 2.0), ("entmax15", 1.5)])
def test_sparse_units_are_their_projections(
    name: str, order: float, make: Callable[..., Alignment], scores: Tensor, asked: Asked
) -> None:
    weights = make(name)(scores, MASK, asked)
    for b, t in ((0, 0), (0, 1), (1, 0), (1, 2)):
        words = int(MASK[b].sum())
        torch.testing.assert_close(weights[b, 0, t, :words], projection(scores[b, 0, t, :words], order))
    assert (weights[0] == 0).any()  # though every state is a word


@pytest.mark.parametrize("name", ["soft", "hard", "reinforce", "gumbel", "variational"])
def test_these_are_softmax(name: str, make: Callable[..., Alignment], scores: Tensor, asked: Asked) -> None:
    weights = make(name)(scores, MASK, asked)
    torch.testing.assert_close(weights[0], scores[0].softmax(-1))
    torch.testing.assert_close(weights[1, ..., :4], scores[1, ..., :4].softmax(-1))


def test_local_m_reads_around_the_step(make: Callable[..., Alignment], scores: Tensor) -> None:
    steps = torch.tensor([[0, 3, 9], [0, 3, 9]])
    weights = make("local_m", "attention.window=2")(scores, MASK, Asked(scores, steps))
    for b, windows in enumerate([[(0, 3), (1, 6), (4, 7)], [(0, 3), (1, 4), (1, 4)]]):
        for t, (first, end) in enumerate(windows):
            torch.testing.assert_close(weights[b, 0, t, first:end], scores[b, 0, t, first:end].softmax(-1))
            assert float(weights[b, 0, t].sum()) == pytest.approx(1)


def test_local_p_reads_around_a_place_it_predicts(make: Callable[..., Alignment], scores: Tensor, asked: Asked) -> None:
    align = make("local_p", "attention.window=2")
    assert isinstance(align, LocalPredictive)
    weights = align(scores, MASK, asked).detach()
    for b, t in ((0, 0), (0, 2), (1, 1)):
        last = int(MASK[b].sum()) - 1
        told = align.place.weight[0] @ torch.tanh(align.hidden.weight @ asked.query[b, t])
        place = last * torch.sigmoid(told / len(align.hidden.weight) ** 0.5)
        place = place.detach()
        near = [s for s in range(last + 1) if abs(s - round(float(place))) <= 2]
        soft = scores[b, 0, t, near].softmax(-1)
        gauss = torch.tensor([math.exp(-((s - float(place)) ** 2) / (2 * (2 / 2) ** 2)) for s in near]).double()
        torch.testing.assert_close(weights[b, 0, t, near], soft * gauss, atol=1e-6, rtol=1e-6)
        assert float(weights[b, 0, t].sum()) == pytest.approx(float((soft * gauss).sum()), abs=1e-6)


def test_the_gradient_reaches_the_place_local_p_predicts(
    make: Callable[..., Alignment], scores: Tensor, asked: Asked
) -> None:
    align = make("local_p", "attention.window=2")
    align(scores, MASK, asked)[..., 0].sum().backward()
    assert all(weight.grad is not None and weight.grad.any() for weight in align.parameters())


def test_a_place_of_local_p_that_was_pushed_to_one_side_can_come_back(
    make: Callable[..., Alignment], asked: Asked
) -> None:
    align = make("local_p", "attention.size=256")
    assert isinstance(align, LocalPredictive)
    optimizer = torch.optim.AdamW(align.parameters(), lr=3e-3)
    for _ in range(100):
        optimizer.zero_grad()
        (-align.middle(asked.query).mean()).backward()
        optimizer.step()
    middle = align.middle(asked.query).detach()
    assert (middle > 0.5).all() and (middle * (1 - middle)).min() > 1e-3  # the slope of the sigmoid


@pytest.mark.parametrize("name", [name for name, kind in ALIGNMENTS.items() if kind.hard])
@pytest.mark.parametrize("word", ["attention.heads=2", "attention.copy=true"])
def test_a_hard_unit_refuses_what_has_no_exact_sum(make: Callable[..., Alignment], name: str, word: str) -> None:
    with pytest.raises(ConfigError, match=rf"^attention\.align={name} .*attention\.") as error:
        make(name, word)
    assert "\n" not in str(error.value)


def test_reinforce_must_draw(make_config: MakeConfig) -> None:
    with pytest.raises(ConfigError, match=r"attention\.align=hard, which sums"):
        make_config("attention.align=reinforce", "attention.samples=0")


@pytest.mark.parametrize("name", ["sparsemax", "entmax15"])
def test_a_missing_library_is_named(name: str, make: Callable[..., Alignment], monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(module: str, *rest: Any) -> Any:
        if module == "entmax":
            raise ImportError
        return real(module, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ConfigError, match=rf"attention\.align={name} needs the entmax library\. Run"):
        make(name)
