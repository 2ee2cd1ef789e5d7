"""Given pairs -> what each target word came from, by a trained model that is made to write the given target.

The attention of step t is what was read to predict target piece t, so row t belongs to that piece. But the model reads
before it knows the piece: half of what it reads is a guess. Once the piece is known, Bayes' rule says better where it
came from (Shankar & Sarawagi 2019, Posterior Attention Models; the E-step of Brown et al. 1993 with a network in it):

    p(state i | piece y_t)  is proportional to  p(read state i at t) p(y_t | state i alone was read at t)

The first factor is the attention, the second costs one vocabulary for each state (`nmt.model.hard`). The end of the
source sentence is a state too: it is the empty word, from which comes what has no counterpart.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from nmt.checkpoint import ModelFolder, Tokenizers
from nmt.device import choose_device
from nmt.model.hard import log_chances
from nmt.model.seq2seq import Seq2Seq
from nmt.model.states import Memory, Told
from nmt.registry import Registry
from nmt.settings import BOS, EOS
from nmt.text.batches import pad
from nmt.text.cleaning import tidy
from nmt.text.tokenizer import Tokenizer
from nmt.text.words import Alignment, tokens

WINDOW = 8  # batches of pairs are best given together: sorted by length they hold little padding
SCORES = 2**24  # scores of pieces made for one part of a batch: 64 MiB

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
    return _words(batch, [_tell(model, batch, rows).attended.weights for rows in _rows(model, batch, 1)])


def posterior(model: Seq2Seq, batch: Batch) -> list[np.ndarray]:
    """Where each word came from now that it is known, (T, S) words; a row's rest to one came from the empty word."""
    found = []
    for rows in _rows(model, batch, batch.memory.mask.shape[1]):
        told, memory = _tell(model, batch, rows), batch.memory.select(rows)
        losses = model.loss_of_each(told, memory, batch.target_out[rows], 0.0)  # (B, T, S)
        found.append((log_chances(told.attended.weights, memory) - losses).softmax(-1))
    return _words(batch, found)


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
    owner = tokens(tokenizer, ids)
    if not ids or owner[-1] + 1 != len(words):  # a rule of the tokenizer has added spaces, or removed words
        pieces = [tokenizer.encode(word) for word in words]
        ids = [piece for some in pieces for piece in some]
        owner = np.repeat(np.arange(len(words)), [len(some) for some in pieces])
    return Side(words, ids, owner)


def _length(sides: Sequence[tuple[Side, Side]]) -> Callable[[int], tuple[int, int]]:
    return lambda i: (len(sides[i][0].ids), len(sides[i][1].ids))


def _rows(model: Seq2Seq, batch: Batch, copies: int) -> list[Tensor]:
    """The pairs in parts of which so many copies fit into memory, with all their scores."""
    step = max(1, SCORES // (copies * batch.target_in.shape[1] * model.output.weight.shape[0]))
    return list(torch.arange(len(batch.pairs), device=batch.target_in.device).split(step))


def _tell(model: Seq2Seq, batch: Batch, rows: Tensor) -> Told:
    memory = batch.memory.select(rows)
    return model.tell(batch.target_in[rows], memory, model.start(memory))


def _words(batch: Batch, weights: list[Tensor]) -> list[np.ndarray]:
    """Weights of pieces -> of words (T, S): source pieces are added up, target pieces averaged."""
    rows = torch.cat(weights).double().cpu().numpy()
    return [_mean(row[: len(t.ids), : len(s.ids)], s, t) for row, (s, t) in zip(rows, batch.pairs, strict=True)]


def _mean(pieces: np.ndarray, source: Side, target: Side) -> np.ndarray:
    """(target pieces, source pieces) -> (target words, source words); a word without pieces has zeros."""
    of_source, of_target = (side.owner == np.arange(len(side.words))[:, None] for side in (source, target))
    counts = np.maximum(of_target.sum(1, keepdims=True), 1)
    return of_target.astype(float) @ pieces @ of_source.T / counts  # type: ignore[no-any-return]
