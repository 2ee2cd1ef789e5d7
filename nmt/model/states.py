"""What passes between encoder, attention and decoder. The batch axis is first, a mask is True at a word.

Legend of shapes, everywhere:
    B sentences     S source pieces     T target pieces     V vocabulary
    D embedding     M memory (encoder states)     H units of a decoder layer
    A units of the attention     K hypotheses a sentence     W width of a cell's state (GRU: H, LSTM: 2H)
"""

from typing import NamedTuple, Protocol, Self

from torch import Tensor


class Rows(Protocol):
    """What has a row for each sentence, or for each hypothesis of it."""

    def select(self, rows: Tensor) -> Self:
        """Keep these rows, in this order; a row may repeat."""


class Memory(NamedTuple):
    """What the encoder leaves behind."""

    states: Tensor  # (B, S, M)
    keys: Tensor  # (B, S, A), projected once a sentence
    mask: Tensor  # (B, S) bool
    summary: Tensor  # (B, M): last state of the forward layer, first of the backward layer
    source: Tensor  # (B, S) ids
    embedded: Tensor  # (B, S, D) the same as vectors

    def select(self, rows: Tensor) -> "Memory":
        """Keep these sentences, in this order."""
        return Memory(*(part[rows] for part in self))

    def repeat(self, copies: int) -> "Memory":
        """Every sentence so many times, its copies side by side."""
        return Memory(*(part.repeat_interleave(copies, 0) for part in self))


class Past(NamedTuple):
    """What attention remembers of earlier steps."""

    step: Tensor  # (B,) steps taken
    covered: Tensor  # (B, S) sums of weights where there is coverage, else S = 0

    def select(self, rows: Tensor) -> "Past":
        """Keep these rows, in this order; a row may repeat."""
        return Past(*(part[rows] for part in self))


class State(NamedTuple):
    """What the decoder carries from step to step. A row is a sentence, or a hypothesis of it."""

    hidden: Tensor  # (B, layers, W)
    feed: Tensor  # (B, F) the last readout or context where the decoder feeds it back, else F = 0
    past: Past

    def select(self, rows: Tensor) -> "State":
        """Keep these rows, in this order; a row may repeat."""
        return State(self.hidden[rows], self.feed[rows], self.past.select(rows))


class Attended(NamedTuple):
    """What the decoder read."""

    context: Tensor  # (B, T, M)
    weights: Tensor  # (B, T, S), zero off the mask, the mean over heads


class Told(NamedTuple):
    """What the decoder has to say about some steps, before the vocabulary."""

    readout: Tensor  # (B, T, R), of the expected context
    top: Tensor  # (B, T, H), what the readout was made of beside the context
    embedded: Tensor  # (B, T, D)
    state: State  # after the last step
    attended: Attended


class Unrolled(NamedTuple):
    """What the decoder says about some steps."""

    scores: Tensor  # (B, T, V), unnormalised log-probabilities
    state: Rows  # after the last step, a State of one model
    attended: Attended
