"""A model trained through the command line, once for all tests of commands."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import FORKS

NOUNS = {"dog": "Hund", "cat": "Kater", "man": "Mann", "boy": "Junge", "bird": "Vogel", "fish": "Fisch"}
VERBS = {"sees": "sieht", "hears": "hört", "finds": "findet", "likes": "mag"}
SMALL = ["--preset", "tiny"]
for key, value in {
    "tokenizer.size": 400, "model.embedding": 16, "encoder.size": 8, "encoder.layers": 1, "attention.size": 8,
    "decoder.size": 16, "decoder.readout_size": 16, "training.epochs": 4, "training.batch_tokens": 300,
    "training.warmup": 5, "search.max_source": 40, "training.threads": 1,
}.items():  # fmt: skip
    SMALL += ["--set", f"{key}={value}"]

Run = Callable[..., subprocess.CompletedProcess[bytes]]
SHELL = {"OMP_NUM_THREADS": "1", "LC_ALL": "C"}
LONGEST = 240  # seconds


def _as_main(words: list[str], folder: Path) -> None:
    """What a new Python does with `-m nmt` when its three streams are files and its locale can say ASCII alone."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT
        os.dup2(os.open(folder / name, flags), number)
        errors = "backslashreplace" if number == 2 else "strict"
        setattr(sys, name, open(number, mode, encoding="ascii", errors=errors, closefd=False))  # noqa: SIM115
    sys.argv = ["nmt", *words]
    from nmt.commands import main

    main()


class Begun(NamedTuple):
    """A process that is at work, and the folder of its three streams."""

    process: BaseProcess
    folder: Path

    def ended(self) -> subprocess.CompletedProcess[bytes]:
        """Wait for its end."""
        self.process.join(LONGEST)
        if self.process.exitcode is None:
            self.process.kill()
            raise TimeoutError(f"{self.process.name} took longer than {LONGEST} s")
        out, err = ((self.folder / name).read_bytes() for name in ("stdout", "stderr"))
        return subprocess.CompletedProcess(self.process.name, self.process.exitcode, out, err)

    def ended_by(self, how: signal.Signals) -> subprocess.CompletedProcess[bytes]:
        """Send it a signal, and wait for its end."""
        assert self.process.pid and self.process.is_alive(), "it ended before"
        os.kill(self.process.pid, how)
        return self.ended()


@pytest.fixture(scope="session")
def begin(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Begun]:
    """Begin `nmt` as a person does, in a process of its own; text in and out is bytes.

    The processes are forked from one that has imported the libraries: hundreds of imports of torch take minutes.
    """
    os.environ.update(SHELL)

    def run(*words: object, stdin: bytes = b"") -> Begun:
        folder = tmp_path_factory.mktemp("run")
        (folder / "stdin").write_bytes(stdin)
        line = [str(word) for word in words]
        process = FORKS.Process(target=_as_main, args=(line, folder), name=f"nmt {line}")
        process.start()
        return Begun(process, folder)

    return run


@pytest.fixture(scope="session")
def nmt(begin: Callable[..., Begun]) -> Run:
    """Run `nmt` to its end."""
    return lambda *words, stdin=b"": begin(*words, stdin=stdin).ended()


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prefix of a corpus of 144 pairs in train.en and train.de."""
    folder = tmp_path_factory.mktemp("corpus")
    pairs = [
        (f"The {a} {v} the {b}.", f"Der {NOUNS[a]} {VERBS[v]} den {NOUNS[b]}.")
        for a in NOUNS
        for v in VERBS
        for b in NOUNS
    ]
    for side, language in enumerate(("en", "de")):
        (folder / f"train.{language}").write_text("".join(f"{pair[side]}\n" for pair in pairs), encoding="utf-8")
    return folder / "train"


@pytest.fixture(scope="session")
def train_words(corpus: Path) -> list[object]:
    """The words of a quick training, without --out."""
    return ["train", corpus, "--source", "en", "--target", "de", *SMALL]


@pytest.fixture(scope="session")
def trained(nmt: Run, train_words: list[object], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished model folder."""
    out = tmp_path_factory.mktemp("models") / "model"
    done = nmt(*train_words, "--out", out)
    assert done.returncode == 0, done.stderr.decode()
    return out


@pytest.fixture(scope="session")
def back(nmt: Run, train_words: list[object], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the other direction."""
    out = tmp_path_factory.mktemp("models") / "back"
    words = [{"en": "de", "de": "en"}.get(word, word) if isinstance(word, str) else word for word in train_words]
    done = nmt(*words, "--out", out)
    assert done.returncode == 0, done.stderr.decode()
    return out
