"""Given pairs -> what each target word came from, by a trained model that is made to write the given target.

The attention of step t is what was read to predict target piece t, so row t belongs to that piece. But the model reads
before it knows the piece: half of what it reads is a guess. Once the piece is known, Bayes' rule says better where it
came from (Shankar & Sarawagi 2019, Posterior Attention Models; the E-step of Brown et al. 1993 with a network in it):

    p(word i | piece y_t)  is proportional to  p(read word i at t) p(y_t | reading word i alone)

The first factor is the attention; the second costs one more unrolling a source word, over a memory of that word alone.
The end of the source sentence counts as a word too: it is the empty word, from which comes what has no counterpart.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from nmt.checkpoint import ModelFolder, Tokenizers
from nmt.device import choose_device
from nmt.model.seq2seq import Seq2Seq
from nmt.model.states import Memory
from nmt.registry import Registry
from nmt.settings import BOS, EOS
from nmt.text.batches import pad
from nmt.text.cleaning import tidy
from nmt.text.tokenizer import Tokenizer
from nmt.text.words import Alignment, group

WINDOW = 8  # batches of pairs are best given together: sorted by length they hold little padding
SCORES = 2**23  # scores of pieces in memory at a time: 32 MiB

Pairs = Sequence[tuple[str, str]]


class Side(NamedTuple):
    """One side of a pair: its words, its piece ids, and for each piece the number of its word."""

    words: list[str]
    ids: list[int]
    owner: np.ndarray


class Batch(NamedTuple):
    """Pairs on their way, padded, with what the encoder left behind of them."""

    pairs: list[tuple[Side, Side]]
    memory: Memory
    target_in: Tensor  # (B, T)
    target_out: Tensor  # (B, T)


class Aligner:
    """A trained model with its tokenizers."""

    def __init__(
        self, model: Seq2Seq, tokenizers: Tokenizers, longest: int, method: str = "posterior", batch: int = 64
    ) -> None:
        """Pairs with more than `longest` pieces on a side are not aligned; `batch` pairs are read together.

        Raises:
            ConfigError: an unknown method.
        """
        self.model, self.tokenizers, self.longest, self.batch = model, tokenizers, longest, batch
        self.weigh, self.empty = METHODS[method]
        self.device = model.output.weight.device

    @classmethod
    def load(
        cls, path: Path, method: str = "posterior", batch: int = 64, device: str = "auto", precision: str = "fp32"
    ) -> "Aligner":
        """Open a model folder; pairs may be as long as those it was trained on.

        Raises:
            ModelFolderError: it is missing, incomplete or damaged.
            ConfigError: the device is not there or cannot compute in that precision, or the method is unknown.
        """
        folder = ModelFolder.open(path)
        model, longest = folder.model(choose_device(device)), folder.config().data.max_length
        return cls(model.computing_in(precision), folder.tokenizers(), longest, method, batch)

    @torch.inference_mode()
    def align(self, pairs: Pairs) -> list[Alignment | str]:
        """Weights of each pair, or why there are none ("" where a side is blank).

        What a row lacks to one came from no word. The words are what stands between spaces. Neither the other pairs
        nor the size of a batch changes an alignment.
        """
        both = self.tokenizers
        sides = [(_side(both.source, source), _side(both.target, target)) for source, target in pairs]
        found: list[Alignment | str] = [self._refusal(source, target) for source, target in sides]
        fit = sorted((i for i, (s, t) in enumerate(sides) if s.ids and t.ids and not found[i]), key=_length(sides))
        for start in range(0, len(fit), self.batch):
            rows = fit[start : start + self.batch]
            batch = self._read([sides[i] for i in rows])
            for i, weights in zip(rows, self.weigh(self.model, batch), strict=True):
                found[i] = Alignment(sides[i][0].words, sides[i][1].words, weights)
        return found

    def _refusal(self, source: Side, target: Side) -> str:
        pieces = max(len(source.ids), len(target.ids))
        return f"{pieces} pieces, more than {self.longest}" if pieces > self.longest else ""

    def _read(self, pairs: list[tuple[Side, Side]]) -> Batch:
        source, mask = pad([[*s.ids, EOS] for s, _ in pairs])
        target_in, _ = pad([[BOS, *t.ids] for _, t in pairs])  # one step longer than needed, as EOS is not aligned
        target_out, _ = pad([[*t.ids, EOS] for _, t in pairs])
        memory = self.model.encode(source.to(self.device), mask.to(self.device))
        return Batch(pairs, memory, target_in.to(self.device), target_out.to(self.device))


def attention(model: Seq2Seq, batch: Batch) -> list[np.ndarray]:
    """What was read before each word was known, (T, S) words; `nmt translate` reports the same of its translations."""
    return [prior[:, :-1] for prior in _attended(model, batch)]


def posterior(model: Seq2Seq, batch: Batch) -> list[np.ndarray]:
    """Where each word came from now that it is known, (T, S) words; a row's rest to one came from the empty word."""
    weights = []
    for prior, told in zip(_attended(model, batch), _told(model, batch), strict=True):
        with np.errstate(divide="ignore"):  # a word that was not read at all has no chance
            joint = np.log(prior) + told
        best = joint.max(1, keepdims=True)
        chances = np.exp(joint - np.where(np.isfinite(best), best, 0))
        weights.append((chances / np.maximum(chances.sum(1, keepdims=True), np.finfo(float).tiny))[:, :-1])
    return weights


