"""Which of its candidates `nmt translate` takes: those of the search as it ranks them, or ranked anew."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nmt.errors import ConfigError
from nmt.settings import MOST_BEAM

if TYPE_CHECKING:
    from nmt.settings import Search
    from nmt.translator import Translation, Translator

Choice = Callable[["Translation"], "Translation"]
"""The same candidates in another order."""


@dataclass(frozen=True)
class Choosing:
    """What the flags say about it."""

    nbest: int
    mbr: int  # candidates of which the one most like all is taken; 0: none is
    reverse: Path | None  # a model of the other direction, which is asked too

    @property
    def as_found(self) -> bool:
        """Whether the search has the last word."""
        return not self.mbr and not self.reverse

    def candidates(self, search: "Search", terms: bool) -> "Search":
        """The search with as many hypotheses as are wanted, or as a choice is made among.

        Raises:
            ConfigError: there would be too few or too many, or flags contradict one another.
        """
        if self.as_found:
            return replace(search, nbest=self.nbest)
        if terms:
            flag = "--mbr" if self.mbr else "--reverse"
            raise ConfigError(
                f"{flag} may take a candidate without a term. Leave it out, or --glossary, --keep and --protect."
            )
        if self.reverse and search.strategy not in ("beam", "diverse"):
            raise ConfigError(
                "--reverse chooses among the candidates of a beam. Leave it out, or --sample and search.strategy."
            )
        if self.mbr > MOST_BEAM:
            raise ConfigError(f"--mbr {self.mbr}: a choice is made among {MOST_BEAM:,} candidates at most.")
        if 0 < self.mbr < self.nbest:
            raise ConfigError(
                f"--nbest {self.nbest}: --mbr {self.mbr} has not so many candidates. Give it {self.nbest} or more."
            )
        beam = search.beam if search.strategy == "sample" else max(search.beam, self.mbr)
        if not self.reverse:
            return replace(search, nbest=self.mbr, beam=beam)
        if beam == 1:
            raise ConfigError("--reverse chooses among the candidates of a beam, and one is no choice. Add --beam 20.")
        return replace(replace(search, nbest=self.nbest, beam=beam), nbest=beam)  # the first refuses more than that

    def chooser(self, model: Path, search: "Search", load: Callable[[Path], "Translator"]) -> Choice:
        """What orders the candidates for a line that such a search has found; `load` opens the other model.

        Raises:
            ConfigError: the other model does not translate back.
        """
        from nmt.channel import explain
        from nmt.consensus import consensus

        penalty = search.length_penalty
        chosen: Choice = _as_found
        if self.reverse:
            check_direction(model, self.reverse)
            chosen = partial(explain, reverse=load(self.reverse), weight=search.reverse, penalty=penalty)
        if not self.mbr:
            return chosen
        drawn = search.strategy == "sample"
        return lambda translation: consensus(chosen(translation), self.nbest, None if drawn else penalty)


def _as_found(translation: "Translation") -> "Translation":
    return translation


def check_direction(model: Path, reverse: Path) -> None:
    """Refuse a second model that does not translate the other way, where both say what they translate.

    Raises:
        ConfigError: it does not.
    """
    from nmt.checkpoint import ModelFolder

    ours, theirs = (ModelFolder.open(folder).config().data for folder in (model, reverse))
    there, back = (ours.source, ours.target), (theirs.target, theirs.source)
    if all((*there, *back)) and there != back:
        raise ConfigError(
            f"{reverse}: translates {theirs.source} to {theirs.target}, but --reverse wants "
            f"{ours.target} to {ours.source}. Give a model of that direction."
        )
