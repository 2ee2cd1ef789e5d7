import math
from collections.abc import Callable
from itertools import product

import pytest
import torch
from torch import Tensor

from nmt.errors import ConfigError
from nmt.model.scores import SCORES, AdditiveEnergy, Score

FORMULAS: dict[str, Callable[..., Tensor]] = {
    "additive": lambda s, q, y: s.energy[0] @ torch.tanh(s.query.weight @ q + s.keys.weight @ y + s.keys.bias),
    "dot": lambda s, q, y: q @ y,
    "general": lambda s, q, y: q @ s.keys.weight @ y,
    "scaled_dot": lambda s, q, y: s.query(q) @ s.keys(y) / math.sqrt(8),
}


@pytest.fixture
def query() -> Tensor:
    return torch.randn(3, 4, 8, generator=torch.Generator().manual_seed(2)).double()


@pytest.fixture
def states() -> Tensor:
    return torch.randn(3, 5, 8, generator=torch.Generator().manual_seed(3)).double()


@pytest.mark.parametrize("name", SCORES)
def test_each_score_is_its_formula(name: str, query: Tensor, states: Tensor) -> None:
    score: Score = SCORES[name](8, 8, 8, 1).double()
    found = score(query, score.project(states))
    assert found.shape == (3, 1, 4, 5)
    for b, t, s in product(range(3), range(4), range(5)):
        torch.testing.assert_close(found[b, 0, t, s], FORMULAS[name](score, query[b, t], states[b, s]))


@pytest.mark.parametrize("name", SCORES)
def test_every_weight_changes_what_is_read(name: str, query: Tensor, states: Tensor) -> None:
    """One that the softmax does not see would be moved by rounding alone, which Adam makes large."""
    torch.manual_seed(1)
    score = SCORES[name](8, 8, 8, 2).double()
    weights = score(query, score.project(states)).softmax(-1)
    weights[..., 0].sum().backward() if [*score.parameters()] else None
    for word, parameter in score.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().max() > 1e-6, word


@pytest.mark.parametrize("name", SCORES)
def test_keys_are_as_wide_as_they_say(name: str, states: Tensor) -> None:
    score = SCORES[name](8 if name == "dot" else 6, 8, 10, 2).double()
    assert score.project(states).shape == (3, 5, score.keys_size)


def test_each_head_compares_its_own_slice(query: Tensor, states: Tensor) -> None:
    scores = SCORES["dot"](8, 8, 8, 2)(query, states)
    torch.testing.assert_close(scores[:, 0], query[..., :4] @ states[..., :4].mT)
    torch.testing.assert_close(scores[:, 1], query[..., 4:] @ states[..., 4:].mT)
    scaled = SCORES["scaled_dot"](8, 8, 8, 2).double()
    parts = scaled.query(query)[..., 4:] @ scaled.keys(states)[..., 4:].mT / math.sqrt(4)
    torch.testing.assert_close(scaled(query, scaled.project(states))[:, 1], parts)


def test_the_gradient_of_the_additive_energy() -> None:
    shapes = ((2, 2, 3, 4), (2, 2, 5, 4), (2, 4))
    inputs = [torch.randn(shape, dtype=torch.double, requires_grad=True) for shape in shapes]
    assert torch.autograd.gradcheck(AdditiveEnergy.apply, inputs)


def test_dot_needs_equal_sizes() -> None:
    with pytest.raises(ConfigError, match=r"decoder\.size=8, or take attention\.score=general"):
        SCORES["dot"](6, 8, 8, 1)


def test_an_unknown_score_is_refused() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'additive'"):
        SCORES["aditive"]
