"""The fast part of the doctor's work: what a training should say before it begins."""

from collections import Counter
from collections.abc import Sequence
from itertools import islice

from nmt.checkup.checks import CHECKS, DOUBTFUL, examine
from nmt.checkup.shifts import Shifts
from nmt.checkup.usual import Usual
from nmt.text.readers import Pair

ENOUGH = 10_000  # pairs that are looked at: half a second


def glance(pairs: Sequence[tuple[str, str]], in_order: bool) -> str:
    """One line on the first of some pairs; "" where nothing is doubtful. Shifts show in pairs that are `in_order`."""
    some = list(islice(pairs, ENOUGH))
    usual = Usual.of([Pair(source, target, "") for source, target in some])
    counts = Counter(
        name for source, target in some for name in examine(source, target, usual) if CHECKS[name].level == DOUBTFUL
    )
    told = [f"{count:,} {CHECKS[name].title}" for name, count in counts.most_common()]
    if in_order:
        shifts = Shifts(usual)
        shifts.show([source for source, _ in some], [target for _, target in some], last=True)
        lines = sum(run.last - run.first + 1 for run in shifts.runs())
        told += [f"{lines:,} lines that fit better one line up or down"] if lines else []
    return f"In {len(some):,} pairs looked at: {'; '.join(told)}. `nmt check` says where." if told else ""
