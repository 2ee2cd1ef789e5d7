"""Sentences that were read by nobody: words and random weights."""

from collections.abc import Callable

import numpy as np
import pytest

from nmt.evaluation.readings import Reading, Sentence, Unit


@pytest.fixture(scope="session")
def make_reading() -> Callable[..., Reading]:
    """A reading of words between spaces; each row of its weights sums to one."""

    def make(source: str, target: str, seed: int = 0) -> Reading:
        chance = np.random.default_rng(seed)
        words = source.split(" "), target.split(" ")
        weights = chance.dirichlet(np.full(len(words[0]), 0.3), len(words[1]))
        links = [(int(row.argmax()), j) for j, row in enumerate(weights)]
        return Reading(target, -0.5, *words, weights, chance.uniform(size=len(words[1])).tolist(), links)

    return make


@pytest.fixture(scope="session")
def make_sentence(make_reading: Callable[..., Reading]) -> Callable[..., Sentence]:
    """A sentence with its translations: a list for each unit."""

    def make(source: str, *targets: list[str], number: int = 1) -> Sentence:
        units = [
            Unit(f"unit{u}", [make_reading(source, target, 10 * u + o) for o, target in enumerate(options)])
            for u, options in enumerate(targets)
        ]
        return Sentence(number, source, units)

    return make


@pytest.fixture(scope="session")
def unsplit() -> Reading:
    """A line too long for a picture: its text alone."""
    return Reading("so many words", -1.0, [], [], np.zeros((0, 0)), [], [])
