"""The steps of Muon: as long in every direction, each gate by itself, and AdamW's where rows are words."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from nmt.model.recurrent import CELLS
from nmt.model.seq2seq import Seq2Seq
from nmt.settings import Config, Training
from nmt.training.muon import RATE, inner_matrices, orthogonal
from nmt.training.optimizers import make_optimizer

SHAPES = [(3, 5, 5), (2, 4, 9), (2, 9, 4), (1, 1, 6)]


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_singular_values_become_about_one_and_their_vectors_stay(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    matrices = random(*shape)
    u, s, v = torch.linalg.svd(matrices, full_matrices=False)
    s = s.clamp_min(0.1 * s.amax(-1, keepdim=True))  # a direction may be hardly there
    found = orthogonal(u @ torch.diag_embed(s) @ v, dtype)
    assert found.dtype == torch.float32
    assert ((torch.linalg.svdvals(found) > 0.6) & (torch.linalg.svdvals(found) < 1.3)).all()
    inside = u.mT @ found @ v.mT
    assert (inside - torch.diag_embed(torch.diagonal(inside, dim1=-2, dim2=-1))).abs().max() < (
        1e-4 if dtype == torch.float32 else 0.06
    )


def test_nothing_stays_nothing_and_size_does_not_matter() -> None:
    assert orthogonal(torch.zeros(2, 3, 4)).equal(torch.zeros(2, 3, 4))
    matrices = random(2, 3, 4)
    for scale in (1e-20, 1e15):
        torch.testing.assert_close(orthogonal(matrices * scale), orthogonal(matrices))


@pytest.mark.parametrize("cell", CELLS)
def test_each_gate_is_turned_by_itself(cell: str) -> None:
    layer = CELLS[cell](6, 6)
    settings = Training(optimizer="muon", lr=0.1, weight_decay=0)
    before = [weight.detach().clone() for weight in layer.input_weights()]
    optimizer = make_optimizer(layer, settings)
    for weight in layer.parameters():
        weight.grad = random(*weight.shape)
    optimizer.step()
    for old, new in zip(before, layer.input_weights(), strict=True):
        values = torch.linalg.svdvals((old - new).detach()) / (0.1 * RATE * 6**0.5)
        assert values.max() < 1.3 and values.median() > 0.6


def test_a_step_is_the_learning_rate_long_and_decay_pulls() -> None:
    layer = nn.Linear(8, 4, bias=False)
    before = layer.weight.detach().clone()
    optimizer = make_optimizer(layer, Training(optimizer="muon", lr=0.01, weight_decay=0.5))
    layer.weight.grad = random(4, 8)
    optimizer.step()
    step = before * (1 - 0.01 * 0.5) - layer.weight.detach()
    torch.testing.assert_close(step, 0.01 * RATE * 8**0.5 * orthogonal(random(1, 4, 8))[0])


@pytest.mark.parametrize("tie", ["all", "target", "none"])
def test_words_and_vectors_are_left_to_adamw(tie: str, make_config: Callable[..., Config]) -> None:
    words = (f"model.tie={tie}", "attention.score=additive", "attention.align=soft", "attention.copy=true")
    model = Seq2Seq(make_config(*words), 20, 20)
    inner = inner_matrices(model)
    names = {name for name, weight in model.named_parameters() if weight in inner}
    assert names and not [name for name in names if "embedding" in name or name.startswith("output")]
    assert all(min(weight.shape) > 1 and len(weight) % count == 0 for weight, count in inner.items())
    outer = [weight for weight in model.parameters() if weight not in inner]
    other = Seq2Seq(make_config(*words), 20, 20)
    other.load_state_dict(model.state_dict())
    twins = [weight for weight in other.parameters() if weight not in inner_matrices(other)]
    for each, name in ((model, "muon"), (other, "adamw")):
        optimizer = make_optimizer(each, Training(optimizer=name))
        for weight in each.parameters():
            weight.grad = weight.detach().cos()
        optimizer.step()
    assert all(mine.equal(adam) for mine, adam in zip(outer, twins, strict=True))
