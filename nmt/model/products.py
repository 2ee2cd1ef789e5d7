"""Products of inputs and weights: plain, with one gradient a loop, or in 8-bit integers.

A loop that uses the same weight at every step would have autograd add dL/dW = sum_t x_t^T g_t step by step: T small
products, each of which reads and writes a matrix as large as W. Within `one_product()` the steps only note x_t and
g_t; when the last has gone by, backwards, one product over all of them gives the gradient.

`quantize` rounds the weights of a trained model, w ~ s_o q with q in [-127, 127] and a scale s_o for each output;
inputs are rounded call by call, as they come (as in Kim et al. 2019, D19-5632, section 4). Sums are exact integers.
Embeddings, biases and the encoder's recurrence stay as they are.
"""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from nmt.errors import ConfigError

_Noted = list[tuple[Tensor, Tensor]]
_here = threading.local()


class _Ledger:
    """The operands shared by the steps of one loop."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[Tensor, Tensor, _Noted]] = {}

    def share(self, operand: Tensor, kind: torch.dtype, turned: bool) -> tuple[Tensor, _Noted]:
        """The operand in the dtype of the steps, behind the node that will make its gradient, and where to note."""
        if id(operand) not in self._open:
            noted: _Noted = []
            right = (operand.t() if turned else operand).to(kind)
            self._open[id(operand)] = (operand, _Collect.apply(right, noted), noted)  # type: ignore[no-untyped-call]
        _, shared, noted = self._open[id(operand)]
        return shared, noted


@contextmanager
def one_product() -> Iterator[None]:
    """Within, `matmul` and `linear` of this thread take the gradient of what their calls share at once."""
    before = getattr(_here, "ledger", None)
    _here.ledger = _Ledger() if torch.is_grad_enabled() else None
    try:
        yield
    finally:
        _here.ledger = before


def matmul(x: Tensor, shared: Tensor) -> Tensor:
    """(..., t, K) @ (..., K, N) -> (..., t, N), where `shared` may be the right operand of many calls."""
    ledger = getattr(_here, "ledger", None)
    return x @ shared if ledger is None else _noted_product(ledger, x, shared, turned=False)


def linear(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x W^T + b: (..., I), (O, I), (O,) -> (..., O)."""
    if hasattr(weight, "rounded"):
        return _rounded_linear(x, weight, bias)
    ledger = getattr(_here, "ledger", None)
    if ledger is None:
        return nn.functional.linear(x, weight, bias)
    product = _noted_product(ledger, x.flatten(0, -2), weight, turned=True).unflatten(0, x.shape[:-1])
    return product if bias is None else product + bias.to(product.dtype)


class Linear(nn.Linear):
    """A linear layer that can stand in a loop."""

    def forward(self, x: Tensor) -> Tensor:
        """(..., I) -> (..., O)"""
        return linear(x, self.weight, self.bias)


def quantize(model: nn.Module) -> nn.Module:
    """Give every matrix that multiplies inputs a rounded twin, which `linear` takes in its place; for a CPU.

    Raises:
        ConfigError: this torch has no 8-bit products.
    """
    for module in model.modules():
        if isinstance(module, Linear | nn.RNNBase):
            for weight in module.parameters():
                if weight.dim() == 2 and not hasattr(weight, "rounded"):
                    weight.rounded = _round(weight)  # type: ignore[attr-defined]
    return model


def _round(weight: Tensor) -> Any:
    weight = weight.detach().float()
    scales = weight.abs().amax(1).clamp_min(1e-8) / 127
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch plans another home for these functions
            rounded = torch.quantize_per_channel(weight, scales, torch.zeros(len(scales)).long(), 0, torch.qint8)
            return torch.ops.quantized.linear_prepack(rounded, None)
    except (AttributeError, RuntimeError, NotImplementedError):
        raise ConfigError(f"precision int8: this torch ({torch.__version__}) has none. Take bf16.") from None


def _rounded_linear(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """(..., I) -> (..., O) in fp32."""
    narrow = not torch.cpu._is_vnni_supported()  # without VNNI, sums of 8-bit products may overflow: 7 bits are safe
    product = torch.ops.quantized.linear_dynamic(x.float(), weight.rounded, narrow)  # type: ignore[attr-defined]
    return product if bias is None else product.add_(bias)  # type: ignore[no-any-return]


def _noted_product(ledger: _Ledger, x: Tensor, shared: Tensor, turned: bool) -> Tensor:
    place = x.device.type
    kind = torch.get_autocast_dtype(place) if torch.is_autocast_enabled(place) else x.dtype
    operand, noted = ledger.share(shared, kind, turned)
    return _Product.apply(x.to(kind), operand, noted)  # type: ignore[no-any-return, no-untyped-call]


class _Collect(torch.autograd.Function):
    """The identity; its backward pass comes after that of all products that used the operand."""

    @staticmethod
    def forward(ctx: Any, operand: Tensor, noted: _Noted) -> Tensor:
        """(..., K, N) -> the same"""
        ctx.noted = noted
        ctx.set_materialize_grads(False)
        return operand.view_as(operand)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor | None) -> tuple[Tensor, None]:
        """x^T g over all steps: (..., sum t, K), (..., sum t, N) -> (..., K, N)"""
        inputs, outputs = (torch.cat(part, dim=-2) for part in zip(*ctx.noted, strict=True))
        ctx.noted.clear()
        return inputs.transpose(-1, -2) @ outputs, None


class _Product(torch.autograd.Function):
    """A product that leaves the gradient of its right operand to `_Collect`."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, operand: Tensor, noted: _Noted) -> Tensor:
        """(..., t, K), (..., K, N) -> (..., t, N)"""
        ctx.save_for_backward(x, operand)
        ctx.noted = noted
        return x @ operand

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        """g W^T; x and g are noted."""
        x, operand = ctx.saved_tensors
        ctx.noted.append((x, gradients[0]))
        return gradients[0] @ operand.transpose(-1, -2), None, None
