"""What passes between encoder, attention and decoder. The batch axis is first, a mask is True at a word.

Legend of shapes, everywhere:
    B sentences     S source pieces     T target pieces     V vocabulary
    D embedding     M memory (encoder states)     H units of a decoder layer
    A units of the attention     K hypotheses a sentence     W width of a cell's state (GRU: H, LSTM: 2H)
"""

from typing import NamedTuple

from torch import Tensor


class Memory(NamedTuple):
    """What the encoder leaves behind."""

    states: Tensor  # (B, S, M)
    keys: Tensor  # (B, S, A), projected once a sentence
    mask: Tensor  # (B, S) bool
    summary: Tensor  # (B, M): last state of the forward layer, first of the backward layer

    def select(self, rows: Tensor) -> "Memory":
        """Keep these sentences, in this order."""
        return Memory(*(part[rows] for part in self))


class State(NamedTuple):
    """What the decoder carries from step to step. A row is a sentence, or a hypothesis of it."""

    hidden: Tensor  # (B, layers, W)
    feed: Tensor  # (B, F) the last readout where the decoder feeds it back, else F = 0

    def select(self, rows: Tensor) -> "State":
        """Keep these rows, in this order; a row may repeat."""
        return State(*(part[rows] for part in self))


class Attended(NamedTuple):
    """What the decoder read."""

    context: Tensor  # (B, T, M)
    weights: Tensor  # (B, T, S), zero off the mask, the mean over heads


class Unrolled(NamedTuple):
    """What the decoder says about some steps."""

    scores: Tensor  # (B, T, V), unnormalised log-probabilities
    state: State  # after the last step
    attended: Attended
