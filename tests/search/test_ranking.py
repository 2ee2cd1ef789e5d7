"""Coverage, diversity and forced decoding, each beside what its formula says."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from nmt.errors import ConfigError
from nmt.search import forced
from nmt.search.forced import force
from nmt.search.hypothesis import Hypothesis, Steps
from nmt.search.strategies import STRATEGIES
from nmt.settings import EOS, Search
from nmt.text.batches import pad

SENTENCES = [[5, 4, 7, EOS], [4, EOS], [6, 6, 5, 4, 7, 5, EOS], [7, 5, EOS]]
CPU = torch.device("cpu")


def find(model: Steps, name: str = "beam", **settings: float) -> list[list[Hypothesis]]:
    search = Search(**{"strategy": name, "beam": 4, "nbest": 4, "max_ratio": 1.0, "max_extra": 3, **settings})  # type: ignore[arg-type]
    return STRATEGIES[name](model, *pad(SENTENCES), search)


@pytest.mark.parametrize("beta", [0.2, 3.0])
def test_the_coverage_penalty_ranks_as_its_formula_says(any_model: Callable[[int], Steps], beta: float) -> None:
    model = any_model(8)
    every = {"beam": 100, "nbest": 100, "max_ratio": 0.0}  # all there are: 1 + 4 + 16
    plain, covered = find(model, **every), find(model, **every, coverage_penalty=beta)
    changed = 0
    for without, found in zip(plain, covered, strict=True):
        scores = {}
        for h in without:
            read = [min(float(h.attention[:, i].sum()), 1.0) for i in range(h.attention.shape[1] - 1)]  # without EOS
            scores[tuple(h.pieces)] = h.score + beta * float(np.log(read).sum())
        assert [tuple(h.pieces) for h in found] == sorted(scores, key=lambda some: -scores[some])
        np.testing.assert_allclose([h.score for h in found], [scores[tuple(h.pieces)] for h in found], rtol=1e-5)
        changed += [h.pieces for h in found] != [h.pieces for h in without]
    assert changed
    best = find(model, **{**every, "nbest": 1}, coverage_penalty=beta)
    assert [[h.pieces for h in some] for some in best] == [[h.pieces for h in some[:1]] for some in covered]


def test_what_is_never_read_costs_much_and_not_infinitely() -> None:
    from nmt.search.loop import coverage

    assert coverage(np.array([[1.0, 0.0, 0.0], [0.4, 0.0, 0.6]])) == pytest.approx(np.log(1e-9))
    assert coverage(np.array([[0.5, 0.25, 0.25], [0.75, 0.25, 0.0]])) == pytest.approx(np.log(0.5))


def test_one_group_is_a_beam(any_model: Callable[[int], Steps]) -> None:
    model = any_model(8)
    for one, other in zip(find(model), find(model, "diverse", groups=1, diversity=9.0), strict=True):
        assert [h.pieces for h in one] == [h.pieces for h in other]
        assert [h.score for h in one] == [h.score for h in other]


@pytest.mark.parametrize("groups", [0, 2])
def test_groups_shun_the_pieces_of_earlier_ones(any_model: Callable[[int], Steps], groups: int) -> None:
    model = any_model(8)
    free, shy = (find(model, "diverse", groups=groups, diversity=value) for value in (0.0, 50.0))
    narrow = find(model, beam=4 // (groups or 4), nbest=1)
    for same, different, (first,) in zip(free, shy, narrow, strict=True):
        assert first.pieces in [h.pieces for h in same] and first.pieces in [h.pieces for h in different]
        assert len({tuple(h.pieces) for h in different}) == len(different) >= len(same)
        assert [h.score for h in different] == sorted((h.score for h in different), reverse=True)
    if groups == 0:  # without a price all groups are greedy; with a high one no two begin alike
        assert all(len(some) == 1 for some in free)
        assert all(len({tuple(h.pieces[:1]) for h in some}) == len(some) == 4 for some in shy)


def test_diverse_neighbours_change_nothing(any_model: Callable[[int], Steps]) -> None:
    model = any_model(8)
    settings = Search(beam=4, nbest=4, max_ratio=1.0, max_extra=3, groups=2)
    for sentence, some in zip(SENTENCES, find(model, "diverse", groups=2), strict=True):
        (alone,) = STRATEGIES["diverse"](model, *pad([sentence]), settings)
        assert [h.pieces for h in alone] == [h.pieces for h in some]


def test_a_beam_that_cannot_be_cut_into_its_groups_is_refused(chain: Callable[..., Steps]) -> None:
    with pytest.raises(ConfigError, match=r"search.beam=4 must be a multiple of search.groups=3"):
        find(chain(8), "diverse", groups=3)


@pytest.mark.parametrize("penalties", [{}, {"length_penalty": 0.6, "coverage_penalty": 0.3}])
@pytest.mark.parametrize("numbers", [10_000, 1])
def test_what_is_told_gets_what_the_search_gave_it(
    any_model: Callable[[int], Steps], monkeypatch: pytest.MonkeyPatch, penalties: dict[str, float], numbers: int
) -> None:
    monkeypatch.setattr(forced, "NUMBERS", numbers)  # 1: a step at a time
    model, found = any_model(8), []
    for i, some in enumerate(find(model, **penalties)):
        found += [(SENTENCES[i][:-1], h) for h in some]
    told = force(model, [s for s, _ in found], [h.pieces for _, h in found], 8, Search(**penalties), CPU)  # type: ignore[arg-type]
    for one, (_, other) in zip(told, found, strict=True):
        assert one.pieces == other.pieces
        np.testing.assert_allclose(one.log_probabilities, other.log_probabilities, atol=1e-4)
        np.testing.assert_allclose(one.attention, other.attention, atol=1e-5)
        assert one.score == pytest.approx(other.score, abs=1e-4)
