"""What a SentencePiece model must be before the library, which is C++, is given it: a stranger may have written it.

The file is a protocol buffer. Field 1 is a piece, repeated: its text (1), its score (2), its kind (3). Field 2 is how
it was trained, 3 how text is normalized, 4 and 5 are a test and how text is denormalized. Normalization holds a table
(2) that the library walks through with offsets from the table itself; so only tables are taken that the library makes.
"""

import math
import struct
from collections.abc import Iterator
from functools import cache

from nmt.bounds import TOKENIZER
from nmt.settings import MOST_PIECES

PIECE, TRAINER, NORMALIZER, DENORMALIZER = 1, 2, 3, 5
TEXT, SCORE, KIND = 1, 2, 3
TABLE = 2  # of a normalizer
LONGEST = 2**12  # bytes of a piece
KINDS = 6
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # wire types

Field = tuple[int, int, int, int]
"""Number, wire type, and where the content begins and ends."""


def complaint(model: bytes, rules: tuple[str, ...]) -> str:
    """What keeps bytes from being a SentencePiece model with tables of these rules only; "" where nothing does."""
    if len(model) > TOKENIZER:
        return f"it has {len(model):,} bytes, and at most {TOKENIZER:,} are taken"
    pieces, seen = 0, set[int]()
    try:
        for number, kind, begin, end in fields(model, 0, len(model)):
            if kind != BYTES or number > DENORMALIZER or (number in seen and number != PIECE):
                return "it is no such model"
            seen.add(number)
            if number == PIECE:
                pieces += 1
                if wrong := _piece(model, begin, end):
                    return f"piece {pieces} {wrong}"
            elif number in (NORMALIZER, DENORMALIZER) and not _known_tables(model, begin, end, rules):
                return "its normalization is none of " + ", ".join(rules)
            elif number == TRAINER and not all(True for _ in fields(model, begin, end)):
                return "it is no such model"
    except ValueError:
        return "it is damaged"
    if not 0 < pieces <= MOST_PIECES:
        return f"it has {pieces:,} pieces, and 1 to {MOST_PIECES:,} are taken"
    return ""


def fields(message: bytes, place: int, stop: int) -> Iterator[Field]:
    """The fields of a protocol buffer from `place` to `stop`.

    Raises:
        ValueError: it is none, or is cut off.
    """
    while place < stop:
        key, place = _varint(message, place, stop)
        kind, begin = key & 7, place
        if kind == BYTES:
            size, begin = _varint(message, place, stop)
            place = begin + size
        elif kind == VARINT:
            _, place = _varint(message, place, stop)
        elif kind in (FIXED32, FIXED64):
            place += 4 if kind == FIXED32 else 8
        else:
            raise ValueError("groups are not used")
        if place > stop:
            raise ValueError("cut off")
        yield key >> 3, kind, begin, place


def _varint(message: bytes, place: int, stop: int) -> tuple[int, int]:
    """A whole number, seven bits a byte, and where it ends."""
    value = shift = 0
    while place < stop and shift < 70:
        byte = message[place]
        value, shift, place = value | (byte & 127) << shift, shift + 7, place + 1
        if byte < 128:
            return value, place
    raise ValueError("cut off")


def _piece(model: bytes, begin: int, end: int) -> str:
    """What is wrong with a piece; "" where nothing is."""
    text = b""
    for number, kind, first, last in fields(model, begin, end):
        if (number, kind) == (TEXT, BYTES):
            text = model[first:last]
        elif (number, kind) == (SCORE, FIXED32):
            if not math.isfinite(struct.unpack_from("<f", model, first)[0]):
                return "has a score that is no number"
        elif (number, kind) != (KIND, VARINT) or not 1 <= _varint(model, first, last)[0] <= KINDS:
            return "has a field that pieces have not"
    if not 0 < len(text) <= LONGEST:
        return f"has {len(text):,} bytes, and 1 to {LONGEST:,} are taken"
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return "is not UTF-8"
    return ""


def _known_tables(model: bytes, begin: int, end: int, rules: tuple[str, ...]) -> bool:
    """Whether the tables of a normalizer are some that the library makes; none is one too."""
    tables = [model[first:last] for number, _, first, last in fields(model, begin, end) if number == TABLE]
    return all(not table or any(table == _table(rule) for rule in rules) for table in tables)


@cache
def _table(rule: str) -> bytes:
    import sentencepiece

    made: bytes = sentencepiece.SentencePieceNormalizer(rule_name=rule).serialized_model_proto()
    for number, _, begin, end in fields(made, 0, len(made)):
        if number == NORMALIZER:
            return next((made[a:b] for field, _, a, b in fields(made, begin, end) if field == TABLE), b"")
    return b""
