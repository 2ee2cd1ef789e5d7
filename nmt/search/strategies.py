"""The searches there are."""

from collections.abc import Callable

from torch import Tensor

from nmt.registry import Registry
from nmt.search.beam import beam_search
from nmt.search.greedy import greedy_search
from nmt.search.hypothesis import Hypothesis, Steps
from nmt.settings import Search

Strategy = Callable[[Steps, Tensor, Tensor, Search], list[list[Hypothesis]]]
STRATEGIES = Registry[Strategy]("search strategy", greedy=greedy_search, beam=beam_search)


def strategy_for(settings: Search) -> Strategy:
    """Greedy search for a beam of 1, which finds the same at less cost."""
    return STRATEGIES["greedy" if settings.beam == 1 else "beam"]
