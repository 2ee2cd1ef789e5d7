"""Documents through the command line, with a tiny model."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from nmt.documents.document import one_line

TEXT = {
    ".html": '<html lang="en"><!-- c --><p>The <b>dog</b> sees the <a href="x">cat</a>. The man\n'
    " likes it.</p></html>\n",
    ".md": "# The *dog*\n\nThe **dog** sees the [cat](x).\n\n```\nThe dog\n```\n",
    ".srt": "1\n00:00:01,000 --> 00:00:02,000\n<i>The dog sees\nthe cat.</i>\n",
    ".txt": "The dog sees the cat.\n\n  - The man likes the fish.\n",
    ".po": 'msgid "The %s sees the <b>cat</b>."\nmsgstr ""\n',
    ".xlf": '<xliff version="1.2"><file source-language="en"><trans-unit><source>The <g id="1">dog</g> sees<x id="2"/>'
    " it.</source></trans-unit></file></xliff>",
}  # fmt: skip
KEPT = {
    ".html": ['<html lang="de"><!-- c --><p>', "<b>", "</b>", '<a href="x">', "</a>", "</p></html>\n"],
    ".md": ["# ", "**", "](x)", "\n\n```\nThe dog\n```\n"],
    ".srt": ["1\n00:00:01,000 --> 00:00:02,000\n<i>", "</i>\n"],
    ".txt": ["\n\n  - "],
    ".po": ['#, fuzzy\nmsgid "The %s sees the <b>cat</b>."\nmsgstr "', "<b>", "</b>", "%s", '"\n'],
    ".xlf": ['target-language="de"', '<target state="needs-review-translation"', '<g id="1">', '<x id="2"/>'],
}  # fmt: skip


@pytest.mark.parametrize("ending", TEXT)
def test_a_document_comes_out_with_all_that_is_no_text(nmt, trained: Path, tmp_path: Path, ending: str) -> None:
    path, out = tmp_path / f"text{ending}", tmp_path / f"neu{ending}"
    path.write_bytes(TEXT[ending].encode())
    done = nmt("translate", trained, "--document", path)
    shown = done.stdout.decode()
    assert done.returncode == 0 and shown != TEXT[ending], done.stderr
    assert all(kept in shown for kept in KEPT[ending])
    told = nmt("translate", trained, "--document", path, "--out", out)
    assert told.returncode == 0 and told.stdout == b"" and out.read_bytes() == done.stdout
    assert path.read_bytes() == TEXT[ending].encode() and {*tmp_path.iterdir()} == {path, out}


def test_sentences_are_translated_as_lines_are(nmt, trained: Path, tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("The dog sees the cat. The man likes the fish.\n\n    The boy hears the bird.")
    lines = nmt(
        "translate", trained, stdin=b"The dog sees the cat.\nThe man likes the fish.\nThe boy hears the bird.\n"
    )
    one, two, three = (one_line(line) for line in lines.stdout.decode().split("\n")[:3])  # without controls
    assert nmt("translate", trained, "--document", path).stdout.decode() == f"{one} {two}\n\n    {three}"
    for flags in (["--batch", 1], ["--mbr", 2], ["--sample", "--seed", 1], ["--precision", "int8"], ["--beam", 1]):
        done = nmt("translate", trained, "--document", path, *flags)
        assert done.returncode == 0 and re.fullmatch(rb"[^\n]+\n\n    [^\n]+", done.stdout), done.stderr


def test_terms_and_demands_hold_in_documents(nmt, trained: Path, tmp_path: Path) -> None:
    path, terms, kept = tmp_path / "text.html", tmp_path / "terms.tsv", tmp_path / "keep.txt"
    path.write_text("<p>The <b>dog</b> sees Rex &amp; {x}.</p>")
    terms.write_text("dog\tVogel\n")
    kept.write_text("Rex\n")
    done = nmt("translate", trained, "--document", path, "--glossary", terms, "--keep", kept, "--protect")
    assert done.returncode == 0 and all(word in done.stdout for word in (b"Vogel", b"Rex", b"{x}", b"<b>", b"</b>"))


def test_what_is_forbidden_is_in_no_sentence_of_a_document(nmt, trained: Path, corpus: Path, tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("".join(Path(f"{corpus}.en").read_text(encoding="utf-8").splitlines(keepends=True)[:40]))
    plain = re.findall(r"\w+", nmt("translate", trained, "--document", path).stdout.decode())
    common = max((word for word in plain if word.isascii()), key=plain.count)
    forbidden = nmt("translate", trained, "--document", path, "--forbid", common).stdout.decode()
    assert common not in re.findall(r"\w+", forbidden)


def test_what_a_person_should_know_is_told_with_its_line(nmt, trained: Path, tmp_path: Path) -> None:
    path = tmp_path / "text.po"
    path.write_text('msgid ""\nmsgstr "Language: fr\\n"\n\n\nmsgid "' + "The dog " * 40 + '."\nmsgstr ""\n')
    done = nmt("translate", trained, "--document", path)
    assert done.returncode == 0
    first, *others = done.stderr.decode().splitlines()
    assert first.endswith("text.po:1: its language is fr, but the model translates to de")
    assert others and all("text.po:5: " in line for line in others)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["--document", "text.docx"],
            b"text.docx: no document that can be translated. Save it as .html or .txt first.",
        ),
        (["--document", "none.md"], b"none.md: no such file"),
        (["--document", "."], b"no document that can be translated"),
        (["--document", "text.md", "--nbest", "2"], b"--nbest is for lines"),
        (["--document", "text.md", "--format", "jsonl"], b"--format is for lines"),
        (["--document", "text.md", "--input", "jsonl"], b"--input is for lines"),
        (["--document", "text.md", "--prefix", "Der"], b"--prefix is for lines"),
        (["--document", "text.md", "--require", "Hund"], b"--require is for lines"),
        (["--document", "text.md", "--out", "text.md"], b"--out text.md is the document itself. Choose another name."),
        (["--document", "text.md", "--out", "none/x.md"], b"none/x.md: cannot write"),
        (["--document", "text.xlf"], b"text.xlf:1: not XML: "),
        (["--document", "latin.txt"], b"latin.txt:1: not UTF-8 (byte 0xe9). Convert the file"),
        (["--out", "x"], b"--out is for --document."),
    ],
)
def test_mistakes(nmt, trained: Path, tmp_path: Path, words: list[str], says: bytes) -> None:
    (tmp_path / "text.md").write_text("# Text\n")
    (tmp_path / "text.xlf").write_text("# Text\n")
    (tmp_path / "text.docx").write_text("")
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9\n")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    known = [str(tmp_path / word) if "." in word or "/" in word else word for word in words]
    refused = nmt("translate", trained, *known)
    plain = refused.stderr.replace(f"{tmp_path}/".encode(), b"")
    assert refused.returncode == 2 and says in plain and plain.count(b"\n") == 1 and refused.stdout == b""
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("way", [">", ">>"])
def test_a_document_is_not_written_over_by_a_shell(trained: Path, tmp_path: Path, way: str) -> None:
    path = tmp_path / "text.md"
    path.write_text("# Text\n")
    command = f"exec '{sys.executable}' -m nmt translate '{trained}' --document '{path}' {way} '{path}'"
    refused = subprocess.run(["sh", "-c", command], capture_output=True, timeout=120, check=False)
    assert refused.returncode == 2 and b"standard output goes to the document itself" in refused.stderr
    assert path.read_text() == ("# Text\n" if way == ">>" else "")


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nmt.documents.markdown import Markdown
    from nmt.errors import DataError

    monkeypatch.setitem(sys.modules, "markdown_it", None)
    with pytest.raises(DataError, match=r"a.md: needs the markdown-it-py library. Run `pip install markdown-it-py`."):
        Markdown(b"text", "a.md")
