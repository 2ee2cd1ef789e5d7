"""What holds of every form: what is written is read, and of whatever bytes come, a complaint is one line."""

import bz2
import csv
import gzip
import io
import json
import lzma
import re
import sys
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nmt.errors import DataError
from nmt.text.readers import FORMS, READERS, corpus_files, read_corpus, refuse_pipes

Pairs = list[tuple[str, str]]
SIDES: Pairs = [("The kettle sings.", "Der Kessel singt."), ("", "Leer."), ("Rain again!", "")]
PACKERS = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zst": lambda data: zstd(data)}
TRANSLATED = ("xliff", "po")  # forms whose pairs have a translation
SPACES = re.compile("[ \t\r\n]+")


def zstd(data: bytes) -> bytes:
    return pytest.importorskip("zstandard").ZstdCompressor().compress(data)


def lines(rows: list[str]) -> bytes:
    return "".join(f"{row}\n" for row in rows).encode()


def tsv(pairs: Pairs) -> bytes:
    return lines([f"{s}\t{t}" for s, t in pairs])


def comma_separated(pairs: Pairs) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("de", "id", "en"), *((t, 7, s) for s, t in pairs)])
    return text.getvalue().encode()


def rows(pairs: Pairs) -> list[dict[str, str]]:
    return [{"en": s, "de": t} for s, t in pairs]


def parquet(pairs: Pairs) -> bytes:
    import pyarrow
    from pyarrow import parquet

    file = io.BytesIO()
    sides = [pyarrow.array([pair[side] for pair in pairs], pyarrow.string()) for side in (0, 1)]
    parquet.write_table(pyarrow.table({"de": sides[1], "id": list(range(len(pairs))), "en": sides[0]}), file)
    return file.getvalue()


def tmx(pairs: Pairs) -> bytes:
    units = "".join(
        f'<tu>\n<tuv xml:lang="de-DE"><seg>{escape(t)}</seg></tuv><tuv xml:lang="EN"><seg>{escape(s)}</seg></tuv></tu>'
        for s, t in pairs
    )
    return f'<?xml version="1.0"?><tmx version="1.4"><header/><body>{units}</body></tmx>'.encode()


def xliff(pairs: Pairs) -> bytes:
    units = "".join(
        f"<trans-unit>\n<source>{escape(s)}</source><target>{escape(t)}</target></trans-unit>" for s, t in pairs
    )
    head = '<xliff version="1.2"><file source-language="en" target-language="de"><body>'
    return f"{head}{units}</body></file></xliff>".encode()


def quoted(text: str) -> str:
    for character, spelled in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r")):
        text = text.replace(character, spelled)
    return f'"{text}"'


def po(pairs: Pairs) -> bytes:
    header = 'msgid ""\nmsgstr "Language: de\\nContent-Type: text/plain; charset=UTF-8\\n"\n'
    return (header + "".join(f"\nmsgid {quoted(s)}\nmsgstr {quoted(t)}\n" for s, t in pairs)).encode()


def srt(texts: list[str], late: int = 0) -> bytes:
    def time(seconds: int, fraction: int) -> str:
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{fraction:03}"

    return "".join(
        f"{n}\n{time(2 * n, late)} --> {time(2 * n + 1, 900)}\n{text}\n\n" for n, text in enumerate(texts, start=5)
    ).encode()


WRITERS: dict[str, dict[str, Callable[[Pairs], bytes]]] = {
    "hf": {"hf:x.jsonl": lambda pairs: lines([json.dumps(row) for row in rows(pairs)])},
    "stdin": {"-": tsv},
    "srt": {"x.en.srt,y.de.srt": lambda pairs: b""},
    "pair": {"x.en,y.de": lambda pairs: b""},
    "tsv": {"x.tsv": tsv},
    "csv": {"x.csv": comma_separated},
    "jsonl": {"x.jsonl": lambda pairs: lines([json.dumps(row) for row in rows(pairs)])},
    "json": {
        "x.json": lambda pairs: json.dumps(rows(pairs), indent=1).encode(),
        "y.json": lambda pairs: b"\n".join(
            json.dumps(row, indent=2, ensure_ascii=False).encode() for row in rows(pairs)
        ),
    },
    "columnar": {"x.parquet": parquet},
    "tmx": {"x.tmx": tmx, "utf16.tmx": lambda pairs: tmx(pairs).decode().encode("utf-16")},
    "xliff": {"x.xlf": xliff, "x.xliff": xliff},
    "po": {"x.po": po},
    "prefix": {"x": lambda pairs: b""},
}
"""Form -> corpus words of it, and what a file of that name holds; those of two files are written apart."""
WORDS = [(form, word) for form, words in WRITERS.items() for word in words]
ONE_FILE = [(form, word) for form, word in WORDS if form not in ("hf", "stdin", "srt", "pair", "prefix")]


