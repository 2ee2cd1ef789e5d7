"""Corpora in every form on the command line: translation memories, subtitles, standard input."""

import json
import os
import subprocess
import sys
from html import escape
from pathlib import Path

import pytest

from nmt.text.readers import FORMS

LANGUAGES = ["--source", "en", "--target", "de"]


def pairs_in(prefix: Path) -> list[tuple[str, str]]:
    sides = [prefix.with_name(f"{prefix.name}.{side}").read_text("utf-8").split("\n")[:-1] for side in ("en", "de")]
    return list(zip(*sides, strict=True))


def tmx(path: Path, pairs: list[tuple[str, str]]) -> Path:
    sides = '<tu>\n<tuv xml:lang="en-US"><seg>{}</seg></tuv><tuv xml:lang="de-DE"><seg>{}</seg></tuv></tu>'
    units = "".join(sides.format(escape(s), escape(t)) for s, t in pairs)
    alone = '<tu>\n<tuv xml:lang="en-US"><seg>Alone.</seg></tuv></tu>'
    path.write_text(f'<tmx version="1.4"><body>{units}{alone}</body></tmx>', encoding="utf-8")
    return path


@pytest.fixture
def memory(corpus: Path, tmp_path: Path) -> Path:
    return tmx(tmp_path / "memory.tmx", pairs_in(corpus))


def tsv(pairs: list[tuple[str, str]]) -> bytes:
    return "".join(f"{s}\t{t}\n" for s, t in pairs).encode()


@pytest.mark.parametrize("command", ["train", "check"])
def test_the_help_names_every_form(nmt, command: str) -> None:
    said = " ".join(nmt(command, "--help").stdout.decode().split())
    assert FORMS.replace("- (", "-(") in said.replace("- (", "-(")


def test_one_corpus_is_one_training_in_every_form(nmt, corpus: Path, memory: Path, train_words: list, trained: Path,
                                                  tmp_path: Path) -> None:  # fmt: skip
    digest = json.loads((trained / "training" / "data.json").read_text())["train"]["sha256"]
    for word, stdin in ((memory, b""), ("-", tsv(pairs_in(corpus)))):
        out = tmp_path / str(word).replace("/", "_")
        words = [word if each == corpus else each for each in train_words]
        done = nmt(*words, "--out", out, "--set", "training.epochs=1", stdin=stdin)
        assert done.returncode == 0, done.stderr.decode()
        assert json.loads((out / "training" / "data.json").read_text())["train"]["sha256"] == digest
        assert (b"1 without de (first: " in done.stderr) == (word == memory)


def test_the_doctor_counts_what_is_no_pair_and_mends_the_rest(nmt, corpus: Path, tmp_path: Path) -> None:
    pairs = [*pairs_in(corpus), ("The dog &amp; the cat.", "Der Hund & der Kater."), ("caf\ufffd", "Café")]
    memory = tmx(tmp_path / "memory.tmx", pairs)
    record = json.loads(nmt("check", memory, *LANGUAGES, "--json").stdout)
    assert record["corpora"][0]["pairs"] == len(pairs)
    last = f"{memory}:{len(pairs) + 1}"
    assert record["findings"]["skipped"]["count"] == 1
    assert record["findings"]["skipped"]["examples"] == [
        {"origin": last, "what": "without de", "source": "", "target": ""}
    ]
    done = nmt("check", memory, *LANGUAGES, "--fix", tmp_path / "cured")
    assert done.returncode == 0 and b"2 left out" in done.stderr
    assert ("The dog & the cat.", "Der Hund & der Kater.") in pairs_in(tmp_path / "cured")
    rows = [row.split("\t")[:3] for row in (tmp_path / "cured.log.tsv").read_text("utf-8").split("\n")[:-1]]
    assert rows[-2][1:] == ["out", "lost: U+FFFD"] and rows[-1] == [last, "out", "skipped: without de"]


def test_what_cannot_be_read_to_its_end_is_not_mended(nmt, memory: Path, tmp_path: Path) -> None:
    memory.write_bytes(memory.read_bytes()[:-100])
    done = nmt("check", memory, *LANGUAGES, "--fix", tmp_path / "cured")
    assert done.returncode == 2 and b"cut short" in done.stderr and b"Nothing is written" in done.stderr
    assert b"STOPS TRAINING" in done.stdout and not (tmp_path / "cured.en").exists()


def test_standard_input_is_examined_and_mended(nmt, corpus: Path, tmp_path: Path) -> None:
    pairs = pairs_in(corpus)
    done = nmt("check", "-", *LANGUAGES, "--fix", tmp_path / "cured", stdin=tsv([*pairs, pairs[0]]))
    assert done.returncode == 0, done.stderr.decode()
    assert f"as standard input:{1}" in done.stdout.decode() and pairs_in(tmp_path / "cured") == pairs


def test_standard_input_comes_once(nmt, corpus: Path, tmp_path: Path) -> None:
    said = {
        ("check", "-", "-"): b"-: standard input is given twice. Give it once.",
        ("check", "-", "--held-out", "-"): b"-: standard input has been read already, and comes once. Give a file",
        ("train", "-", "--dev", "-", "--out", tmp_path / "m"): b"-: standard input has been read already",
        ("align", "--ibm1", "-", "--train", "-"): b"-: standard input comes once. Give a file for one of the two.",
    }
    for words, message in said.items():
        done = nmt(*words, *LANGUAGES, stdin=tsv(pairs_in(corpus)))
        assert done.returncode == 2 and done.stderr.startswith(b"nmt: " + message), done.stderr


def test_commands_that_read_once_take_standard_input(nmt, corpus: Path, trained: Path) -> None:
    pairs = pairs_in(corpus)[:3]
    for command in ("rate", "align"):
        done = nmt(command, trained, "-", stdin=tsv(pairs))
        assert done.returncode == 0 and done.stdout.count(b"\n") == 3
    assert nmt("align", "--ibm1", "-", stdin=tsv(pairs)).stdout.count(b"\n") == 3
    done = nmt("rate", trained, "-", stdin=b"one\ttwo\tthree\n")
    assert done.returncode == 2 and b"nmt: standard input:1: expected 2 columns, found 3." in done.stderr


def test_what_gets_no_line_is_told(nmt, trained: Path, tmp_path: Path) -> None:
    memory = tmx(tmp_path / "memory.tmx", [("The dog sees the cat.", "Der Hund sieht den Kater.")])
    for command in ("rate", "align"):
        done = nmt(command, trained, memory)
        assert done.returncode == 0 and done.stdout.count(b"\n") == 1
        assert done.stderr.decode() == f"No pair, so without a line: 1 without de (first: {memory}:2).\n"


@pytest.mark.skipif(os.name != "posix", reason="such a file has a name while it is open")
def test_what_is_kept_of_standard_input_has_no_name(corpus: Path, tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom nmt.text.readers import read_corpus, refuse_pipes\n"
        "refuse_pipes(['-'], '', '')\ncount = [len(list(read_corpus('-', '', ''))) for _ in range(3)]\n"
        "print(*count, os.listdir(os.environ['TMPDIR']))"
    )
    environment = {"TMPDIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", code], input=tsv(pairs_in(corpus)), capture_output=True, env=environment, check=False
    )
    assert done.stdout.decode().strip() == "144 144 144 []", done.stderr.decode()
