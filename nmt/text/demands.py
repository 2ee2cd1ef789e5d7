"""What the text of a translation must keep to: how it begins, which phrases it contains, which it never contains.

A phrase stands in a text as whole words: beside its own first and last letter or digit stands no other one. What is
required is a group of phrases, one of which must stand there; a group that is required twice must do so at two places
that do not overlap. Texts are followed byte by byte, so that every way to spell them in pieces counts, also one whose
pieces end within a word of the prefix or go beyond it.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isinf

import numpy as np

from nmt.errors import DataError
from nmt.scripts import within_word
from nmt.settings import EOS
from nmt.text.cleaning import tidy
from nmt.text.phrases import (
    BEGIN,
    FORBIDDEN,
    SPACE,
    WORD,
    Phrase,
    Place,
    count_bytes,
    next_place,
    unfinished,
)
from nmt.text.surfaces import UNKNOWN, Surfaces

MOST = 30_000  # pieces that are counted; a vocabulary without bytes may not spell the rest of a prefix at all
NEAR, MANY_STATES = 8, 1000  # pieces before the end from which on states are looked through, unless they are so many


@dataclass(frozen=True)
class Demands:
    """What one text must keep to."""

    prefix: str = ""  # it begins with this, which may end within a word; a space at its end may be left out there
    require: tuple[str | tuple[str, ...], ...] = ()  # phrases it contains, or of several phrases one; as often as here
    forbid: tuple[str, ...] = ()  # phrases it does not contain
    goes_on: bool = False  # another text follows it after a space

    @classmethod
    def of(cls, prefix: str = "", require: tuple[str, ...] = (), forbid: tuple[str, ...] = ()) -> "Demands":
        """Demands in texts as a person writes them; a phrase that is said twice is demanded once.

        Raises:
            DataError: a phrase is blank.
        """
        require, forbid = (tuple(dict.fromkeys(map(tidy, some))) for some in (require, forbid))
        for name, some in (("require", require), ("forbid", forbid)):
            if "" in some:
                raise DataError(f"a phrase to {name} is blank. Write a word, or leave it out.")
        plain = prefix.replace("\0", "").replace("\n", " ").replace("\r", " ").lstrip(" ")
        plain = plain.rstrip(" ") + " " * plain.endswith(" ")  # more spaces say no more than one
        return cls(plain.encode("utf-8", "replace").decode("utf-8"), require, forbid)

    def __bool__(self) -> bool:
        return bool(self.prefix or self.require or self.forbid)

    @property
    def whole(self) -> bool:
        """Whether they are about the text as a whole, so that it should not be cut."""
        return bool(self.prefix or self.require)


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
        groups = groups_of(demands.require)
        kept = _not_implied(groups, surfaces)
        self._times = tuple(groups[forms] for forms in kept)
        self._group_of = [kept.index(forms) if forms in kept else None for forms in map(forms_of, demands.require)]
        self._phrases = [Phrase(form, surfaces, group, groups[forms])
                         for group, forms in enumerate(kept) for form in forms]  # fmt: skip
        self._phrases += [Phrase(text, surfaces) for text in demands.forbid]
        self._nothing = Place(met=(0,) * len(kept))
        self._cheapest: list[float] = []  # pieces of each group's shortest form after a space
        self._check()
        self._alike = _alike({SPACE, *self._prefix, *b"".join(phrase.text for phrase in self._phrases)})
        self._places: list[Place | None] = [None]  # by state; none is DEAD
        self._states: dict[Place | None, int] = {None: 0}
        self._table = np.full((16, 256), UNKNOWN, dtype=np.int32)  # (states, bytes) -> states
        self._table[0] = 0
        self._costs = np.zeros((16, 2), dtype=np.int16)  # needed and owed
        self._levels, self._begun = (np.zeros((len(kept), 16), dtype=np.int16) for _ in range(2))
        self._rows: dict[int, np.ndarray] = {0: np.zeros(surfaces.size, dtype=np.int32)}
        self._most_needed = 0
        self._exact: np.ndarray | None = None
        self.start = self._state(self._nothing)

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

    def levels(self, states: np.ndarray) -> np.ndarray:
        """How often each group of G has been met in some states (...,), or has begun to be: (G, ...)."""
        return self._levels[:, states]  # type: ignore[no-any-return]

    def starts(self, state: int, following: np.ndarray) -> np.ndarray | None:
        """In which groups of G each piece, which leads to states (V,), begins a form and gives up another: (G, V)."""
        before = self._begun[:, state, None]
        if not before.any():
            return None
        begun = self._begun[:, following]
        return (before > 0) & (begun > 0) & (begun <= self._surfaces.lengths)  # type: ignore[no-any-return]

    def in_groups(self, places: Sequence[tuple[int, ...]]) -> list[list[tuple[int, ...]]]:
        """Something about entries of `demands.require`, as a list for each of G groups of its entries."""
        found: list[list[tuple[int, ...]]] = [[] for _ in self._times]
        for group, place in zip(self._group_of, places, strict=False):
            if group is not None and place:
                found[group].append(place)
        return found

    def _check(self) -> None:
        """Refuse what can never be met, as far as that can be seen at once, and leave out forms that cannot be."""
        if isinf(self._prefix_costs[0]):
            raise DataError(f"the model's vocabulary cannot spell '{self.demands.prefix}'. Leave it out.")
        place: Place | None = self._nothing
        for byte in self._prefix:
            place = place and next_place(place, byte, self._prefix, self._phrases)
        if place is None:
            raise DataError(f"the prefix '{self.demands.prefix}' contains a forbidden phrase. Leave out one of them.")
        for group in range(len(self._times)):
            forms = [phrase for phrase in self._phrases if phrase.group == group]
            spelled = [phrase for phrase in forms if not isinf(phrase.spaced)]
            fit = [phrase for phrase in spelled if self._allowed(phrase)]
            names = "' or '".join(phrase.text.decode() for phrase in spelled or forms)
            if not spelled:
                raise DataError(f"the model's vocabulary cannot spell '{names}'. Leave it out.")
            if not fit:
                raise DataError(f"'{names}' is required, but it contains a forbidden phrase. Leave out one of them.")
            self._cheapest.append(min(phrase.spaced for phrase in fit))
            self._phrases = [phrase for phrase in self._phrases if phrase.group != group or phrase in fit]

    def _allowed(self, phrase: Phrase) -> bool:
        """Whether a phrase contains no forbidden one."""
        place: Place | None = self._nothing
        for byte in phrase.text + b" ":
            place = place and next_place(place, byte, b"", self._phrases)
        return place is not None

    def _step(self, states: np.ndarray, last: np.ndarray) -> np.ndarray:
        """States after bytes (N,), states found on the way included."""
        following = self._table[states, last]
        new = np.flatnonzero(following == UNKNOWN)
        if not len(new):
            return following  # type: ignore[no-any-return]
        for key in np.unique(states[new] * 256 + last[new]).tolist():
            state, byte = divmod(key, 256)
            if self._table[state, byte] != UNKNOWN:  # found with another byte
                continue
            place = self._places[state]
            assert place is not None  # the row of DEAD is known
            found = self._state(next_place(place, byte, self._prefix, self._phrases))
            alike = [byte] if place.open else self._alike[byte]
            self._table[state, alike] = found  # after _state, which may make a larger table
        following[new] = self._table[states[new], last[new]]
        return following  # type: ignore[no-any-return]

    def _state(self, place: Place | None) -> int:
        """The number of a place, a new one if it is new."""
        if (state := self._states.get(place)) is not None:
            return state
        state = len(self._places)
        if state == len(self._table):
            self._table = np.concatenate([self._table, np.full_like(self._table, UNKNOWN)])
            self._costs = np.concatenate([self._costs, np.zeros_like(self._costs)])
            self._levels = np.concatenate([self._levels, np.zeros_like(self._levels)], 1)
            self._begun = np.concatenate([self._begun, np.zeros_like(self._begun)], 1)
        assert place is not None
        owed = self._owed(place)
        complete = self._complete(place)
        barred = any(self._phrases[p].group == FORBIDDEN for p in complete)  # one more letter helps
        rest = unfinished(place) if place.read == len(self._prefix) and not owed else 0
        self._costs[state] = min(self._prefix_costs[place.read] + owed + rest + barred, MOST), min(owed, MOST)
        for p, size in place.begun:
            if (group := self._phrases[p].group) != FORBIDDEN:
                self._begun[group, state] = max(self._begun[group, state], size)
        self._levels[:, state] = np.array(place.met, dtype=np.int16) + (self._begun[:, state] > 0)
        self._most_needed = max(self._most_needed, int(self._costs[state, 0]))
        self._places.append(place)
        self._states[place] = state
        return state

    def _complete(self, place: Place) -> set[int]:
        """Phrases that stand at the end, whole unless a letter follows."""
        return {p for p, size in place.begun if size == len(self._phrases[p].text)}

    def _may_end(self, place: Place) -> bool:
        complete = {self._phrases[p].group for p in self._complete(place)}
        if place.open or place.read < len(self._prefix.rstrip(b" ")) or any(self._missing(place, complete)):
            return False
        if FORBIDDEN in complete:
            return False
        if not self.demands.goes_on:
            return True
        spaces = [(self._phrases[p].text[size], self._phrases[p].text[size - 1]) for p, size in place.begun
                  if self._phrases[p].group == FORBIDDEN]  # fmt: skip
        return not any(SPACE in pair for pair in spaces)  # else a phrase could stand across the two texts

    def _missing(self, place: Place, complete: Iterable[int]) -> list[int]:
        """How often each group must still be written, where those of `complete` stand at the end."""
        return [times - count - (group in complete) for group, (times, count) in
                enumerate(zip(self._times, place.met, strict=True))]  # fmt: skip

    def _owed(self, place: Place) -> float:
        """Pieces for the required groups that are missing: one that has begun goes on, the others each after a space.

        Of several that have begun, the one that leaves the least.
        """

        def after_spaces(missing: list[int]) -> float:
            return sum(cost * count for cost, count in zip(self._cheapest, missing, strict=True) if count > 0)

        phrases, complete = self._phrases, {self._phrases[p].group for p in self._complete(place)}
        if place.read < len(self._prefix):
            return after_spaces(self._missing(place, ()))
        missing = self._missing(place, complete)
        ways = [after_spaces(missing) + (unfinished(place) if any(missing) else 0)]
        wanted = [p for p, phrase in enumerate(phrases) if phrase.group != FORBIDDEN and phrase.group not in complete
                  and missing[phrase.group] > 0]  # fmt: skip
        begun = {(p, size) for p, size in place.begun if p in wanted}
        if not place.open:
            begun |= {(p, 0) for p in wanted if place.last != WORD or not phrases[p].letters[0]}
        if place.last == BEGIN and not place.open:
            begun |= {(p, 1) for p in wanted if phrases[p].text[0] == SPACE}
        for p, size in begun:
            kept = set() if phrases[p].letters[size] else complete  # a letter would lengthen their last word
            ways.append(phrases[p].costs[size] + after_spaces(self._missing(place, {*kept, phrases[p].group})))
        return min(ways)


def _alike(said: set[int]) -> list[list[int]]:
    """The bytes that lead wherever each byte leads, while no character is open.

    What is not said differs in one thing: whether it is a letter, or a byte of a longer character.
    """
    letters, others = list[int](), list[int]()
    for byte in set(range(256)) - said:
        if byte < 0x80:
            (letters if within_word(chr(byte)) else others).append(byte)
    return [letters if byte in letters else others if byte in others else [byte] for byte in range(256)]


def forms_of(entry: str | tuple[str, ...]) -> tuple[str, ...]:
    """What an entry of `Demands.require` lists, each once."""
    return (entry,) if isinstance(entry, str) else tuple(dict.fromkeys(entry))


def groups_of(require: Iterable[str | tuple[str, ...]]) -> Counter[tuple[str, ...]]:
    """Groups of forms, and how often each is required."""
    return Counter(map(forms_of, require))


def _not_implied(groups: Counter[tuple[str, ...]], surfaces: Surfaces) -> list[tuple[str, ...]]:
    """Groups without those that another one brings along, because each of its forms contains one of theirs."""
    kept = list(groups)
    for forms in list(groups):
        phrases = [Phrase(form, surfaces, 0, 1) for form in forms]
        if any(groups[other] >= groups[forms] and all(count_bytes(form.encode(), phrases) for form in other)
               for other in kept if other != forms):  # fmt: skip
            kept.remove(forms)
    return kept
