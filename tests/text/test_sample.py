import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nmt.text.sample import Sample


def shown(items: list[int], size: int, seed: int = 1) -> list[int]:
    sample = Sample[int](size, seed)
    for item in items:
        sample.show(item)
    return sample.items


@given(st.lists(st.integers()), st.integers(1, 9))
def test_all_in_order_while_they_fit_and_never_more(items: list[int], size: int) -> None:
    found = shown(items, size)
    assert found == items if len(items) <= size else len(found) == size
    assert set(found) <= set(items)


def test_every_item_is_as_likely_as_any_other() -> None:
    counts = np.zeros(20)
    for seed in range(2000):
        counts[shown([*range(20)], 5, seed)] += 1
    assert np.abs(counts / 2000 - 0.25).max() < 0.06
    assert shown([*range(20)], 5, 3) == shown([*range(20)], 5, 3)
