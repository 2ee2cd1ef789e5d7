"""Whatever bytes a corpus holds, a reader gives pairs or says in one line why not; no format is left out."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nmt.errors import LONGEST, NmtError
from nmt.text.readers import READERS, read_corpus

WORDS = [
    b"\n", b"\r\n", b"\t", b"\0", b"\xff", b"\xed\xa0\x80", "\u2028".encode(), b"{", b"}", b"[", b'"en": "', b'"de": "',
    b"<seg>", b"</seg>", b"<tu>", b"&", b'msgid "', b'msgstr "', b"-->", b"00:00:01,000", b"one", b"en\tde\n",
    b"\\ud800", b"<source>", b"<target>", b"<?xml?>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b",", b'"', b"1\n",
]  # fmt: skip
CONTENT = st.binary(max_size=40) | st.lists(st.sampled_from(WORDS), max_size=25).map(b"".join)
ENDINGS = ("tsv", "jsonl", "csv", "json", "tmx", "xliff", "po", "srt", "vtt", "ass", "md", "txt", "html", "parquet")
FORMS = [form for form in READERS if form not in ("hf", "stdin")]


def names_of(form: str) -> list[str]:
    """Files of a corpus that this reader claims, by the word that has commas between them; a prefix is one of two."""
    if form == "prefix":
        return ["x.en", "x.de"]
    endings = [f".{form}", *(f".{ending}" for ending in ENDINGS), ""]
    words = [f"x.en{ending},x.de{ending}" for ending in endings[:-1]] + [f"x{ending}" for ending in endings]
    words = ["x.en,x.de"] if form == "pair" else words
    claimed = [word for word in words if READERS[form] is next(kind for kind in READERS.values() if kind.claims(word))]
    assert claimed, f"say here which ending {form} has"
    return claimed[0].split(",")


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=150)
@given(left=CONTENT, right=CONTENT, lenient=st.booleans(), languages=st.sampled_from([("en", "de"), ("", "")]))
def test_any_bytes_are_pairs_or_are_refused_in_one_line(
    form: str,
    left: bytes,
    right: bytes,
    lenient: bool,
    languages: tuple[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.getbasetemp() / form
    folder.mkdir(exist_ok=True)
    names = names_of(form)
    for name, content in zip(names, (left, right), strict=False):
        (folder / name).write_bytes(content)
    corpus = str(folder / "x") if form == "prefix" else ",".join(str(folder / name) for name in names)
    try:
        pairs = list(read_corpus(corpus, *languages, lenient=lenient))
    except NmtError as error:
        assert str(error).isprintable() and len(str(error)) <= LONGEST
        return
    assert pairs == list(read_corpus(corpus, *languages, lenient=lenient))
    if not lenient:
        assert all((pair.source + (pair.target or "")).encode() is not None for pair in pairs)
    if form in ("pair", "prefix"):
        sides = [side.removeprefix(b"\xef\xbb\xbf") for side in (left, right)]
        assert [len(re.findall(rb"[^\n]*\n|[^\n]+\Z", side)) for side in sides] == [len(pairs)] * 2


def test_a_value_in_json_that_is_nested_is_told_in_short(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    for depth in (10, 300, 900, 940, 960, 980, 990):
        path.write_text('{"en": ' + "[" * depth + "]" * depth + ', "de": ""}\n', encoding="utf-8")
        with pytest.raises(NmtError, match=r"x\.jsonl:1: ('en' is .*, not text|not JSON)"):
            list(read_corpus(str(path), "en", "de"))
