"""The settings: sections of frozen dataclasses, one help string a field, and the ids every vocabulary begins with.

Nothing else holds a default. `nmt.config` lays presets, files and flags over them. Names of parts are looked up by the
rooms that own them.
"""

import dataclasses
import math
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_type_hints

from nmt.errors import ConfigError

PAD, UNK, BOS, EOS = range(4)
"""The ids every vocabulary begins with."""

TAG = "<BT>"
"""Begins a source that was translated back from its target by a machine (Caswell et al. 2019, arXiv:1906.06442)."""

MOST_UNITS, MOST_LAYERS, MOST_PIECES, MOST_BEAM = 16_384, 64, 1_000_000, 1_000
"""Far above what is useful: a slip of the finger is told before any memory is asked for."""

MOST_RATIO, MOST_LENGTH = 100, 10_000
"""Likewise of the search, so that a stranger's model folder does not keep a machine busy for ever."""

COLDEST = 1e-3
"""The least temperature but 0: below, log-probabilities over it leave the range of numbers."""

T = TypeVar("T")


def setting(default: T, help: str, least: float = -math.inf, most: float = 10**9) -> T:
    """A field with a default, the one sentence that `nmt config` prints beside it, and its bounds if a number."""
    metadata = {"help": help, "least": least, "most": most}
    return field(default=default, metadata=metadata)  # type: ignore[no-any-return, call-overload]


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ConfigError(message)


@dataclass(frozen=True)
class _Section:
    """What every section keeps: its numbers are numbers, and within their bounds."""

    def __post_init__(self) -> None:
        for key in dataclasses.fields(self):
            value = getattr(self, key.name)
            if isinstance(value, int | float):
                said = f"{type(self).__name__.lower()}.{key.name}={value}"
                least, most = key.metadata["least"], key.metadata["most"]
                _require(math.isfinite(value), f"{said} must be a finite number.")
                _require(value >= least, f"{said} must " + (f"be {least} or more." if least else "not be negative."))
                _require(value <= most, f"{said} must be at most {most:,}.")


@dataclass(frozen=True)
class Data(_Section):
    """What is read and what is left out."""

    source: str = setting("", "source language, e.g. en; also the suffix of a corpus prefix")
    target: str = setting("", "target language, e.g. de")
    max_length: int = setting(200, "pairs with more pieces than this on either side are dropped and counted", 1)
    max_ratio: float = setting(9.0, "pairs of more than 10 pieces whose lengths differ by more are dropped", 1)
    held_out: int = setting(1000, "pairs taken from training for validation when no --dev is given (at most 10 %)", 1)


