import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.errors import ConfigError, DataError
from nmt.text.demands import Demands
from nmt.text.lines import decode_lines
from nmt.text.requests import INPUTS, Request, json_requests

COMMON = Demands.of("Ein", ("Hund",), ("Kater",))


def test_lines_of_json_bring_their_own_demands() -> None:
    lines = ['{"text": "a b", "require": ["x  y"], "forbid": ["z"], "id": 7}', "", '{"text": "", "prefix": " Zwei "}']
    assert [*json_requests(lines, COMMON)] == [
        Request("a b", Demands("Ein", ("Hund", "x y"), ("Kater", "z"))),
        Request(""),
        Request("", Demands("Zwei ", ("Hund",), ("Kater",))),
    ]
    assert [*json_requests(['{"text": "\\ud800"}'], Demands())] == [Request("\ufffd")]


def test_lines_of_text_share_their_demands() -> None:
    assert [*INPUTS["text"](["a", '{"text": 1}'], COMMON)] == [Request("a", COMMON), Request('{"text": 1}', COMMON)]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 2: not JSON"),
        ("a man", "or leave out --input jsonl"),
        ("[" * 100_000, "line 2: not JSON"),
        ('["a"]', "line 2: not an object but list"),
        ('{"txt": "a"}', "line 2: no key 'text'. Did you mean 'txt'?"),
        ('{"text": 4}', "line 2: 'text' is 4, not text"),
        ('{"text": "a", "prefix": null}', "'prefix' is None, not text"),
        ('{"text": "a", "require": "b"}', "'require' is 'b', not a list of texts"),
        ('{"text": "a", "forbid": [1]}', r"'forbid' is \[1\], not a list of texts"),
        ('{"text": "a", "requires": ["b"]}', "unknown key 'requires'. Did you mean 'require'?"),
        ('{"text": "a", "require": [" "]}', "line 2: a phrase to require is blank"),
    ],
)
def test_a_line_that_is_no_request_is_told_by_its_number(line: str, says: str) -> None:
    requests = json_requests(['{"text": "a"}', line], Demands())
    assert next(requests) == Request("a")
    with pytest.raises(DataError, match=says) as told:
        next(requests)
    assert "\n" not in str(told.value)


def test_an_unknown_input_is_refused() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'jsonl'"):
        INPUTS["json"]


@given(
    st.binary(max_size=40) | st.text(st.sampled_from('{}[]":, \\\\dtexu800prifomqs\\n'), max_size=60).map(str.encode)
)
def test_any_bytes_are_requests_one_a_line_or_are_refused(data: bytes) -> None:
    given_lines = list(decode_lines(io.BytesIO(data)))
    try:
        found = list(json_requests(iter(given_lines), Demands()))
    except DataError as error:
        assert str(error).startswith("line ") and str(error).isprintable()
        return
    assert len(found) == len(given_lines)
    assert all(not request.text for request, line in zip(found, given_lines, strict=True) if not line.strip())


@pytest.mark.parametrize("depth", [10, 900, 940, 960, 980, 5000])
def test_a_nested_value_is_told_in_short(depth: int) -> None:
    with pytest.raises(DataError, match=r"line 1: ('text' is .*, not text|not JSON)"):
        list(json_requests(['{"text": ' + "[" * depth + "]" * depth + "}"], Demands()))
