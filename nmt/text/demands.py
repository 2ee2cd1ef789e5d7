"""What the text of a translation must keep to: how it begins, which phrases it contains, which it never contains.

A phrase stands in a text as whole words: beside its own first and last letter or digit stands no other one. Texts are
followed byte by byte, so that every way to spell them in pieces counts, also one whose pieces end within a word of the
prefix or go beyond it.
"""

import threading
import unicodedata
from dataclasses import dataclass
from math import isinf
from typing import NamedTuple

import numpy as np

from nmt.errors import DataError
from nmt.settings import EOS
from nmt.text.cleaning import tidy
from nmt.text.surfaces import UNKNOWN, Surfaces

SPACE = 0x20
MOST = 30_000  # pieces that are counted; a vocabulary without bytes may not spell the rest of a prefix at all
NEAR, MANY_STATES = 8, 1000  # pieces before the end from which on states are looked through, unless they are so many
BEGIN, OTHER, WORD = range(3)
"""What stood last in a text: nothing but spaces, no letter or digit, a letter or digit."""


@dataclass(frozen=True)
class Demands:
    """What one text must keep to."""

    prefix: str = ""  # it begins with this, which may end within a word; a space at its end may be left out there
    require: tuple[str, ...] = ()  # phrases it contains
    forbid: tuple[str, ...] = ()  # phrases it does not contain
    goes_on: bool = False  # another text follows it after a space

    @classmethod
    def of(cls, prefix: str = "", require: tuple[str, ...] = (), forbid: tuple[str, ...] = ()) -> "Demands":
        """Demands in texts as a person writes them.

        Raises:
            DataError: a phrase is blank.
        """
        require, forbid = (tuple(dict.fromkeys(map(tidy, some))) for some in (require, forbid))
        for name, some in (("require", require), ("forbid", forbid)):
            if "" in some:
                raise DataError(f"a phrase to {name} is blank. Write a word, or leave it out.")
        plain = prefix.replace("\0", "").replace("\n", " ").replace("\r", " ").lstrip(" ")
        return cls(plain.encode("utf-8", "replace").decode("utf-8"), require, forbid)

    def __bool__(self) -> bool:
        return bool(self.prefix or self.require or self.forbid)

    @property
    def whole(self) -> bool:
        """Whether they are about the text as a whole, so that it should not be cut."""
        return bool(self.prefix or self.require)


class Place(NamedTuple):
    """How far a text has come: a state of the automaton of bytes."""

    read: int = 0  # bytes of the prefix
    last: int = BEGIN
    open: bytes = b""  # the character that is not complete yet
    begun: frozenset[tuple[int, int]] = frozenset()  # phrases and how many of their bytes have been read
    met: frozenset[int] = frozenset()  # required phrases that stand in the text


class _Phrase:
    """A phrase as bytes."""

    def __init__(self, text: str, required: bool, surfaces: Surfaces) -> None:
        self.text, self.required = text.encode("utf-8", "replace"), required
        letters = [is_letter(character) for character in self.text.decode("utf-8")]
        sizes = [len(character.encode()) for character in self.text.decode("utf-8")]
        self.letters = np.repeat(letters, sizes).tolist()  # of the character that each byte belongs to
        self.costs = surfaces.costs(self.text)  # pieces that spell what is left of it
        self.spaced = surfaces.costs(b" " + self.text)[0]  # the whole, after a space


