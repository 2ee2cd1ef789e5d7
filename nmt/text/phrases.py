"""Phrases as a text that is followed byte by byte meets them: each as whole words, where spaces set words apart."""

import sys
from typing import NamedTuple

import numpy as np

from nmt.scripts import within_word
from nmt.text.surfaces import Surfaces

SPACE = 0x20
BEGIN, OTHER, WORD = range(3)
"""What stood last in a text: nothing but spaces, what ends a word or stands between words, a letter or digit of one."""


class Place(NamedTuple):
    """How far a text has come: a state of the automaton of bytes."""

    read: int = 0  # bytes of the prefix
    last: int = BEGIN
    open: bytes = b""  # the character that is not complete yet
    begun: frozenset[tuple[int, int]] = frozenset()  # phrases and how many of their bytes have been read
    met: tuple[int, ...] = ()  # how often each required group stands in the text; no more is counted than is required


FORBIDDEN = -1
"""The group of a phrase that a text may not contain."""


class Phrase:
    """A phrase as bytes: a form of a group that is required so many times, or a forbidden one."""

    def __init__(self, text: str, surfaces: Surfaces, group: int = FORBIDDEN, times: int = 0) -> None:
        self.text, self.group, self.times = text.encode("utf-8", "replace"), group, times
        letters = [within_word(character) for character in self.text.decode("utf-8")]
        sizes = [len(character.encode()) for character in self.text.decode("utf-8")]
        self.letters = np.repeat(letters, sizes).tolist()  # of the character that each byte belongs to
        self.costs = surfaces.costs(self.text)  # pieces that spell what is left of it
        self.spaced = surfaces.costs(b" " + self.text.lstrip(b" "))[0]  # the whole, after a space


def count(text: str, forms: tuple[str, ...], most: int = sys.maxsize) -> int:
    """At how many places, which do not overlap, one of some forms stands in a text; no more than `most` are counted."""
    nothing = Surfaces([])
    return count_bytes(text.encode("utf-8", "replace"), [Phrase(form, nothing, 0, most) for form in forms if form])


def count_bytes(text: bytes, phrases: list[Phrase]) -> int:
    """The same for a text as bytes and the forms of group 0; only where their bytes stand it is looked more closely."""
    place: Place | None = Place(met=(0,))
    text += b" "
    blank = len(text) - len(text.lstrip(b" "))
    for begin, end in _stretches(text, phrases):
        before = text[max(0, begin - 4) : begin].decode("utf-8", "ignore")[-1:]
        last = BEGIN if begin <= blank else WORD if within_word(before or " ") else OTHER
        place = place and place._replace(last=last, open=b"", begun=frozenset())
        for byte in text[begin:end]:
            place = place and next_place(place, byte, b"", phrases)
    return place.met[0] if place else 0


def _stretches(text: bytes, phrases: list[Phrase]) -> list[tuple[int, int]]:
    """Where in a text phrases may stand: what holds their bytes, with the spaces before them and a character behind."""
    found = list[tuple[int, int]]()
    for phrase in phrases:
        core = phrase.text.lstrip(b" ") or phrase.text
        spaces, place = len(phrase.text) - len(core), text.find(core)
        while place >= 0:
            begin, end = place, min(place + len(core) + 1, len(text))
            while begin > max(0, place - spaces) and text[begin - 1] == SPACE:
                begin -= 1
            while end < len(text) and text[end] & 0xC0 == 0x80:
                end += 1
            found.append((begin, end))
            place = text.find(core, place + 1)
    joined = list[tuple[int, int]]()
    for begin, end in sorted(found):
        if joined and begin <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((begin, end))
    return joined


def next_place(place: Place, byte: int, prefix: bytes, phrases: list[Phrase]) -> Place | None:
    """Where one more byte leads; None where it contradicts the prefix, completes a forbidden phrase or is no UTF-8.

    Whoever may not write a character would else write the bytes it begins with.
    """
    if place.last == BEGIN and byte == SPACE and not place.open:
        return place  # spaces before a text are not part of it
    if place.read < len(prefix):
        if prefix[place.read] != byte:
            return None
        place = place._replace(read=place.read + 1)
    if bool(place.open) != (0x80 <= byte <= 0xBF) or (byte > 0x7F and not place.open and size_of_character(byte) == 1):
        return None
    grown = set()
    for p, size in place.begun:
        text = phrases[p].text
        if size < len(text) and text[size] == byte:
            grown.add((p, size + 1))
        elif byte == SPACE == text[size - 1] and size < len(text) and phrases[p].group == FORBIDDEN:
            grown.add((p, size))  # two spaces do not hide a forbidden phrase
    if not place.open:
        grown |= {(p, 1) for p, phrase in enumerate(phrases) if phrase.text[0] == byte
                  and (place.last != WORD or not phrase.letters[0]) and not _satisfied(place, phrase)}  # fmt: skip
        if place.last == BEGIN:  # the begin of a text is as good as a space before it
            grown |= {(p, 2) for p, phrase in enumerate(phrases) if phrase.text[:2] == bytes([SPACE, byte])}
    waiting = {(p, size) for p, size in place.begun if size == len(phrases[p].text)}
    read = place.open + bytes([byte])
    if len(read) < size_of_character(read[0]):
        return place._replace(open=read, begun=frozenset(grown | waiting))
    letter = within_word(read.decode("utf-8", "replace")[0])
    return _close(place._replace(open=b"", begun=frozenset(grown)), frozenset(waiting), letter, phrases, len(read))


def _close(
    place: Place, waiting: frozenset[tuple[int, int]], letter: bool, phrases: list[Phrase], size: int
) -> Place | None:
    """After a character of `size` bytes, a letter or not: phrases that waited for it are whole unless it is one."""
    waited = set() if letter else {phrases[p].group for p, read in waiting if read == len(phrases[p].text)}
    ended = {phrases[p].group for p, read in place.begun
             if read == len(phrases[p].text) and not phrases[p].letters[-1]}  # fmt: skip
    if FORBIDDEN in waited or FORBIDDEN in ended:
        return None
    if not waited and not ended:
        return place._replace(last=WORD if letter else OTHER)
    # What began before the end of a form that counts would overlap with it.
    begun = {(p, read) for p, read in place.begun if phrases[p].group not in ended
             and (phrases[p].group not in waited or read <= size)}  # fmt: skip
    alone = {phrases[p].group for p, read in place.begun if read == len(phrases[p].text) <= size}
    met = tuple(count + (group in waited) + (group in (ended & alone if group in waited else ended))
                for group, count in enumerate(place.met))  # fmt: skip
    place = place._replace(last=WORD if letter else OTHER, met=met)
    begun = {(p, read) for p, read in begun if not _satisfied(place, phrases[p])}
    limits = {phrase.group: phrase.times for phrase in phrases}
    return place._replace(begun=frozenset(begun), met=tuple(min(n, limits[group]) for group, n in enumerate(met)))


def _satisfied(place: Place, phrase: Phrase) -> bool:
    """Whether the group of a phrase stands in the text as often as is required."""
    return phrase.group != FORBIDDEN and place.met[phrase.group] >= phrase.times


def unfinished(place: Place) -> int:
    """Bytes that the last character lacks."""
    return size_of_character(place.open[0]) - len(place.open) if place.open else 0


def size_of_character(first: int) -> int:
    """Bytes of a character, by its first; one that cannot be first stands alone."""
    return 2 if 0xC2 <= first <= 0xDF else 3 if 0xE0 <= first <= 0xEF else 4 if 0xF0 <= first <= 0xF4 else 1
