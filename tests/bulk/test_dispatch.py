"""Workers that die, by a stand-in for a cluster: nothing is lost, nothing comes twice, and it ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.bulk.dispatch import Dispatch, WorkerLost
from nmt.bulk.shards import Shard, Task
from nmt.bulk.worker import Result
from nmt.errors import ConfigError, NmtError


def tasks(count: int, taken: list[int] | None = None) -> Iterator[Task]:
    for number in range(count):
        if taken is not None:
            taken.append(number)
        yield Task(Shard(number, Path("x"), 1 + 2 * number, 2), b"a\nb\n")


class Stage:
    """A crew whose workers are done as soon as they are asked after, in any order, or whatever their `fate` is."""

    def __init__(self, fate: dict[tuple[int | None, int], Exception], order: list[int] = []) -> None:  # noqa: B006
        """(shard or None for starting, how often it was tried before) -> what is raised."""
        self.fate, self.order = fate, list(order)
        self.tried: dict[int | None, int] = {}
        self.tickets: dict[int, Task | None] = {}
        self.hired, self.gone, self.most, self.next = 0, 0, 0, 0

    def _ticket(self, task: Task | None) -> int:
        self.next += 1
        self.tickets[self.next] = task
        self.most = max(self.most, sum(one is not None for one in self.tickets.values()))
        return self.next

    def hire(self) -> tuple[int, int]:
        self.hired += 1
        return self.hired, self._ticket(None)

    def give(self, hand: int, task: Task) -> int:
        return self._ticket(task)

    def wait(self, tickets: list[int]) -> int | None:
        assert sorted(tickets) == sorted(self.tickets), "all that was asked for and not told is waited for"
        assert tickets, "nothing to wait for"
        return tickets[self.order.pop() % len(tickets) if self.order else 0]

    def result(self, ticket: int) -> Result | None:
        task = self.tickets.pop(ticket)
        key = task.shard.number if task else None
        times = self.tried[key] = self.tried.get(key, -1) + 1
        if (key, times) in self.fate:
            raise self.fate[key, times]
        return Result(task.text.upper(), []) if task else None

    def dismiss(self, hand: int) -> None:
        self.gone += 1


DEATH = WorkerLost("its process died")


@given(
    st.integers(0, 12), st.integers(1, 5), st.lists(st.integers(0, 50), max_size=60),
    st.dictionaries(st.tuples(st.integers(0, 11), st.integers(0, 2)), st.just(DEATH)),
)  # fmt: skip
def test_every_shard_comes_once_whoever_dies(
    count: int, workers: int, order: list[int], fate: dict[tuple[int | None, int], Exception]
) -> None:
    stage = Stage(fate, order)
    done = dict(Dispatch(stage, workers, 3).run(tasks(count)))
    assert sorted(shard.number for shard in done) == list(range(count))
    assert all(result.text == b"A\nB\n" for result in done.values())
    assert stage.most <= workers and stage.hired == workers + stage.gone


def test_no_more_is_read_than_there_are_workers() -> None:
    taken: list[int] = []
    stage = Stage({})
    for number, _ in enumerate(Dispatch(stage, 3, 3).run(tasks(20, taken)), start=1):
        assert len(taken) <= number + 3


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_a_shard_that_kills_is_named_and_the_others_under_way_are_kept(retries: int) -> None:
    stage = Stage({(1, times): DEATH for times in range(9)})
    done, notes = [], list[str]()
    with pytest.raises(NmtError) as told:
        for shard, _ in Dispatch(stage, 2, retries, notes.append).run(tasks(50)):
            done.append(shard.number)
    assert stage.tried[1] == retries and len(notes) == retries
    wanted = f"shard 1 (x, lines 3 to 4): failed {retries + 1} times, the last time because its process died. "
    assert str(told.value).startswith(wanted) and "the same command goes on" in str(told.value)
    assert 0 in done and 1 not in done and not any(stage.tickets.values())


def test_each_death_is_told_with_the_lines() -> None:
    notes: list[str] = []
    list(Dispatch(Stage({(2, 0): DEATH}), 2, 3, notes.append).run(tasks(4)))
    assert notes == ["shard 2 (x, lines 5 to 6): its process died. Tried again (1 of 3)."]


def test_workers_that_cannot_start_end_it() -> None:
    stage = Stage({(None, times): DEATH for times in range(99)})
    with pytest.raises(NmtError, match="a worker did not start, 6 times in a row: its process died"):
        list(Dispatch(stage, 3, 3).run(tasks(5)))
    assert stage.hired == 3 + 3


def test_a_machine_where_none_can_start_leaves_the_work_to_the_others() -> None:
    notes: list[str] = []
    stage = Stage({(None, times): DEATH for times in range(1, 99)})
    assert len(list(Dispatch(stage, 3, 2, notes.append).run(tasks(9)))) == 9
    assert "It goes on with fewer" in notes[-1]


def test_what_the_user_did_wrong_is_told_at_once() -> None:
    stage = Stage({(None, 0): ConfigError("no GPU")})
    with pytest.raises(ConfigError, match="no GPU"):
        list(Dispatch(stage, 2, 3).run(tasks(5)))


def test_a_bug_keeps_its_traceback_and_names_the_lines() -> None:
    bug = WorkerLost("ZeroDivisionError: division by zero")
    bug.__cause__ = ZeroDivisionError("division by zero")
    notes: list[str] = []
    with pytest.raises(ZeroDivisionError):
        list(Dispatch(Stage({(0, times): bug for times in range(9)}), 1, 1, notes.append).run(tasks(1)))
    assert notes[-1].startswith("shard 0 (x, lines 1 to 2): failed 2 times")


def test_long_waiting_is_told() -> None:
    class Slow(Stage):
        waits = 2

        def wait(self, tickets: list[int]) -> int | None:
            self.waits -= 1
            return None if self.waits >= 0 else super().wait(tickets)

    notes: list[str] = []
    assert len(list(Dispatch(Slow({}), 1, 0, notes.append).run(tasks(1)))) == 1
    assert len(notes) == 2 and notes[0].startswith("waits for a worker")
