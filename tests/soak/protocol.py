"""Changes to a SentencePiece model that leave it a protocol buffer: what comes through to the C++ behind it."""

from random import Random

PIECE, TRAINER, NORMALIZER = 1, 2, 3
Fields = list[tuple[int, int, bytes]]  # number, wire type, content: of a varint, its bytes


def reshape(case: bytes, chance: Random) -> bytes:
    """Change a few fields, pieces and settings alike; bytes that are no model at all stay as they are."""
    fields = read(case)
    if not fields:
        return case
    for _ in range(chance.choice((1, 1, 2, 4))):
        wanted = chance.choice((PIECE, PIECE, TRAINER, NORMALIZER))
        places = [place for place, field in enumerate(fields) if field[0] == wanted] or [0]
        place = chance.choice(places)
        number, kind, content = fields[place]
        how = chance.randrange(8)
        if how == 0:
            del fields[place]
        elif how == 1:
            fields.insert(chance.randint(0, len(fields)), fields[place])
        elif how == 2:
            other = chance.choice(places)
            fields[place], fields[other] = fields[other], fields[place]
        elif kind == 2:
            fields[place] = (number, kind, _changed(content, chance))
        if not fields:
            break
    return write(fields)


def _changed(content: bytes, chance: Random) -> bytes:
    """A message with one of its fields changed, left out, or with a new one."""
    fields = read(content) or []
    how = chance.randrange(5)
    if how == 0 or not fields:
        fields.append(
            _field(chance.choice((1, 2, 3, 3, 4, 5, chance.randrange(1, 60))), chance.choice((0, 2, 5)), chance)
        )
    elif how == 1:
        fields.pop(chance.randrange(len(fields)))
    else:
        place = chance.randrange(len(fields))
        number, kind, old = fields[place]
        fields[place] = _field(number, kind, chance, old)
    return write(fields)


def _field(number: int, kind: int, chance: Random, old: bytes = b"") -> tuple[int, int, bytes]:
    if kind == 0:
        value = chance.choice((0, 1, 2, 3, 4, 5, 6, 7, 128, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1))
        return number, kind, varint(value)
    if kind == 5:
        floats = (b"\0\0\x80\x7f", b"\0\0\x80\xff", b"\0\0\xc0\x7f", bytes(4), b"\xff\xff\x7f\x7f", b"\xff\xff\x7f\xff")
        return number, kind, chance.choice(floats)
    if kind == 1:
        return number, kind, chance.randbytes(8)
    at = chance.randint(0, len(old))
    some = chance.choice((b"", b"\0", b"<0x4>", b"<0xZZ>", b"<0x41>", b"\xff", b"a" * 3000, "\u2581".encode(), b"<s>",
                          b"<unk>", chance.randbytes(4), old, old[:at]))  # fmt: skip
    return number, kind, chance.choice((some, old[:at] + some + old[at:], old[:at] + some + old[at + len(some) :]))


def read(message: bytes) -> Fields | None:
    """The fields of a message; None where the bytes are none."""
    fields, place = Fields(), 0
    try:
        while place < len(message):
            key, place = _varint(message, place)
            kind, begin = key & 7, place
            if kind == 2:
                size, begin = _varint(message, place)
                place = begin + size
            elif kind in (1, 5):
                place += 8 if kind == 1 else 4
            elif kind == 0:
                _, place = _varint(message, place)
            else:
                return None
            if place > len(message):
                return None
            fields.append((key >> 3, kind, message[begin:place]))
    except IndexError:
        return None
    return fields


def write(fields: Fields) -> bytes:
    """A message of fields."""
    return b"".join(varint(number << 3 | kind) + (varint(len(content)) if kind == 2 else b"") + content
                    for number, kind, content in fields)  # fmt: skip


def varint(value: int) -> bytes:
    """A whole number, seven bits a byte."""
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[place]
        value, shift, place = value | (byte & 127) << shift, shift + 7, place + 1
        if byte < 128:
            return value, place
