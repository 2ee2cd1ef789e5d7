"""A worker that hangs ends itself: whoever gave it a shard hears of a death, and gives the shard to another.

Nobody else can tell a worker that hangs from one that is slow. Here every step of a search is a sign of life, so a
shard may take as long as it takes, but no step minutes. Python's `faulthandler` keeps the time in a thread of C: it
ends the process also where Python itself stands still, and writes to standard error where that was.
"""

import faulthandler
import time
from typing import Any, Self

SELDOM = 1.0  # seconds between signs of life that are passed on
STDERR = 2


class Watch:
    """Ends this process where its work shows no sign of life for `patience` seconds; never, if that is 0."""

    def __init__(self, patience: float) -> None:
        self.patience = patience
        self._told = 0.0

    def __enter__(self) -> Self:
        self._told = 0.0
        self.alive()
        return self

    def __exit__(self, *error: object) -> None:
        if self.patience:
            faulthandler.cancel_dump_traceback_later()

    def alive(self) -> None:
        """A sign of life."""
        now = time.monotonic()
        if self.patience and now - self._told >= min(SELDOM, self.patience / 4):
            self._told = now
            faulthandler.dump_traceback_later(self.patience, exit=True, file=STDERR)


class Watched:
    """A model that gives a sign of life at every step; see `nmt.search.hypothesis.Steps`."""

    def __init__(self, model: Any, watch: Watch) -> None:
        self.model, self.watch, self.start = model, watch, model.start

    def encode(self, source: Any, mask: Any) -> Any:
        """That of the model."""
        self.watch.alive()
        return self.model.encode(source, mask)

    def unroll(self, target_in: Any, memory: Any, state: Any) -> Any:
        """That of the model."""
        self.watch.alive()
        return self.model.unroll(target_in, memory, state)
