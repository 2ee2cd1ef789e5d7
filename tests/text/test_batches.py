import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nmt.settings import BOS, EOS, PAD
from nmt.text.batches import EVEN, POOLS_LOOKED_AT, Batch, Block, Examples, Plan, Ragged, pad

IDS = st.lists(st.integers(0, 2**31 - 1), max_size=5)
LENGTHS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=60)


def examples_of(lengths: list[tuple[int, int]]) -> Examples:
    return Examples(*(Ragged.of([range(4, 4 + length) for length in side]) for side in zip(*lengths, strict=True)))


def cost(lengths: list[tuple[int, int]], rows: Any) -> int:
    """Ids on the longer side of a batch, padding included."""
    return len(rows) * max(max(lengths[row]) + 1 for row in rows)


def in_blocks(sequences: list[list[int]], size: int) -> Ragged:
    """The same sequences, `size` in a block."""
    return Ragged(Block.of(sequences[start : start + size]) for start in range(0, len(sequences), size))


@given(st.lists(IDS, max_size=9), st.integers(1, 4), st.data())
def test_ragged_gives_back_what_was_put_in(sequences: list[list[int]], size: int, data: st.DataObject) -> None:
    for ragged in (Ragged.of(sequences), in_blocks(sequences, size)):
        assert len(ragged) == len(sequences)
        assert [ragged[i] for i in range(len(ragged))] == sequences == [*ragged]
        if not sequences:
            continue
        rows = np.array(data.draw(st.lists(st.integers(0, len(sequences) - 1), min_size=1, max_size=12)))
        ids, lengths = ragged.take(rows)
        assert lengths.tolist() == ragged.lengths(rows).tolist() == [len(sequences[row]) for row in rows]
        assert ids.tolist() == [piece for row in rows for piece in sequences[row]]


@pytest.mark.parametrize("row", [-1, 3, 2**40])
def test_a_row_that_is_not_there_is_no_row(row: int) -> None:
    with pytest.raises(IndexError):
        in_blocks([[1], [2], [3]], 2)[row]


@given(st.lists(st.lists(st.integers(4, 9), max_size=5), min_size=1, max_size=6).filter(any))
def test_padding_fills_up_to_the_longest(sequences: list[list[int]]) -> None:
    ids, mask = pad(sequences)
    assert ids.shape == mask.shape == (len(sequences), max(map(len, sequences)))
    assert ids.dtype == torch.int64 and mask.dtype == torch.bool
    for row, real, sequence in zip(ids.tolist(), mask.tolist(), sequences, strict=True):
        filling = len(row) - len(sequence)
        assert row == sequence + [PAD] * filling and real == [True] * len(sequence) + [False] * filling


def test_a_batch_holds_its_rows_with_begin_and_end(make_examples: Callable[..., Examples]) -> None:
    examples, rows = make_examples(9), [7, 0, 3]
    batch = examples.batch(rows)
    assert batch.order.tolist() == rows and len(examples) == 9
    for i, row in enumerate(rows):
        assert batch.source[i, batch.source_mask[i]].tolist() == [*examples.source[row], EOS]
        assert batch.target_out[i, batch.target_mask[i]].tolist() == [*examples.target[row], EOS]
        assert batch.target_in[i, batch.target_mask[i]].tolist() == [BOS, *examples.target[row]]
    assert not batch.source[~batch.source_mask].any() and not batch.target_in[~batch.target_mask].any()
    moved = batch.to(torch.device("cpu"))
    assert isinstance(moved, Batch) and all(map(torch.equal, moved, batch))


def test_parts_of_a_batch_are_batches_of_every_nth_row(make_examples: Callable[..., Examples]) -> None:
    examples = make_examples(9)
    for number, count in ((0, 1), (0, 2), (1, 2), (8, 9)):
        part = examples.batch(range(9)).part(number, count)
        assert all(map(torch.equal, part, examples.batch(range(number, 9, count))))


@given(LENGTHS, st.integers(1, 60), st.integers(0, 3))
def test_every_row_comes_once_and_batches_keep_to_their_size(
    lengths: list[tuple[int, int]], tokens: int, epoch: int
) -> None:
    plan = Plan(examples_of(lengths), tokens, seed=3)
    for batches in ([*plan.epoch(epoch)], [*plan.in_order()]):
        assert sorted(np.concatenate(batches).tolist()) == [*range(len(lengths))]
        for rows in batches:
            assert cost(lengths, rows) <= tokens or len(rows) == 1


