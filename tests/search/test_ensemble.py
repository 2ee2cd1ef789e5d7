"""Several models search as one whose probabilities are the mean of theirs."""

from collections.abc import Callable
from itertools import chain, product

import numpy as np
import pytest
import torch

from nmt.model.seq2seq import Seq2Seq
from nmt.search.ensemble import Ensemble
from nmt.search.hypothesis import Hypothesis, Steps
from nmt.search.strategies import STRATEGIES
from nmt.settings import BOS, EOS, Search
from nmt.text.batches import pad

MakeModel = Callable[..., Seq2Seq]
SENTENCES = [[5, 4, 7, EOS], [4, EOS], [6, 6, 5, 4, 7, 5, EOS], [7, 5, EOS]]


@pytest.fixture
def models(make_model: MakeModel) -> list[Seq2Seq]:
    """Three that differ in everything but their vocabularies."""
    words = (
        ("decoder.kind=parallel", "decoder.layers=2"),
        ("decoder.kind=feedback", "attention.coverage=sum", "decoder.cell=lstm"),
        ("decoder.kind=input_feeding", "attention.align=hard", "encoder.size=6"),
    )
    return [make_model(*some, source=8, target=8, seed=seed).float() for seed, some in enumerate(words)]


def find(model: Steps, name: str, settings: Search) -> list[list[Hypothesis]]:
    return STRATEGIES[name](model, *pad(SENTENCES), settings)


def same(found: list[list[Hypothesis]], others: list[list[Hypothesis]]) -> None:
    assert [[h.pieces for h in some] for some in found] == [[h.pieces for h in some] for some in others]
    for one, other in zip(chain(*found), chain(*others), strict=True):
        np.testing.assert_allclose(one.log_probabilities, other.log_probabilities, atol=1e-4)
        np.testing.assert_allclose(one.attention, other.attention, atol=1e-5)


@pytest.mark.parametrize("name", STRATEGIES)
def test_one_model_twice_is_the_model(models: list[Seq2Seq], name: str) -> None:
    settings = Search(beam=4, nbest=4, max_ratio=1.0, max_extra=3)
    for model in models:
        same(find(Ensemble([model, model]), name, settings), find(model, name, settings))


@pytest.mark.parametrize("name", STRATEGIES)
def test_their_order_does_not_matter(models: list[Seq2Seq], name: str) -> None:
    settings = Search(beam=4, nbest=4, max_ratio=1.0, max_extra=3)
    same(find(Ensemble(models), name, settings), find(Ensemble(models[::-1]), name, settings))


def test_probabilities_are_means_at_every_step(models: list[Seq2Seq]) -> None:
    settings = Search(beam=40, nbest=40, max_ratio=0.0, max_extra=3)
    words = [list(some) for length in range(3) for some in product(range(4, 8), repeat=length)]
    for sentence, some in zip(SENTENCES, find(Ensemble(models), "beam", settings), strict=True):
        assert sorted(h.pieces for h in some) == sorted(words)
        for h in some:
            source, mask = pad([sentence])
            out = [model(source, mask, torch.tensor([[BOS, *h.pieces]])) for model in models]
            chances = torch.stack([o.scores.softmax(-1) for o in out]).mean(0)[0]
            right = chances.gather(1, torch.tensor([*h.pieces, EOS])[:, None])[:, 0].log()
            np.testing.assert_allclose(h.log_probabilities, right.detach(), atol=1e-4)
            read = torch.stack([o.attended.weights for o in out]).mean(0)[0]
            np.testing.assert_allclose(h.attention, read.detach(), atol=1e-5)
