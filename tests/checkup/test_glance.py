from pathlib import Path

from nmt.checkup.glance import glance

DATA = Path(__file__).parents[2] / "data"
SIDES = [(DATA / f"train.{side}").read_text("utf-8").splitlines()[:300] for side in ("en", "de")]


def test_good_pairs_are_passed_over_in_silence() -> None:
    assert glance(list(zip(*SIDES, strict=True)), in_order=True) == "" == glance([], in_order=True)


def test_a_lost_line_is_told_even_where_some_pairs_are_held_out() -> None:
    moved = [*zip(SIDES[0], ["Eine Zeile zu viel.", *SIDES[1]], strict=False)]
    left = [pair for row, pair in enumerate(moved) if row % 11]
    assert "lines that fit better one line up or down" in glance(left, in_order=True)
    assert "up or down" not in glance(left, in_order=False)


def test_what_is_doubtful_is_counted() -> None:
    pairs = [*zip(*SIDES, strict=True), ("It is not translated.", "It is not translated."), ("you &amp; me", "du")]
    assert glance(pairs, in_order=False).startswith("In 302 pairs looked at: 1 ")
