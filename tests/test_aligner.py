from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nmt.aligner import METHODS, Aligner, Side
from nmt.checkpoint import Tokenizers
from nmt.errors import ConfigError
from nmt.model.decoder import DECODERS
from nmt.model.seq2seq import Seq2Seq
from nmt.search.greedy import greedy_search
from nmt.settings import BOS, EOS, Search
from nmt.settings import Tokenizer as Settings
from nmt.text.batches import pad
from nmt.text.tokenizer import Tokenizer, train_tokenizer
from nmt.text.words import Alignment, align, group

PAIRS = [
    ("one two three.", "three. two one"), ("houses", "two houses stand here"), ("here, one house fell", "who"),
    ("Who is there?", "the old tree falls! down"), ("häuser 家", "one 👍 tree"), ("two  houses \r", "\ttwo houses"),
]  # fmt: skip
BLANK = [("", "one"), ("one", " \t "), ("\u3000", "\0"), ("", "")]


@pytest.fixture(scope="module")
def make_aligner(make_model: Callable[..., Seq2Seq], tokenizer: Tokenizer) -> Callable[..., Aligner]:
    def make(method: str = "posterior", longest: int = 40, batch: int = 4, *words: str) -> Aligner:
        model = make_model(*words, source=tokenizer.size, target=tokenizer.size)
        return Aligner(model, Tokenizers(tokenizer, tokenizer), longest, method, batch)

    return make


def weights(aligner: Aligner, pairs: list[tuple[str, str]]) -> list[np.ndarray]:
    found = []
    for alignment in aligner.align(pairs):
        assert isinstance(alignment, Alignment)
        found.append(alignment.weights)
    return found


@pytest.mark.parametrize("method", METHODS)
def test_weights_stand_between_the_words_of_each_pair(make_aligner: Callable[..., Aligner], method: str) -> None:
    for pair, alignment in zip(PAIRS, make_aligner(method).align(PAIRS), strict=True):
        assert isinstance(alignment, Alignment)
        assert (alignment.source, alignment.target) == tuple(text.split() for text in pair)
        assert alignment.weights.shape == (len(alignment.target), len(alignment.source))
        assert (alignment.weights >= 0).all() and (alignment.weights.sum(1) <= 1 + 1e-9).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("batch", [1, 3, 64])
def test_neighbours_and_batches_change_nothing(
    make_aligner: Callable[..., Aligner], monkeypatch: pytest.MonkeyPatch, method: str, batch: int
) -> None:
    alone = [weights(make_aligner(method), [pair])[0] for pair in PAIRS]
    for scores in (1, 5000, 2**23):  # rows of one source word read together: one, a few, all
        monkeypatch.setattr("nmt.aligner.SCORES", scores)
        for one, other in zip(alone, weights(make_aligner(method, 40, batch), PAIRS), strict=True):
            np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_blank_or_over_long_pair_shifts_nothing(make_aligner: Callable[..., Aligner]) -> None:
    mixed = [BLANK[0], PAIRS[0], ("x" * 3000, "one"), BLANK[1], PAIRS[1], ("one", "two " * 41), *BLANK[2:], PAIRS[2]]
    found = make_aligner().align(mixed)
    told = [each if isinstance(each, str) else "" for each in found]
    assert told[2].endswith("pieces, more than 40") and told[5].endswith("pieces, more than 40")
    assert [i for i, each in enumerate(found) if isinstance(each, str)] == [0, 2, 3, 5, 6, 7]
    assert [told[i] for i in (0, 3, 6, 7)] == [""] * 4
    for place, one in zip((1, 4, 8), weights(make_aligner(), PAIRS[:3]), strict=True):
        alignment = found[place]
        assert isinstance(alignment, Alignment)
        np.testing.assert_allclose(alignment.weights, one, atol=1e-6)


def attended(aligner: Aligner, source: str, target: str) -> np.ndarray:
    """Attention (T, S) of the pieces of a target, by the model alone."""
    ids, out = aligner.tokenizers.source.encode(source), aligner.tokenizers.target.encode(target)
    memory = aligner.model.encode(torch.tensor([[*ids, EOS]]), torch.ones(1, len(ids) + 1, dtype=torch.bool))
    with torch.no_grad():
        unrolled = aligner.model.unroll(torch.tensor([[BOS, *out[:-1]]]), memory, aligner.model.start(memory))
    return unrolled.attended.weights[0].numpy()


