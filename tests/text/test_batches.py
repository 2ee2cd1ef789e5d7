import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nmt.config import BOS, EOS, PAD
from nmt.text.batches import Batch, Examples, Plan, Ragged, pad

IDS = st.lists(st.integers(0, 2**31 - 1), max_size=5)
LENGTHS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=60)


def examples_of(lengths: list[tuple[int, int]]) -> Examples:
    examples = Examples(Ragged(), Ragged())
    for source, target in lengths:
        examples.source.append(range(4, 4 + source))
        examples.target.append(range(4, 4 + target))
    return examples


def cost(lengths: list[tuple[int, int]], rows: Any) -> int:
    """Ids on the longer side of a batch, padding included."""
    return len(rows) * max(max(lengths[row]) + 1 for row in rows)


@given(st.lists(IDS, max_size=6))
def test_ragged_gives_back_what_was_put_in(sequences: list[list[int]]) -> None:
    ragged = Ragged()
    for i, sequence in enumerate(sequences):
        assert len(ragged) == i and ragged.lengths().tolist() == [len(some) for some in sequences[:i]]
        ragged.append(sequence)
    assert [ragged[i] for i in range(len(ragged))] == sequences


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
    for batches in (plan.epoch(epoch), plan.in_order()):
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
    lengths = [*zip(examples.source.lengths().tolist(), examples.target.lengths().tolist(), strict=True)]
    batches = Plan(examples, 200, 1).in_order()
    for rows, following in itertools.pairwise(batches):
        assert cost(lengths, [*rows, following[0]]) > 200
    assert Plan(examples, 200, 1).padding() < 0.1


def test_seed_and_epoch_decide_the_order(make_examples: Callable[..., Examples]) -> None:
    examples = make_examples(100)

    def order(seed: int, epoch: int) -> list[list[int]]:
        plan = Plan(examples, 50, seed)
        plan.epoch(7)  # what was asked before does not matter
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
