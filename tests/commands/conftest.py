"""A model trained through the command line, once for all tests of commands."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

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


@pytest.fixture(scope="session")
def nmt() -> Run:
    """Run `nmt` as a person does; text in and out is bytes."""

    def run(*words: object, stdin: bytes = b"", **options: object) -> subprocess.CompletedProcess[bytes]:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
        command = [sys.executable, "-m", "nmt", *map(str, words)]
        return subprocess.run(command, input=stdin, capture_output=True, env=environment, timeout=240, check=False)

    return run


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
