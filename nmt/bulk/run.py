"""A job from beginning to end: what is missing is translated by an engine, then all is joined."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing

from nmt.bulk.dispatch import Done
from nmt.bulk.job import Job
from nmt.bulk.shards import Task
from nmt.bulk.worker import Worker

Engine = Callable[[Iterator[Task]], Iterator[Done]]
"""Shards -> their translations, in any order, holding few of them at a time."""

EVERY = 60.0  # seconds between two notes of progress


def alone(worker: Worker) -> Engine:
    """The engine that translates in this process, one shard after another."""
    return lambda tasks: ((task.shard, worker.translate(task)) for task in tasks)


def translate_missing(
    job: Job, engine: Engine, note: Callable[[str], None], clock: Callable[[], float] = time.monotonic
) -> None:
    """Have the shards translated that are not there, and write each as it comes; `note` is told how it goes.

    Raises:
        NmtError: what the engine raises; a file has changed; a shard cannot be written.
    """
    left, lines = job.left()
    begun = told = clock()
    done = 0
    with closing(engine(job.missing())) as results:  # type: ignore[type-var]
        for shard, result in results:
            job.keep(shard, result)
            for text in result.notes:
                note(text)
            left, done, now = left - 1, done + shard.lines, clock()
            if now - told >= EVERY and left:
                told, speed = now, done / (now - begun)
                minutes = (lines - done) / speed / 60
                note(f"{left:,} of {job.shards:,} shards to go, {speed:,.1f} lines a second, {minutes:,.0f} minutes.")
