"""Searches are compared with enumeration: on a Markov chain whose every number is known, and on tiny random models."""

import math
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
import torch
from torch import Tensor

from nmt.errors import ConfigError
from nmt.model.decoder import DECODERS
from nmt.model.recurrent import CELLS
from nmt.model.seq2seq import Seq2Seq
from nmt.model.states import Attended, Memory, Past, State, Unrolled
from nmt.search.hypothesis import Hypothesis, Steps
from nmt.search.limits import length_limits
from nmt.search.strategies import STRATEGIES, strategy_for
from nmt.settings import BOS, EOS, Search
from nmt.text.batches import Batch, pad

MakeModel = Callable[..., Seq2Seq]
SENTENCES = [[5, 4, 7, EOS], [4, EOS], [6, 6, 5, 4, 7, 5, EOS], [7, 5, EOS]]


class Chain:
    """The scores of the next piece hang on the last piece and on the length of the source alone."""

    def __init__(self, pieces: int, seed: int = 0) -> None:
        chance = torch.Generator().manual_seed(seed)
        self.table = torch.randn(20, pieces, pieces, generator=chance)  # (length, last, next)
        self.reader = torch.randn(pieces, 20, generator=chance)

    def encode(self, source: Tensor, mask: Tensor) -> Memory:
        nothing = torch.zeros(*source.shape, 1)
        return Memory(nothing, nothing, mask, nothing[:, 0], source, nothing)

    def start(self, memory: Memory) -> State:
        lengths = memory.mask.sum(1)
        nothing = torch.zeros(len(lengths), 0)
        return State(lengths.float()[:, None, None], nothing, Past(torch.zeros_like(lengths), nothing))

    def unroll(self, target_in: Tensor, memory: Memory, state: State) -> Unrolled:
        mask = memory.mask.repeat_interleave(len(target_in) // len(memory.mask), 0)[:, None]
        assert state.hidden[:, 0, 0].equal(mask.sum(-1)[:, 0].float())  # rows keep their sentence
        weights = self.reader[target_in, : mask.shape[-1]].masked_fill(~mask, -torch.inf).softmax(-1)
        scores = self.table[mask.sum(-1), target_in]
        return Unrolled(scores, state, Attended(weights[..., :1], weights))


def find(model: Steps, sentences: list[list[int]], **settings: float) -> list[list[Hypothesis]]:
    search = Search(**{"beam": 3, "max_ratio": 1.0, "max_extra": 3, **settings})  # type: ignore[arg-type]
    return strategy_for(search)(model, *pad(sentences), search)


def pieces(found: list[list[Hypothesis]]) -> list[list[list[int]]]:
    return [[hypothesis.pieces for hypothesis in some] for some in found]


def forced(model: Seq2Seq | Chain, source: list[int], words: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Log-probabilities of the pieces and attention of a translation that is told, not searched."""
    ids, mask = pad([source])
    memory = model.encode(ids, mask)
    out = model.unroll(torch.tensor([[BOS, *words]]), memory, model.start(memory))
    log_p = out.scores.log_softmax(-1)[0].gather(1, torch.tensor([*words, EOS])[:, None])
    return log_p.detach()[:, 0].numpy(), out.attended.weights[0].detach().numpy()


@pytest.fixture(params=["chain", *DECODERS])
def model(request: pytest.FixtureRequest, make_model: MakeModel) -> Seq2Seq | Chain:
    if request.param == "chain":
        return Chain(8)
    return make_model(f"decoder.kind={request.param}", "decoder.layers=2", source=8, target=8, seed=4).float()


@pytest.mark.parametrize("name", STRATEGIES)
def test_what_every_search_keeps_to(name: str, model: Seq2Seq | Chain) -> None:
    settings = Search(beam=4, nbest=4, max_ratio=1.0, max_extra=2, length_penalty=0.7)
    source, mask = pad(SENTENCES)
    limits = length_limits(mask, settings).tolist()
    assert limits == [len(sentence) - 1 + 2 for sentence in SENTENCES]
    for sentence, limit, some in zip(SENTENCES, limits, STRATEGIES[name](model, source, mask, settings), strict=True):
        assert 1 <= len(some) <= 4
        assert name == "sample" or len({tuple(hypothesis.pieces) for hypothesis in some}) == len(some)
        assert [h.score for h in some] == sorted((h.score for h in some), reverse=True)
        for h in some:
            assert all(piece > EOS for piece in h.pieces) and len(h.pieces) < limit
            log_probabilities, attention = forced(model, sentence, h.pieces)
            np.testing.assert_allclose(h.log_probabilities, log_probabilities, atol=1e-4)
            assert h.score == pytest.approx(h.log_probability / (len(h.pieces) + 1) ** 0.7)
            assert h.attention.shape == (len(h.pieces) + 1, len(sentence))
            np.testing.assert_allclose(h.attention, attention, atol=1e-5)
            np.testing.assert_allclose(h.attention.sum(1), 1, atol=1e-5)


def test_a_beam_of_one_is_greedy(model: Seq2Seq | Chain) -> None:
    settings = Search(beam=1, max_ratio=1.0, max_extra=3)
    assert strategy_for(settings) is STRATEGIES["greedy"]
    greedy, beam = (STRATEGIES[name](model, *pad(SENTENCES), settings) for name in ("greedy", "beam"))
    assert pieces(greedy) == pieces(beam)
    for (one,), (other,) in zip(greedy, beam, strict=True):
        assert one.score == pytest.approx(other.score, abs=1e-5)
        np.testing.assert_allclose(one.attention, other.attention, atol=1e-6)


@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_a_wide_beam_finds_every_translation_in_order(model: Seq2Seq | Chain, penalty: float) -> None:
    words = [list(some) for length in range(3) for some in product(range(4, 8), repeat=length)]  # 1 + 4 + 16
    settings = {"beam": 30, "nbest": 30, "max_ratio": 0.0, "max_extra": 3, "length_penalty": penalty}
    for sentence, found in zip(SENTENCES, find(model, SENTENCES, **settings), strict=True):
        scores = {tuple(some): forced(model, sentence, some)[0].sum() / (len(some) + 1) ** penalty for some in words}
        assert [tuple(h.pieces) for h in found] == sorted(scores, key=lambda some: -scores[some])
        np.testing.assert_allclose([h.score for h in found], [scores[tuple(h.pieces)] for h in found], atol=1e-4)


@pytest.mark.parametrize("beam", [1, 3])
def test_neither_neighbours_nor_order_matter(model: Seq2Seq | Chain, beam: int) -> None:
    settings = {"beam": beam, "nbest": beam}
    together = find(model, SENTENCES, **settings)
    assert len({len(h.pieces) for some in together for h in some}) > 1  # sentences end at different steps
    assert pieces(find(model, SENTENCES[::-1], **settings)) == pieces(together)[::-1]
    for sentence, some in zip(SENTENCES, together, strict=True):
        (alone,) = find(model, [sentence], **settings)
        assert pieces([alone]) == pieces([some])
        np.testing.assert_allclose([h.score for h in alone], [h.score for h in some], atol=1e-4)


@pytest.mark.parametrize("cell", CELLS)
def test_a_wider_beam_sees_more(make_model: MakeModel, cell: str) -> None:
    model = make_model(f"decoder.cell={cell}", source=8, target=8, seed=4).float()
    wide = {"beam": 200, "max_ratio": 0.0, "max_extra": 4, "length_penalty": 0.0}
    best, greedy = (find(model, SENTENCES, **{**wide, "beam": beam}) for beam in (200, 1))
    assert all(one.score >= other.score - 1e-5 for (one,), (other,) in zip(best, greedy, strict=True))


@pytest.mark.parametrize("beam", [1, 2])
def test_a_model_that_never_ends_is_ended(beam: int) -> None:
    model = Chain(8)
    model.table[..., EOS] = -1000
    for sentence, some in zip(SENTENCES, find(model, SENTENCES, beam=beam, nbest=beam), strict=True):
        assert [len(h.pieces) for h in some] == [len(sentence) - 1 + 3 - 1] * beam
        assert all(math.isfinite(h.score) for h in some)


@pytest.mark.parametrize("beam", [1, 4])
def test_a_model_that_ends_at_once_says_nothing(beam: int) -> None:
    model = Chain(8)
    model.table[..., EOS] = 1000
    assert [some[0].pieces for some in find(model, SENTENCES, beam=beam)] == [[]] * len(SENTENCES)


def test_equal_scores_give_different_translations() -> None:
    model = Chain(8)
    model.table.zero_()
    found = find(model, SENTENCES, beam=4, nbest=4)
    assert all(len({tuple(h.pieces) for h in some}) == len(some) == 4 for some in found)
    assert pieces(found[:1]) == pieces(find(model, SENTENCES[:1], beam=4, nbest=4))


def test_more_hypotheses_than_there_are_pieces() -> None:
    (found,) = find(Chain(5), [[4, EOS]], beam=50, nbest=50, max_ratio=0.0, max_extra=4)
    assert sorted(h.pieces for h in found) == [[], [4], [4, 4], [4, 4, 4]]


def test_the_search_leaves_the_model_as_it_was(make_model: MakeModel, batch: Batch) -> None:
    model = make_model()
    before = {name: weight.clone() for name, weight in model.named_parameters()}
    find(model, [row[mask].tolist() for row, mask in zip(batch.source, batch.source_mask, strict=True)])
    assert all(weight.equal(before[name]) and weight.grad is None for name, weight in model.named_parameters())


def test_an_unknown_strategy_is_refused() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'greedy'"):
        STRATEGIES["gready"]
