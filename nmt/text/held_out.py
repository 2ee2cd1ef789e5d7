"""Which sentences of a stream are kept apart for validation, chosen in one pass and in little memory.

Every source sentence has a mark, a 64-bit hash that the seed decides. Those with the smallest marks are held out, so
that one number, the largest of these marks, says of any sentence later on which side it is.
"""

import hashlib
import heapq
from dataclasses import dataclass

from nmt.errors import DataError
from nmt.settings import TAG
from nmt.text.readers import Pair

LARGEST = 2**64 - 1
SHARE = 10  # at most one in so many distinct source sentences is held out


def mark(source: str, seed: int) -> int:
    """The mark of a source sentence; the largest there is for a machine's own, by which no model is judged."""
    if source.startswith(TAG):
        return LARGEST
    key = str(seed).encode()
    return int.from_bytes(hashlib.blake2b(source.encode("utf-8", "surrogatepass"), digest_size=8, key=key).digest())


@dataclass
class HeldOut:
    """What was chosen."""

    largest: int  # a source sentence with this mark or a smaller one is held out
    pairs: list[Pair]  # the first pair of each chosen source sentence, as they came
    others: int  # further pairs of these sentences
    first: str  # where the first of those stands; "" for none


@dataclass
class _Seen:
    number: int
    pair: Pair
    others: int = 0
    other_number: int = 0
    other_origin: str = ""


class HoldOut:
    """Looks at all pairs and chooses `wanted` source sentences, or a tenth of the distinct ones where that is less.

    It remembers the ten times `wanted` smallest marks. If there are more distinct sentences than that, a tenth of them
    is more than `wanted`; if not, it has counted them all.
    """

    def __init__(self, wanted: int, seed: int) -> None:
        self.wanted, self.seed = wanted, seed
        self._seen: dict[int, _Seen] = {}
        self._largest: list[int] = []  # a heap of the same marks, negated
        self._count = 0

    def show(self, pair: Pair) -> int:
        """Look at the next pair; returns the mark of its source."""
        self._count += 1
        found = mark(pair.source, self.seed)
        if entry := self._seen.get(found):
            entry.others += 1
            if entry.others == 1:
                entry.other_number, entry.other_origin = self._count, pair.origin
        elif len(self._seen) < SHARE * self.wanted:
            self._seen[found] = _Seen(self._count, pair)
            heapq.heappush(self._largest, -found)
        elif found < -self._largest[0]:
            self._seen[found] = _Seen(self._count, pair)
            del self._seen[-heapq.heapreplace(self._largest, -found)]
        return found

    def choose(self, names: str) -> HeldOut:
        """End the pass; `names` are those of the corpora, for the error.

        Raises:
            DataError: there are too few distinct sentences.
        """
        count = min(self.wanted, len(self._seen) // SHARE)
        if count < 1:
            raise DataError(f"{names}: too few sentences to hold some out ({len(self._seen)}). Give --dev CORPUS.")
        marks = sorted(self._seen)[:count]
        chosen = sorted((self._seen[each] for each in marks), key=lambda entry: entry.number)
        repeated = [entry for entry in chosen if entry.others]
        first = min(repeated, key=lambda entry: entry.other_number).other_origin if repeated else ""
        others = sum(entry.others for entry in chosen)
        return HeldOut(marks[-1], [entry.pair for entry in chosen], others, first)
