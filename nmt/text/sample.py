"""A fair choice of a few items of a stream, in memory that does not grow with it."""

import random
from typing import Generic, TypeVar

T = TypeVar("T")


class Sample(Generic[T]):
    """At most `size` of the items it is shown, each as likely as any other; all of them, in order, while they fit.

    Algorithm R of Vitter, "Random Sampling with a Reservoir", 1985. The seed decides the choice.
    """

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self.items: list[T] = []
        self._seen = 0
        self._chance = random.Random(seed)

    def show(self, item: T) -> None:
        """Keep an item, perhaps, and perhaps give up another for it."""
        self._seen += 1
        if len(self.items) < self.size:
            self.items.append(item)
        elif (place := self._chance.randrange(self._seen)) < self.size:
            self.items[place] = item
