"""Standard input as a corpus, once and more than once."""

import io
import itertools
import sys

import pytest

from nmt.text.formats import standard_input
from nmt.text.readers import Pair, corpus_files, read_corpus, refuse_pipes


@pytest.fixture
def give(monkeypatch: pytest.MonkeyPatch):
    return lambda data: monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_it_is_a_table_with_or_without_a_header(give, sides) -> None:
    give(b"yes\tja\r\n\nno\tnein")
    assert list(read_corpus("-", "en", "de")) == [
        Pair("yes", "ja", "standard input:1"),
        Pair("", "", "standard input:2"),
        Pair("no", "nein", "standard input:3"),
    ]
    give("\ufeffid\tde\ten\n1\tja\tyes\n".encode())
    assert sides("-") == [("yes", "ja")] and corpus_files("-", "en", "de") == []


def test_it_comes_once_unless_it_is_kept(give, sides, complaint) -> None:
    give(b"yes\tja\n")
    assert sides("-") == [("yes", "ja")]
    assert complaint("-") == "-: standard input comes once. Give a file for one of the two."
    with pytest.raises(Exception, match=r"-: standard input has been read already, and comes once\. Give a file"):
        refuse_pipes(["-"], "en", "de")
    give(b"yes\tja\n")
    refuse_pipes(["-"], "en", "de")
    assert [sides("-") for _ in range(3)] == [[("yes", "ja")]] * 3


@pytest.mark.parametrize("chunk", [1, 7, 2**16])
def test_readings_may_stop_and_overtake_each_other(give, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standard_input, "CHUNK", chunk)
    wanted = [(f"source {number}", f"target {number}") for number in range(5000)]
    give("".join(f"{s}\t{t}\n" for s, t in wanted).encode())
    refuse_pipes(["-"], "", "")
    begun = read_corpus("-", "", "")
    first = [next(begun)[:2] for _ in range(10)]
    assert [pair[:2] for pair in itertools.islice(read_corpus("-", "", ""), 2000)] == wanted[:2000]
    assert [pair[:2] for pair in read_corpus("-", "", "")] == wanted
    assert first + [pair[:2] for pair in begun] == wanted


def test_a_full_disk_is_told(give, complaint, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(standard_input.tempfile, "TemporaryFile", Full)
    give(b"yes\tja\n")
    refuse_pipes(["-"], "", "")
    assert complaint("-").endswith("cannot write: No space left on device. Free some space.")


def test_without_standard_input(monkeypatch: pytest.MonkeyPatch, complaint) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert complaint("-") == "Standard input is closed. Give it text, e.g. < text.en, or leave it open."
