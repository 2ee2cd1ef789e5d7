"""Lines of a corpus are moved, and found; the corpus is the one in data/."""

from pathlib import Path

import pytest

from nmt.checkup.shifts import LEAST, WINDOW, Shift, Shifts
from nmt.checkup.usual import Usual
from nmt.text.readers import Pair

DATA = Path(__file__).parents[2] / "data"
SOURCES, TARGETS = ((DATA / f"train.{side}").read_text("utf-8").splitlines()[:2000] for side in ("en", "de"))


def runs(sources: list[str], targets: list[str], block: int = 500) -> list[Shift]:
    usual = Usual.of(
        [Pair(source, target, "") for source, target in zip(sources[:block], targets[:block], strict=True)]
    )
    shifts = Shifts(usual)
    for start in range(0, len(sources), block):
        end = start + block
        shifts.show(sources[start:end], targets[start:end], last=end >= len(sources))
    return shifts.runs()


def test_a_good_corpus_has_none() -> None:
    assert runs(SOURCES, TARGETS) == []


@pytest.mark.parametrize("first", [3, 300, 480, 1900])
@pytest.mark.parametrize("by", [1, -1])
def test_a_line_too_many_is_found_and_where(first: int, by: int) -> None:
    """Sixty lines are moved by one: one line came in at their beginning and one was lost at their end, or otherwise."""
    moved = list(TARGETS)
    if by > 0:
        moved[first : first + 60] = ["Eine Zeile zu viel.", *TARGETS[first : first + 59]]
    else:
        moved[first : first + 60] = [*TARGETS[first + 1 : first + 60], "Eine Zeile zu viel."]
    (run,) = runs(SOURCES, moved)
    assert run.by == by
    assert abs(run.first - first) <= WINDOW and abs(run.last - (first + 59)) <= WINDOW


def test_all_may_be_shifted() -> None:
    (run,) = runs(SOURCES, ["Eine Zeile zu viel.", *TARGETS[:-1]])
    assert run.first == 0 and run.last == len(SOURCES) - 1 and run.by == 1


def test_blocks_change_nothing() -> None:
    moved = [*TARGETS[:470], "Eine Zeile zu viel.", *TARGETS[470:-1]]
    usual = Usual.of([Pair(source, target, "") for source, target in zip(SOURCES[:400], TARGETS[:400], strict=True)])
    found = []
    for block in (100, 777, 2000):
        shifts = Shifts(usual)
        for start in range(0, len(SOURCES), block):
            shifts.show(
                SOURCES[start : start + block], moved[start : start + block], last=start + block >= len(SOURCES)
            )
        found.append(shifts.runs())
    assert found[0] == found[1] == found[2] and len(found[0]) == 1


def test_few_or_empty_lines_stop_nothing() -> None:
    assert LEAST > 1
    for count in (0, 1, WINDOW, 2 * WINDOW + 1):
        shifts = Shifts(Usual())
        shifts.show([""] * count, [""] * count, last=True)
        assert shifts.runs() == []
