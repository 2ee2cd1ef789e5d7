import pytest
import torch
from torch.nn.functional import cross_entropy

from nmt.training.loss import ROWS, token_losses

SMOOTHING = [0.0, 0.1, 0.9]
MASK = torch.arange(9) < torch.arange(10)[:, None]  # (10, 9), one row without a word


@pytest.fixture
def scores() -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randn(10, 9, 12, requires_grad=True)


@pytest.fixture
def target() -> torch.Tensor:
    return torch.randint(0, 12, (10, 9), generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("smoothing", SMOOTHING)
def test_it_is_torchs_in_value_and_gradient(scores: torch.Tensor, target: torch.Tensor, smoothing: float) -> None:
    assert MASK.numel() > ROWS  # more than one slice
    loss = token_losses(scores, target, MASK, smoothing)
    other = cross_entropy(scores[MASK], target[MASK], reduction="none", label_smoothing=smoothing)
    torch.testing.assert_close(loss[MASK], other)
    assert not loss[~MASK].any()
    weights = torch.rand(MASK.shape, generator=torch.Generator().manual_seed(2))
    sums = (loss * weights).sum(), (other * weights[MASK]).sum()
    gradients = [torch.autograd.grad(value, scores)[0] for value in sums]
    torch.testing.assert_close(*gradients)
    assert not gradients[0][~MASK].any()


@pytest.mark.parametrize("smoothing", SMOOTHING)
def test_the_gradient_is_the_slope(scores: torch.Tensor, target: torch.Tensor, smoothing: float) -> None:
    few, right, mask = scores[2:4, :3].detach().double().requires_grad_(), target[2:4, :3], MASK[2:4, :3]
    assert torch.autograd.gradcheck(lambda x: token_losses(x, right, mask, smoothing), few)


def test_padding_may_hold_anything(scores: torch.Tensor, target: torch.Tensor) -> None:
    loss = token_losses(scores, target, MASK, 0.1)
    wild = torch.where(MASK[..., None], scores, scores * 1000)
    other = torch.where(MASK, target, 0)
    assert token_losses(wild, other, MASK, 0.1).equal(loss)


def test_certainty_costs_nothing_and_smoothing_makes_it_dear() -> None:
    sure = torch.full((1, 1, 5), -30.0)
    sure[..., 2] = 30
    right, mask = torch.tensor([[2]]), torch.tensor([[True]])
    assert float(token_losses(sure, right, mask, 0.0)) == pytest.approx(0)
    assert float(token_losses(sure, right, mask, 0.1)) == pytest.approx(0.1 * 60 * 4 / 5)


def test_losses_of_bf16_scores_are_made_in_fp32(scores: torch.Tensor, target: torch.Tensor) -> None:
    half = scores.detach().bfloat16().requires_grad_()
    loss = token_losses(half, target, MASK, 0.1)
    assert loss.dtype == torch.float32
    torch.testing.assert_close(loss, token_losses(half.float(), target, MASK, 0.1))
    assert torch.autograd.grad(loss.sum(), half)[0].dtype == torch.bfloat16
