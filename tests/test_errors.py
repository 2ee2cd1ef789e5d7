import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.errors import LONGEST, ConfigError, DataError, NmtError, one_line

ANY = st.text(st.characters(exclude_categories=()))


@given(ANY, st.integers(1, 400))
def test_every_message_is_one_line_that_a_terminal_may_show(text: str, times: int) -> None:
    said = str(NmtError(text * times))
    assert said.isprintable() and len(said) <= LONGEST + 10
    assert str(DataError(f"x:1: {said}")).startswith("x:1: ")
    said.encode()


@given(st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), max_size=LONGEST))
def test_a_usual_message_stays_as_it_is(text: str) -> None:
    assert str(ConfigError(text)) == text


@pytest.mark.parametrize(
    ("text", "shown"), [("a\x1b[2Jb", r"a\x1b[2Jb"), ("a\nb", r"a\nb"), ("\u202eb", r"\u202eb"), ("\udcff", r"\udcff")]
)
def test_what_moves_a_cursor_is_spelled_out(text: str, shown: str) -> None:
    assert one_line(text) == shown


def test_a_long_message_keeps_where_and_what_to_do() -> None:
    said = one_line("file:3: " + "x" * 10**6 + " Mend it.")
    assert said.startswith("file:3: ") and said.endswith(" Mend it.") and len(said) <= LONGEST
