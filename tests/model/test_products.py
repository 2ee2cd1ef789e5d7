import copy
import threading
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from nmt.model.decoder import DECODERS
from nmt.model.products import Linear, linear, matmul, one_product, quantize
from nmt.model.recurrent import CELLS
from nmt.model.seq2seq import Seq2Seq
from nmt.text.batches import Batch


def unrolled(weight: Tensor, shared: Tensor, bias: Tensor, x: Tensor) -> Tensor:
    """A loop whose steps depend on each other through a weight and a batched operand."""
    outputs = []
    for _ in range(4):
        x = torch.tanh(matmul(linear(x, weight, bias), shared))
        outputs.append(x)
    return torch.cat(outputs, dim=1)


def leaves() -> list[Tensor]:
    torch.manual_seed(1)
    shapes = [(5, 3), (2, 5, 3), (5,), (2, 1, 3)]
    return [torch.randn(*shape, dtype=torch.double, requires_grad=True) for shape in shapes]


def deferred(*parts: Tensor) -> Tensor:
    with one_product():
        return unrolled(*parts)


def test_gradients_are_those_of_the_plain_loop() -> None:
    parts = leaves()
    plain, noted = unrolled(*parts), deferred(*parts)
    torch.testing.assert_close(noted, plain)
    weights = torch.randn_like(plain)
    torch.testing.assert_close(*(torch.autograd.grad((weights * out).sum(), parts) for out in (noted, plain)))


def test_gradients_pass_a_check_by_differences() -> None:
    assert torch.autograd.gradcheck(deferred, leaves())


def test_a_weight_is_collected_once_a_loop_and_loops_do_not_mix() -> None:
    layer = Linear(3, 3).double()
    x = torch.randn(2, 3, dtype=torch.double)

    def twice() -> Tensor:
        total = torch.zeros((), dtype=torch.double)
        for _ in range(2):
            with one_product():
                total = total + layer(torch.tanh(layer(x))).sum()
        return total

    (noted,) = torch.autograd.grad(twice(), [layer.weight])
    (plain,) = torch.autograd.grad(2 * layer(torch.tanh(layer(x))).sum(), [layer.weight])
    torch.testing.assert_close(noted, plain)


def test_another_thread_is_not_touched() -> None:
    layer, names = Linear(3, 3), list[str]()
    with one_product():
        thread = threading.Thread(target=lambda: names.append(type(layer(torch.ones(1, 3)).grad_fn).__name__))
        thread.start()
        thread.join()
        inside = type(layer(torch.ones(1, 3)).grad_fn).__name__
    assert names == [type(nn.functional.linear(torch.ones(1, 3), layer.weight, layer.bias).grad_fn).__name__]
    assert names != [inside]


def test_steps_compute_in_the_precision_of_autocast() -> None:
    layer = Linear(3, 3)
    with torch.autocast("cpu", torch.bfloat16), one_product():
        out = layer(torch.randn(2, 1, 3))
    assert out.dtype == torch.bfloat16
    out.float().sum().backward()
    assert layer.weight.grad is not None and layer.weight.grad.dtype == torch.float32


@pytest.mark.parametrize("shape", [(7, 48), (2, 3, 48)])
def test_rounded_products_are_near(shape: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    layer, x = Linear(48, 20), torch.randn(*shape)
    exact = layer(x)
    rounded = quantize(copy.deepcopy(layer))(x)
    assert rounded.shape == exact.shape and not rounded.equal(exact)
    torch.testing.assert_close(rounded, exact, atol=0.05, rtol=0)


def test_rounded_layers_leave_the_original_alone() -> None:
    layer, x = Linear(48, 20), torch.ones(1, 48)
    before = layer(x)
    quantize(copy.deepcopy(layer))
    assert layer(x).equal(before)


@pytest.mark.parametrize("unit", ["align=soft", "apart=50"])  # not a few: rounding may change which are likeliest
@pytest.mark.parametrize("precision", ["bf16", "int8"])
@pytest.mark.parametrize("kind", DECODERS)
@pytest.mark.parametrize("cell", CELLS)
def test_every_model_computes_near_the_same_in_less(
    make_model: Callable[..., Seq2Seq], batch: Batch, kind: str, cell: str, precision: str, unit: str
) -> None:
    words = (f"decoder.kind={kind}", f"decoder.cell={cell}", f"encoder.cell={cell}")
    model = make_model(*words, f"attention.{unit}").float()
    weights = [weight.clone() for weight in model.parameters()]
    with torch.inference_mode():
        exact = model(*batch[:3]).scores
        near = model.computing_in(precision)(*batch[:3]).scores.float()
    assert not near.equal(exact)
    torch.testing.assert_close(near, exact, atol=0.1 * float(exact.std()) + 0.02, rtol=0)
    assert all(a.equal(b) for a, b in zip(weights, model.parameters(), strict=True))


def test_exact_is_the_model_itself(make_model: Callable[..., Seq2Seq]) -> None:
    model = make_model()
    assert model.computing_in("fp32") is model