def write(form: str, word: str, pairs: Pairs, packed: str = "") -> None:
    """Write pairs so that the corpus word has them."""
    files = {word.removeprefix("hf:"): WRITERS[form][word](pairs)}
    if form in ("srt", "pair", "prefix"):
        names = word.split(",") if "," in word else [f"{word}.en", f"{word}.de"]
        files = {
            name: srt([pair[side] for pair in pairs], 90 * side) if form == "srt" else lines([p[side] for p in pairs])
            for side, name in enumerate(names)
        }
    for name, data in files.items():
        if form == "stdin":
            sys.stdin = io.TextIOWrapper(io.BytesIO(data))
        else:
            Path(name + packed).write_bytes(PACKERS[packed](data))


@pytest.fixture(autouse=True)
def stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", sys.stdin)  # and set back at the end


def test_every_form_is_tested() -> None:
    assert set(WRITERS) == set(READERS)
    endings = {ending for kind in READERS.values() for ending in getattr(kind, "ENDINGS", ())}
    assert all(f"{ending}," in f"{FORMS}," for ending in endings)


@pytest.mark.parametrize(("form", "word"), WORDS)
def test_every_form_gives_the_same_pairs_with_their_origins(form: str, word: str, offline: None) -> None:
    wanted = [pair for pair in SIDES if form not in TRANSLATED or pair[1]] * 3
    if form == "po":  # a blank message is the header
        wanted = [pair for pair in wanted if pair[0]]
    write(form, word, wanted)
    pairs = list(read_corpus(word, "en", "de"))
    assert [(pair.source, pair.target) for pair in pairs] == wanted
    found = [pair.origin.rpartition(":") for pair in pairs]
    numbers = [int(number) for _, _, number in found]
    assert all(
        name and ("standard" in name or name.removeprefix("hf:") in word or "x.en" in name) for name, *_ in found
    )
    assert numbers == sorted(numbers)
    assert all(path.is_file() for path in corpus_files(word, "en", "de"))
    if form not in ("hf", "columnar", "stdin"):
        text = corpus_files(word, "en", "de")[0].read_bytes()
        written = (text.decode("utf-16") if "utf16" in word else text.decode()).split("\n")
        for pair, number in zip(pairs, numbers, strict=True):
            assert json.dumps(pair.source)[1:-1] in "".join(written[number - 1 : number + 2])


