"""Bytes reach SentencePiece only if they are a model that it could have written."""

import struct
from functools import cache
from pathlib import Path
from random import Random

import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st

from nmt.errors import ModelFolderError
from nmt.settings import Tokenizer as Settings
from nmt.text import piece_file
from nmt.text.piece_file import complaint, fields
from nmt.text.tokenizer import KINDS, RULES, Tokenizer, train_tokenizer

TEXT = (Path(__file__).parents[2] / "data" / "train.en").read_text("utf-8").splitlines()[:100]


@cache
def model(kind: str = "unigram", rule: str = "identity") -> bytes:
    return train_tokenizer(TEXT, Settings(kind=kind, size=400, normalization=rule), lambda text: None).model


def field(number: int, content: bytes, kind: int = 2) -> bytes:
    size, low = b"", len(content)
    while low > 127:
        size, low = size + bytes([low & 127 | 128]), low >> 7
    return bytes([number << 3 | kind]) + (size + bytes([low]) if kind == 2 else b"") + content


def piece(text: bytes, score: float = -1.0, kind: int = 1) -> bytes:
    return field(1, field(1, text) + b"\x15" + struct.pack("<f", score) + b"\x18" + bytes([kind]))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("kind", KINDS)
def test_our_models_are_taken(kind: str, rule: str) -> None:
    assert complaint(model(kind, rule), RULES) == ""


def test_a_model_that_was_extended_is_taken() -> None:
    extended = Tokenizer(model()).extended([("\u2581zebra", -3.0), ("quagga" * 300, -4.0)])
    assert complaint(extended.model, RULES) == ""


def forged_table(how: int) -> bytes:
    """A model whose table of normalization has some other bytes."""
    whole = model(rule="nmt_nfkc")
    begin, end = next((begin, end) for number, _, begin, end in fields(whole, 0, len(whole)) if number == 3)
    begin, end = next((first, last) for number, _, first, last in fields(whole, begin, end) if number == 2)
    place = Random(how).randrange(begin, end)
    return whole[:place] + bytes([whole[place] ^ 1 << how % 8]) + whole[place + 1 :]


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (b"", "0 pieces"),
        (b"nonsense", "damaged"),
        (b"\xff" * 30, "damaged"),
        (model()[:-3], "damaged"),
        (model() + piece(b""), "has 0 bytes"),
        (model() + piece(b"\xff"), "not UTF-8"),
        (model() + piece(b"x" * 5000), "has 5,000 bytes"),
        (model() + piece(b"xyzw", float("nan")), "a score that is no number"),
        (model() + piece(b"xyzw", float("-inf")), "a score that is no number"),
        (model() + piece(b"xyzw", kind=9), "a field that pieces have not"),
        (model() + field(1, field(7, b"x")), "a field that pieces have not"),
        (model() + field(2, b""), "no such model"),
        (model() + field(3, field(2, b"\0" * 64)), "no such model"),
        (model() + field(5, field(2, b"\0" * 2048)), "normalization is none of identity, nmt_nfkc"),
        (model() + field(9, b"x"), "no such model"),
        (model() + b"\x0b", "damaged"),
        (model() + b"\x0a\xff\xff\xff\xff\x0f", "damaged"),  # a piece of four gigabytes
    ],
)
def test_what_is_wrong_is_said(bad: bytes, says: str) -> None:
    assert says in complaint(bad, RULES)
    with pytest.raises(ModelFolderError, match=r"^x\.model: not a SentencePiece model of ours: .*`nmt tokenize train`"):
        Tokenizer(bad, "x.model")


@pytest.mark.parametrize("how", range(12))
def test_a_table_that_the_library_does_not_make_is_refused(how: int) -> None:
    assert "normalization is none of" in complaint(forged_table(how), RULES)


def test_too_much_is_refused_before_the_library_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentencepiece, "SentencePieceProcessor", pytest.fail)
    monkeypatch.setattr(piece_file, "TOKENIZER", 1000)
    with pytest.raises(ModelFolderError, match=r"bytes, and at most 1,000 are taken"):
        Tokenizer(model())
    monkeypatch.setattr(piece_file, "TOKENIZER", 10**9)
    monkeypatch.setattr(piece_file, "MOST_PIECES", 10)
    with pytest.raises(ModelFolderError, match=r"it has \d+ pieces, and 1 to 10 are taken"):
        Tokenizer(model())


@settings(max_examples=300)
@given(data=st.data(), kind=st.sampled_from(KINDS))
def test_a_model_with_some_other_bytes_works_or_is_refused(data: st.DataObject, kind: str) -> None:
    whole = model(kind)
    begin = data.draw(st.integers(0, len(whole)))
    size = data.draw(st.integers(0, 6))
    try:
        tokenizer = Tokenizer(whole[:begin] + data.draw(st.binary(max_size=6)) + whole[begin + size :])
    except ModelFolderError as error:
        assert str(error).isprintable()
        return
    ids = tokenizer.encode("the old house \u2581 👍")
    assert all(0 <= each < tokenizer.size for each in ids)
    tokenizer.decode(ids).encode()
