"""A vocabulary as bytes: what each piece adds to a text, and all pieces read at once by an automaton of bytes."""

from collections.abc import Callable, Sequence
from math import inf

import numpy as np

UNKNOWN = -1
"""A transition nobody has asked for yet."""


class Surfaces:
    """The pieces of a vocabulary as a tree of bytes; pieces that begin alike share their beginning."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        """The bytes of each piece, in the order of their ids; a piece without any (a special id) adds no text."""
        self.size = len(pieces)
        self.lengths = np.array([len(piece) for piece in pieces], dtype=np.int16)  # (V,) bytes
        self.known = {piece for piece in pieces if piece}
        self.longest = max(map(len, self.known), default=0)
        nodes: dict[bytes, int] = {b"": 0}
        levels: list[tuple[list[int], list[int]]] = []
        for length in range(1, self.longest + 1):
            level: tuple[list[int], list[int]] = ([], [])
            for text in dict.fromkeys(piece[:length] for piece in pieces if len(piece) >= length):
                nodes[text] = len(nodes)
                level[0].append(nodes[text[:-1]])
                level[1].append(text[-1])
            levels.append(level)
        self._levels = [(np.array(parents), np.array(last)) for parents, last in levels]
        self._node = np.array([nodes[piece] for piece in pieces])  # (V,) where each piece ends
        self._count = len(nodes)

    def read(self, start: int, step: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
        """The states (V,) an automaton comes to by each piece; `step` takes states and bytes (N,) to states."""
        states = np.empty(self._count, dtype=np.int64)
        states[0], end = start, 1
        for parents, last in self._levels:
            states[end : end + len(parents)] = step(states[parents], last)
            end += len(parents)
        return states[self._node]

    def costs(self, text: bytes) -> list[float]:
        """How many pieces spell text[i:] at least, for each i up to the length; infinite where none do."""
        costs = [inf] * len(text) + [0.0]
        for begin in reversed(range(len(text))):
            ends = range(begin + 1, min(begin + self.longest, len(text)) + 1)
            costs[begin] = 1 + min((costs[end] for end in ends if text[begin:end] in self.known), default=inf)
        return costs
