from itertools import pairwise

import pytest

from nmt.errors import ConfigError
from nmt.training.schedules import SCHEDULES, Moment, factor

TOTAL = 100


def course(name: str, warmup: int, setbacks: int = 0) -> list[float]:
    return [factor(name, Moment(update, warmup, TOTAL, setbacks)) for update in range(1, TOTAL + 1)]


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("wanted", [0, 1, 10, TOTAL // 2, TOTAL, 2 * TOTAL])
def test_up_in_a_line_then_never_up_again(name: str, wanted: int) -> None:
    rates, warmup = course(name, wanted), min(wanted, TOTAL // 2)  # a short training does not end while it warms up
    assert rates[:warmup] == pytest.approx([update / warmup for update in range(1, warmup + 1)])
    rest = rates[max(0, warmup - 1) :]
    assert all(later <= earlier for earlier, later in pairwise(rest))
    assert all(0 < rate <= 1 for rate in rates[:-1]) and 0 <= rates[-1] <= 1


@pytest.mark.parametrize("name", SCHEDULES)
def test_no_leap_where_the_warmup_ends(name: str) -> None:
    assert factor(name, Moment(11, 10, 10_000, 0)) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("name", SCHEDULES)
def test_more_updates_than_planned_are_no_error(name: str) -> None:
    assert 0 <= factor(name, Moment(TOTAL + 5, 10, TOTAL, 0)) <= course(name, 10)[-1]


def test_a_cosine_is_half_way_down_in_the_middle_and_ends_at_nothing() -> None:
    rates = course("cosine", 20)
    assert rates[59] == pytest.approx(0.5)
    assert rates[-1] == pytest.approx(0)


def test_an_inverse_root_halves_with_four_times_the_updates() -> None:
    rates = course("inverse_sqrt", 10)
    assert rates[79] == pytest.approx(rates[19] / 2)


def test_a_plateau_halves_with_each_setback() -> None:
    assert [course("plateau", 10, setbacks)[-1] for setbacks in range(4)] == [1, 0.5, 0.25, 0.125]


def test_a_constant_stays() -> None:
    assert set(course("constant", 0)) == {1}


def test_an_unknown_schedule_is_refused() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'cosine'"):
        SCHEDULES["cosin"]
