"""All sentence patterns, and how often each is drawn."""

from __future__ import annotations

from collections.abc import Callable

import clause_pairs
import main_clauses
from choices import Chooser
from clauses import AmbiguousTenseError
from main_clauses import Pair

# How often each pattern is drawn.
PATTERNS: tuple[tuple[int, Callable[[Chooser], Pair]], ...] = (
    (22, main_clauses.statement),
    (10, main_clauses.modal_statement),
    (7, main_clauses.negated),
    (6, main_clauses.yes_no_question),
    (7, main_clauses.wh_question),
    (8, clause_pairs.reason),
    (9, clause_pairs.temporal),
    (7, clause_pairs.condition),
    (9, clause_pairs.reported),
    (7, clause_pairs.infinitive),
    (6, clause_pairs.sequence),
    (7, clause_pairs.consequence),
    (8, clause_pairs.relative_subject),
    (4, clause_pairs.comparison),
    (4, main_clauses.numbers),
    (3, main_clauses.request),
    (4, main_clauses.possessor_prepositions),
    (3, main_clauses.topic),
)
_DRAWN = tuple(pattern for weight, pattern in PATTERNS for _ in range(weight))


def draw(c: Chooser) -> Pair:
    """A sentence of some pattern, drawn again where the English would leave the German open."""
    while True:
        try:
            return c.pick(_DRAWN)(c)
        except AmbiguousTenseError:
            continue
