"""What is left out of a corpus, as pairs, and counted by reason."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from nmt.text.readers import Pair

_RUN = re.compile(r"[ \t\n]+")  # a line never holds \n, but a value of a JSON object may


def tidy(text: str) -> str:
    """Collapse runs of spaces and tabs to one space, strip the ends (of `\\r` too) and remove NUL.

    Nothing else is touched: a no-break or ideographic space is a character of the text.
    """
    return _RUN.sub(" ", text.replace("\0", "")).strip(" \r")


@dataclass
class Dropped:
    """How many pairs were seen, and how many of them were dropped for which reason."""

    total: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    @property
    def kept(self) -> int:
        """Pairs seen and not dropped."""
        return self.total - self.reasons.total()

    def add(self, reason: str, origin: str, count: int = 1) -> None:
        """Count one or several of the pairs seen as dropped; `origin` is the `file:line` of the first."""
        if count:
            self.reasons[reason] += count
            self.first.setdefault(reason, origin)

    def skip(self, reason: str, origin: str) -> None:
        """Count what a reader saw and took for no pair."""
        self.total += 1
        self.add(reason, origin)

    def report(self) -> str:
        """One line, e.g. "Dropped 3 of 29000 pairs: 3 blank source (first: train.en:17)."."""
        if not self.reasons:
            return f"Kept all {self.total} pairs." if self.total else "Nothing was read."
        parts = [f"{count} {reason} (first: {self.first[reason]})" for reason, count in self.reasons.items()]
        return f"Dropped {self.reasons.total()} of {self.total} pairs: {', '.join(parts)}."


def clean(pairs: Iterable[Pair], dropped: Dropped) -> Iterator[Pair]:
    """Yield tidied pairs, without those that have a blank side; `dropped` counts what was seen and left out.

    A pair without a target (None) needs only its source.
    """
    for pair in pairs:
        dropped.total += 1
        source, target = tidy(pair.source), None if pair.target is None else tidy(pair.target)
        if not source.strip():
            dropped.add("blank source", pair.origin)
        elif target is not None and not target.strip():
            dropped.add("blank target", pair.origin)
        else:
            yield pair._replace(source=source, target=target)
