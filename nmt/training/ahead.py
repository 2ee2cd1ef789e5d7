"""Batches made a few ahead, in a thread, so that a fast device need not wait for the next one."""

import queue
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TypeVar

import torch

from nmt.text.batches import Batch

AHEAD = 8  # batches that wait at most

T = TypeVar("T")


@dataclass
class _End:
    """No item follows, because of this error or because there are no more."""

    error: BaseException | None = None


def ahead(items: Iterator[T], most: int) -> Generator[T, None, None]:
    """The same items in the same order, made in a thread; at most `most` wait.

    What goes wrong while they are made is raised where they are taken, after the items before. Closing this ends the
    thread.
    """
    ready: queue.Queue[T | _End] = queue.Queue(maxsize=most)
    closed = threading.Event()

    def make() -> None:
        end = _End()
        try:
            for item in items:
                ready.put(item)
                if closed.is_set():
                    return
        except BaseException as error:  # handed to the thread that takes
            end = _End(error)
        ready.put(end)

    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    try:
        while not isinstance(item := ready.get(), _End):
            yield item
        if item.error:
            raise item.error
    finally:
        closed.set()
        while thread.is_alive():  # it may wait for a free place
            try:
                ready.get(timeout=0.01)
            except queue.Empty:
                pass


def batches_ahead(batches: Iterator[Batch], device: torch.device) -> Generator[Batch, None, None]:
    """Batches made ahead, for a GPU in memory it can fetch from by itself."""
    return ahead((batch.pinned() for batch in batches) if device.type == "cuda" else batches, AHEAD)
