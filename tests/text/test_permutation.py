import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.text.permutation import Permutation


@given(st.integers(1, 3000), st.integers(0, 2**63 - 1), st.integers(0, 100))
def test_every_row_stands_at_one_place(count: int, seed: int, epoch: int) -> None:
    order = Permutation(count, [seed, epoch])(np.arange(count))
    assert sorted(order.tolist()) == [*range(count)] and order.dtype == np.int64


@pytest.mark.parametrize("count", [1, 2, 3, 4, 255, 256, 257, 65_535, 65_536, 65_537, 1_000_003])
def test_every_row_stands_at_one_place_in_large_orders_too(count: int) -> None:
    assert np.array_equal(np.sort(Permutation(count, [1, 0])(np.arange(count))), np.arange(count))


def test_seed_and_epoch_decide() -> None:
    orders = [Permutation(1000, seed)(np.arange(1000)) for seed in ([1, 2], [1, 2], [1, 3], [2, 2], [2, 1])]
    assert np.array_equal(orders[0], orders[1])
    for i, one in enumerate(orders[1:]):
        for other in orders[i + 2 :]:
            assert (one == other).mean() < 0.02


@given(st.lists(st.integers(0, 9_999), min_size=1, max_size=50))
def test_places_may_be_asked_for_in_any_pieces(places: list[int]) -> None:
    order = Permutation(10_000, [5, 6])
    assert order(np.array(places)).tolist() == [int(order(np.array([place]))[0]) for place in places]


@pytest.mark.parametrize("count", [500, 10_000, 99_991])
def test_no_trace_of_the_order_is_left(count: int) -> None:
    """Like a shuffle: places and rows do not go together, neighbours part, and every part of the rows is everywhere."""
    for seed in range(20):
        order = Permutation(count, [seed, 0])(np.arange(count))
        assert abs(np.corrcoef(order, np.arange(count))[0, 1]) < 5 / np.sqrt(count)
        assert (np.abs(np.diff(order)) == 1).sum() < 20  # 2 are expected
        assert np.abs(np.corrcoef(order[1:], order[:-1])[0, 1]) < 5 / np.sqrt(count)
        table = np.histogram2d(order, np.arange(count), bins=5)[0]
        assert ((table - count / 25) ** 2 / (count / 25)).sum() < 60  # chi-squared, 16 degrees of freedom


def test_the_largest_order_is_only_looked_into() -> None:
    rows = Permutation(10**12, [1, 1])(np.arange(1000))
    assert len(set(rows.tolist())) == 1000 and rows.min() >= 0 and rows.max() < 10**12
    assert rows.max() > 9 * 10**11 > 2 * rows.min()
