"""The weights of a model by name: whether they fit it, and the mean of several models'."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from nmt.errors import ModelFolderError

SMALL = 2**24  # weights that any machine has memory for
SPARE = 4  # a model on its way takes some more than its weights: what is tied, and what orthogonal ones are made from


def check_weights(model: nn.Module, weights: Mapping[str, Tensor], name: str) -> None:
    """Look whether weights are those of a model; the model may be on the meta device, where it takes no memory.

    Raises:
        ModelFolderError: names or shapes differ, or a value is infinite or not a number.
    """
    own = dict(model.named_parameters())
    if odd := sorted(set(own) ^ set(weights)):
        raise ModelFolderError(
            f"{name}: its weights do not fit config.toml: '{odd[0]}' is on one side only. Restore both."
        )
    for key, parameter in own.items():
        if parameter.shape != weights[key].shape:
            raise ModelFolderError(
                f"{name}: '{key}' has shape {list(weights[key].shape)}, "
                f"but config.toml wants {list(parameter.shape)} with this vocabulary. Restore the files."
            )
        if not weights[key].isfinite().all():
            raise ModelFolderError(
                f"{name}: '{key}' holds values that are no numbers. Restore the file or train again."
            )


def load_weights(model: nn.Module, weights: Mapping[str, Tensor], name: str) -> None:
    """Copy weights into a model of the same shape; raises what `check_weights` raises."""
    check_weights(model, weights, name)
    for key, parameter in model.named_parameters():
        parameter.data.copy_(weights[key])


class Modest(TorchFunctionMode):
    """Ends the building of a model that outgrows its weights: a stranger's config could ask for any amount of memory.

    (Building on torch's meta device would tell the same, after a second spent on importing what that needs.)
    """

    def __init__(self, weights: Mapping[str, Tensor], name: str) -> None:
        super().__init__()
        self.held, self.name = sum(weight.numel() for weight in weights.values()), name
        self.left = max(SPARE * self.held, SMALL)

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Count what every `torch.empty` asks for."""
        if function is torch.empty:
            self.left -= math.prod(args[0] if isinstance(args[0], tuple | list) else args)
            if self.left < 0:
                raise ModelFolderError(
                    f"{self.name}: it holds {self.held:,} weights, but config.toml wants more. Restore both."
                )
        return function(*args, **(kwargs or {}))


def average(sources: Iterable[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of several models' weights (Junczys-Dowmunt et al. 2016).

    Raises:
        ModelFolderError: names or shapes differ.
    """
    total: dict[str, Tensor] = {}
    count = 0
    for weights in sources:
        if total and {k: v.shape for k, v in weights.items()} != {k: v.shape for k, v in total.items()}:
            raise ModelFolderError(
                f"Of the models to average, number {count + 1} has other shapes than the first. "
                "Average checkpoints of one training only."
            )
        for name, tensor in weights.items():
            total[name] = total[name] + tensor.double() if name in total else tensor.double()
        count += 1
    return {name: (tensor / count).float() for name, tensor in total.items()}
