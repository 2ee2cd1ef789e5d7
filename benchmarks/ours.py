"""Our side of every race: trainings run by the command line, and models with random weights for pure speed."""

import hashlib
import json
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from corpus import Corpus, read
from measure import NMT, ROOT, Failed, say

LIKE = ROOT / "benchmarks" / "joeynmt_like.toml"
NEVER = "validation.every=100000000"  # updates; a timed piece is not interrupted by a validation
SKIPPED = 20  # updates before a speed counts, as for the peer

Event = dict[str, Any]


class Pairs(Protocol):
    """What a training reads, in words."""

    def command(self) -> list[str]:
        """Those of `nmt train` that name it."""


def train(
    corpus: Pairs,
    out: Path,
    settings: Sequence[str],
    enough: Callable[[list[Event]], bool],
    preset: Path | str | None = None,
) -> list[Event]:
    """Run `nmt train` in a process of its own until its log shows enough, or to its end; returns the log.

    Raises:
        Failed: it ended with an error.
    """
    out.mkdir(parents=True, exist_ok=True)
    words = [*NMT, "train", *corpus.command(), "--out", str(out.absolute())]
    words += ["--preset", str(preset)] if preset else []
    words += [word for setting in settings for word in ("--set", setting)]
    notes = out.with_name(f"{out.name}.errors.txt")
    with notes.open("wb") as errors:
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=errors, cwd=ROOT)
        try:
            stopped = False
            while process.poll() is None:
                time.sleep(0.25)
                if not stopped and enough(log(out)):
                    process.send_signal(signal.SIGTERM)  # it saves and leaves
                    stopped = True
        finally:
            process.kill()
    if process.returncode not in (0, 130):
        raise Failed(f"{' '.join(words)}\n{notes.read_text(errors='replace')[-2000:]}")
    return log(out)


def log(out: Path) -> list[Event]:
    """The events of a training so far; a line that is still being written is left out."""
    path = out / "log.jsonl"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def updates(events: list[Event]) -> list[Event]:
    """Those that tell of speed, without the first, in which all is new."""
    return [event for event in events if event["event"] == "update" and event["update"] > SKIPPED]


def validations(events: list[Event]) -> list[Event]:
    """Those that tell of quality."""
    return [event for event in events if event["event"] == "validation"]


def reached(count: int) -> Callable[[list[Event]], bool]:
    """Enough once so many updates are logged."""
    return lambda events: any(event["update"] >= count for event in events)


def make_vocabulary(corpus: Corpus, size: int) -> Path:
    """The joint vocabulary that `nmt train` would make of a corpus, for all that need it apart from a training.

    It is kept under runs/, by what it was made of.
    """
    from nmt.config import resolve
    from nmt.text import corpus as corpora
    from nmt.text.tokenizer import train_tokenizer

    digest = hashlib.sha256(read(corpus.train, "en") + read(corpus.train, "de")).hexdigest()[:12]
    path = ROOT / "runs" / "vocabularies" / f"{digest}-{size}.model"
    if not path.exists():
        config = resolve(None, ["data.source=en", "data.target=de", f"tokenizer.size={size}"]).config
        text = corpora.load([str(corpus.train)], config.data)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(train_tokenizer([*text.sources(), *text.targets()], config.tokenizer, say).model)
    return path


def plan(corpus: Corpus, preset: Path | None, settings: Sequence[str], vocabulary: Path) -> tuple[Any, Any]:
    """The settings and the batches of a training as `nmt train` would make them, with a given vocabulary."""
    from nmt.config import resolve
    from nmt.text import corpus as corpora
    from nmt.text.batches import Plan
    from nmt.text.tokenizer import Tokenizer

    words = ["data.source=en", "data.target=de", *settings]
    config = resolve(str(preset) if preset else "medium", words).config
    pieces = Tokenizer.load(vocabulary)
    examples = corpora.encode(corpora.load([str(corpus.train)], config.data), pieces, pieces, config.data)
    return config, Plan(examples, config.training.batch_tokens, config.training.seed)


def tokens_per_batch(batches: Any) -> float:
    """Mean real target tokens of a batch, end marks counted, over the first epoch of a plan."""
    _, targets = batches.examples.lengths(np.arange(len(batches.examples)))
    return float(targets.sum()) / batches.count(0)


def batch_tokens_for(batches: Any, wanted: float) -> int:
    """The batch_tokens with which a batch holds nearest to so many real target tokens."""
    from nmt.text.batches import Plan

    low, high = 64, 64 * 1024
    while high - low > 1:
        middle = (low + high) // 2
        if tokens_per_batch(Plan(batches.examples, middle, batches.seed)) < wanted:
            low = middle
        else:
            high = middle
    return high


def random_model(out: Path, vocabulary: Path, preset: Path | None, settings: Sequence[str], steps: int) -> int:
    """Write a model folder with random weights whose hypotheses all have `steps` pieces, the end mark the last.

    The end mark is made so unlikely that only the limit brings it. Returns the number of weights.
    """
    import torch

    from nmt.checkpoint import ModelFolder, Tokenizers
    from nmt.config import resolve
    from nmt.settings import EOS
    from nmt.text.tokenizer import Tokenizer

    length = ["search.max_ratio=0", f"search.max_extra={steps}"]
    config = resolve(
        str(preset) if preset else "medium", ["data.source=en", "data.target=de", *settings, *length]
    ).config
    pieces = Tokenizer.load(vocabulary)
    folder, tokenizers = ModelFolder(out), Tokenizers(pieces, pieces)
    torch.manual_seed(1)
    model = folder.build(config, tokenizers)
    with torch.no_grad():
        model.output.bias[EOS] = -1e4
    folder.create(config, tokenizers)
    folder.save_weights({name: weight.detach() for name, weight in model.named_parameters()}, {"value": 0.0})
    return sum(weight.numel() for weight in model.parameters())
