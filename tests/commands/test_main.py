"""What every command keeps: a mistake is one line, and so is an output or input that is not there."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("foo", "No such command 'foo'. See `nmt --help`."),
        ("trainn", "No such command 'trainn'. Did you mean 'train'? See `nmt --help`."),
        ("tokenize trai", "No such command 'trai'. Did you mean 'train'? See `nmt tokenize --help`."),
        ("translate", "Missing argument 'DIR'. See `nmt translate --help`."),
        ("translate x --beem 3", "No such option: --beem. Did you mean '--beam'? See `nmt translate --help`."),
        ("translate x --beam 0", "Invalid value for '--beam': * See `nmt translate --help`."),
        ("train x --out y --seed x", "Invalid value for '--seed': * See `nmt train --help`."),
        ("train x --out", "Option '--out' requires an argument. See `nmt train --help`."),
        ("calibrate a", "Missing argument 'CORPUS...'. See `nmt calibrate --help`."),
        ("rate a b c", "Got unexpected extra argument* See `nmt rate --help`."),
    ],
)
def test_a_word_that_is_wrong_gets_one_line(nmt, words: str, said: str) -> None:
    refused = nmt(*words.split())
    begin, _, end = said.partition("*")
    line = refused.stderr.decode()
    assert refused.returncode == 2 and refused.stdout == b"" and line.count("\n") == 1
    assert line.startswith(f"nmt: {begin}") and line.endswith(f"{end}\n")


@pytest.mark.parametrize("words", [[], ["tokenize"]])
def test_nothing_asked_for_is_answered_by_the_help(nmt, words: list[str]) -> None:
    shown = nmt(*words)
    assert b"Usage: nmt" in shown.stdout + shown.stderr and b"Commands:" in shown.stdout + shown.stderr


def test_the_list_of_commands_cuts_no_sentence_short(nmt) -> None:
    shown = nmt("--help").stdout.decode()
    assert "..." not in shown.partition("Commands:")[2] and "or a document." in shown


def shell(words: str) -> subprocess.CompletedProcess[bytes]:
    """Run nmt with the redirections of a shell."""
    command = f'exec "{sys.executable}" -m nmt {words}'
    return subprocess.run(["sh", "-c", command], input=b"one two\n", capture_output=True, timeout=120, check=False)


@pytest.fixture(scope="session")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("text") / "text"
    path.write_text("one two three\n")
    return f"'{path}'"


@pytest.mark.skipif(not FULL.exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize(
    "words",
    ["--help", "--version", "config", "config --json", "info MODEL", "tokenize encode MODEL", "score TEXT -r TEXT",
     "translate MODEL", "attend MODEL"],
)  # fmt: skip
def test_a_full_disk_is_told_in_one_line(trained: Path, text: str, words: str) -> None:
    refused = shell(f"{words.replace('MODEL', str(trained)).replace('TEXT', text)} > {FULL}")
    assert refused.returncode == 2, refused.stderr
    assert refused.stderr == b"nmt: standard output: cannot write: No space left on device. Free some space.\n"


@pytest.mark.parametrize("words", ["score -r TEXT", "tokenize encode MODEL", "tokenize decode MODEL",
                                   "tokenize train --out x", "translate MODEL", "attend MODEL"])  # fmt: skip
def test_a_closed_standard_input_gets_one_line(trained: Path, text: str, words: str) -> None:
    refused = shell(f"{words.replace('MODEL', str(trained)).replace('TEXT', text)} <&-")
    assert refused.returncode == 2 and refused.stderr.count(b"\n") == 1
    assert refused.stderr.startswith(b"nmt: Standard input is closed.")


@pytest.mark.parametrize("words", ["score TEXT -r TEXT", "tokenize encode MODEL"])
def test_a_closed_standard_output_gets_one_line(trained: Path, text: str, words: str) -> None:
    refused = shell(f"{words.replace('MODEL', str(trained)).replace('TEXT', text)} >&-")
    assert refused.returncode == 2 and refused.stderr.count(b"\n") == 1
    assert refused.stderr.startswith(b"nmt: Standard output is closed.")


def test_python_cli_py_is_nmt() -> None:
    doorway = Path(__file__).parents[2] / "cli.py"
    shown = subprocess.run([sys.executable, doorway, "config", "--json"], capture_output=True, timeout=60, check=True)
    assert json.loads(shown.stdout)["search.beam"]["origin"] == "default"


LATE = """
import os, runpy, signal, sys, time

class Interrupting:  # Ctrl-C while a library is imported, by one that swallows what that raises
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}:
            try:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.2)
            except KeyboardInterrupt:
                pass

sys.meta_path.insert(0, Interrupting())
sys.argv = ["nmt", *{words!r}]
runpy.run_module("nmt", run_name="__main__")
"""


@pytest.mark.parametrize("name", ["typer", "nmt.commands", "torch", "sentencepiece", "datasets"])
def test_ctrl_c_ends_a_training_that_has_not_begun(train_words: list[str], tmp_path: Path, name: str) -> None:
    code = LATE.format(name=name, words=[str(word) for word in [*train_words, "--out", tmp_path / "model"]])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGINT and b"Traceback" not in done.stderr


def test_ctrl_c_is_heard_by_other_commands() -> None:
    code = (
        "import signal, sys; sys.argv = ['nmt', '--version']\n"
        "import nmt.commands as commands; from nmt.__main__ import main\n"
        "commands.main = lambda: print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)\n"
        "main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=120, check=False)
    assert done.stdout.strip() == b"True", done.stderr
