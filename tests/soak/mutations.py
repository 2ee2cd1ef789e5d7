"""How cases are made from others: what libFuzzer does with bytes, and what is nasty in text and in its formats."""

import random
from collections.abc import Callable, Sequence

NASTY = [
    b"\0", b"\r", b"\r\n", b"\n", b"\t", b" ", b"\xef\xbb\xbf", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
    "\u2028".encode(), "\x85".encode(), b"\x0c", b"\x0b", b"\x1b[2J", "\u202e".encode(), "\u0301".encode() * 50,
    "\U0010ffff".encode(), "\u2581".encode(), "\ufffe".encode(), b"\\ud800", b"\\u0000", b"\\", b'"', b"'", b"<", b">",
    b"&", b"{", b"}", b"[", b"]", b"(", b")", b",", b":", b";", b"=", b"#", b"|", b"-", b"%s", b"NaN", b"Infinity",
    b"1e999", b"-1", b"0", b"99999999999999999999", b"null", b"true", b"{{", b"}}", b"</", b"/>", b"<!--", b"-->",
    b"<![CDATA[", b"]]>", b"&#0;", b"&#xD800;", b"<b>", b"</b>", b"<br/>", b"https://a.b/", b"@", b"..", b"../", b"~",
]  # fmt: skip
"""Pieces that something may stumble over."""

Mutator = Callable[[bytes, int, int], bytes]


def by_bytes(case: bytes, most: int) -> bytes:
    """What libFuzzer does with bytes."""
    import atheris

    return bytes(atheris.Mutate(case, most))


def mutate(
    tokens: Sequence[bytes],
    reshape: Callable[[bytes, random.Random], bytes] | None = None,
    plain: Callable[[bytes, int], bytes] = by_bytes,
) -> Mutator:
    """A mutator that puts in these too and works as `plain` does at times.

    `reshape` is one of a format's own, which does most of the work.
    """
    every = [*NASTY, *tokens, *tokens, *tokens]

    def mutator(case: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if reshape and chance.random() < 0.7:
            return reshape(case, chance)[:most]
        if chance.random() < 0.4:
            return plain(case, most)
        for _ in range(chance.choice((1, 1, 1, 2, 3, 5))):
            case = chance.choice(STEPS)(case, every, chance)
        return case[:most]

    return mutator


def _put_in(case: bytes, every: list[bytes], chance: random.Random) -> bytes:
    at = chance.randint(0, len(case))
    return case[:at] + chance.choice(every) + case[at:]


def _put_in_often(case: bytes, every: list[bytes], chance: random.Random) -> bytes:
    at = chance.randint(0, len(case))
    return case[:at] + chance.choice(every) * chance.choice((2, 10, 100, 2000)) + case[at:]


def _put_over(case: bytes, every: list[bytes], chance: random.Random) -> bytes:
    at, token = chance.randint(0, len(case)), chance.choice(every)
    return case[:at] + token + case[at + len(token) :]


def _leave_out(case: bytes, every: list[bytes], chance: random.Random) -> bytes:
    begin, end = sorted((chance.randint(0, len(case)), chance.randint(0, len(case))))
    return case[:begin] + case[min(end, begin + chance.choice((1, 2, 8, 64, 4096))) :]


def _repeat(case: bytes, every: list[bytes], chance: random.Random) -> bytes:
    begin = chance.randint(0, len(case))
    some = case[begin : begin + chance.choice((1, 2, 8, 64, 512))]
    return case[:begin] + some * chance.choice((2, 3, 20, 300)) + case[begin:]


def _move(case: bytes, every: list[bytes], chance: random.Random) -> bytes:
    begin, at = chance.randint(0, len(case)), chance.randint(0, len(case))
    some = case[begin : begin + chance.choice((1, 4, 32, 256))]
    return case[:at] + some + case[at:]


def _lines(case: bytes, every: list[bytes], chance: random.Random) -> bytes:
    lines = case.split(b"\n")
    chance.shuffle(lines)
    return b"\n".join(lines)


def _cut(case: bytes, every: list[bytes], chance: random.Random) -> bytes:
    return case[: chance.randint(0, len(case))]


def _number(case: bytes, every: list[bytes], chance: random.Random) -> bytes:
    at = chance.randint(0, max(0, len(case) - 1))
    return (
        case[:at]
        + bytes([chance.choice((0, 1, 127, 128, 255, case[at] ^ 1 if at < len(case) else 7))])
        + case[at + 1 :]
    )


STEPS = [_put_in, _put_in, _put_in_often, _put_over, _leave_out, _leave_out, _repeat, _move, _lines, _cut, _number]
