import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import nmt
from nmt.commands import app
from nmt.errors import DataError, NmtError

REFERENCE = [f"Number {n} waits at the harbour." for n in range(6)]
BETTER = [line.replace("harbour", "port") if n % 2 else line for n, line in enumerate(REFERENCE)]
WORSE = [line.replace("waits at", "is in") for line in BETTER]


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, lines in {"ref": REFERENCE, "better": BETTER, "worse": WORSE}.items():
        Path(name).write_bytes("".join(f"{line}\n" for line in lines).encode())


def run(*words: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, ["score", *words], input=stdin)


def fine(*words: str, stdin: str | bytes | None = None) -> str:
    result = run(*words, stdin=stdin)
    assert result.exit_code == 0, result.output
    return result.stdout


def complaint(*words: str, stdin: str | bytes | None = None) -> str:
    error = run(*words, stdin=stdin).exception
    assert isinstance(error, NmtError) and "\n" not in str(error)
    return str(error)


def test_each_metric_is_one_line_with_its_signature() -> None:
    first, second = fine("ref", "--reference", "ref").splitlines()
    assert first.startswith("BLEU 100.00  nrefs:1|case:mixed|eff:no|tok:13a|")
    assert second.startswith("chrF2 100.00  nrefs:1|")
    assert [line.split()[0] for line in fine("ref", "-r", "ref", "-m", "ter", "-m", "ter").splitlines()] == ["TER"]


@pytest.mark.parametrize("words", [(), ("-",)])
def test_the_hypothesis_is_stdin_unless_named(words: tuple[str, ...]) -> None:
    assert fine(*words, "--reference", "ref", stdin=Path("better").read_bytes()) == fine("better", "--reference", "ref")


def test_a_second_file_is_told_its_option() -> None:
    told = complaint("better", "ref")
    assert told.startswith("ref: one file of translations stands alone. Say what the other is: --reference or")
    assert complaint("better", "ref", "worse", "-r", "ref").startswith("ref: one file")


def test_line_rules_hold_for_stdin_and_files() -> None:
    text = "Eins\u2028zwei\r\n\nDrei\x0cvier"
    Path("odd").write_bytes(text.encode())
    assert fine("-r", "odd", "-m", "chrf", stdin=text).startswith("chrF2 100.00")
    assert fine("-r", "odd", "-m", "chrf", stdin=b"\xff\n\n\n").startswith("chrF2 0.00")


def test_many_references_and_flags_reach_the_signature() -> None:
    out = fine("better", "-r", "ref", "-r", "worse", "-m", "bleu", "--lowercase", "--tokenize", "char")
    assert "nrefs:2|case:lc" in out and "tok:char" in out


def test_json_is_one_object() -> None:
    found = json.loads(fine("better", "-r", "ref", "--json"))
    assert [each["name"] for each in found["scores"]] == ["BLEU", "chrF2"]
    assert found["scores"][0]["signature"].startswith("nrefs:1|") and "comparison" not in found
    found = json.loads(fine("better", "-r", "ref", "--json", "--baseline", "worse", "--resamples", "30"))
    assert [(row["system"], row["metric"]) for row in found["comparison"]] == [
        ("better", "BLEU"), ("worse", "BLEU"), ("better", "chrF2"), ("worse", "chrF2")
    ]  # fmt: skip
    assert found["resamples"] == 30 and found["comparison"][0]["p_value"] is None


def test_a_baseline_adds_a_table_of_differences() -> None:
    words = ("better", "-r", "ref", "-m", "bleu", "--resamples", "30", "--baseline", "worse", "--baseline", "ref")
    result = run(*words)
    assert result.exit_code == 0
    plain, blank, header, ours, worse, perfect = result.stdout.splitlines()
    assert (plain + blank).startswith("BLEU ")
    assert header.split() == ["metric", "system", "score", "95", "%", "delta", "p"]
    assert ours.split()[:2] == ["BLEU", "better"] and len(ours.split()) == 5
    value, delta = float(worse.split()[2]), float(worse.split()[5])
    assert float(ours.split()[2]) - value == pytest.approx(delta, abs=0.011) and delta > 0
    assert float(perfect.split()[5]) < 0
    assert "30 resamples" in result.stderr and "better minus the other" in result.stderr


def test_what_is_missing_is_said() -> None:
    assert complaint("better") == "Give either --reference FILE, or --testset and --pair."
    assert complaint("better", "--testset", "wmt14").startswith("--testset and --pair go together")
    assert complaint("better", "--pair", "en-de").startswith("--testset and --pair go together")
    both = complaint("better", "-r", "ref", "--testset", "wmt14", "--pair", "en-de")
    assert both == "Give either --reference FILE, or --testset and --pair."
    assert complaint("nix", "-r", "ref") == "nix: no such file. Check the path."
    assert complaint("ref", "-r", "ref", "-m", "blue").startswith("Unknown metric 'blue'. Did you mean 'bleu'?")
    assert complaint("-r", "ref", stdin="one\n").startswith("standard input has 1 line but ref has 6. Line i of")
    assert complaint("-r", "ref", stdin="").startswith("standard input has 0 lines but ref has 6.")
    Path("short").write_text("one\ntwo\n")
    assert complaint("ref", "-r", "ref", "-r", "short").startswith("ref has 6 lines but short has 2.")
    assert complaint("ref", "-r", "ref", "--baseline", "short").startswith("short has 2 lines but ref has 6.")
    assert complaint("short", "-r", "ref", "--baseline", "ref").startswith("short has 2 lines but ref has 6.")
    assert run("ref", "-r", "ref", "--resamples", "0").exit_code == 2