@pytest.mark.parametrize("kind", DECODERS)
def test_attention_is_what_was_read_for_each_word(make_aligner: Callable[..., Aligner], kind: str) -> None:
    aligner = make_aligner("attention", 40, 4, f"decoder.kind={kind}")
    for (source, target), found in zip(PAIRS[:4], weights(aligner, PAIRS[:4]), strict=True):
        read = attended(aligner, source, target)
        tokenizer = aligner.tokenizers.source
        right = align((tokenizer, tokenizer.encode(source)), (tokenizer, tokenizer.encode(target)), read)
        np.testing.assert_allclose(found, right.weights, atol=1e-9)


@pytest.mark.parametrize("kind", DECODERS)
def test_a_translation_is_aligned_as_translating_it_reports(make_aligner: Callable[..., Aligner], kind: str) -> None:
    aligner = make_aligner("attention", 40, 4, f"decoder.kind={kind}")
    tokenizer, search = aligner.tokenizers.source, Search(beam=1, max_ratio=1.0, max_extra=4)
    sides, reported = [], []
    for source, _ in PAIRS[:4]:
        ids = tokenizer.encode(source)
        (hypothesis,) = greedy_search(aligner.model, *pad([[*ids, EOS]]), search)[0]
        translation = align((tokenizer, ids), (tokenizer, hypothesis.pieces), hypothesis.attention)
        owners = [group(tokenizer, some)[1] for some in (ids, hypothesis.pieces)]  # not its text, cut anew
        sides.append((Side(translation.source, ids, owners[0]), Side(translation.target, hypothesis.pieces, owners[1])))
        reported.append(translation.weights)
    assert sum(len(target.ids) for _, target in sides) > 10
    with torch.inference_mode():
        forced = aligner.weigh(aligner.model, aligner._read(sides))
    for one, other in zip(forced, reported, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("kind", DECODERS)
def test_the_posterior_is_attention_times_what_reading_one_state_alone_tells(
    make_aligner: Callable[..., Aligner], kind: str
) -> None:
    aligner = make_aligner("posterior", 40, 4, f"decoder.kind={kind}")
    tokenizer, model = aligner.tokenizers.source, aligner.model
    for (source, target), found in zip(PAIRS[:4], weights(aligner, PAIRS[:4]), strict=True):
        ids, answer = tokenizer.encode(source), tokenizer.encode(target)
        memory = model.encode(torch.tensor([[*ids, EOS]]), torch.ones(1, len(ids) + 1).bool())
        told = model.tell(torch.tensor([[BOS, *answer]]), memory, model.start(memory))
        joint = told.attended.weights[0].clone()  # (T, S), both with their ends
        for s in range(joint.shape[1]):
            alone = torch.zeros_like(joint)
            alone[:, s] = 1
            joint[:, s] *= model.had_read(told, memory, alone[None])[0].softmax(-1)[range(len(joint)), [*answer, EOS]]
        right = align((tokenizer, ids), (tokenizer, answer), (joint / joint.sum(1, keepdim=True)).detach().numpy())
        np.testing.assert_allclose(found, right.weights, atol=1e-9)


def test_words_stand_between_spaces_whatever_the_tokenizer_makes_of_them(make_model: Callable[..., Seq2Seq]) -> None:
    text = ["10\u00a0km one two"] * 20
    rewriting = train_tokenizer(text, replace(Settings(size=320), normalization="nmt_nfkc"), note=lambda said: None)
    model = make_model(source=rewriting.size, target=rewriting.size)
    aligner = Aligner(model, Tokenizers(rewriting, rewriting), 40)
    pairs = [("10\u00a0km one two", "one \u200b two"), ("one\u3000two", "10\u00a0km")]  # spaces come, words go
    for (source, target), found in zip(pairs, aligner.align(pairs), strict=True):
        assert isinstance(found, Alignment)
        assert (found.source, found.target) == (source.split(" "), target.split(" "))
        assert found.weights.shape == (len(found.target), len(found.source)) and np.isfinite(found.weights).all()


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), max_size=5))
def test_any_text_has_its_place(make_aligner: Callable[..., Aligner], pairs: list[tuple[str, str]]) -> None:
    found = make_aligner().align(pairs)
    assert len(found) == len(pairs)
    assert all(isinstance(each, str) or np.isfinite(each.weights).all() for each in found)


def test_an_unknown_method_is_told(make_aligner: Callable[..., Aligner]) -> None:
    with pytest.raises(ConfigError, match=r"Unknown alignment method 'posteriour'\. Did you mean 'posterior'"):
        make_aligner("posteriour")
