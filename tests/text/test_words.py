import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nmt.scripts import any_unspaced, unspaced
from nmt.settings import Tokenizer as Settings
from nmt.text.cleaning import tidy
from nmt.text.tokenizer import Tokenizer, train_tokenizer
from nmt.text.words import Alignment, align, confidence, group, owners, pieces_of, plain, tokens

WORD = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=" \n"), min_size=1, max_size=6)
WORDS = st.lists(WORD | st.sampled_from(["one", "houses", "here."]), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(words=WORDS)
def test_tokens_are_what_stands_between_spaces(tokenizer: Tokenizer, words: list[str]) -> None:
    ids = tokenizer.encode(" ".join(words))
    found, owner = group(tokenizer, ids, tokens)
    if not any_unspaced("".join(words)):
        assert (owners(tokenizer, ids) == owner).all()
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
    found = align((tokenizer, ids), (tokenizer, target_ids), attention, tokens)
    assert (found.source, found.target) == (source, target)
    owner, target_owner = tokens(tokenizer, ids), tokens(tokenizer, target_ids)
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
    right = [np.prod(chances[:-1][owner == i]) ** (1 / (owner == i).sum()) for i in range(owner[-1] + 1)]
    np.testing.assert_allclose(confidence(tokenizer, ids, np.log(chances)), right)


@pytest.fixture(scope="module")
def eastern() -> Tokenizer:
    text = [
        "我在东京看一只狗",
        "东京的狗 one two",
        "東京都に犬がいる。",
        "คนไทยรักหมา",
        "我看一只狗。",
        "犬がいる two one",
    ]
    return train_tokenizer(text * 10, Settings(size=320), note=lambda text: None)


@settings(max_examples=100, deadline=None)
@given(text=st.text("ab한我东京狗鑫。ทย์, ", max_size=9).map(tidy))
def test_words_lose_nothing_and_no_letter_is_parted(eastern: Tokenizer, text: str) -> None:
    ids = eastern.encode(text)
    words, owner = group(eastern, ids)
    assert "".join(words).replace(" ", "") == text.replace(" ", "") and len(owner) == len(ids)
    within = zip("".join(words), "".join(words)[1:], strict=False)
    assert len(words) <= 1 + text.count(" ") + sum(unspaced(a) or a == "。" or unspaced(b) for a, b in within)
    if not any_unspaced(text):
        assert (owner == tokens(eastern, ids)).all()


def test_in_a_script_without_spaces_a_piece_is_a_word(eastern: Tokenizer) -> None:
    ids = eastern.encode("我在东京看一只狗")
    assert group(eastern, ids)[0] == [piece for i in ids if (piece := eastern.decode([i]))]
    assert len(ids) > 2 and len(group(eastern, ids, tokens)[0]) == 1
    assert group(eastern, eastern.encode("东京鑫one 狗。two"))[0][-4:] == ["鑫", "one", "狗。", "two"]


def test_the_pieces_of_a_stretch_are_those_of_the_words_it_touches(eastern: Tokenizer) -> None:
    for text, inner in (("one two", "two"), ("one 我看东京。two", "东京"), ("一只鑫狗", "鑫")):
        ids, place = eastern.encode(text), text.index(inner)
        (found, none) = pieces_of(eastern, text, ids, [range(place, place + len(inner)), range(0)])
        assert none == () and 0 < len(found) < len(ids)
        said = eastern.decode([ids[piece] for piece in found])
        assert inner in said and len(said) <= len(inner) + 1


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
