import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.errors import ConfigError, NmtError
from nmt.registry import Registry, nearest

COLOURS = Registry("colour", red=1, green=2, blue=3)


def test_it_is_a_mapping_in_the_order_given() -> None:
    assert dict(COLOURS) == {"red": 1, "green": 2, "blue": 3}
    assert list(COLOURS) == ["red", "green", "blue"]
    assert len(COLOURS) == 3
    assert "red" in COLOURS and "rot" not in COLOURS
    assert COLOURS["green"] == 2


def test_a_misspelt_name_gets_the_nearest_and_all_choices() -> None:
    with pytest.raises(ConfigError) as error:
        COLOURS["gren"]
    assert str(error.value) == "Unknown colour 'gren'. Did you mean 'green'? Choices: red, green, blue."
    assert isinstance(error.value, NmtError)


def test_a_name_like_none_gets_the_choices_alone() -> None:
    with pytest.raises(ConfigError, match=r"^Unknown colour 'zzz'\. Choices: red, green, blue\.$"):
        COLOURS["zzz"]


def test_it_cannot_be_written_to() -> None:
    with pytest.raises(TypeError):
        COLOURS["black"] = 4  # type: ignore[index]


@given(st.text(max_size=8))
def test_every_unknown_name_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(ConfigError) as error:
        COLOURS[name + "#"]
    assert str(error.value).endswith("Choices: red, green, blue.")


def test_nearest_is_silent_without_a_likeness() -> None:
    assert nearest("en", []) == ""
    assert nearest("Englsh", ["English", "German"]) == " Did you mean 'English'?"
