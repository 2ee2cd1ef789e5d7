from collections.abc import Callable

import pytest
import torch

from nmt.model.dropout import Noise
from nmt.model.encoder import Encoder
from nmt.model.recurrent import CELLS
from nmt.settings import Config

MASK = torch.arange(6) < torch.tensor([6, 3, 1])[:, None]


@pytest.fixture(params=[(cell, layers) for cell in CELLS for layers in (1, 2)], ids=lambda part: f"{part[0]}-{part[1]}")
def encoder(request: pytest.FixtureRequest, make_config: Callable[..., Config]) -> Encoder:
    torch.manual_seed(1)
    cell, layers = request.param
    return Encoder(make_config(f"encoder.cell={cell}", f"encoder.layers={layers}"), Noise()).double().eval()


def test_a_sentence_is_read_as_if_alone(encoder: Encoder) -> None:
    x = torch.randn(3, 6, 6).double()
    states, summary = encoder(x, MASK)
    assert states.shape == (3, 6, 8) and summary.shape == (3, 8)
    for i, length in enumerate(MASK.sum(1).tolist()):
        alone, its_summary = encoder(x[i : i + 1, :length], MASK[i : i + 1, :length])
        torch.testing.assert_close(states[i : i + 1, :length], alone)
        torch.testing.assert_close(summary[i : i + 1], its_summary)


def test_the_summary_is_where_each_direction_ends(encoder: Encoder) -> None:
    states, summary = encoder(torch.randn(3, 6, 6).double(), MASK)
    for i, length in enumerate(MASK.sum(1).tolist()):
        assert summary[i, :4].equal(states[i, length - 1, :4])
        assert summary[i, 4:].equal(states[i, 0, 4:])


def test_every_state_knows_every_word_of_its_sentence_and_no_padding(encoder: Encoder) -> None:
    x = torch.randn(3, 6, 6).double().requires_grad_()
    for i, s in MASK.nonzero().tolist():
        (gradient,) = torch.autograd.grad(encoder(x, MASK)[0][i, s].square().sum(), x)
        assert (gradient[i].abs().sum(-1) > 0).equal(MASK[i])
