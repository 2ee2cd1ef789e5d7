"""What a search finds, and what it needs of a model."""

from typing import Any, NamedTuple, Protocol, Self

import numpy as np
from torch import Tensor

from nmt.model.states import Rows, Unrolled


class Hypothesis(NamedTuple):
    """One translation of one sentence."""

    pieces: list[int]  # without BOS and EOS
    score: float  # what it is ranked by, see `nmt.search.loop`
    log_probabilities: np.ndarray  # (T + 1,) natural logarithms, of each piece and of EOS
    attention: np.ndarray  # (T + 1, S): rows are pieces and EOS, columns the source's pieces and EOS

    @property
    def log_probability(self) -> float:
        """Natural logarithm, EOS included."""
        return float(self.log_probabilities.sum())


class Remembered(Rows, Protocol):
    """What a search keeps of sentences: a `Memory`, or those of several models."""

    def repeat(self, copies: int) -> Self:
        """Every sentence so many times, its copies side by side."""


class Steps(Protocol):
    """A model, or several, one step at a time; memories and states are its own."""

    def encode(self, source: Tensor, mask: Tensor) -> Remembered:
        """(B, S), (B, S) -> memory of B sentences."""

    def start(self, memory: Any) -> Rows:
        """State before the first word."""

    def unroll(self, target_in: Tensor, memory: Any, state: Any) -> Unrolled:
        """(B, 1) -> scores (B, 1, V); rows of one sentence stand side by side."""
