from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from nmt.errors import ConfigError
from nmt.settings import Config, Training
from nmt.training.optimizers import OPTIMIZERS, MovingAverage, make_optimizer, optimizer_tensors, restore_optimizer


class Two(nn.Module):
    """A matrix and a vector."""

    def __init__(self) -> None:
        super().__init__()
        chance = torch.Generator().manual_seed(0)
        self.matrix = nn.Parameter(torch.randn(3, 4, generator=chance))
        self.vector = nn.Parameter(torch.randn(4, generator=chance))


def step(model: Two, optimizer: torch.optim.Optimizer, scale: float) -> list[Tensor]:
    for weight in model.parameters():
        weight.grad = weight.detach().cos() * scale
    optimizer.step()
    return [weight.detach().clone() for weight in model.parameters()]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_restored_from_tensors_it_goes_on_as_if_never_stopped(name: str) -> None:
    settings = Training(optimizer=name, lr=0.1)
    straight = Two()
    optimizer = make_optimizer(straight, settings)
    for scale in (1.0, 0.3, 2.0):
        step(straight, optimizer, scale)
    resumed = Two()
    resumed.load_state_dict(straight.state_dict())
    other = make_optimizer(resumed, settings)
    restore_optimizer(other, {key: tensor.clone() for key, tensor in optimizer_tensors(optimizer).items()})
    for scale in (0.7, 1.1):
        for one, two in zip(step(straight, optimizer, scale), step(resumed, other, scale), strict=True):
            assert one.equal(two)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_step_goes_down_and_a_higher_rate_goes_further(name: str) -> None:
    moved = []
    for rate in (0.001, 0.1):
        model = Two()
        before = [weight.detach().clone() for weight in model.parameters()]
        settings = Training(optimizer=name, lr=rate, weight_decay=0)
        after = step(model, make_optimizer(model, settings), 1.0)
        for old, new in zip(before, after, strict=True):
            assert float(((old - new) * old.cos()).sum()) > 0
            assert name == "muon" or (torch.sign(old - new) == torch.sign(old.cos())).all()  # turned as a whole
        moved.append(sum(float((old - new).abs().sum()) for old, new in zip(before, after, strict=True)))
    assert moved[0] < moved[1]


def test_adamw_decays_matrices_only() -> None:
    model = Two()
    before = [weight.detach().clone() for weight in model.parameters()]
    matrix, vector = step(model, make_optimizer(model, Training(optimizer="adamw", lr=0.1, weight_decay=0.5)), 0.0)
    torch.testing.assert_close(matrix, before[0] * (1 - 0.1 * 0.5))
    assert vector.equal(before[1])


def test_every_weight_of_a_tied_model_is_stepped_once(make_config: Callable[..., Config]) -> None:
    from nmt.model.seq2seq import Seq2Seq

    model = Seq2Seq(make_config("model.tie=all"), 20, 20)
    for name in OPTIMIZERS:
        groups = make_optimizer(model, Training(optimizer=name)).param_groups
        stepped = [weight for group in groups for weight in group["params"]]
        assert len(stepped) == len(set(stepped)) and set(stepped) == set(model.parameters())


def test_a_misspelt_optimizer_is_refused() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'adamw'"):
        make_optimizer(Two(), Training(optimizer="adam"))


def test_swapping_twice_is_nothing_and_once_exchanges() -> None:
    model = Two()
    average = MovingAverage(model.parameters(), 0.9)
    live = [weight.detach().clone() for weight in model.parameters()]
    with torch.no_grad():
        for weight in average.weights:
            weight.add_(1)
    kept = [weight.clone() for weight in average.weights]
    average.swap()
    assert all(map(torch.equal, model.parameters(), kept)) and all(map(torch.equal, average.weights, live))
    average.swap()
    assert all(map(torch.equal, model.parameters(), live)) and all(map(torch.equal, average.weights, kept))


def test_the_average_of_what_stays_is_itself() -> None:
    model = Two()
    average = MovingAverage(model.parameters(), 0.9)
    for update in range(1, 20):
        average.update(update)
    assert all(map(torch.equal, average.weights, model.parameters()))


def test_the_average_is_quick_at_first_then_slow() -> None:
    model = Two()
    average = MovingAverage(model.parameters(), 0.9)
    for update, decay in ((1, 2 / 11), (30, 31 / 40), (10_000, 0.9)):
        before = [weight.clone() for weight in average.weights]
        with torch.no_grad():
            model.matrix += 1
        average.update(update)
        torch.testing.assert_close(average.weights[0], decay * before[0] + (1 - decay) * model.matrix.detach())
    assert not any(weight.requires_grad for weight in average.weights)