METHODS = Registry[tuple[Callable[[Seq2Seq, Batch], list[np.ndarray]], bool]](
    "alignment method", posterior=(posterior, True), attention=(attention, False)
)
"""Name -> the weights, and whether what their rows lack to one is the share of the empty word."""


def _side(tokenizer: Tokenizer, text: str) -> Side:
    """Words and pieces of a text; a blank one has none."""
    text = tidy(text)
    if not text.strip():
        return Side([], [], np.zeros(0, dtype=np.int64))
    words, ids = text.split(" "), tokenizer.encode(text)
    owner = group(tokenizer, ids)[1]
    if not ids or owner[-1] + 1 != len(words):  # a rule of the tokenizer has added spaces, or removed words
        pieces = [tokenizer.encode(word) for word in words]
        ids = [piece for some in pieces for piece in some]
        owner = np.repeat(np.arange(len(words)), [len(some) for some in pieces])
    return Side(words, ids, owner)


def _length(sides: Sequence[tuple[Side, Side]]) -> Callable[[int], tuple[int, int]]:
    return lambda i: (len(sides[i][0].ids), len(sides[i][1].ids))


def _attended(model: Seq2Seq, batch: Batch) -> list[np.ndarray]:
    """Attention of every pair, of words (T, S + 1), the end of the source last; target pieces are averaged."""
    found = []
    step = max(1, SCORES // (batch.target_in.shape[1] * model.output.weight.shape[0]))
    for start in range(0, len(batch.pairs), step):
        rows = torch.arange(start, min(len(batch.pairs), start + step), device=batch.target_in.device)
        memory = batch.memory.select(rows)
        found += [*model.unroll(batch.target_in[rows], memory, model.start(memory)).attended.weights.double().cpu()]
    return [
        _mean_over_words(weights[: len(t.ids), : len(s.ids) + 1].numpy(), t) @ _members(s).T
        for weights, (s, t) in zip(found, batch.pairs, strict=True)
    ]


def _told(model: Seq2Seq, batch: Batch) -> list[np.ndarray]:
    """Log-probability of each target word where one source word alone is read, (T, S + 1): the mean of its pieces."""
    parts = [[*map(np.flatnonzero, _members(s))] for s, _ in batch.pairs]
    places = [(row, part) for row, some in enumerate(parts) for part in some]
    told = torch.cat([*_one_word(model, batch, places)]).double().cpu().numpy()
    found, first = [], 0
    for some, (_, target) in zip(parts, batch.pairs, strict=True):
        each = told[first : first + len(some), : len(target.ids)]
        found.append(_mean_over_words(each.T, target))
        first += len(some)
    return found


def _one_word(model: Seq2Seq, batch: Batch, places: list[tuple[int, np.ndarray]]) -> Iterator[Tensor]:
    """Log-probabilities (some rows, T) of the target pieces of pair `row` where only these source places are read."""
    device = batch.target_in.device
    step = max(1, SCORES // (batch.target_in.shape[1] * model.output.weight.shape[0]))
    for start in range(0, len(places), step):
        some = places[start : start + step]
        rows = torch.tensor([row for row, _ in some], device=device)
        where, mask = (part.to(device) for part in pad([part.tolist() or [0] for _, part in some]))
        whole = batch.memory
        states, keys, source = (part[rows[:, None], where] for part in (whole.states, whole.keys, whole.source))
        memory = Memory(states, keys, mask, whole.summary[rows], source)
        scores = model.unroll(batch.target_in[rows], memory, model.start(memory)).scores.float()
        yield scores.gather(2, batch.target_out[rows][:, :, None])[:, :, 0] - scores.logsumexp(2)


def _members(source: Side) -> np.ndarray:
    """Which pieces (P + 1) belong to which words (S + 1), as ones and zeros; the end is a word of its own, the last."""
    owner = np.append(source.owner, len(source.words))
    return (owner == np.arange(len(source.words) + 1)[:, None]).astype(float)


def _mean_over_words(pieces: np.ndarray, target: Side) -> np.ndarray:
    """Rows of pieces (P, N) -> their means over each word (T, N); a word without pieces has zeros."""
    owned = target.owner == np.arange(len(target.words))[:, None]
    return owned.astype(float) @ pieces / np.maximum(owned.sum(1, keepdims=True), 1)
