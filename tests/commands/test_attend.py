"""`nmt attend` from the shell: its formats, and where they go."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from nmt.commands import attend
from nmt.commands.attend import FORMATS, read, unit_names
from nmt.evaluation.picture import visible
from nmt.evaluation.readings import Reading, Sentence, Unit
from nmt.translator import Translator

LINES = b"The dog sees the cat.\n\nThe man likes the fish.\n"
ONE = b"The dog sees the cat.\n"


def test_the_picture_has_a_row_a_word(nmt, trained: Path) -> None:
    drawn = nmt("attend", trained, stdin=ONE).stdout.decode().split("\n")
    told = json.loads(nmt("translate", trained, "--format", "jsonl", stdin=ONE).stdout)
    rows = [line.lstrip(" ") for line in drawn if line and "┌─" not in line and not line.startswith("! ")]
    for row, word in zip(rows, told["nbest"][0]["words"], strict=True):
        assert row.startswith(visible(word).lstrip(" ")) and "% " in row
    assert [line.partition("┌─")[2] for line in drawn if "┌─" in line] == ["The", "dog", "sees", "the", "cat."]


def test_a_block_a_line_and_blank_for_blank(nmt, trained: Path) -> None:
    done = nmt("attend", trained, trained, "--nbest", 2, stdin=LINES)
    blocks = done.stdout.decode().split("\n\n")
    assert done.returncode == 0 and len(blocks) == 3 and blocks[2] == ""
    assert blocks[1].startswith("\n")  # the blank line's own block
    heads = [line.partition(" (-")[0] for line in blocks[0].split("\n") if "): " in line]
    assert heads == ["model, 1", "model, 2", "model (2), 1", "model (2), 2"]


def test_a_person_who_types_is_shown_at_once(trained: Path) -> None:
    words = [sys.executable, "-m", "nmt", "attend", str(trained), "--format", "json", "--threads", "1"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        for number, line in enumerate((ONE, b"\n", ONE), start=1):
            process.stdin.write(line)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["line"] == number  # hangs, and times out, if it waits
        process.stdin.close()
    assert process.returncode == 0


def test_json_tells_what_the_translator_tells(nmt, trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    assert nmt("attend", trained, "--nbest", 2, "--out", out, stdin=LINES).stdout == b""
    records = [json.loads(line) for line in out.read_text("utf-8").split("\n")[:-1]]
    translator = Translator.load(trained, device="cpu")
    assert [record["line"] for record in records] == [1, 2, 3] and records[1]["models"][0]["options"] == []
    for record, translation in zip(records, translator.translate(LINES.decode().split("\n")[:3]), strict=True):
        if translation.options:
            (model,), best = record["models"], translation.options[0]
            told = model["options"][0]
            assert len(model["options"]) == 2 and model["source_words"] == best.alignment.source
            assert told["text"] == best.text and told["words"] == best.alignment.target
            assert np.allclose(told["weights"], best.alignment.weights, atol=1e-3)
            assert np.allclose(told["confidence"], best.confidence, atol=1e-3)
            assert [tuple(link) for link in told["links"]] == best.alignment.links()


def test_what_is_shown_is_searched_as_translate_searches(nmt, trained: Path) -> None:
    words = ["--set", "search.strategy=sample", "--set", "search.seed=3"]
    said = nmt("translate", trained, *words, stdin=LINES).stdout.decode("utf-8").split("\n")
    plain = nmt("translate", trained, stdin=LINES).stdout.decode("utf-8").split("\n")
    shown = nmt("attend", trained, "--format", "json", *words, stdin=LINES).stdout.decode("utf-8").splitlines()
    texts = [(json.loads(line)["models"][0]["options"] or [{"text": ""}])[0]["text"] for line in shown]
    assert texts == said[:3] != plain[:3]


def test_a_page_of_several_models(nmt, trained: Path) -> None:
    done = nmt("attend", trained, trained, "--format", "html", stdin=LINES)
    text = done.stdout.decode("utf-8")
    assert done.returncode == 0 and text.startswith("<!DOCTYPE html>") and text.endswith("</html>\n")
    assert text.count("<article") == 2 and text.count('<section class="unit"') == 4 and "model (2)" in text
    assert 'lang="de"' in text and "scaled_dot, mixture" in text


def test_one_figure_is_one_file_and_several_are_numbered_as_their_lines(nmt, trained: Path, tmp_path: Path) -> None:
    done = nmt("attend", trained, "--format", "svg", stdin=b"\n" + ONE)
    assert done.returncode == 0 and ElementTree.fromstring(done.stdout).tag.endswith("svg")
    assert nmt("attend", trained, "--out", tmp_path / "one.svg", stdin=ONE).returncode == 0
    assert nmt("attend", trained, "--out", tmp_path / "many.svg", stdin=LINES).returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["many-1.svg", "many-3.svg", "one.svg"]
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "many-1.svg").read_bytes()


def test_a_png_from_the_shell(nmt, trained: Path, tmp_path: Path) -> None:
    pytest.importorskip("resvg_py")
    assert nmt("attend", trained, "--out", tmp_path / "one.png", stdin=ONE).returncode == 0
    assert (tmp_path / "one.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert nmt("attend", trained, "--format", "png", stdin=ONE).stdout == (tmp_path / "one.png").read_bytes()


@pytest.mark.parametrize("format", FORMATS)
def test_hostile_lines_pass_through_every_format(trained: Path, tmp_path: Path, format: str, capsys) -> None:
    if format == "png":
        pytest.importorskip("resvg_py")
    lines = ["</script><b>&amp;\"'", "nul\x00 \x1b[2J \ufffd", "\u202e 😀", "lone \ud800", "dog " * 2000]
    sentences = read(iter(lines), [Translator.load(trained, device="cpu")], [Unit("\ud800</script>", [])])
    FORMATS[format](sentences, tmp_path / "x")
    assert "line 5: 8000 characters, split in" in capsys.readouterr().err
    written = [path.read_bytes() for path in tmp_path.iterdir()]
    assert len(written) == (5 if format in ("svg", "png") else 1) and all(written)


def test_names_of_units_are_short_and_differ(tmp_path: Path) -> None:
    one, two, other = tmp_path / "a" / "m", tmp_path / "b" / "m", tmp_path / "n"
    assert unit_names([one, other]) == ["m", "n"]
    assert unit_names([one, one, other, one]) == ["m", "m (2)", "n", "m (3)"]
    assert unit_names([one, two, one]) == [str(one), str(two), f"{one} (2)"]


@pytest.mark.parametrize(
    ("words", "stdin", "says"),
    [
        (["nowhere"], ONE, b"nowhere: no such folder"),
        (["MODEL", "--format", "htlm"], ONE, b"Did you mean 'html'"),
        (["MODEL", "--nbest", "9"], ONE, b"search.nbest=9"),
        (["MODEL", "--set", "training.lr=1"], ONE, b"--set training.lr=1: a trained model has only its search to set"),
        (["MODEL", "--precision", "int4"], ONE, b"--precision int4"),
        (["MODEL", "--format", "svg"], LINES, b"there are several lines, and a figure for each. Pass --out FILE."),
        (["MODEL", "--format", "svg"], b"\n", b"every line is blank, so there is nothing to draw"),
        (["MODEL", "--out", "nowhere/x.html"], ONE, b"--out nowhere/x.html: is a folder, or lies in none"),
        (["MODEL", "--out", "."], ONE, b"--out .: is a folder, or lies in none"),
    ],
)
def test_mistakes(nmt, trained: Path, words: list[str], stdin: bytes, says: bytes) -> None:
    refused = nmt("attend", *[word.replace("MODEL", str(trained)) for word in words], stdin=stdin)
    assert refused.returncode == 2 and says in refused.stderr and b"Traceback" not in refused.stderr
    assert refused.stderr.count(b"\n") == 1 and refused.stdout == b""


def test_a_page_is_bounded_and_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It is held in memory, and a browser holds it too; what follows is not even translated."""
    monkeypatch.setattr(attend, "PAGE", 2)
    asked = []

    def sentences(count: int) -> Iterator[Sentence]:
        for number, text in enumerate(["one", "", "two", *["more"] * count], start=1):
            asked.append(number)
            read = [Reading(text, -0.5, [text], [text], np.ones((1, 1)), [0.5], [(0, 0)])] if text else []
            yield Sentence(number, text, [Unit("unit", read)])

    for count, said in ((0, ""), (50, "before line 4: it holds 2 sentences")):
        asked.clear()
        attend.write_html(sentences(count), tmp_path / "page.html")
        text, errors = (tmp_path / "page.html").read_text("utf-8"), capsys.readouterr().err
        assert text.count("<article") == 2 and (said in errors if said else errors == "") and max(asked) <= 4
