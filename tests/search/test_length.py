"""The length penalty is the one with which translations are judged best."""

from hypothesis import given
from hypothesis import strategies as st

from nmt.search.length import PENALTIES, Ended, best, fitting_penalty

USUAL = 1.0
ENDED = st.builds(Ended, st.floats(-60, -0.01), st.integers(1, 40), st.text("ab ", max_size=9))
LINES = st.lists(st.lists(ENDED, max_size=5), max_size=8)


def size(texts: list[str]) -> float:
    return float(sum(map(len, texts)))


@given(LINES, st.floats(0, 40), st.floats(0, 9))
def test_none_is_better_by_more_than_the_gain_and_none_as_good_more_usual(
    lines: list[list[Ended]], wanted: float, gain: float
) -> None:
    def judge(texts: list[str]) -> float:
        return -abs(size(texts) - wanted)

    chosen = fitting_penalty(lines, judge, USUAL, gain)
    scores = {penalty: judge([best(line, penalty) for line in lines]) for penalty in PENALTIES}
    least = max(scores.values()) - gain
    assert scores[chosen] >= least
    assert all(abs(other - USUAL) >= abs(chosen - USUAL) for other, found in scores.items() if found >= least)


@given(st.lists(st.lists(ENDED, min_size=1, max_size=5), min_size=1))
def test_a_larger_penalty_never_prefers_fewer_steps(lines: list[list[Ended]]) -> None:
    for line in lines:
        told = [end._replace(text=str(end.steps)) for end in line]
        steps = [int(best(told, penalty)) for penalty in PENALTIES]
        assert steps == sorted(steps)
