from hypothesis import given
from hypothesis import strategies as st

from nmt.checkup.repeats import Repeats, mark


@given(st.lists(st.integers(0, 30), max_size=80), st.integers(1, 20))
def test_it_finds_what_a_set_would_find(values: list[int], size: int) -> None:
    with Repeats() as repeats:
        for start in range(0, len(values), size):
            repeats.show([mark(str(value), "x") for value in values[start : start + size]])
        found = repeats.found()
    wanted = {row: values.index(value) for row, value in enumerate(values) if value in values[:row]}
    assert {row: found.first(row) for row in range(len(values) + 1)} == dict.fromkeys(range(len(values) + 1)) | wanted
    assert found.rows.tolist() == sorted(wanted)


def test_two_sides_are_no_one_text() -> None:
    assert len({mark("a", "b"), mark("ab"), mark("b", "a"), mark("a", "\udcff")}) == 4