def test_nothing_is_compared_with_itself_or_read_twice(tmp_path: Path) -> None:
    words = ("better", "-r", "ref", "--baseline")
    for twice in ("better", "./better", str(tmp_path / "better")):
        assert complaint(*words, twice) == f"{Path(twice)} is given twice. Give other translations as --baseline."
    assert complaint(*words, "worse", "--baseline", "worse").startswith("worse is given twice.")
    assert complaint("-r", "ref", "--baseline", "-", stdin="x\n").startswith("standard input is given twice.")
    once = "Standard input (-) can be read only once. Give a file for the other."
    assert complaint("-", "-r", "-", stdin="x\n") == complaint("ref", "-r", "-", "-r", "-", stdin="x\n") == once
    assert fine("better", "-r", "better", "-m", "chrf").startswith("chrF2 100.00")


def test_a_test_set_brings_its_references_and_tokenizer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def test_set(name: str, pair: str) -> tuple[list[str], list[list[str]]]:
        asked.append((name, pair))
        return ["source"], [["我们去公园"]]

    monkeypatch.setattr("nmt.commands.score.test_set", test_set)
    assert "tok:zh" in fine("--testset", "ours26", "--pair", "en-zh", "-m", "bleu", stdin="我们去公园\n")
    assert "tok:char" in fine("--testset", "x", "--pair", "en-zh", "-m", "bleu", "--tokenize", "char", stdin="我\n")
    assert asked == [("ours26", "en-zh"), ("x", "en-zh")]
    monkeypatch.setattr("nmt.commands.score.test_set", lambda *_: (_ for _ in ()).throw(DataError("no network")))
    assert complaint("--testset", "ours26", "--pair", "en-de", stdin="x\n") == "no network"


def test_help_ends_with_an_example() -> None:
    assert "nmt score new.txt --reference test.de --baseline old.txt" in fine("--help")


def test_exit_codes_and_one_line_on_stderr() -> None:
    command = [sys.executable, "-m", "nmt", "score", "nix", "--reference", "ref"]
    checkout = os.pathsep.join([str(Path(nmt.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    result = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": checkout})
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "nmt: nix: no such file. Check the path.\n"


GOLD = ["0-0 1?1 2-1", "", "0-0"]
LINKS = ["0-0 1-1", "", "0-0 3-2"]
PAIRS = {"a": ["one two three", "", "one two three four"], "b": ["eins zwei", "leer", "eins zwei drei"]}


@pytest.fixture
def aligned(tmp_path: Path) -> None:
    for name, lines in {"gold": GOLD, "links": LINKS, **PAIRS}.items():
        (tmp_path / name).write_bytes("".join(f"{line}\n" for line in lines).encode())


@pytest.mark.usefixtures("aligned")
def test_word_alignments_are_scored_against_a_persons() -> None:
    said = "AER 28.57  precision 75.00  recall 66.67  4 links against 3 sure, 4 possible\n"
    assert fine("links", "--gold", "gold") == fine("links", "--gold", "gold", "--pairs", "a,b") == said
    assert fine("--gold", "gold", stdin=Path("links").read_bytes()) == said
    found = json.loads(fine("links", "--gold", "gold", "--json"))["alignment"]
    assert found["error"] == pytest.approx(2 / 7) and found["links"] == 4
    assert fine("--gold", "gold", stdin="0-0 1-1 2-1\n\n0-0\n").startswith("AER 0.00  precision 100.00  recall 100.00")


@pytest.mark.usefixtures("aligned")
def test_mistakes_in_alignments_are_told_with_their_line() -> None:
    assert complaint("--gold", "gold", stdin="0-0\n").startswith("standard input has 1 line but gold has 3.")
    assert complaint("--gold", "gold", stdin="0-0\n\n0:0\n").startswith("standard input:3: '0:0' is no link.")
    assert complaint("gold", "--gold", "links").startswith("gold:1: '1?1' is no link. Write i-j, counted from 0")
    assert complaint("links", "--gold", "a").startswith("a:1: 'one' is no link. Write i-j for a sure one, i?j")
    said = "links:1: 1-1 names target word 1, but there are 1 words, counted from 0."
    Path("c").write_text("eins\nleer\neins zwei drei\n")
    assert complaint("links", "--gold", "gold", "--pairs", "a,c").startswith(said)
    assert complaint("--gold", "gold", "--pairs", "a,c", stdin="\n\n\n").startswith("gold:1: 1-1 names target word 1,")
    assert complaint("links", "--gold", "gold", "--pairs", "a").startswith("a: --pairs takes two files with a comma")
    Path("d").write_text("one\n")
    assert complaint("links", "--gold", "gold", "--pairs", "d,d").startswith("d,d has 1 line but gold has 3.")
    assert complaint("links", "--gold", "gold", "-r", "ref").startswith("--gold is for word alignments. Leave out")
    assert complaint("links", "--pairs", "a,b").startswith("--pairs goes with --gold.")
    assert complaint("-", "--gold", "-", stdin="").startswith("Standard input (-) can be read only once.")
    assert complaint("nix", "--gold", "gold") == "nix: no such file. Check the path."
    Path("possible").write_text("0?0\n\n0?0\n")
    assert complaint("links", "--gold", "possible").startswith("The gold has no sure link")