class DemandsAutomaton:
    """Demands as an automaton over pieces; see `nmt.search.constraints.Automaton`.

    States are found, and numbered, as they are asked for; any thread may ask.
    """

    def __init__(self, demands: Demands, surfaces: Surfaces) -> None:
        """Make the automaton for a vocabulary.

        Raises:
            DataError: the demands contradict one another, or the vocabulary cannot spell them.
        """
        self.demands, self._surfaces, self._lock = demands, surfaces, threading.Lock()
        self._prefix = demands.prefix.encode()
        said = self._prefix.rstrip(b" ")  # a text may end before a last space
        self._prefix_costs = surfaces.costs(said) + [0.0] * (len(self._prefix) - len(said))
        self._prefix_costs[0] = min(self._prefix_costs[0], surfaces.costs(b" " + said)[0])
        require = _not_implied([_Phrase(text, True, surfaces) for text in demands.require])
        self._phrases = require + [_Phrase(text, False, surfaces) for text in demands.forbid]
        self._required = frozenset(range(len(require)))
        self._check()
        self._places: list[Place | None] = [None]  # by state; none is DEAD
        self._states: dict[Place | None, int] = {None: 0}
        self._table = np.full((16, 256), UNKNOWN, dtype=np.int32)  # (states, bytes) -> states
        self._table[0] = 0
        self._costs = np.zeros((16, 2), dtype=np.int16)  # needed and owed
        self._rows: dict[int, np.ndarray] = {0: np.zeros(surfaces.size, dtype=np.int32)}
        self._most_needed = 0
        self._exact: np.ndarray | None = None
        self.start = self._state(Place())

    @property
    def needed_at_start(self) -> int:
        """Pieces that meet the demands."""
        return int(self._costs[self.start, 0])

    @property
    def owed_at_start(self) -> int:
        """Pieces that meet those for phrases."""
        return int(self._costs[self.start, 1])

    def after(self, state: int) -> np.ndarray:
        """The state after each piece (V,), 0 where it may not follow; at EOS the state itself where a text may end."""
        if (row := self._rows.get(state)) is None:
            with self._lock:
                row = self._surfaces.read(state, self._step).astype(np.int32)
                place = self._places[state]
                row[: EOS + 1] = 0
                row[EOS] = state if place is not None and self._may_end(place) else 0
                self._rows[state] = row
        return row

    def too_far(self, states: np.ndarray, left: int) -> np.ndarray | None:
        """Which of some states need more than `left` pieces until the text may end; None where none does.

        What is needed is known from a plan, which a forbidden phrase may cross. So where demands are mixed and the end
        is near, all states are looked through. When that is done must not hang on what else has been asked.
        """
        mixed = self.demands.forbid and self.demands.whole
        if mixed and left <= self.needed_at_start + NEAR and (exact := self._distances()) is not None:
            return exact[states] > left
        return self._costs[states, 0] > left if self._most_needed > left else None

    def owed(self, states: np.ndarray) -> np.ndarray:
        """How many of them are for required phrases."""
        return self._costs[states, 1]

    def _distances(self) -> np.ndarray | None:
        """The fewest pieces from each state until the text may end; None where there are too many states."""
        if self._exact is None:
            states, seen = [self.start], {0, self.start}
            for state in states:  # grows on the way
                new = {*np.unique(self.after(state)).tolist()} - seen
                seen |= new
                states += sorted(new)
                if len(states) > MANY_STATES:
                    self._exact = np.empty(0)
                    return None
            rows = np.stack([self.after(state) for state in states])
            distances = np.full(len(self._places), MOST, dtype=np.int32)
            distances[states] = np.where(rows[:, EOS] != 0, 0, MOST)
            while True:
                nearer = np.minimum(distances[states], 1 + distances[rows].min(1))
                if (nearer == distances[states]).all():
                    break
                distances[states] = nearer
            self._exact = distances
        return self._exact if len(self._exact) else None

    def _check(self) -> None:
        """Refuse what can never be met, as far as that can be seen at once."""
        texts = [self.demands.prefix, *(self._phrases[p].text.decode() for p in sorted(self._required))]
        costs = [self._prefix_costs[0], *(self._phrases[p].spaced for p in sorted(self._required))]
        for text, cost in zip(texts, costs, strict=True):
            if isinf(cost):
                raise DataError(f"the model's vocabulary cannot spell '{text}'. Leave it out.")
        place: Place | None = Place()
        for byte in self._prefix:
            place = place and next_place(place, byte, self._prefix, self._phrases)
        if place is None:
            raise DataError(f"the prefix '{self.demands.prefix}' contains a forbidden phrase. Leave out one of them.")
        for text in texts[1:]:
            place = Place()
            for byte in f"{text} ".encode():
                place = place and next_place(place, byte, b"", self._phrases)
            if place is None:
                raise DataError(f"'{text}' is required, but it contains a forbidden phrase. Leave out one of them.")

    def _step(self, states: np.ndarray, last: np.ndarray) -> np.ndarray:
        """States after bytes (N,), states found on the way included."""
        following = self._table[states, last]
        new = np.flatnonzero(following == UNKNOWN)
        for key in np.unique(states[new] * 256 + last[new]).tolist():
            state, byte = divmod(key, 256)
            place = self._places[state]
            assert place is not None  # the row of DEAD is known
            found = self._state(next_place(place, byte, self._prefix, self._phrases))
            self._table[state, byte] = found  # after _state, which may make a larger table
        return self._table[states, last]

    def _state(self, place: Place | None) -> int:
        """The number of a place, a new one if it is new."""
        if (state := self._states.get(place)) is not None:
            return state
        state = len(self._places)
        if state == len(self._table):
            self._table = np.concatenate([self._table, np.full_like(self._table, UNKNOWN)])
            self._costs = np.concatenate([self._costs, np.zeros_like(self._costs)])
        assert place is not None
        owed = self._owed(place)
        barred = any(not self._phrases[p].required for p in self._complete(place))  # one more letter helps
        self._costs[state] = min(self._prefix_costs[place.read] + owed + barred, MOST), min(owed, MOST)
        self._most_needed = max(self._most_needed, int(self._costs[state, 0]))
        self._places.append(place)
        self._states[place] = state
        return state

    def _complete(self, place: Place) -> set[int]:
        """Phrases that stand at the end, whole unless a letter follows."""
        return {p for p, size in place.begun if size == len(self._phrases[p].text)}

    def _may_end(self, place: Place) -> bool:
        complete = self._complete(place)
        if place.read < len(self._prefix.rstrip(b" ")) or not self._required <= place.met | complete:
            return False
        if any(not self._phrases[p].required for p in complete):
            return False
        if not self.demands.goes_on:
            return True
        spaces = [(self._phrases[p].text[size], self._phrases[p].text[size - 1]) for p, size in place.begun
                  if not self._phrases[p].required]  # fmt: skip
        return not any(SPACE in pair for pair in spaces)  # else a phrase could stand across the two texts

    def _owed(self, place: Place) -> float:
        """Pieces for the required phrases that are missing: one that has begun goes on, the others each after a space.

        Of several that have begun, the one that leaves the least.
        """
        phrases, missing, complete = self._phrases, self._required - place.met, self._complete(place)
        if place.read < len(self._prefix):
            return sum(phrases[p].spaced for p in missing)
        ways = [sum(phrases[p].spaced for p in missing - complete)]
        begun = {(p, size) for p, size in place.begun if p in missing - complete}
        if not place.open:
            begun |= {(p, 0) for p in missing - complete if place.last != WORD or not phrases[p].letters[0]}
        for p, size in begun:
            kept = frozenset[int]() if phrases[p].letters[size] else complete  # a letter would lengthen their last word
            ways.append(phrases[p].costs[size] + sum(phrases[q].spaced for q in missing - kept - {p}))
        return min(ways)


