"""Glossaries, terms to keep and protected spans through the command line."""

import json
from pathlib import Path

import pytest

TEXT = b"The dog sees the cat.\n\nThe man likes the fish.\nThe bird sees Rex.\n"


@pytest.fixture
def glossary(tmp_path: Path) -> Path:
    path = tmp_path / "terms.tsv"
    path.write_text("dog\tVogel|Vogels\ncat\tDen|Mann\n", encoding="utf-8")
    return path


def test_terms_of_a_file(nmt, trained: Path, glossary: Path, tmp_path: Path) -> None:
    kept = tmp_path / "keep.txt"
    kept.write_text("Rex\n", encoding="utf-8")
    plain = nmt("translate", trained, stdin=TEXT).stdout.decode().split("\n")
    done = nmt("translate", trained, "--glossary", glossary, "--keep", kept, stdin=TEXT)
    found = done.stdout.decode().split("\n")
    assert done.returncode == 0 and done.stderr == b"" and len(found) == 5
    assert "Vogel" in found[0] and {"Den", "den", "Mann"} & {*found[0].replace(".", " ").split()}
    assert found[1] == "" and found[2] == plain[2] and "Rex" in found[3]


def test_every_format_keeps_its_lines(nmt, trained: Path, glossary: Path) -> None:
    words = ("translate", trained, "--glossary", glossary, "--protect")
    rows = [{"text": "The <b>dog</b> sees {x}."}, {"text": ""}, {"text": "{x}"}, {"text": "The dog.", "prefix": "Die"}]
    stdin = "".join(json.dumps(row) + "\n" for row in rows).encode()
    done = nmt(*words, "--input", "jsonl", "--format", "jsonl", "--nbest", 2, stdin=stdin)
    records = [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]
    assert done.returncode == 0 and [record["source"] for record in records] == [row["text"] for row in rows]
    assert all({"<b>", "</b>", "{x}"} <= {*_parts(option["text"])} for option in records[0]["nbest"])
    assert records[2]["translation"] == "{x}" and records[3]["translation"].startswith("Die")
    links = nmt(*words, "--format", "pharaoh", stdin=b"The <b>dog</b> sees {x}.\n\n{x}\n").stdout.split(b"\n")
    assert len(links) == 4 and links[1] == b"" and links[2] == b"0-0"


def _parts(text: str) -> list[str]:
    return [tag for tag in ("<b>", "</b>", "{x}") if tag in text]


@pytest.mark.parametrize(
    ("flag", "content", "says"),
    [
        ("--glossary", b"dog Hund\n", b"file:1: no tab between a term and its translation. Write "),
        ("--glossary", b"\n\tHund\n", b"file:2: the term is blank"),
        ("--glossary", b"dog\tH\xfcnd\n", b"file:1: not UTF-8"),
        ("--keep", b"x\n\xff\n", b"file:2: not UTF-8"),
        ("--glossary", None, b"file: no such file"),
        ("--keep", None, b"file: no such file"),
    ],
)
def test_bad_files(nmt, trained: Path, tmp_path: Path, flag: str, content: bytes | None, says: bytes) -> None:
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    done = nmt("translate", trained, flag, path, stdin=TEXT)
    assert done.returncode == 2 and says in done.stderr and done.stderr.count(b"\n") == 1 and done.stdout == b""


def test_samples_have_no_terms(nmt, trained: Path, glossary: Path) -> None:
    done = nmt("translate", trained, "--sample", "--glossary", glossary, stdin=TEXT)
    assert done.returncode == 2 and done.stderr.startswith(b"nmt: terms need a beam") and done.stderr.count(b"\n") == 1
