"""A second model has a say in which candidate is taken."""

import pytest

from nmt import channel
from nmt.channel import explain
from nmt.rating import Rating
from nmt.text.words import Alignment
from nmt.translator import Option, Translation

GUESSED = {"ein Hund": -4.0, "der Hund": -1.0, "Katzen": -9.0}


def option(text: str, score: float) -> Option:
    return Option(text, score, 3, lambda bounds: Alignment([], [], [[]]), list)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def reverse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guesses any source of four pieces so well; cannot read what is blank."""

    def rate(translator, pairs):
        return [Rating(text, source, [], [GUESSED[text]], 0.0, 4) if text else None for text, source in pairs]

    monkeypatch.setattr(channel, "rate", rate)


def ranked(weight: float, penalty: float = 1.0) -> list[tuple[str, float]]:
    options = [option("ein Hund", -0.5), option("", -0.6), option("der Hund", -0.7), option("Katzen", -0.8)]
    found = explain(Translation("a dog", options), None, weight, penalty)  # type: ignore[arg-type]
    return [(option.text, round(option.score, 6)) for option in found.options]


def test_the_guess_counts_by_its_weight_and_length() -> None:
    assert ranked(0.4) == [("der Hund", -0.8), ("ein Hund", -0.9), ("Katzen", -1.7), ("", -0.6)]
    assert ranked(0.4, penalty=2.0) == [("ein Hund", -0.6), ("der Hund", -0.725), ("Katzen", -1.025), ("", -0.6)]


def test_without_weight_the_order_stays() -> None:
    assert [text for text, _ in ranked(0.0)] == ["ein Hund", "der Hund", "Katzen", ""]


@pytest.mark.parametrize("options", [[], [option("Katzen", -0.8)]], ids=["none", "one"])
def test_where_there_is_no_choice_nothing_is_asked(monkeypatch: pytest.MonkeyPatch, options: list[Option]) -> None:
    monkeypatch.setattr(channel, "rate", lambda *pairs: pytest.fail("asked"))
    line = Translation("a dog", options)
    assert explain(line, None, 1.0, 1.0) is line  # type: ignore[arg-type]
