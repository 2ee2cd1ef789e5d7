from collections.abc import Callable
from itertools import product

import pytest
import torch
from torch import Tensor

from nmt.errors import ConfigError
from nmt.model.alignments import ALIGNMENTS
from nmt.model.attention import COVERAGES, Attention, Coverage, Fertility
from nmt.model.scores import SCORES
from nmt.model.states import Attended, Memory
from nmt.settings import Config

MakeConfig = Callable[..., Config]
MASK = torch.arange(5) < torch.tensor([5, 3, 1])[:, None]
PARTS = [
    (score, align, heads, coverage)
    for score, align, heads, coverage in product(SCORES, ALIGNMENTS, (1, 2), COVERAGES)
    if heads == 1 or not ALIGNMENTS[align].hard
]
LESS = ("local_p",)  # rows of its weights sum to less than one


def remember(attention: Attention, states: Tensor, mask: Tensor = MASK) -> Memory:
    return Memory(states, attention.score.project(states), mask, states[:, 0], mask.long(), states)


def read(attention: Attention, query: Tensor, memory: Memory) -> Attended:
    return attention(query, memory, attention.begin(memory))[0]


@pytest.fixture(params=PARTS, ids=lambda part: "-".join(map(str, part)))
def attention(request: pytest.FixtureRequest, make_config: MakeConfig) -> Attention:
    torch.manual_seed(1)
    keys = ("attention.score", "attention.align", "attention.heads", "attention.coverage")
    words = (f"{key}={value}" for key, value in zip(keys, request.param, strict=True))
    attention = Attention(make_config(*words, "attention.window=2")).double().eval()
    for weight in attention.parameters():
        torch.nn.init.uniform_(weight, -0.7, 0.7)
    return attention


@pytest.fixture
def query() -> Tensor:
    return torch.randn(3, 4, 8, generator=torch.Generator().manual_seed(2)).double()


@pytest.fixture
def states() -> Tensor:
    return torch.randn(3, 5, 8, generator=torch.Generator().manual_seed(3)).double()


def test_weights_are_a_distribution_over_the_words(
    attention: Attention, query: Tensor, states: Tensor, request: pytest.FixtureRequest
) -> None:
    context, weights = read(attention, query, remember(attention, states))
    assert context.shape == (3, 4, 8) and weights.shape == (3, 4, 5)
    assert (weights >= 0).all() and (weights.masked_select(~MASK[:, None]) == 0).all()
    sums = weights.sum(-1)
    if any(name in request.node.name for name in LESS):
        assert (sums > 0).all() and (sums < 1 + 1e-9).all() and (sums < 0.99).any()
    else:
        torch.testing.assert_close(sums, torch.ones(3, 4).double())
    assert weights[0].std() > 0.01  # the question matters


def test_one_head_reads_the_weighted_mean(attention: Attention, query: Tensor, states: Tensor) -> None:
    context, weights = read(attention, query, remember(attention, states))
    mean = torch.einsum("bts,bsm->btm", weights, states)
    assert torch.allclose(context, mean) == (attention.heads == 1)


def test_padding_changes_nothing(attention: Attention, query: Tensor, states: Tensor) -> None:
    padded = torch.cat([states.masked_fill(~MASK[..., None], 50.0), states[:, :2] * 50], dim=1)
    mask = torch.nn.functional.pad(MASK, (0, 2))
    before = read(attention, query, remember(attention, states))
    after = read(attention, query, remember(attention, padded, mask))
    torch.testing.assert_close(after.context, before.context)
    torch.testing.assert_close(after.weights, torch.nn.functional.pad(before.weights, (0, 2)))


def test_steps_one_by_one_are_all_at_once(attention: Attention, query: Tensor, states: Tensor) -> None:
    memory = remember(attention, states)
    whole, end = attention(query, memory, attention.begin(memory))
    past = attention.begin(memory)
    for t in range(query.shape[1]):
        one, past = attention(query[:, t, None], memory, past)
        torch.testing.assert_close(one.weights, whole.weights[:, t, None])
        torch.testing.assert_close(one.context, whole.context[:, t, None])
    torch.testing.assert_close(past, end)
    assert past.step.tolist() == [4, 4, 4]


def test_hypotheses_share_the_memory_of_their_sentence(attention: Attention, query: Tensor, states: Tensor) -> None:
    memory = remember(attention, states)
    several = [query, query.flip(1), query * 2]
    past = attention.begin(memory).select(torch.arange(3).repeat_interleave(3))
    together, _ = attention(torch.stack(several, dim=1).flatten(0, 1), memory, past)
    for i, alone in enumerate(several):
        for one, part in zip(read(attention, alone, memory), together, strict=True):
            torch.testing.assert_close(part[i::3], one)


@pytest.mark.parametrize("name", ["sum", "fertility"])
def test_coverage_tells_the_keys_what_was_read(make_config: MakeConfig, name: str, states: Tensor) -> None:
    torch.manual_seed(1)
    attention = Attention(make_config(f"attention.coverage={name}")).double()
    coverage = attention.coverage
    assert isinstance(coverage, Fertility if name == "fertility" else Coverage)
    torch.nn.init.uniform_(coverage.feature, -2, 2)
    memory, question = remember(attention, states), torch.randn(3, 1, 8).double()
    past, covered = attention.begin(memory), torch.zeros(3, 5).double()
    for _ in range(3):
        share = covered
        if isinstance(coverage, Fertility):
            share = covered / (2 * torch.sigmoid(states @ coverage.fertility.weight[0] + coverage.fertility.bias))
        keys = memory.keys + share[..., None] * coverage.feature
        right = attention.score(question, keys)[:, 0].masked_fill(~MASK[:, None], -torch.inf).softmax(-1)
        found, past = attention(question, memory, past)
        torch.testing.assert_close(found.weights, right)
        covered = covered + right[:, 0]
    torch.testing.assert_close(past.covered, covered)


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


@pytest.mark.parametrize(
    ("word", "right"),
    [("score=aditive", "additive"), ("align=sofd", "soft"), ("coverage=fertilty", "fertility")],
)
def test_an_unknown_part_is_refused(make_config: MakeConfig, word: str, right: str) -> None:
    with pytest.raises(ConfigError, match=f"Did you mean '{right}'"):
        Attention(make_config(f"attention.{word}"))
