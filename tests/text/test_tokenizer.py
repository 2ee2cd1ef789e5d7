from io import BytesIO
from pathlib import Path

import pytest
import sentencepiece
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nmt.errors import ConfigError, DataError, ModelFolderError
from nmt.settings import BOS, EOS, PAD, UNK
from nmt.settings import Tokenizer as Settings
from nmt.text.tokenizer import KINDS, NONCHARACTERS, SPACE, Tokenizer, train_tokenizer

TEXT = (Path(__file__).parents[2] / "data" / "train.en").read_text("utf-8").splitlines()[:300]
SIZE = 400
ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=20)
SPELLED = st.text(st.sampled_from(f"  {SPACE}ab\0\t\r\u2028\ufffd\ufeff👍🏽é" + NONCHARACTERS[0]), max_size=12)


@pytest.fixture(scope="module")
def by_kind() -> dict[str, Tokenizer]:
    return {kind: train_tokenizer(TEXT, Settings(kind=kind, size=SIZE), note=pytest.fail) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=150, deadline=None)
@given(text=ANY | SPELLED)
@example(text="")
@example(text=" ")
@example(text="  two  spaces  ")
@example(text=f"{SPACE}one {SPACE} two{SPACE}")
@example(text="</s><unk><pad><s><0x41>")
@example(text="\0")
@example(text=SPACE + "".join(NONCHARACTERS[:5]))
def test_every_text_comes_back(by_kind: dict[str, Tokenizer], kind: str, text: str) -> None:
    tokenizer = by_kind[kind]
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert all(EOS < piece < tokenizer.size for piece in ids)
    assert tokenizer.ids(tokenizer.pieces(ids)) == ids


@pytest.mark.parametrize("kind", KINDS)
def test_words_of_the_text_are_pieces(by_kind: dict[str, Tokenizer], kind: str) -> None:
    tokenizer = by_kind[kind]
    assert tokenizer.size == SIZE
    ids = tokenizer.encode("the old house")
    assert len(ids) < len("the old house")
    assert [tokenizer.starts_word(piece) for piece in ids] == [p.startswith(SPACE) for p in tokenizer.pieces(ids)]
    assert sum(map(tokenizer.starts_word, ids)) == 3


def test_special_ids_are_silent(by_kind: dict[str, Tokenizer]) -> None:
    tokenizer = by_kind["unigram"]
    assert tokenizer.decode([BOS, *tokenizer.encode("one two"), UNK, EOS, PAD, PAD]) == "one two"
    assert tokenizer.ids(["no such piece"]) == [UNK]


def test_a_lone_surrogate_and_half_a_character_stop_nothing(by_kind: dict[str, Tokenizer]) -> None:
    tokenizer = by_kind["unigram"]
    assert tokenizer.decode(tokenizer.encode("one \ud800 two")) == "one ? two"
    assert tokenizer.decode(tokenizer.ids(["<0xC3>"])) == "\ufffd"


def test_a_vocabulary_shrinks_to_what_the_text_gives_and_says_so() -> None:
    for kind in KINDS:
        notes: list[str] = []
        tokenizer = train_tokenizer(TEXT, Settings(kind=kind, size=50_000), notes.append)
        assert 260 < tokenizer.size < 5000
        assert len(notes) == 1 and notes[0].startswith(f"The text gives {tokenizer.size} pieces, not 50000")


@pytest.mark.parametrize("kind", KINDS)
def test_a_size_too_small_for_bytes_and_characters_is_refused(kind: str) -> None:
    with pytest.raises(ConfigError, match=r"^tokenizer\.size=100 is too small: .* need (\d+)\.$") as error:
        train_tokenizer(TEXT, Settings(kind=kind, size=100), note=pytest.fail)
    least = int(str(error.value).rpartition(" ")[2].strip("."))
    assert train_tokenizer(TEXT, Settings(kind=kind, size=least + 1), note=pytest.fail).size == least + 1


