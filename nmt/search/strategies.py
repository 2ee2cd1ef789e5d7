"""The searches there are."""

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from nmt.registry import Registry
from nmt.search.beam import beam_search
from nmt.search.constraints import Automaton
from nmt.search.diverse import diverse_search
from nmt.search.greedy import greedy_search
from nmt.search.guidance import Places
from nmt.search.hypothesis import Hypothesis, Steps
from nmt.search.sampling import sample
from nmt.settings import Search


class Strategy(Protocol):
    """A way to search."""

    def __call__(
        self,
        model: Steps,
        source: Tensor,
        mask: Tensor,
        settings: Search,
        demands: Sequence[Automaton] = (),
        places: Sequence[Places] = (),
        /,
    ) -> list[list[Hypothesis]]:
        """Hypotheses of each sentence, best first, for source ids (B, S); `demands` one a sentence, or none at all.

        `places`, one a sentence or none at all, say which source pieces required groups translate.
        """


STRATEGIES = Registry[Strategy](
    "search strategy", greedy=greedy_search, beam=beam_search, diverse=diverse_search, sample=sample
)


def strategy_for(settings: Search) -> Strategy:
    """The strategy that `settings` name; for a beam of 1, greedy search, which finds the same at less cost.

    Raises:
        ConfigError: there is none of that name.
    """
    found = STRATEGIES[settings.strategy]
    return greedy_search if found is beam_search and settings.beam == 1 else found