def _not_implied(phrases: list[_Phrase]) -> list[_Phrase]:
    """Required phrases without those that stand in another one."""

    def stands_in(one: _Phrase, other: _Phrase) -> bool:
        place: Place | None = Place()
        for byte in other.text + b" ":
            place = place and next_place(place, byte, b"", [one])
        return place is not None and bool(place.met)

    return [one for one in phrases if not any(one is not other and stands_in(one, other) for other in phrases)]


def is_letter(character: str) -> bool:
    """Whether a character belongs to a word: a letter, a digit, a mark upon one, or an underscore."""
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")


def next_place(place: Place, byte: int, prefix: bytes, phrases: list[_Phrase]) -> Place | None:
    """Where one more byte leads; None where it contradicts the prefix or completes a forbidden phrase."""
    if place.last == BEGIN and byte == SPACE and not place.open:
        return place  # spaces before a text are not part of it
    if place.read < len(prefix):
        if prefix[place.read] != byte:
            return None
        place = place._replace(read=place.read + 1)
    begins = not 0x80 <= byte <= 0xBF
    if place.open and begins:  # the character before stays incomplete, and is shown as U+FFFD
        closed = _close(place._replace(open=b""), place.begun, False, phrases)
        if closed is None:
            return None
        place = closed
    grown = set()
    for p, size in place.begun:
        text = phrases[p].text
        if size < len(text) and text[size] == byte:
            grown.add((p, size + 1))
        elif byte == SPACE == text[size - 1] and size < len(text) and not phrases[p].required:
            grown.add((p, size))  # two spaces do not hide a forbidden phrase
    if not place.open:
        grown |= {(p, 1) for p, phrase in enumerate(phrases)
                  if phrase.text[0] == byte and (place.last != WORD or not phrase.letters[0])}  # fmt: skip
    waiting = {(p, size) for p, size in place.begun if size == len(phrases[p].text)}
    read = place.open + bytes([byte])
    if len(read) < _size(read[0]):
        return place._replace(open=read, begun=frozenset(p for p in grown | waiting if p[0] not in place.met))
    letter = is_letter(read.decode("utf-8", "replace")[0])
    return _close(place._replace(open=b"", begun=frozenset(grown)), frozenset(waiting), letter, phrases)


def _close(place: Place, waiting: frozenset[tuple[int, int]], letter: bool, phrases: list[_Phrase]) -> Place | None:
    """After a character, a letter or not: phrases that waited for it are whole unless it is one."""
    whole = set() if letter else {p for p, size in waiting if size == len(phrases[p].text)}
    ended = {p for p, size in place.begun if size == len(phrases[p].text) and not phrases[p].letters[-1]}
    whole |= ended
    if any(not phrases[p].required for p in whole):
        return None
    met = place.met | whole
    return place._replace(
        last=WORD if letter else OTHER, begun=frozenset(one for one in place.begun if one[0] not in met), met=met
    )


def _size(first: int) -> int:
    """Bytes of a character, by its first; one that cannot be first stands alone."""
    return 2 if 0xC2 <= first <= 0xDF else 3 if 0xE0 <= first <= 0xEF else 4 if 0xF0 <= first <= 0xF4 else 1
