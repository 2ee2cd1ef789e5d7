"""What many tests share: settings, models, batches and a tokenizer, all tiny."""

import multiprocessing
import signal
from collections.abc import Callable

import hypothesis
import pytest
import torch

from nmt.config import resolve
from nmt.model.seq2seq import Seq2Seq
from nmt.settings import Config, Tokenizer
from nmt.text.batches import Batch, Examples, Ragged
from nmt.text.tokenizer import Tokenizer as Pieces
from nmt.text.tokenizer import train_tokenizer

VOCABULARY = 20
TINY = [
    "model.embedding=6", "model.tie=none", "encoder.layers=1", "encoder.size=4",
    "attention.size=8", "decoder.size=8", "decoder.readout_size=6",
    "dropout.embedding=0", "dropout.hidden=0", "dropout.readout=0",
    "training.precision=fp32", "training.device=cpu", "training.warmup=0", "training.epochs=2",
    "training.batch_tokens=40", "validation.metric=loss", "search.max_ratio=1", "search.max_extra=4",
]  # fmt: skip
TEXT = ["one two three.", "two houses stand here", "the old tree falls! down", "here, one house fell", "Who is there?"]

LIBRARIES = [
    "nmt.commands", "nmt.translator", "nmt.training.trainer", "nmt.training.ranks", "nmt.evaluation.page", "datasets",
    "sacrebleu", "torch._dynamo",  # torch's optimizers import it when the first is made: 3 s of each training
]  # fmt: skip
FORKS = multiprocessing.get_context("forkserver")  # one server a process, so the list is one, too
FORKS.set_forkserver_preload(LIBRARIES)
hypothesis.settings.register_profile("nmt", deadline=None)  # a busy machine is no bug
hypothesis.settings.load_profile("nmt")
torch.set_num_threads(1)  # tiny tensors gain nothing from more
signal.signal(signal.SIGINT, signal.default_int_handler)  # a script's `make test &` ignores it; children would too


@pytest.fixture(scope="session")
def make_config() -> Callable[..., Config]:
    """Tiny settings with `section.key=value` words over them."""
    return lambda *words: resolve(None, [*TINY, *words]).config


@pytest.fixture(scope="session")
def make_model(make_config: Callable[..., Config]) -> Callable[..., Seq2Seq]:
    """A model in evaluation mode and double precision, all its weights random: biases and norms too."""

    def make(*words: str, source: int = VOCABULARY, target: int = VOCABULARY, seed: int = 0) -> Seq2Seq:
        torch.manual_seed(seed)
        model = Seq2Seq(make_config(*words), source, target).double().eval()
        for weight in model.parameters():
            torch.nn.init.uniform_(weight, -0.7, 0.7)
        return model

    return make


def random_examples(count: int, longest: int = 7, seed: int = 0, vocabulary: int = VOCABULARY) -> Examples:
    """Random ids of lengths from 1 to `longest`; the target is the source turned round."""
    chance = torch.Generator().manual_seed(seed)
    sequences = []
    for _ in range(count):
        length = int(torch.randint(1, longest + 1, (), generator=chance))
        sequences.append(torch.randint(4, vocabulary, (length,), generator=chance).tolist())
    return Examples(Ragged.of(sequences), Ragged.of([ids[::-1] for ids in sequences]))


@pytest.fixture(scope="session")
def make_examples() -> Callable[..., Examples]:
    """Random ids, as above."""
    return random_examples


@pytest.fixture(scope="session")
def batch(make_examples: Callable[..., Examples]) -> Batch:
    """Five sentences of unequal lengths."""
    examples = make_examples(5)
    assert len({len(examples.source[i]) for i in range(5)}) > 2
    return examples.batch(range(5))


@pytest.fixture(scope="session")
def tokenizer() -> Pieces:
    """All bytes and a few words."""
    return train_tokenizer(TEXT * 10, Tokenizer(size=320), note=lambda text: None)
