"""Who translates what: each worker has one shard at a time, and a shard whose worker died is given to another.

One at a time is enough, for a shard takes a worker far longer than its text takes to come; so no more shards are in
memory than there are workers, and what a dying worker had is one shard.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

from nmt.bulk.shards import Shard, Task
from nmt.bulk.worker import Result
from nmt.errors import NmtError

Done = tuple[Shard, Result]
Hand = TypeVar("Hand")
Ticket = TypeVar("Ticket")


class WorkerLost(Exception):
    """A worker died, or the machine it was on; the message says which. Where it was a bug, that is the cause."""


class Crew(Protocol, Generic[Hand, Ticket]):
    """Workers somewhere. What is asked of them gives a ticket at once."""

    def hire(self) -> tuple[Hand, Ticket]:
        """Have one more worker started; the ticket is done when it is ready."""

    def give(self, hand: Hand, task: Task) -> Ticket:
        """Give a worker a shard; the ticket is done when it is translated."""

    def wait(self, tickets: list[Ticket]) -> Ticket | None:
        """The first of these that is done, or failed; None where nothing happened for a while."""

    def result(self, ticket: Ticket) -> Result | None:
        """What came of it; None for a worker that is ready.

        Raises:
            WorkerLost: the worker died.
            NmtError: it cannot work.
        """

    def dismiss(self, hand: Hand) -> None:
        """Let go of a worker that was lost."""


class Dispatch(Generic[Hand, Ticket]):
    """Gives shards to workers."""

    def __init__(
        self, crew: Crew[Hand, Ticket], workers: int, retries: int, note: Callable[[str], None] = lambda text: None
    ) -> None:
        """A shard is given out at most 1 + `retries` times; `note` is told of workers that died."""
        self.crew, self.workers, self.retries, self.note = crew, workers, retries, note
        self._idle: list[Hand] = []
        self._busy: dict[Ticket, tuple[Hand, Task | None]] = {}  # None: it is starting
        self._again: deque[Task] = deque()
        self._lost: Counter[int | None] = Counter()  # workers a shard; under None those that died as they started
        self._failed: BaseException | None = None

    def run(self, tasks: Iterator[Task]) -> Iterator[Done]:
        """Yield shards as they are translated, in any order.

        Raises:
            NmtError: a shard was given out as often as may be, and what was under way with it is yielded; or workers
                cannot start.
        """
        for _ in range(self.workers):
            self._hire()
        while True:
            while self._idle and self._failed is None and (task := self._next(tasks)) is not None:
                hand = self._idle.pop()
                self._busy[self.crew.give(hand, task)] = hand, task
            at_work = any(task for _, task in self._busy.values())
            if not at_work and (self._failed or self._idle):  # those that still start are not needed
                break
            if (ticket := self.crew.wait(list(self._busy))) is None:
                if not at_work:
                    self.note("waits for a worker: the cluster has none free, or starts one slowly.")
                continue
            hand, task = self._busy.pop(ticket)
            try:
                result = self.crew.result(ticket)
            except WorkerLost as lost:
                self.crew.dismiss(hand)
                self._mourn(task, lost)
                continue
            self._idle.append(hand)
            if task is None:
                self._lost[None] = 0
            elif result is not None:
                yield task.shard, result
        if self._failed:
            raise self._failed

    def _next(self, tasks: Iterator[Task]) -> Task | None:
        return self._again.popleft() if self._again else next(tasks, None)

    def _hire(self) -> None:
        hand, ticket = self.crew.hire()
        self._busy[ticket] = hand, None

    def _mourn(self, task: Task | None, lost: WorkerLost) -> None:
        """Give what a worker had to another one, and start a new one in its place; or give up."""
        key = task.shard.number if task else None
        self._lost[key] += 1
        what, times = task.shard if task else "a worker did not start", self._lost[key]
        if self._failed:
            return
        if times <= self.retries:
            self.note(f"{what}: {lost}. Tried again ({times} of {self.retries}).")
            if task:
                self._again.append(task)
            self._hire()
        elif task:
            self._fail(f"{what}: failed {times} times, the last time because {lost}. Look at these lines", lost)
        elif self._busy or self._idle:
            self.note(f"{what}, {times} times in a row: {lost}. It goes on with fewer.")
        else:
            self._fail(f"{what}, {times} times in a row: {lost}. Look whether the model fits into memory", lost)

    def _fail(self, said: str, lost: WorkerLost) -> None:
        self._failed = NmtError(f"{said}. What is done is kept: the same command goes on from there.")
        if lost.__cause__ is not None:  # no death but a bug: its traceback is worth more
            self.note(str(self._failed))
            self._failed = lost.__cause__
