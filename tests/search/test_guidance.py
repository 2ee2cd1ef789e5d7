"""Required phrases stand where their counterparts are read, and what is reported is what the model said."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from nmt.search.beam import beam_search
from nmt.search.forced import force
from nmt.search.hypothesis import Hypothesis, Steps
from nmt.settings import EOS, Search
from nmt.text.batches import pad
from nmt.text.demands import Demands, DemandsAutomaton
from nmt.text.surfaces import Surfaces

PIECES = ["", "", "", "", " a", " b", " c", " d", "b"]
SURFACES = Surfaces([piece.encode() for piece in PIECES])
SOURCES = [[5, 4, 7, EOS], [4, 6, EOS]]
TERM = Demands(require=(("d", "bb"),))


def find(model: Steps, places: list[Any], demands: Demands = TERM, **changes: Any) -> list[list[Hypothesis]]:
    search = Search(**{"beam": 6, "nbest": 6, "max_ratio": 0.0, "max_extra": 4, **changes})
    automata = [DemandsAutomaton(demands, SURFACES) for _ in SOURCES]
    return beam_search(model, *pad(SOURCES), search, automata, places)


class Monotone:
    """Reads source piece t at step t, and would like to say a b c; hardly anything else."""

    def __init__(self, chain: Any) -> None:
        self.chain = chain(len(PIECES))
        self.chain.table[...] = -20.0
        for last, following in [(1, 4), (2, 4), (4, 5), (5, 6), (6, EOS), (7, 5), (7, 6), (7, EOS)]:
            self.chain.table[:, last, following] = 0.0
        self.chain.table[:, :, 7] = -8.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.chain, name)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_term_stands_where_its_counterpart_is_read(chain: Callable[..., Any], place: int) -> None:
    model = Monotone(chain)
    reader = torch.full((len(PIECES), 20), -9.0)
    for piece, column in [(1, 0), (2, 0), (4, 1), (5, 2), (6, 3), (7, 3)]:
        reader[piece, column] = 9.0
    model.chain.reader = reader  # after begin the first piece is read, after a the second, after b the third
    (best, *_), _ = find(model, [[[(place,)]], [[()]]])
    assert best.pieces.index(7) == place


def test_scores_and_log_probabilities_are_the_model_s_own(any_model: Callable[[int], Steps]) -> None:
    model = any_model(len(PIECES))
    twice = Demands(require=(("d", "bb"), ("d", "bb"), "a"))
    for demands, places in [(TERM, [[[(1,)]], [[(0,)]]]), (twice, [[[(0,), (2,)], [(1,)]], [[], [(0, 1)]]])]:
        for source, some in zip(SOURCES, find(model, places, demands), strict=True):
            assert some
            told = force(
                model, [source[:-1]] * len(some), [h.pieces for h in some], len(PIECES), Search(), torch.device("cpu")
            )
            for one, other in zip(some, told, strict=True):
                assert one.score == pytest.approx(other.score, abs=1e-4)
                np.testing.assert_allclose(one.log_probabilities, other.log_probabilities, atol=1e-4)
                np.testing.assert_allclose(one.attention, other.attention, atol=1e-5)


def test_unknown_places_change_nothing(any_model: Callable[[int], Steps]) -> None:
    model = any_model(len(PIECES))
    plain, guided = find(model, []), find(model, [[[]], [[]]])
    assert [[h.pieces for h in some] for some in plain] == [[h.pieces for h in some] for some in guided]
    mixed = find(model, [[[]], [[(0,)]]])
    assert [h.pieces for h in mixed[0]] == [h.pieces for h in plain[0]]
