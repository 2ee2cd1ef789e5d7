"""Whatever bytes a corpus holds, a reader gives pairs or says in one line why not; no format is left out."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nmt.errors import NmtError
from nmt.text.readers import READERS, read_corpus

WORDS = [
    b"\n", b"\r\n", b"\t", b"\0", b"\xff", b"\xed\xa0\x80", "\u2028".encode(), b"{", b"}", b"[", b'"en": "', b'"de": "',
    b"<seg>", b"</seg>", b"<tu>", b"&", b'msgid "', b'msgstr "', b"-->", b"00:00:01,000", b"one", b"en\tde\n",
    b"\\ud800", b"<source>", b"<target>", b"<?xml?>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b",", b'"', b"1\n",
]  # fmt: skip
CONTENT = st.binary(max_size=40) | st.lists(st.sampled_from(WORDS), max_size=25).map(b"".join)
ENDINGS = "tsv jsonl csv json tmx xliff xlf po srt vtt ass tbx md txt html"


def word_of(form: str) -> str:
    """A corpus word that this reader claims."""
    words = [f"x.{form}", *(f"x.{ending}" for ending in ENDINGS.split()), "x", "x.en,x.de"]
    return next(word for word in words if READERS[form] is next(kind for kind in READERS.values() if kind.claims(word)))


@pytest.mark.parametrize("form", [form for form in READERS if form != "hf"])
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
    word = word_of(form)
    names = ("x.en", "x.de") if form in ("pair", "prefix") else (word,)
    for name, content in zip(names, (left, right), strict=False):
        (folder / name).write_bytes(content)
    corpus = ",".join(str(folder / name) for name in word.split(","))
    try:
        pairs = list(read_corpus(corpus, *languages, lenient=lenient))
    except NmtError as error:
        assert str(error).isprintable() and len(str(error)) <= 1010
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
