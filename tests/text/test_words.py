import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nmt.text.tokenizer import Tokenizer
from nmt.text.words import Alignment, align, confidence, group, plain

WORD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=" \n"), min_size=1, max_size=6)
WORDS = st.lists(WORD | st.sampled_from(["one", "houses", "here."]), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(words=WORDS)
def test_words_are_what_stands_between_spaces(tokenizer: Tokenizer, words: list[str]) -> None:
    ids = tokenizer.encode(" ".join(words))
    found, owner = group(tokenizer, ids)
    assert found == words
    assert len(owner) == len(ids) and sorted(set(owner.tolist())) == [*range(len(words))]
    assert (np.diff(owner) >= 0).all()
    assert [
        tokenizer.decode([p for p, o in zip(ids, owner, strict=True) if o == i]) for i in range(len(words))
    ] == words


@settings(max_examples=40, deadline=None)
@given(source=WORDS, target=WORDS, seed=st.integers(0, 9))
def test_attention_is_summed_over_a_source_word_and_averaged_over_a_target_word(
    tokenizer: Tokenizer, source: list[str], target: list[str], seed: int
) -> None:
    ids, target_ids = (tokenizer.encode(" ".join(words)) for words in (source, target))
    attention = np.random.default_rng(seed).dirichlet(np.ones(len(ids) + 1), len(target_ids) + 1)  # with their ends
    found = align((tokenizer, ids), (tokenizer, target_ids), attention)
    assert (found.source, found.target) == (source, target)
    owner, target_owner = group(tokenizer, ids)[1], group(tokenizer, target_ids)[1]
    for j in range(len(target)):
        pieces = attention[:-1][target_owner == j].mean(0)
        np.testing.assert_allclose(found.weights[j], [pieces[:-1][owner == i].sum() for i in range(len(source))])
        assert found.weights[j].sum() == pytest.approx(1 - pieces[-1])


@settings(max_examples=40, deadline=None)
@given(words=WORDS, seed=st.integers(0, 9))
def test_a_word_is_as_sure_as_the_geometric_mean_of_its_pieces(
    tokenizer: Tokenizer, words: list[str], seed: int
) -> None:
    ids = tokenizer.encode(" ".join(words))
    chances = np.random.default_rng(seed).uniform(0.01, 1, len(ids) + 1)  # with the end
    owner = group(tokenizer, ids)[1]
    right = [np.prod(chances[:-1][owner == i]) ** (1 / (owner == i).sum()) for i in range(len(words))]
    np.testing.assert_allclose(confidence(tokenizer, ids, np.log(chances)), right)


def test_links_say_what_each_word_read_most() -> None:
    weights = np.array([[0.1, 0.7, 0.1], [0.5, 0.2, 0.3], [0.0, 0.0, 0.0]])
    assert Alignment(["a", "b", "c"], ["x", "y", "z"], weights).links() == [(1, 0), (0, 1)]


@pytest.mark.parametrize(
    ("word", "core"),
    [
        ("“Dog”,", "dog"),
        ("ice-cold", "ice-cold"),
        ("can't", "can't"),
        ("¿Qué?", "qué"),
        ("—", "—"),
        ("ß.", "ss"),
        ("", ""),
    ],
)
def test_a_plain_word_has_no_punctuation_around_it_and_no_capitals(word: str, core: str) -> None:
    assert plain(word) == core == plain(core)


def test_nothing_is_aligned_with_nothing(tokenizer: Tokenizer) -> None:
    one = tokenizer.encode("one")
    empty = align((tokenizer, one), (tokenizer, []), np.ones((1, len(one) + 1)))
    assert (empty.source, empty.target, empty.links()) == (["one"], [], [])
    assert confidence(tokenizer, [], np.zeros(1)) == []
    other = align((tokenizer, []), (tokenizer, one), np.ones((len(one) + 1, 1)))
    assert (other.source, other.target, other.links()) == ([], ["one"], [])
