from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.evaluation import ibm1
from nmt.evaluation.alignment import Links
from nmt.evaluation.ibm1 import train

SENTENCE = st.lists(st.sampled_from("abcde"), max_size=6)
PAIRS = st.lists(st.tuples(SENTENCE, SENTENCE), max_size=8)


def dictionary_pairs(count: int, seed: int = 0) -> tuple[list[list[str]], list[list[str]], list[Links]]:
    """Sentences of different words, each translated by a dictionary and put in another order, with the right links."""
    chance = np.random.default_rng(seed)
    meaning = chance.permutation(20)
    sources, targets, links = [], [], []
    for _ in range(count):
        words = chance.choice(20, chance.integers(2, 8), replace=False)
        order = chance.permutation(len(words))
        sources.append([f"s{word}" for word in words])
        targets.append([f"t{meaning[words[i]]}" for i in order])
        links.append(Links((int(i), j) for j, i in enumerate(order)))
    return sources, targets, links


def test_a_dictionary_is_found_whatever_the_order() -> None:
    sources, targets, right = dictionary_pairs(300)
    assert train(sources, targets, 10).links == right


@given(PAIRS)
def test_the_likelihood_never_falls(pairs: list[tuple[list[str], list[str]]]) -> None:
    found = train([s for s, _ in pairs], [t for _, t in pairs], 6).log_likelihoods
    assert len(found) == 7
    assert all(after >= before - 1e-9 * abs(before) for before, after in pairwise(found))


@given(PAIRS)
def test_links_are_one_a_target_word_at_most_and_blank_for_blank(pairs: list[tuple[list[str], list[str]]]) -> None:
    found = train([s for s, _ in pairs], [t for _, t in pairs]).links
    assert len(found) == len(pairs)
    for (source, target), links in zip(pairs, found, strict=True):
        targets = [j for _, j in links]
        assert len({*targets}) == len(targets) and all(i < len(source) and j < len(target) for i, j in links)


@given(PAIRS)
def test_blank_pairs_teach_nothing(pairs: list[tuple[list[str], list[str]]]) -> None:
    full = [(s, t) for s, t in pairs if s and t]
    all_of_them = train([s for s, _ in pairs], [t for _, t in pairs])
    without = train([s for s, _ in full], [t for _, t in full])
    assert [links for links, (s, t) in zip(all_of_them.links, pairs, strict=True) if s and t] == without.links
    assert all_of_them.log_likelihoods == without.log_likelihoods


def test_one_iteration_by_hand() -> None:
    # t is uniform over the targets each source word has met: a: x, y; b: x; none: x, y. Then, for the first pair,
    # x comes from a and from none with 1/2 each; for the second, x: a 1/4, b 1/2, none 1/4 of their sum, and y ...
    found = train([["a"], ["a", "b"]], [["x"], ["x", "y"]], 1)
    start = 3 * np.log(0.5)  # every word of the corpus has probability 1/2
    assert found.log_likelihoods[0] == pytest.approx(start)
    a_x, a_y, b_x, b_y, none_x, none_y = 1 / 2 + 1 / 3, 1 / 3, 1 / 3, 1 / 3, 1 / 2 + 1 / 3, 1 / 3
    t = {"ax": a_x / (a_x + a_y), "ay": a_y / (a_x + a_y), "bx": b_x / (b_x + b_y), "by": b_y / (b_x + b_y)}
    t |= {"x": none_x / (none_x + none_y), "y": none_y / (none_x + none_y)}
    after = np.log((t["ax"] + t["x"]) / 2) + np.log((t["ax"] + t["bx"] + t["x"]) / 3)
    assert found.log_likelihoods[1] == pytest.approx(after + np.log((t["ay"] + t["by"] + t["y"]) / 3))


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sources, targets, _ = dictionary_pairs(60, seed=1)
    whole = train(sources, targets)
    for block in (1, 7, 100):
        monkeypatch.setattr(ibm1, "BLOCK", block)
        parts = train(sources, targets)
        assert parts.links == whole.links
        assert parts.log_likelihoods == pytest.approx(whole.log_likelihoods)


def test_what_comes_from_no_word_has_no_link() -> None:
    sources, targets, right = dictionary_pairs(300, seed=2)
    found = train(sources, [["oh", *target] for target in targets], 10).links
    assert found == [Links((i, j + 1) for i, j in links) for links in right]


def test_words_that_are_the_same_are_told_apart_by_their_place() -> None:
    sources, targets, _ = dictionary_pairs(200, seed=3)
    twice = train([*sources, ["s1", "s2", "s1"]], [*targets, ["t", "u", "t"]], 5).links[-1]
    assert {(0, 0), (2, 2)} <= twice


def test_no_pairs_are_no_error() -> None:
    assert train([], []).links == []
    assert train([[]], [["a"]]) == ([Links()], [0.0] * (ibm1.ITERATIONS + 1))
