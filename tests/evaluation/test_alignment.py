from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.errors import ConfigError, DataError
from nmt.evaluation.alignment import (
    SYMMETRIZATIONS,
    Gold,
    Links,
    alignment_error,
    check_range,
    extract,
    parse_gold,
    parse_pharaoh,
    pharaoh,
    turned,
)

LINKS = st.frozensets(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=14)
CORPUS = st.lists(st.tuples(LINKS, LINKS), min_size=1, max_size=4)
UPWARDS = ["intersection", "grow-diag", "grow-diag-final-and", "union"]


@given(LINKS, LINKS)
def test_each_symmetrization_holds_the_one_before(forward: Links, backward: Links) -> None:
    found = [SYMMETRIZATIONS[name](forward, backward) for name in UPWARDS]
    assert found[0] == forward & backward and found[-1] == forward | backward
    assert all(fewer <= more for fewer, more in pairwise(found))
    assert set(UPWARDS) == set(SYMMETRIZATIONS)


@pytest.mark.parametrize("name", SYMMETRIZATIONS)
@given(links=LINKS)
def test_two_directions_that_agree_stay_as_they_are(name: str, links: Links) -> None:
    assert SYMMETRIZATIONS[name](links, links) == links


@given(LINKS, LINKS)
def test_what_grows_gives_a_word_its_first_link_beside_another(forward: Links, backward: Links) -> None:
    core, grown = forward & backward, SYMMETRIZATIONS["grow-diag"](forward, backward)
    for i, j in grown - core:
        assert any(max(abs(i - a), abs(j - b)) == 1 for a, b in grown - {(i, j)})
        assert i not in {a for a, _ in core} or j not in {b for _, b in core}
    final = SYMMETRIZATIONS["grow-diag-final-and"](forward, backward)
    for i, j in final - grown:
        assert i not in {a for a, _ in grown} and j not in {b for _, b in grown}
    for i, j in (forward | backward) - final:  # nothing more could be added
        assert i in {a for a, _ in final} or j in {b for _, b in final}


def test_growth_reaches_what_growth_has_added() -> None:
    forward = Links({(0, 0), (1, 1), (2, 2), (5, 0)})
    assert SYMMETRIZATIONS["grow-diag"](forward, Links({(0, 0)})) == {(0, 0), (1, 1), (2, 2)}


def test_an_unknown_symmetrization_is_told() -> None:
    with pytest.raises(ConfigError, match=r"Unknown symmetrization 'grow'\. Did you mean 'grow-diag'"):
        SYMMETRIZATIONS["grow"]


@given(LINKS)
def test_links_are_read_as_they_were_written(links: Links) -> None:
    line = pharaoh(links)
    assert parse_pharaoh(line, "a:1") == links == turned(turned(links))
    assert parse_gold(line, "a:1") == Gold(links, links)
    assert parse_gold(line.replace("-", "?"), "a:1") == Gold(Links(), links)


@pytest.mark.parametrize("word", ["0", "0-", "-1", "0--1", "0-1-2", "a-b", "0_1", "٠-١", "1.0-2", "0p1", "1-9999999"])
def test_what_is_no_link_is_told_with_its_place(word: str) -> None:
    with pytest.raises(DataError, match=r"^gold:7: '.*' is no link\. Write i-j for a sure one, i\?j for a possible"):
        parse_gold(f"0-0 {word}", "gold:7")
    with pytest.raises(DataError, match=r"^hyp:7: '.*' is no link\. Write i-j, counted from 0"):
        parse_pharaoh(f"0-0 {word}", "hyp:7")
    with pytest.raises(DataError, match=r"'0\?1' is no link"):
        parse_pharaoh("0?1", "hyp:7")


@given(LINKS)
def test_links_are_within_their_sentences(links: Links) -> None:
    source, target = (1 + max((link[side] for link in links), default=-1) for side in (0, 1))
    check_range(links, source, target, "a:1")
    for fewer in [(source - 1, target), (source, target - 1)] if links else []:
        with pytest.raises(DataError, match=r"^a:1: [0-9]+-[0-9]+ names (source|target) word [0-9]+, but there are "):
            check_range(links, *fewer, "a:1")


@given(CORPUS)
def test_a_persons_links_agree_with_themselves(corpus: list[tuple[Links, Links]]) -> None:
    gold = [Gold(sure, sure | possible) for sure, possible in corpus]
    if not any(each.sure for each in gold):
        return
    for links in ([each.sure for each in gold], [each.possible for each in gold]):
        quality = alignment_error(links, gold)
        assert (quality.error, quality.precision, quality.recall) == (0, 1, 1)


@given(CORPUS, st.lists(LINKS, min_size=4, max_size=4))
def test_the_error_is_a_share_and_without_possible_links_one_minus_f(
    corpus: list[tuple[Links, Links]], made: list[Links]
) -> None:
    made = made[: len(corpus)]
    gold = [Gold(sure, sure) for sure, _ in corpus]
    if not any(each.sure for each in gold):
        return
    found = alignment_error(made, gold)
    assert 0 <= found.error <= 1
    if any(made):
        total = found.precision + found.recall
        f = 2 * found.precision * found.recall / total if total else 0
        assert found.error == pytest.approx(1 - f)
    wider = alignment_error(made, [Gold(sure, sure | other) for sure, other in corpus])
    assert wider.error <= found.error and wider.recall == found.recall and wider.precision >= found.precision


def test_the_error_of_och_and_ney_by_hand() -> None:
    gold = [Gold(Links({(0, 0), (1, 1)}), Links({(0, 0), (1, 1), (1, 2)})), Gold(Links({(0, 0)}), Links({(0, 0)}))]
    found = alignment_error([Links({(0, 0), (1, 2), (2, 2)}), Links({(0, 0)})], gold)
    assert found == (pytest.approx(1 - (2 + 3) / (4 + 3)), 3 / 4, 2 / 3, 4, 3, 4)
    assert alignment_error([Links(), Links()], gold)[:3] == (1, 1, 0)


def test_what_cannot_be_compared_is_told() -> None:
    with pytest.raises(DataError, match="1 lines of links but 0 of gold"):
        alignment_error([Links()], [])
    with pytest.raises(DataError, match="no sure link"):
        alignment_error([Links()], [Gold(Links(), Links({(0, 0)}))])


@given(st.integers(0, 99), st.integers(1, 5), st.integers(1, 5), st.booleans())
def test_extraction_links_best_to_best_and_more_where_the_threshold_is_low(
    seed: int, height: int, width: int, empty: bool
) -> None:
    weights = np.random.default_rng(seed).dirichlet(np.ones(width + 1), height)[:, :-1]
    best = extract(weights, 1, empty)
    assert {(int(row.argmax()), j) for j, row in enumerate(weights) if not empty or row.max() > 1 - row.sum()} == best
    before = best
    for threshold in (0.5, 0.2, 0.05, 0):
        links = extract(weights, threshold, empty)
        assert before <= links
        for i, j in links - best:
            assert weights[j, i] == weights[:, i].max() >= threshold and i not in {a for a, _ in best}
        before = links
    assert {i for i, _ in before} == {*range(width)}  # at 0 no source word is left


def test_nothing_has_no_links() -> None:
    assert extract(np.zeros((0, 0)), 0.1, True) == extract(np.zeros((0, 3)), 0.1, False) == Links()
    assert extract(np.zeros((2, 3)), 0.1, False) == Links()
