"""What is drawn by lot: as often as the model says, the same whoever stands beside it."""

import math
from collections import Counter
from collections.abc import Callable
from itertools import pairwise, product

import numpy as np
import pytest
import torch

from nmt.search.forced import force
from nmt.search.hypothesis import Hypothesis, Steps
from nmt.search.sampling import likelier
from nmt.search.strategies import STRATEGIES
from nmt.settings import EOS, Search
from nmt.text.batches import pad

SENTENCES = [[5, 4, 7, EOS], [4, EOS], [6, 6, 5, 4, 7, 5, EOS], [7, 5, EOS]]
LIMIT = {"max_ratio": 0.0, "max_extra": 3}


def find(model: Steps, sentences: list[list[int]], name: str = "sample", **settings: float) -> list[list[Hypothesis]]:
    search = Search(**{"strategy": name, "max_ratio": 1.0, "max_extra": 3, **settings})  # type: ignore[arg-type]
    return STRATEGIES[name](model, *pad(sentences), search)


def pieces(found: list[list[Hypothesis]]) -> list[list[list[int]]]:
    return [[hypothesis.pieces for hypothesis in some] for some in found]


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_samples_come_as_often_as_the_model_says(chain: Callable[..., Steps], temperature: float) -> None:
    model, draws = chain(7), 4000
    (found,) = find(model, [[4, 5, EOS]], nbest=1000, temperature=temperature, **LIMIT)
    for seed in range(2, 5):
        found += find(model, [[4, 5, EOS]], nbest=1000, seed=seed, temperature=temperature, **LIMIT)[0]
    counts = Counter(tuple(h.pieces) for h in found)
    every = [some for length in range(3) for some in product(range(4, 7), repeat=length)]
    table = model.table[3].clone()  # type: ignore[attr-defined]
    table[:, :EOS] = -torch.inf
    log_p = (table / temperature).log_softmax(-1)
    ways = [[2, *some, EOS] if len(some) < 2 else [2, *some] for some in every]  # at the limit EOS is sure
    chances = np.array([math.exp(sum(float(log_p[a, b]) for a, b in pairwise(way))) for way in ways])
    assert {*counts} <= {*every} and chances.sum() == pytest.approx(1)
    told = np.array([counts[some] for some in every])
    chi_square = float(((told - draws * chances) ** 2 / (draws * chances)).sum())
    assert chi_square < 32.9  # 12 degrees of freedom: more by accident once in a thousand times


def test_samples_know_their_own_log_probability(any_model: Callable[[int], Steps]) -> None:
    model = any_model(8)
    for sentence, some in zip(SENTENCES, find(model, SENTENCES, nbest=6, temperature=1.7, top_k=3), strict=True):
        told = force(model, [sentence[:-1]] * 6, [h.pieces for h in some], 8, Search(), torch.device("cpu"))
        for one, other in zip(some, told, strict=True):
            np.testing.assert_allclose(one.log_probabilities, other.log_probabilities, atol=1e-4)
            np.testing.assert_allclose(one.attention, other.attention, atol=1e-5)
        assert [h.score for h in some] == sorted((h.score for h in some), reverse=True)


@pytest.mark.parametrize("settings", [{"temperature": 0.0}, {"temperature": 1e-3}, {"top_k": 1}, {"top_p": 1e-6}])
def test_the_likeliest_alone_is_greedy(any_model: Callable[[int], Steps], settings: dict[str, float]) -> None:
    model = any_model(8)
    greedy = find(model, SENTENCES, "greedy", beam=1)
    for one, three in zip(greedy, find(model, SENTENCES, nbest=3, **settings), strict=True):
        assert [h.pieces for h in three] == [one[0].pieces] * 3
        assert three[0].score == pytest.approx(one[0].score, abs=1e-5)


def test_a_seed_decides_and_neighbours_do_not(any_model: Callable[[int], Steps]) -> None:
    model = any_model(8)
    together = pieces(find(model, SENTENCES, nbest=4))
    assert pieces(find(model, SENTENCES, nbest=4)) == together
    assert pieces(find(model, SENTENCES[::-1], nbest=4)) == together[::-1]
    assert [pieces(find(model, [sentence], nbest=4))[0] for sentence in SENTENCES] == together
    assert pieces(find(model, SENTENCES, nbest=4, seed=2)) != together
    for few, many in zip(pieces(find(model, SENTENCES, nbest=2)), together, strict=True):
        assert not Counter(map(tuple, few)) - Counter(map(tuple, many))  # more samples leave the first as they were


def test_the_nucleus_is_the_fewest_pieces_that_reach_its_size() -> None:
    log_p = torch.tensor([[0.15, 0.5, 0.05, 0.3], [0.97, 0.01, 0.01, 0.01]]).log()

    def drawn(**settings: float) -> list[dict[int, float]]:
        chances, names = likelier(log_p, Search(**settings))  # type: ignore[arg-type]
        names = torch.arange(4).expand_as(chances) if names is None else names
        shares = chances / chances.sum(-1, keepdim=True)
        return [
            {int(name): round(float(share), 3) for name, share in zip(*row, strict=True) if share > 0}
            for row in zip(names, shares, strict=True)
        ]

    assert drawn(top_p=0.79) == [{1: 0.625, 3: 0.375}, {0: 1.0}]
    assert drawn(top_p=0.81)[0] == {1: 0.526, 3: 0.316, 0: 0.158}
    assert drawn(top_k=2)[0] == {1: 0.625, 3: 0.375}
    assert drawn(top_k=2, top_p=0.6)[0] == {1: 1.0}
    assert drawn(temperature=0.5)[0] == {0: 0.062, 1: 0.685, 2: 0.007, 3: 0.247}
    assert drawn(temperature=0.0) == [{1: 1.0}, {0: 1.0}]
    assert len(drawn()[0]) == 4
