"""Where a training is, and whether it goes well: all that is saved beside the weights."""

import math
from dataclasses import dataclass

STEADY = 0.95  # of the running mean of the loss: some twenty updates
RISE = 2.0  # nats above the lowest running mean: no corpus does that, a rate that is too high does
BROKEN_UPDATES = 20  # in a row without a finite gradient
MOST_FALLBACKS = 3


class Diverged(Exception):
    """The training went wrong; the message says how."""


@dataclass
class Progress:
    """Where a training is, as saved beside the weights."""

    epoch: int = 0
    batch: int = 0  # batches of the epoch already seen
    update: int = 0
    best: float | None = None  # of the validation metric; larger is better
    best_update: int = 0
    base: float | None = None  # the value the next gain is measured from
    setbacks: int = 0  # validations since the last gain
    all_setbacks: int = 0
    seconds: float = 0.0  # spent on training, over all runs
    finished: str = ""  # why it ended
    loss: float | None = None  # its running mean, in nats a piece
    lowest: float | None = None  # the least that mean has been
    broken: int = 0  # updates in a row without a finite gradient
    fallbacks: int = 0  # how often it went back to an earlier state; each halves the rate
    fits: int = 0  # the most ids a batch may have for memory to hold it; 0: not known yet

    @property
    def slower(self) -> float:
        """The share of the planned learning rate that is left after all fallbacks."""
        return 0.5**self.fallbacks

    @property
    def healthy(self) -> bool:
        """Whether one may go back to here: the loss is far from the rise that would count as divergence."""
        return not self.broken and (self.loss is None or self.lowest is None or self.loss < self.lowest + RISE / 2)

    def watch(self, loss: float, finite: bool) -> None:
        """Take note of an update's mean loss, and of whether its gradient was finite.

        Raises:
            Diverged: too many updates were not, or the loss has risen far above what it was.
        """
        if not (finite and math.isfinite(loss)):
            self.broken += 1
            if self.broken >= BROKEN_UPDATES:
                raise Diverged("the loss is not a number any more")
            return
        self.broken = 0
        self.loss = loss if self.loss is None else STEADY * self.loss + (1 - STEADY) * loss
        self.lowest = self.loss if self.lowest is None else min(self.lowest, self.loss)
        if self.loss > self.lowest + RISE:
            raise Diverged(f"the loss has risen from {self.lowest:.2f} to {self.loss:.2f}")

    def judged(self, value: float, gain: float, patience: int, metric: str) -> bool:
        """Take note of a validation, whose larger values are better, and say whether it is the best so far."""
        better = self.best is None or value > self.best
        if better:
            self.best, self.best_update = value, self.update
        if self.base is None or value > self.base + gain:
            self.base, self.setbacks = value, 0
        else:
            self.setbacks += 1
            self.all_setbacks += 1
        if patience and self.setbacks >= patience and not self.finished:
            self.finished = f"because {metric} gained nothing in {patience} validations"
        return better
