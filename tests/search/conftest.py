"""Models whose every number is known."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor

from nmt.model.decoder import DECODERS
from nmt.search.hypothesis import Steps


class Sentences(NamedTuple):
    """Memory and state of a chain: which source pieces there are."""

    mask: Tensor  # (B, S)

    def select(self, rows: Tensor) -> "Sentences":
        """Keep these rows."""
        return Sentences(self.mask[rows])

    def repeat(self, copies: int) -> "Sentences":
        """Every sentence so many times, side by side."""
        return Sentences(self.mask.repeat_interleave(copies, 0))


class MarkovChain:
    """The scores of the next piece, and what is read, hang on the last piece and on the length of the source alone."""

    def __init__(self, pieces: int, seed: int = 0) -> None:
        chance = torch.Generator().manual_seed(seed)
        self.table = torch.randn(20, pieces, pieces, generator=chance)  # (length, last, next)
        self.reader = torch.randn(pieces, 20, generator=chance)

    def encode(self, source: Tensor, mask: Tensor) -> Sentences:
        return Sentences(mask)

    def start(self, memory: Sentences) -> Sentences:
        return memory

    def unroll(self, target_in: Tensor, memory: Sentences, state: Sentences) -> Any:
        mask = state.mask[:, None]
        weights = self.reader[target_in, : mask.shape[-1]].masked_fill(~mask, -torch.inf).softmax(-1)
        scores = self.table[mask.sum(-1), target_in]
        return SimpleNamespace(scores=scores, state=state, attended=SimpleNamespace(weights=weights))


@pytest.fixture(scope="session")
def chain() -> type[MarkovChain]:
    """A chain is made from the number of its pieces, and a seed."""
    return MarkovChain


@pytest.fixture(params=["chain", *DECODERS])
def any_model(request: pytest.FixtureRequest, make_model: Callable[..., Any]) -> Callable[[int], Steps]:
    """Makes a chain or a tiny random model with one of the decoders, of so many pieces."""
    if request.param == "chain":
        return MarkovChain  # type: ignore[return-value]
    words = (f"decoder.kind={request.param}", "decoder.layers=2")
    return lambda pieces: make_model(*words, source=pieces, target=pieces, seed=4).float()
