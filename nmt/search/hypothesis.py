"""What a search finds, and what it needs of a model."""

from typing import NamedTuple, Protocol

import numpy as np
from torch import Tensor

from nmt.model.states import Memory, State, Unrolled


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


class Steps(Protocol):
    """A model, or several, one step at a time."""

    def encode(self, source: Tensor, mask: Tensor) -> Memory:
        """(B, S), (B, S) -> memory of B sentences."""

    def start(self, memory: Memory) -> State:
        """State before the first word."""

    def unroll(self, target_in: Tensor, memory: Memory, state: State) -> Unrolled:
        """(B, 1) -> scores (B, 1, V); rows of one sentence stand side by side."""
