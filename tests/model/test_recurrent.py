import pytest
import torch
from torch import Tensor

from nmt.errors import ConfigError
from nmt.model.recurrent import CELLS, Gru, Gru2014, Lstm, Recurrence, reverse
from nmt.model.sequences import GruSequence, tanh_


@pytest.fixture(params=CELLS)
def cell(request: pytest.FixtureRequest) -> Recurrence:
    torch.manual_seed(1)
    return CELLS[request.param](3, 4).double()


def inputs(cell: Recurrence, rows: int = 2, steps: int = 5) -> tuple[Tensor, Tensor]:
    return torch.randn(rows, steps, cell.inputs).double(), torch.randn(rows, cell.width).double()


def test_one_call_is_as_many_steps(cell: Recurrence) -> None:
    x, state = inputs(cell)
    outputs, last = cell(x, state)
    assert outputs.shape == (2, 5, 4) and last.shape == (2, cell.width)
    for t in range(5):
        output, state = cell(x[:, t : t + 1], state)
        torch.testing.assert_close(output, outputs[:, t : t + 1])
    torch.testing.assert_close(state, last)


def test_the_state_and_every_input_matter(cell: Recurrence) -> None:
    x, state = (part.requires_grad_() for part in inputs(cell))
    by_input, by_state = torch.autograd.grad(cell(x, state)[0].sum(), [x, state])
    assert (by_input != 0).all()
    assert (
        by_state[:, -cell.size :] != 0
    ).all()  # an elementwise recurrence keeps its last output, and reads it no more


def test_a_state_begins_with_an_output(cell: Recurrence) -> None:
    hidden = torch.randn(2, 4).double()
    begun = cell.begin(hidden)
    assert begun.shape == (2, cell.width) and torch.equal(begun[:, :4], hidden)


def test_gradients(cell: Recurrence) -> None:
    x, state = (part.requires_grad_() for part in inputs(cell, steps=3))
    assert torch.autograd.gradcheck(lambda *args: cell(*args), (x, state))


def test_weights_to_initialise_are_views(cell: Recurrence) -> None:
    x, state = inputs(cell)
    squares, gates = cell.recurrent_weights(), cell.input_weights()
    assert all(square.shape == (4, 4) for square in squares)
    assert all(gate.shape == (4, x.shape[-1]) for gate in gates)
    before = cell(x, state)[0]
    for square in [*gates, *squares]:
        square.data.zero_()
        after = cell(x, state)[0]
        assert not torch.allclose(before, after)
        before = after


def test_gru_sequence_is_torchs_gru_in_outputs_and_gradients() -> None:
    torch.manual_seed(1)
    cell = Gru(3, 4).double()
    x, state = (part.requires_grad_() for part in inputs(cell))
    outputs, last = cell.layer(x, state[None])
    found = [*cell(x, state)]
    weights = [torch.randn_like(part) for part in found]
    leaves = [x, state, *cell.parameters()]
    sums = [
        sum((part * weight).sum() for part, weight in zip(parts, weights, strict=True))
        for parts in (found, [outputs, last[0]])
    ]
    torch.testing.assert_close(found, [outputs, last[0]])
    torch.testing.assert_close(torch.autograd.grad(sums[0], leaves), torch.autograd.grad(sums[1], leaves))


def test_the_gradient_of_gru_sequence() -> None:
    shapes = ((3, 2, 12), (2, 4), (12, 4), (12,))
    parts = [torch.randn(shape, dtype=torch.double, requires_grad=True) for shape in shapes]
    assert torch.autograd.gradcheck(GruSequence.apply, parts)


def test_gru2014_is_as_the_paper_prints_it() -> None:
    torch.manual_seed(1)
    cell = Gru2014(3, 4).double()
    x, h = inputs(cell)
    w_r, w_z, w_n = cell.input.weight.chunk(3)
    b_r, b_z, b_n = cell.input.bias.chunk(3)
    u_r, u_z, u_n = cell.recurrent_weights()
    outputs, last = cell(x, h)
    for t in range(x.shape[1]):
        r = torch.sigmoid(x[:, t] @ w_r.T + b_r + h @ u_r.T)
        z = torch.sigmoid(x[:, t] @ w_z.T + b_z + h @ u_z.T)
        n = torch.tanh(x[:, t] @ w_n.T + b_n + (r * h) @ u_n.T)
        h = (1 - z) * h + z * n
        torch.testing.assert_close(outputs[:, t], h)
    torch.testing.assert_close(last, h)


def test_reverse_turns_within_lengths_and_twice_is_nothing() -> None:
    mask = torch.arange(4) < torch.tensor([4, 3, 1])[:, None]
    x = torch.arange(12).reshape(3, 4, 1)
    turned = reverse(x, mask)
    assert turned.squeeze(-1).tolist() == [[3, 2, 1, 0], [6, 5, 4, 7], [8, 9, 10, 11]]
    assert reverse(turned, mask).equal(x)


def test_an_unknown_cell_is_refused() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'gru'"):
        CELLS["grru"]


def test_lstm_sequence_is_torchs_lstm_in_outputs_and_gradients() -> None:
    torch.manual_seed(1)
    cell = Lstm(3, 4).double()
    x, state = (part.requires_grad_() for part in inputs(cell))
    outputs, (hidden, memory) = cell.layer(x, tuple(part[None].contiguous() for part in state.chunk(2, dim=-1)))
    expected = [outputs, torch.cat([hidden[0], memory[0]], dim=-1)]
    found = [*cell(x, state)]
    weights = [torch.randn_like(part) for part in found]
    leaves = [x, state, *cell.parameters()]
    sums = [sum((w * part).sum() for w, part in zip(weights, parts, strict=True)) for parts in (found, expected)]
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(*(torch.autograd.grad(total, leaves) for total in sums))


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_tanh_in_place_is_tanh(kind: torch.dtype) -> None:
    x = torch.linspace(-20, 20, 1001).to(kind)
    torch.testing.assert_close(tanh_(x.clone()), x.tanh(), atol=2 * torch.finfo(kind).eps, rtol=0)
