"""A random order of any number of rows that is computed, not stored.

The order of an epoch as an array would take eight bytes a pair. Here the place of every row follows from a few keys:
a small block cipher over the numbers 0 to n - 1, built after Black & Rogaway, "Ciphers with Arbitrary Finite Domains",
CT-RSA 2002. Numbers below a * b, with a * b just above n, are split into a digit below a and one below b, and a
Feistel network mixes them (their section 5); where a result is n or more it is enciphered again until it is not
("cycle walking", section 4). Each of the two steps is one to one, so the whole is a permutation.
"""

import math
from collections.abc import Sequence

import numpy as np

ROUNDS = 8  # each mixes one of the two digits; after four of each no trace of the order is left that we can measure


class Permutation:
    """A one-to-one mapping of 0 to n - 1 onto itself, decided by a seed; takes the same memory for every n."""

    def __init__(self, count: int, seed: Sequence[int]) -> None:
        """Take n and the numbers that decide the order, each 0 or more."""
        self.count = count
        high = math.isqrt(max(0, count - 1)) + 1
        self._high, self._low = np.uint64(high), np.uint64(max(1, -(-count // high)))
        self._keys = np.random.SeedSequence(seed).generate_state(ROUNDS, np.uint64)

    def __call__(self, places: np.ndarray) -> np.ndarray:
        """Rows (N,) that stand at some places (N,) of the order, both int64 from 0 to n - 1."""
        rows = self._encipher(places.astype(np.uint64))
        while (outside := np.flatnonzero(rows >= self.count)).size:
            rows[outside] = self._encipher(rows[outside])
        return rows.astype(np.int64)

    def _encipher(self, numbers: np.ndarray) -> np.ndarray:
        high: np.ndarray = numbers // self._low
        low: np.ndarray = numbers % self._low
        for number, key in enumerate(self._keys):
            if number % 2:
                low = (low + _mix(high + key) % self._low) % self._low
            else:
                high = (high + _mix(low + key) % self._high) % self._high
        return high * self._low + low


def _mix(numbers: np.ndarray) -> np.ndarray:
    """Scatter 64-bit numbers: the finisher of SplitMix64 (Steele, Lea & Flood 2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