def test_a_size_that_nobody_asked_for_grows_until_it_holds_all_characters_and_pieces_besides() -> None:
    """As that of a preset, in a Chinese corpus."""
    text = ["".join(chr(0x4E00 + i % 700) for i in range(n, n + 7)) for n in range(0, 1400, 2)]
    for kind in KINDS:
        notes: list[str] = []
        settings = Settings(kind=kind, size=400)
        with pytest.raises(ConfigError, match="too small"):
            train_tokenizer(text, settings, pytest.fail)
        tokenizer = train_tokenizer(text, settings, notes.append, grows=True)
        assert all(tokenizer.knows(line) and tokenizer.decode(tokenizer.encode(line)) == line for line in text)
        assert tokenizer.size > 260 + 700 + 100
        assert notes == [f"400 pieces do not hold the text's characters: the vocabulary was made of {tokenizer.size}."]
    assert train_tokenizer(TEXT, Settings(size=SIZE), pytest.fail, grows=True).size == SIZE


@pytest.mark.parametrize("text", [[], [""], [" ", "\n", "\0"]])
def test_no_text_is_refused(text: list[str]) -> None:
    with pytest.raises(DataError, match="is empty"):
        train_tokenizer(text, Settings(), note=pytest.fail)


@pytest.mark.parametrize(("key", "value"), [("kind", "words"), ("normalization", "lower")])
def test_unknown_names_are_refused(key: str, value: str) -> None:
    with pytest.raises(ConfigError, match=rf"^tokenizer\.{key}='{value}' is unknown\. Choices: "):
        train_tokenizer(TEXT, Settings(**{key: value}), note=pytest.fail)


def test_odd_characters_in_the_training_text_do_no_harm() -> None:
    odd = [*TEXT, f"{SPACE}one", "nul\0nul", "tab\tbed", "x" * 5000, "\ufeff", "👍🏽" * 20]
    tokenizer = train_tokenizer(odd, Settings(size=600), note=lambda text: None)
    assert all(tokenizer.decode(tokenizer.encode(line)) == line for line in odd)


def test_a_text_made_to_hold_every_noncharacter_stops_nothing(by_kind: dict[str, Tokenizer]) -> None:
    tokenizer, text = by_kind["unigram"], "".join(NONCHARACTERS) + SPACE + "a"
    assert tokenizer.decode(tokenizer.encode(text)) == text.replace(SPACE, " ")
    assert tokenizer.decode(tokenizer.encode(text[:-2])) == text[:-2]


def test_noncharacters_are_spelled_in_bytes_never_learned() -> None:
    mark = NONCHARACTERS[0]
    tokenizer = train_tokenizer([f"{line} {mark * 3}" for line in TEXT], Settings(size=SIZE), note=pytest.fail)
    assert not any(mark in piece for piece in tokenizer.pieces(range(tokenizer.size)))
    assert tokenizer.decode(tokenizer.encode(f"one {SPACE}{mark}")) == f"one {SPACE}{mark}"


def test_a_tokenizer_is_loaded_from_its_file(by_kind: dict[str, Tokenizer], tmp_path: Path) -> None:
    path = tmp_path / "x.model"
    path.write_bytes(by_kind["bpe"].model)
    loaded = Tokenizer.load(path)
    assert loaded.size == by_kind["bpe"].size and loaded.encode("one two") == by_kind["bpe"].encode("one two")


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\0" * 100])
def test_what_is_no_model_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.model"
    path.write_bytes(content)
    with pytest.raises(ModelFolderError, match=r"x\.model: .*`nmt tokenize train`"):
        Tokenizer.load(path)


def test_a_missing_model_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match=r"x\.model: No such file"):
        Tokenizer.load(tmp_path / "x.model")


def test_a_model_with_other_special_ids_is_refused() -> None:
    model = BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXT), model_writer=model, vocab_size=100, minloglevel=2
    )
    with pytest.raises(ModelFolderError, match=r"pad, unk, bos, eos are \[-1, 0, 1, 2\], not 0, 1, 2, 3"):
        Tokenizer(model.getvalue())
