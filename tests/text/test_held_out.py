import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.errors import DataError
from nmt.settings import TAG
from nmt.text.held_out import SHARE, HoldOut, mark
from nmt.text.readers import Pair

SOURCES = st.lists(st.integers(0, 80).map(str), min_size=1, max_size=200)


def pairs_of(sources: list[str]) -> list[Pair]:
    return [Pair(source, f"t{i}", f"x:{i}") for i, source in enumerate(sources)]


@given(SOURCES, st.integers(1, 9), st.integers(0, 2**63 - 1))
def test_it_chooses_as_if_it_remembered_everything(sources: list[str], wanted: int, seed: int) -> None:
    pairs, holder = pairs_of(sources), HoldOut(wanted, seed)
    for pair in pairs:
        assert holder.show(pair) == mark(pair.source, seed)
        assert len(holder._seen) == len(holder._largest) <= SHARE * wanted
    distinct = sorted(set(sources), key=lambda source: mark(source, seed))
    count = min(wanted, len(distinct) // SHARE)
    if count < 1:
        with pytest.raises(DataError, match=rf"^names: too few sentences to hold some out \({len(distinct)}\)"):
            holder.choose("names")
        return
    chosen, held = set(distinct[:count]), holder.choose("names")
    assert {source for source in distinct if mark(source, seed) <= held.largest} == chosen
    firsts = [pair for i, pair in enumerate(pairs) if pair.source in chosen and pair.source not in sources[:i]]
    others = [pair for pair in pairs if pair.source in chosen and pair not in firsts]
    assert held.pairs == firsts and held.others == len(others)
    assert held.first == (others[0].origin if others else "")


def test_the_seed_decides_the_marks() -> None:
    assert mark("one", 1) == mark("one", 1) != mark("one", 2) != mark("two", 2)
    assert 0 <= mark("\ud800", 2**63 - 1) < 2**64


@given(st.integers(0, 9), st.integers(20, 90))
def test_what_a_machine_wrote_judges_no_model(seed: int, real: int) -> None:
    pairs, holder = pairs_of([f"{TAG} {i}" for i in range(200)] + [str(i) for i in range(real)]), HoldOut(30, seed)
    for pair in pairs:
        holder.show(pair)
    held = holder.choose("names")
    assert len(held.pairs) >= real // SHARE and not any(pair.source.startswith(TAG) for pair in held.pairs)
    assert all(mark(pair.source, seed) > held.largest for pair in pairs[:200])  # all of them are learned from