@pytest.mark.parametrize("packed", PACKERS)
@pytest.mark.parametrize(("form", "word"), [(f, w) for f, w in WORDS if f not in ("hf", "stdin", "pair", "columnar")])
def test_compressed_corpora_read_the_same(form: str, word: str, packed: str, sides) -> None:
    pairs = [("yes", "ja"), ("no", "nein")]
    write(form, word, pairs, packed)
    corpus = ",".join(name + packed for name in word.split(",")) if form != "prefix" else word
    assert sides(corpus) == pairs
    if packed in (".gz", ".xz", ".zst") and form not in ("prefix", "srt"):
        whole = Path(corpus).read_bytes()
        Path(corpus).write_bytes(whole[: len(whole) // 2])
        with pytest.raises(DataError, match=r"damaged or cut short\. Fetch or write the file again"):
            sides(corpus)


def test_an_empty_corpus_is_no_error(sides) -> None:
    for word in ("e.en", "e.de", "e.tsv", "e.jsonl", "e.csv", "e.json", "e.po", "e.en.srt", "e.de.srt"):
        Path(word).write_bytes(b"")
    for word in ("e", "e.en,e.de", "e.tsv", "e.jsonl", "e.csv", "e.json", "e.po", "e.srt", "e.en.srt,e.de.srt"):
        assert sides(word) == []
    for name, data in {"e.tmx": tmx([]), "e.xlf": xliff([]), "e.parquet": parquet([])}.items():
        Path(name).write_bytes(data)
        assert sides(name) == []


special = st.sampled_from(["NA", "null", "a & b", "<b>bold</b>", "]]>", '"so"', '"', "a,b;c", "\\n", "\\", "#~ x", "5"])
plain = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=10)
spaced = st.lists(plain | special | st.sampled_from(["\n", "\t", " \r\n", "  "]), max_size=4).map("".join)
no_breaks = st.text(st.characters(exclude_characters="\n\r\t", exclude_categories=["Cs"]), max_size=10)
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
untagged = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="<>{}\0"), max_size=10)
in_lines = no_breaks | special
TEXTS = {
    "hf": special, "stdin": in_lines, "srt": untagged, "pair": in_lines, "tsv": in_lines, "prefix": in_lines,
    "csv": spaced.map(lambda text: text.replace("\r", "")), "jsonl": anything | spaced, "json": anything | spaced,
    "columnar": anything | spaced, "tmx": spaced, "xliff": spaced, "po": spaced,
}  # fmt: skip
"""What texts a form can hold."""
TIDIES = ("srt", "tmx", "xliff", "po")  # runs of white space become one space


@pytest.mark.parametrize(("form", "word"), [(form, word) for form, word in WORDS if form != "hf"])
@settings(max_examples=40)
@given(data=st.data())
def test_what_is_written_is_read(sides, form: str, word: str, data: st.DataObject) -> None:
    texts = TEXTS[form]
    pairs = [("first", "erste"), *data.draw(st.lists(st.tuples(texts, texts), max_size=4))]
    write(form, word, pairs)
    if form in TIDIES:
        pairs = [(SPACES.sub(" ", s).strip(" "), SPACES.sub(" ", t).strip(" ")) for s, t in pairs]
    if form == "xliff":
        pairs = [(s, t) for s, t in pairs if t]
    if form == "po":
        pairs = [(s, t) for s, t in pairs if s.strip() and t.strip()]
    if form in ("stdin", "tsv"):
        pairs = [(s, t) if s.strip() or t.strip() else ("", "") for s, t in pairs]
    assert sides(word) == pairs


@pytest.mark.parametrize(("form", "word"), [(form, word) for form, word in WORDS if form != "hf"])
@settings(max_examples=40)
@given(data=st.data())
def test_whatever_bytes_come_are_read_or_refused(form: str, word: str, data: st.DataObject) -> None:
    write(form, word, [("yes", "ja"), ("one,\ttwo", "eins")] if form in ("csv", "json") else [("yes", "ja")] * 3)
    refuse_pipes([word] if form == "stdin" else [], "en", "de")
    for path in corpus_files(word, "en", "de")[:1]:
        path.write_bytes(damaged(path.read_bytes(), data))
    if form == "stdin":
        sys.stdin = io.TextIOWrapper(io.BytesIO(damaged(tsv([("yes", "ja")] * 3), data)))
    for lenient in (False, True):
        for languages in (("en", "de"), ("", "")):
            if form == "stdin":
                refuse_pipes([word], *languages)
            try:
                for pair in read_corpus(word, *languages, lenient=lenient):
                    assert isinstance(pair.source, str) and isinstance(pair.target, str)
                    if not lenient:
                        (pair.source + pair.target).encode()
            except DataError as error:
                assert "\n" not in str(error)


def damaged(whole: bytes, data: st.DataObject) -> bytes:
    """Any bytes at all, or those of a file with some of them changed."""
    if data.draw(st.booleans()):
        return data.draw(st.binary(max_size=60))
    begin = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(begin, min(len(whole), begin + 8)))
    rest = whole[end:] if data.draw(st.booleans()) else b""
    return whole[:begin] + data.draw(st.binary(max_size=8)) + rest