@dataclass(frozen=True)
class Tokenizer(_Section):
    """How text becomes pieces."""

    kind: str = setting("unigram", "SentencePiece model: unigram or bpe")
    size: int = setting(5000, "pieces; shrinks by itself where the corpus is too small", 1, MOST_PIECES)
    joint: bool = setting(True, "one vocabulary for both languages")
    coverage: float = setting(0.9998, "share of characters with a piece of their own; the rest is spelled in bytes")
    normalization: str = setting("identity", "SentencePiece rule: identity keeps text as it is, nmt_nfkc rewrites it")
    sampling: float = setting(
        0.0, "learns from other pieces each time, drawn with p to this power, e.g. 0.3; 0: never", 0
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        _require(0.9 <= self.coverage <= 1, f"tokenizer.coverage={self.coverage} must lie between 0.9 and 1.")
        _require(
            not self.sampling or self.kind == "unigram",
            f"tokenizer.sampling={self.sampling} draws from a unigram model: set tokenizer.kind=unigram.",
        )


@dataclass(frozen=True)
class Model(_Section):
    """What encoder and decoder share."""

    embedding: int = setting(256, "size of a piece's vector", 1, MOST_UNITS)
    tie: str = setting("all", "shared embeddings: all (source, target, output), target (target and output), none")
    initialization: str = setting(
        "uniform", "how weights start: uniform (Glorot, orthogonal recurrences), gates, paper"
    )


@dataclass(frozen=True)
class Encoder(_Section):
    """Source pieces -> states."""

    cell: str = setting("gru", "recurrent cell")
    layers: int = setting(2, "bidirectional layers; residual and layer-normed from the second on", 1, MOST_LAYERS)
    size: int = setting(256, "units in each direction", 1, MOST_UNITS)


@dataclass(frozen=True)
class Attention(_Section):
    """Which source states the decoder reads at a step."""

    score: str = setting("scaled_dot", "how well a state answers the query: additive, dot, general or scaled_dot")
    align: str = setting(
        "mixture",
        "scores to weights: mixture, soft, sparsemax, entmax15, local_m, local_p, hard, reinforce, gumbel, variational",
    )
    size: int = setting(256, "units in which queries and keys are compared", 1, MOST_UNITS)
    heads: int = setting(1, "independent readings side by side", 1, MOST_UNITS)
    apart: int = setting(1, "likeliest states that mixture keeps apart from the mean of all others", 1)
    window: int = setting(10, "states read on either side of the middle by local_m and local_p", 1)
    coverage: str = setting("none", "tells keys how much of them was read before: none, sum or fertility")
    copy: bool = setting(False, "may say a piece of the source as it stands; needs a joint vocabulary")
    samples: int = setting(1, "states drawn a step by reinforce and variational; 0: variational sums over all", 0)
    temperature: float = setting(0.5, "of gumbel's softmax")

    def __post_init__(self) -> None:
        super().__post_init__()
        _require(
            self.size % self.heads == 0,
            f"attention.size={self.size} must be a multiple of attention.heads={self.heads}.",
        )
        _require(self.temperature > 0, f"attention.temperature={self.temperature} must be above 0.")
        _require(
            self.samples > 0 or self.align != "reinforce",
            "attention.align=reinforce draws states: set attention.samples=1, or attention.align=hard, which sums.",
        )


@dataclass(frozen=True)
class Decoder(_Section):
    """States -> target pieces."""

    kind: str = setting(
        "parallel", "parallel (all steps in large products), feedback or input_feeding (what was read feeds the state)"
    )
    cell: str = setting("gru", "recurrent cell")
    layers: int = setting(1, "recurrent layers after the attention (parallel) or beside it (feedback)", 1, MOST_LAYERS)
    size: int = setting(256, "units of a layer", 1, MOST_UNITS)
    lexical: bool = setting(True, "what is said also hangs on the source pieces themselves (Nguyen & Chiang 2018)")
    readout: str = setting("tanh", "the last layer before the vocabulary: tanh or maxout")
    readout_size: int = setting(256, "units of the readout; tied embeddings need model.embedding", 1, MOST_UNITS)


@dataclass(frozen=True)
class Dropout(_Section):
    """Noise while training; one mask a sentence, the same at every step (Gal & Ghahramani 2016)."""

    embedding: float = setting(0.25, "on embedded pieces")
    hidden: float = setting(0.25, "on the outputs of recurrent layers")
    readout: float = setting(0.25, "on the readout")
    word: float = setting(0.0, "share of pieces replaced by <unk>, on either side")

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, value in dataclasses.asdict(self).items():
            _require(0 <= value < 1, f"dropout.{name}={value} must be at least 0 and below 1.")


@dataclass(frozen=True)
class Training(_Section):
    """The loop."""

    epochs: int = setting(24, "times through the corpus at most", 1)
    batch_tokens: int = setting(1950, "pieces of the longer side in a batch, padding included", 1)
    accumulate: int = setting(1, "batches added up into one update", 1)
    optimizer: str = setting("adamw", "adamw, muon (orthogonal steps inside, AdamW outside), adadelta or sgd")
    lr: float = setting(3e-3, "highest learning rate")
    warmup: int = setting(300, "updates until the highest learning rate, half of all at most", 0)
    schedule: str = setting("cosine", "how the learning rate falls: cosine, inverse_sqrt, plateau or constant")
    weight_decay: float = setting(0.01, "AdamW's decay of weight matrices", 0)
    clip: float = setting(1.0, "largest norm of the gradient; 0 switches clipping off", 0)
    label_smoothing: float = setting(0.1, "share of probability spread over all pieces")
    rdrop: float = setting(
        0.0, "weight of the disagreement of two readings under other dropout, e.g. 5; twice the time", 0
    )
    coverage: float = setting(0.0, "weight of the loss for reading again what was read (See et al. 2017)", 0)
    guided: float = setting(0.1, "weight of the loss towards the word alignments that a corpus brings", 0)
    average: float = setting(0.995, "decay of the moving average of weights that is validated and kept; 0: none")
    seed: int = setting(1, "of every random choice", 0, 2**63 - 1)
    precision: str = setting("auto", "auto (bf16 where the hardware has it), fp32 or bf16")
    device: str = setting("auto", "auto, cpu, cuda or mps")
    threads: int = setting(0, "CPU threads; 0 takes what torch takes", 0, 4096)
    keep: int = setting(1, "best checkpoints kept in checkpoints/, for `nmt average`; 1 keeps none beside the model", 1)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("label_smoothing", "average"):
            _require(0 <= getattr(self, name) < 1, f"training.{name}={getattr(self, name)} must lie in [0, 1).")
        _require(self.lr > 0, f"training.lr={self.lr} must be above 0.")
        _require(
            self.precision in ("auto", "fp32", "bf16"),
            f"training.precision='{self.precision}' is not auto, fp32 or bf16.",
        )


@dataclass(frozen=True)
class Validation(_Section):
    """When and how the model is judged while it trains."""

    every: int = setting(0, "updates between validations; 0: once an epoch", 0)
    metric: str = setting("bleu", "what chooses the best model: bleu, chrf or loss")
    patience: int = setting(8, "validations without a gain before training stops; 0: never", 0)
    gain: float = setting(0.1, "the least gain, in points of BLEU or chrF, or in hundredths of a nat")
    beam: int = setting(2, "hypotheses kept while translating the validation set", 1, MOST_BEAM)
    pairs: int = setting(2000, "translate at most so many validation pairs", 1)

    def __post_init__(self) -> None:
        super().__post_init__()
        _require(
            self.metric in ("bleu", "chrf", "loss"), f"validation.metric='{self.metric}' is not bleu, chrf or loss."
        )


@dataclass(frozen=True)
class Search(_Section):
    """How a translation is found."""

    strategy: str = setting("beam", "beam, greedy, diverse (a beam in groups that shun one another) or sample")
    beam: int = setting(5, "hypotheses kept a sentence; 1 is greedy", 1, MOST_BEAM)
    nbest: int = setting(1, "translations returned a sentence", 1, MOST_BEAM)
    length_penalty: float = setting(
        1.0, "scores are divided by length to this power; unless set, training chooses it", 0, 10
    )
    reverse: float = setting(0.1, "weight of how well a model of the other direction guesses the source (--reverse)", 0)
    coverage_penalty: float = setting(0.0, "weight of the penalty for source pieces hardly read; 0: none", 0)
    groups: int = setting(0, "groups of a diverse beam; 0: each hypothesis is one", 0, MOST_BEAM)
    diversity: float = setting(0.5, "what a group pays for a piece an earlier group took at that step", 0)
    temperature: float = setting(1.0, "of sampling: below 1 favours likely pieces; 0 takes the likeliest", 0)
    top_k: int = setting(0, "sample among so many of the likeliest pieces; 0: among all", 0)
    top_p: float = setting(1.0, "sample among the fewest pieces that have this probability together")
    seed: int = setting(1, "of sampling", 0, 2**63 - 1)
    max_ratio: float = setting(2.0, "longest translation, in source pieces ...", 0, MOST_RATIO)
    max_extra: int = setting(10, "... plus so many", 1, MOST_LENGTH)
    max_source: int = setting(
        128, "longer lines are split, at sentence ends or spaces where there are any", 4, MOST_LENGTH
    )
    batch: int = setting(64, "sentences translated together", 1, MOST_LENGTH)

    def __post_init__(self) -> None:
        super().__post_init__()
        _require(
            self.nbest <= self.beam or self.strategy == "sample",
            f"search.nbest={self.nbest} must lie between 1 and search.beam={self.beam}.",
        )
        _require(0 < self.top_p <= 1, f"search.top_p={self.top_p} must be above 0 and at most 1.")
        _require(
            self.strategy != "diverse" or self.beam % (self.groups or self.beam) == 0,
            f"search.beam={self.beam} must be a multiple of search.groups={self.groups}.",
        )
        _require(
            self.temperature == 0 or self.temperature >= COLDEST,
            f"search.temperature={self.temperature} must be {COLDEST} or more, or 0 for the likeliest piece.",
        )


@dataclass(frozen=True)
class Config:
    """Every setting of a model, resolved."""

    data: Data = field(default_factory=Data)
    tokenizer: Tokenizer = field(default_factory=Tokenizer)
    model: Model = field(default_factory=Model)
    encoder: Encoder = field(default_factory=Encoder)
    attention: Attention = field(default_factory=Attention)
    decoder: Decoder = field(default_factory=Decoder)
    dropout: Dropout = field(default_factory=Dropout)
    training: Training = field(default_factory=Training)
    validation: Validation = field(default_factory=Validation)
    search: Search = field(default_factory=Search)

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Sections of plain values, as written to `config.toml`."""
        return dataclasses.asdict(self)


SECTIONS: dict[str, type] = dict(get_type_hints(Config))
