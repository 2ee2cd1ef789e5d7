"""Demands are compared with enumeration: a wide beam finds the best of all translations that keep to them."""

import re
from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
import torch

from nmt.search.forced import force
from nmt.search.hypothesis import Hypothesis, Steps
from nmt.search.strategies import STRATEGIES
from nmt.settings import EOS, Search
from nmt.text.batches import pad
from nmt.text.demands import Demands, DemandsAutomaton
from nmt.text.surfaces import Surfaces

PIECES = ["", "", "", "", " a", "b", " b", " ab", " "]  # the same text has several spellings
SURFACES = Surfaces([piece.encode() for piece in PIECES])
SOURCES = [[5, 4, 7, EOS], [4, EOS], [6, 6, 5, 4, 7, 5, EOS]]
EXAMPLES = {
    "prefix within a word": Demands.of(prefix="a"),
    "prefix of two words": Demands.of(prefix="ab a"),
    "prefix with a space": Demands.of(prefix="a "),
    "a word": Demands.of(require=("ab",)),
    "two words": Demands.of(require=("a", "b")),
    "a phrase": Demands.of(require=("a b",)),
    "phrases that overlap": Demands.of(require=("ab", "a ab")),
    "not a word": Demands.of(forbid=("a",)),
    "not a phrase": Demands.of(forbid=("ab", "b b")),
    "prefix and word": Demands.of(prefix="b", require=("a",)),
    "prefix that may not be all": Demands.of(prefix="a", forbid=("a",)),
    "one but not beside another": Demands.of(require=("a",), forbid=("a b", "b a")),
}


def text_of(pieces: list[int]) -> str:
    return "".join(PIECES[piece] for piece in pieces).strip(" ")


def keeps(text: str, demands: Demands) -> bool:
    """The law, told without any automaton."""

    def found(phrase: str, spaces: str) -> bool:
        return re.search(r"(?<!\w)" + re.escape(phrase).replace(r"\ ", spaces) + r"(?!\w)", text) is not None

    return (
        f"{text} ".startswith(demands.prefix)
        and all(found(phrase, " ") for phrase in demands.require)
        and not any(found(phrase, " +") for phrase in demands.forbid)
    )


def find(model: Steps, demands: list[Demands], name: str = "beam", **settings: float) -> list[list[Hypothesis]]:
    search = Search(**{"beam": 5, "nbest": 1, "max_ratio": 0.0, "max_extra": 4, **settings})  # type: ignore[arg-type]
    automata = [DemandsAutomaton(some, SURFACES) for some in demands]
    return STRATEGIES[name](model, *pad(SOURCES[: len(demands)]), search, automata)


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_wide_beam_finds_all_that_keep_to_the_demands_in_order(
    any_model: Callable[[int], Steps], example: str
) -> None:
    model, demands = any_model(len(PIECES)), EXAMPLES[example]
    steps = 3 + DemandsAutomaton(demands, SURFACES).needed_at_start  # what demands need is added to the limit
    every = [list(some) for length in range(steps) for some in product(range(4, 9), repeat=length)]
    every = [some for some in every if keeps(text_of(some), demands)]
    settings = {"beam": 1000, "nbest": 1000, "max_extra": 3}
    for source, found in zip(SOURCES, find(model, [demands] * 3, **settings), strict=True):
        told = force(model, [source[:-1]] * len(every), every, len(PIECES), Search(), torch.device("cpu"))
        scores = {tuple(some): hypothesis.score for some, hypothesis in zip(every, told, strict=True)}
        assert {tuple(h.pieces) for h in found} == {*scores}
        np.testing.assert_allclose([h.score for h in found], sorted(scores.values(), reverse=True), atol=1e-4)


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("beam", [1, 2, 4])
def test_what_is_found_keeps_to_its_demands(any_model: Callable[[int], Steps], name: str, beam: int) -> None:
    model = any_model(len(PIECES))
    for example, demands in EXAMPLES.items():
        for some in find(model, [demands] * 3, name, beam=beam, nbest=beam):
            assert some, (example, "nothing was found")
            assert all(keeps(text_of(h.pieces), demands) for h in some), example


def test_demands_of_neighbours_change_nothing(any_model: Callable[[int], Steps]) -> None:
    model = any_model(len(PIECES))
    mixed = [EXAMPLES["a phrase"], Demands(), EXAMPLES["not a word"]]
    together = find(model, mixed, nbest=3)
    search = Search(beam=5, nbest=3, max_ratio=0.0, max_extra=4)
    for source, demands, some in zip(SOURCES, mixed, together, strict=True):
        automata = [DemandsAutomaton(demands, SURFACES)]
        (alone,) = STRATEGIES["beam"](model, *pad([source]), search, automata if demands else [])
        assert [h.pieces for h in alone] == [h.pieces for h in some]


def test_demands_that_no_translation_meets_leave_none(any_model: Callable[[int], Steps]) -> None:
    nothing = Demands.of(prefix="a", forbid=("a", "ab", "abb", "abbb", "abbbb", "abbbbb"))
    for name in STRATEGIES:
        assert find(any_model(len(PIECES)), [nothing, EXAMPLES["a word"]], name)[0] == []


def test_the_steps_left_are_kept_for_what_is_missing(chain: Callable[..., Steps]) -> None:
    model = chain(len(PIECES))
    model.table[...] = 0.0  # type: ignore[attr-defined]
    model.table[..., 6] = 9.0  # type: ignore[attr-defined]  # it would say b for ever
    for beam in (1, 2, 5):
        (some,) = find(model, [Demands.of(require=("ab", "a"))], beam=beam)
        assert keeps(text_of(some[0].pieces), Demands.of(require=("ab", "a")))


def test_a_beam_is_shared_out_among_those_that_met_as_much(chain: Callable[..., Steps]) -> None:
    """What is required costs 8 nats at once; a beam that looked at the likeliest alone would put it off to the end."""
    model = chain(len(PIECES))
    model.table[...] = torch.tensor([0.0, 0, 0, 0, -8, -9, 0, -9, -9])  # type: ignore[attr-defined]
    model.table[:, 4] = torch.tensor([-9.0, -9, -9, 9, -9, -9, -9, -9, -9])  # type: ignore[attr-defined]  # a ends it
    (some,) = find(model, [Demands.of(require=("a",))], beam=4, nbest=4, max_extra=9)
    assert {tuple(h.pieces) for h in some} >= {(4,), (6, 4)}
