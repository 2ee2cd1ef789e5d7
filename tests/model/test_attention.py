import math
from collections.abc import Callable
from itertools import product

import pytest
import torch
from torch import Tensor

from nmt.errors import ConfigError
from nmt.model.attention import ALIGNMENTS, SCORES, AdditiveEnergy, Attention, Score
from nmt.model.states import Memory
from nmt.settings import Config

MakeConfig = Callable[..., Config]
MASK = torch.arange(5) < torch.tensor([5, 3, 1])[:, None]
PARTS = list(product(SCORES, ALIGNMENTS, (1, 2)))
FORMULAS: dict[str, Callable[..., Tensor]] = {
    "additive": lambda s, q, y: s.energy[0] @ torch.tanh(s.query.weight @ q + s.keys.weight @ y + s.keys.bias),
    "dot": lambda s, q, y: q @ y,
    "general": lambda s, q, y: q @ s.keys.weight @ y,
    "scaled_dot": lambda s, q, y: s.query(q) @ s.keys(y) / math.sqrt(8),
}


def remember(attention: Attention, states: Tensor, mask: Tensor = MASK) -> Memory:
    return Memory(states, attention.score.project(states), mask, states[:, 0])


@pytest.fixture(params=PARTS, ids=lambda part: "-".join(map(str, part)))
def attention(request: pytest.FixtureRequest, make_config: MakeConfig) -> Attention:
    torch.manual_seed(1)
    score, align, heads = request.param
    words = (f"attention.score={score}", f"attention.align={align}", f"attention.heads={heads}")
    return Attention(make_config(*words)).double().eval()


@pytest.fixture
def query() -> Tensor:
    return torch.randn(3, 4, 8, generator=torch.Generator().manual_seed(2)).double()


@pytest.fixture
def states() -> Tensor:
    return torch.randn(3, 5, 8, generator=torch.Generator().manual_seed(3)).double()


def test_weights_are_a_distribution_over_the_words(attention: Attention, query: Tensor, states: Tensor) -> None:
    context, weights = attention(query, remember(attention, states))
    assert context.shape == (3, 4, 8) and weights.shape == (3, 4, 5)
    assert (weights >= 0).all() and (weights.masked_select(~MASK[:, None]) == 0).all()
    torch.testing.assert_close(weights.sum(-1), torch.ones(3, 4).double())
    assert weights[0].std() > 0.01  # the question matters


def test_one_head_reads_the_weighted_mean(attention: Attention, query: Tensor, states: Tensor) -> None:
    context, weights = attention(query, remember(attention, states))
    mean = torch.einsum("bts,bsm->btm", weights, states)
    assert torch.allclose(context, mean) == (attention.heads == 1)


def test_padding_changes_nothing(attention: Attention, query: Tensor, states: Tensor) -> None:
    padded = torch.cat([states.masked_fill(~MASK[..., None], 50.0), states[:, :2] * 50], dim=1)
    mask = torch.nn.functional.pad(MASK, (0, 2))
    before = attention(query, remember(attention, states))
    after = attention(query, remember(attention, padded, mask))
    torch.testing.assert_close(after.context, before.context)
    torch.testing.assert_close(after.weights, torch.nn.functional.pad(before.weights, (0, 2)))


def test_hypotheses_share_the_memory_of_their_sentence(attention: Attention, query: Tensor, states: Tensor) -> None:
    memory = remember(attention, states)
    several = [query, query.flip(1), query * 2]
    together = attention(torch.stack(several, dim=1).flatten(0, 1), memory)
    for i, alone in enumerate(several):
        for one, part in zip(attention(alone, memory), together, strict=True):
            torch.testing.assert_close(part[i::3], one)


@pytest.mark.parametrize("name", FORMULAS)
def test_each_score_is_its_formula(name: str, query: Tensor, states: Tensor) -> None:
    score: Score = SCORES[name](8, 8, 8, 1).double()
    found = score(query, score.project(states))
    assert found.shape == (3, 1, 4, 5)
    for b, t, s in product(range(3), range(4), range(5)):
        torch.testing.assert_close(found[b, 0, t, s], FORMULAS[name](score, query[b, t], states[b, s]))


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


def test_dot_needs_equal_sizes(make_config: MakeConfig) -> None:
    with pytest.raises(ConfigError, match=r"decoder\.size=8, or take attention\.score=general"):
        Attention(make_config("attention.score=dot", "decoder.size=6"))


@pytest.mark.parametrize(
    ("words", "size"),
    [
        (["attention.size=9", "attention.heads=3"], "encoder states"),
        (["attention.size=6", "attention.heads=2", "decoder.size=7"], "decoder states"),
    ],
)
def test_heads_must_divide_the_states(make_config: MakeConfig, words: list[str], size: str) -> None:
    with pytest.raises(ConfigError, match=rf"attention\.heads=\d must divide the size of the {size}"):
        Attention(make_config(*words))


def test_an_unknown_part_is_refused(make_config: MakeConfig) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'additive'"):
        Attention(make_config("attention.score=aditive"))
    with pytest.raises(ConfigError, match="Did you mean 'soft'"):
        Attention(make_config("attention.align=sofd"))
