"""A line to translate with what its translation must keep to, and such lines written as JSON."""

import json
import reprlib
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from typing import Any, NamedTuple

from nmt.errors import DataError
from nmt.registry import Registry, nearest
from nmt.text.demands import Demands
from nmt.text.lines import replace_surrogates

KEYS = ("text", "prefix", "require", "forbid")
NOTHING = Demands()


class Request(NamedTuple):
    """A line and its demands."""

    text: str
    demands: Demands = NOTHING
    places: tuple[range, ...] = ()
    """For each entry of `demands.require` the characters of the text that it translates; none: that is unknown."""


def text_requests(lines: Iterable[str], common: Demands) -> Iterator[Request]:
    """Each line as it is, with the demands common to all."""
    return (Request(line, common) for line in lines)


def json_requests(lines: Iterable[str], common: Demands) -> Iterator[Request]:
    """Lines of {"text": ..., "prefix": ..., "require": [...], "forbid": [...]}; all but the text may be left out.

    Phrases are added to the common ones, a prefix takes the place of the common one, other keys are passed over. A
    blank line stays a blank line.

    Raises:
        DataError: a line is not such an object; the message gives its number.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            yield Request("")
            continue
        where = f"line {number}"
        row = _object(line, where)
        text, prefix = _text(row, "text", where), _text(row, "prefix", where, common.prefix)
        require, forbid = (getattr(common, key) + _texts(row, key, where) for key in ("require", "forbid"))
        try:
            yield Request(text, Demands.of(prefix, require, forbid))
        except DataError as error:
            raise DataError(f"{where}: {error}") from None


INPUTS = Registry[Callable[[Iterable[str], Demands], Iterator[Request]]](
    "input format", text=text_requests, jsonl=json_requests
)
"""How lines to translate are written."""


def _object(line: str, where: str) -> dict[str, Any]:
    example = 'Write {"text": "..."} on each line'
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        reason = str(error).partition(": line")[0]
        raise DataError(f"{where}: not JSON ({reason}). {example}, or leave out --input jsonl.") from None
    if not isinstance(row, dict):
        raise DataError(f"{where}: not an object but {type(row).__name__}. {example}.")
    if "text" not in row:
        raise DataError(f"{where}: no key 'text'.{nearest('text', row)} {example}.")
    for key in row:  # a slip would be a demand that nobody sees is missing
        if key not in KEYS and get_close_matches(key, KEYS, cutoff=0.8):
            raise DataError(f"{where}: unknown key '{key}'.{nearest(key, KEYS)} Keys: {', '.join(KEYS)}.")
    return row


def _text(row: dict[str, Any], key: str, where: str, default: str = "") -> str:
    value = row.get(key, default)
    if not isinstance(value, str):
        raise DataError(f"{where}: '{key}' is {reprlib.repr(value)}, not text. Mend the line.")
    return replace_surrogates(value)


def _texts(row: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = row.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise DataError(
            f'{where}: \'{key}\' is {reprlib.repr(value)}, not a list of texts. Write {{"{key}": ["..."]}}.'
        )
    return tuple(map(replace_surrogates, value))