@given(LENGTHS, st.integers(1, 60))
def test_the_share_of_padding_is_counted(lengths: list[tuple[int, int]], tokens: int) -> None:
    plan = Plan(examples_of(lengths), tokens, seed=3)
    batches = [plan.examples.batch(rows.tolist()) for rows in plan.epoch(0)]
    masks = [mask for batch in batches for mask in (batch.source_mask, batch.target_mask)]
    filling = sum(int((~mask).sum()) for mask in masks)
    assert plan.padding() == pytest.approx(filling / sum(mask.numel() for mask in masks))


def test_batches_are_as_large_as_they_may_be(make_examples: Callable[..., Examples]) -> None:
    examples = make_examples(400, longest=20)
    lengths = [(len(source), len(target)) for source, target in zip(examples.source, examples.target, strict=True)]
    batches = Plan(examples, 200, 1).in_order()
    for rows, following in itertools.pairwise(batches):
        more = EVEN if len(rows) >= EVEN else 1
        assert len(rows) < EVEN or len(rows) % EVEN == 0
        assert cost(lengths, [*rows, *following[:more]]) > 200
    assert Plan(examples, 200, 1).padding() < 0.1


def test_seed_and_epoch_decide_the_order(make_examples: Callable[..., Examples]) -> None:
    examples = make_examples(100)

    def order(seed: int, epoch: int) -> list[list[int]]:
        plan = Plan(examples, 50, seed)
        next(plan.epoch(7))  # what was asked before does not matter
        assert [batch.order.tolist() for batch in plan.batches(epoch)] == [b.tolist() for b in plan.epoch(epoch)]
        return [rows.tolist() for rows in plan.epoch(epoch)]

    assert order(1, 2) == order(1, 2)
    others = [order(1, 2), order(1, 3), order(2, 2), order(2, 1)]
    assert all(one != other for i, one in enumerate(others) for other in others[:i])
    assert {frozenset(rows) for rows in others[0]} != {frozenset(rows) for rows in others[1]}  # new company, too
    assert [len(rows) for rows in others[0]] != sorted(len(rows) for rows in others[0])  # not short ones first


def test_a_row_longer_than_a_batch_comes_alone() -> None:
    plan = Plan(examples_of([(2, 2), (50, 3), (2, 3), (3, 60)]), 20, 1)
    assert sorted(sorted(rows.tolist()) for rows in plan.epoch(0)) == [[0, 2], [1], [3]]


@given(LENGTHS, st.integers(1, 60), st.integers(0, 70))
def test_an_epoch_goes_on_anywhere(lengths: list[tuple[int, int]], tokens: int, skip: int) -> None:
    plan = Plan(examples_of(lengths), tokens, seed=3)
    straight = [rows.tolist() for rows in plan.epoch(2)]
    assert plan.count(2) == len(straight)
    assert [rows.tolist() for rows in plan.epoch(2, skip)] == straight[skip:]
    assert [batch.order.tolist() for batch in plan.batches(2, skip)] == straight[skip:]


def test_only_a_pool_at_a_time_is_looked_at(make_examples: Callable[..., Examples]) -> None:
    examples, asked = make_examples(3000, longest=3), []

    class Watched(Ragged):
        def lengths(self, rows: np.ndarray) -> np.ndarray:
            asked.append(len(rows))
            return super().lengths(rows)

    plan = Plan(Examples(Watched(examples.source._blocks), examples.target), 2, seed=1)
    asked.clear()
    next(plan.epoch(0))
    assert len(asked) == 1 and asked[0] < 400
    asked.clear()
    assert 0 <= plan.padding() < 1
    assert sum(asked) <= 2 * 400 * POOLS_LOOKED_AT


def test_many_small_pools_are_as_good_as_one(make_examples: Callable[..., Examples]) -> None:
    """The pool depends on the size of a batch alone, so that a large corpus is many pools."""
    examples = make_examples(3000, longest=20)
    plan = Plan(examples, 40, 1)
    assert len(examples) > 2 * plan._pool
    assert sorted(np.concatenate([*plan.epoch(0)]).tolist()) == [*range(3000)]
    widths = np.array([max(len(a), len(b)) for a, b in zip(examples.source, examples.target, strict=True)])
    means = [widths[rows].mean() for rows in plan.epoch(0)]
    thirds = [np.mean(some) for some in np.array_split(means, 3)]
    assert max(thirds) < 1.2 * min(thirds)  # short and long ones from the first to the last
