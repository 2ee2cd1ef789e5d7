import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nmt.text.batches import Batch
from nmt.training.ahead import AHEAD, ahead, batches_ahead


@settings(max_examples=30)
@given(st.lists(st.integers() | st.none()), st.integers(1, 4))
def test_the_same_in_the_same_order(items: list[int | None], most: int) -> None:
    assert [*ahead(iter(items), most)] == items


def test_it_is_a_few_ahead_and_no_further() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in itertools.count():
            made.append(number)
            yield number

    with closing(ahead(items(), 3)) as found:
        for taken in range(5):
            assert next(found) == taken
            deadline = time.monotonic() + 10
            while len(made) < taken + 1 + 3 + 1 and time.monotonic() < deadline:
                time.sleep(0.001)
            time.sleep(0.01)
            assert len(made) == taken + 1 + 3 + 1  # taken, waiting, and the one in hand


def test_what_goes_wrong_is_raised_after_the_items_before() -> None:
    def broken() -> Iterator[int]:
        yield 1
        yield 2
        raise OSError("unplugged")

    found = []
    with pytest.raises(OSError, match="unplugged"):
        for item in ahead(broken(), 5):
            found.append(item)
    assert found == [1, 2]


@pytest.mark.parametrize("taken", [1, 3])
def test_whoever_leaves_early_leaves_no_thread(taken: int) -> None:
    before = threading.active_count()
    for _ in itertools.islice(found := ahead(itertools.count(), 2), taken):
        assert threading.active_count() == before + 1
    found.close()
    assert threading.active_count() == before


def test_an_error_while_taking_ends_the_thread() -> None:
    before = threading.active_count()

    def take() -> None:
        for _ in ahead(itertools.count(), 2):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take()
    assert threading.active_count() == before


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_batches_are_pinned_for_a_gpu_alone(batch: Batch, device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pinned: list[Batch] = []
    monkeypatch.setattr(Batch, "pinned", lambda self: pinned.append(self) or self)
    found = [*batches_ahead(iter([batch] * 3), torch.device(device))]
    assert found == [batch] * 3 and len(pinned) == (3 if device == "cuda" else 0) and AHEAD > 1


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_pinned_batches_arrive_as_they_were(make_examples: Callable[..., object]) -> None:
    plan = make_examples(50)
    batches = [plan.batch(range(start, start + 5)) for start in range(0, 50, 5)]  # type: ignore[attr-defined]
    device = torch.device("cuda")
    moved = [(each.source.is_pinned(), each.to(device)) for each in batches_ahead(iter(batches), device)]
    assert all(pinned for pinned, _ in moved)
    assert all(
        map(torch.equal, one, other.to(torch.device("cpu"))) for one, (_, other) in zip(batches, moved, strict=True)
    )
