"""The whole model: ids in, scores out."""

import copy

from torch import Tensor, nn

from nmt.errors import ConfigError
from nmt.model.copying import CopyGate
from nmt.model.decoder import DECODERS
from nmt.model.dropout import Noise, SequenceDropout, WordDropout
from nmt.model.encoder import Encoder
from nmt.model.hard import Choices, Posterior, choices, each_loss, log_mixture
from nmt.model.initialization import INITIALIZATIONS
from nmt.model.lexical import Lexical
from nmt.model.products import Linear, quantize
from nmt.model.states import Memory, State, Told, Unrolled
from nmt.settings import UNK, Config

PRECISIONS = ("fp32", "bf16", "int8")


class Seq2Seq(nn.Module):
    """Encoder, attention, decoder and the embeddings they share."""

    def __init__(self, config: Config, source_size: int, target_size: int) -> None:
        """Build from settings and the two vocabulary sizes.

        Raises:
            ConfigError: a part's name is unknown, or sizes that must agree do not.
        """
        super().__init__()
        _check_tie(config, source_size, target_size)
        size, self.noise = config.model.embedding, Noise()
        self.source_embedding = nn.Embedding(source_size, size)
        self.target_embedding = self.source_embedding if config.model.tie == "all" else nn.Embedding(target_size, size)
        self.encoder = Encoder(config, self.noise)
        self.decoder = DECODERS[config.decoder.kind](config, self.noise)
        self.output = Linear(config.decoder.readout_size, target_size)
        self.embedding_dropout = SequenceDropout(config.dropout.embedding, self.noise)
        self.readout_dropout = SequenceDropout(config.dropout.readout, self.noise)
        self.word_dropout = WordDropout(config.dropout.word, UNK, self.noise)
        self.lexical = Lexical(config) if config.decoder.lexical else None
        self.copying = CopyGate(config) if config.attention.copy else None
        self.posterior = Posterior(config) if config.attention.align == "variational" else None
        INITIALIZATIONS[config.model.initialization](self)
        if config.model.tie != "none":
            self.output.weight = self.target_embedding.weight

    def computing_in(self, precision: str) -> "Seq2Seq":
        """A model for translating in fp32 (this one), bf16, or int8 (a copy; see `products.quantize`).

        Raises:
            ConfigError: another precision, or int8 anywhere but on a CPU.
        """
        if precision not in PRECISIONS:
            raise ConfigError(f"precision {precision} is unknown. Choices: {', '.join(PRECISIONS)}.")
        if precision == "fp32":
            return self
        twin = copy.deepcopy(self).eval()
        if precision == "bf16":
            return twin.bfloat16()
        if self.output.weight.device.type != "cpu":
            raise ConfigError("precision int8 is for CPUs. Take bf16 there, or --device cpu.")
        quantize(twin)
        return twin

    def encode(self, source: Tensor, mask: Tensor) -> Memory:
        """Source ids (B, S) and their mask -> what the decoder will read."""
        embedded = self.embedding_dropout(self.source_embedding(self.word_dropout(source)))
        states, summary = self.encoder(embedded, mask)
        return Memory(states, self.decoder.attention.score.project(states), mask, summary, source, embedded)

    def start(self, memory: Memory) -> State:
        """The decoder's state before the first word."""
        return self.decoder.start(memory)

    def unroll(self, target_in: Tensor, memory: Memory, state: State) -> Unrolled:
        """Target ids (B, T), each the word before the one to be told -> scores (B, T, V)."""
        told = self.tell(target_in, memory, state)
        return Unrolled(self.scores(told, memory), told.state, told.attended)

    def tell(self, target_in: Tensor, memory: Memory, state: State) -> Told:
        """The same, up to what a vocabulary's scores are made of."""
        embedded = self.embedding_dropout(self.target_embedding(self.word_dropout(target_in)))
        return self.decoder.unroll(embedded, memory, state)  # type: ignore[no-any-return]

    def scores(self, told: Told, memory: Memory) -> Tensor:
        """Scores (B, T, V) of what was told: of the context that was read, or mixed over all that could have been."""
        if self.decoder.attention.align.hard:
            rows, steps = told.readout.shape[:2]
            made = self.choices(told, memory)
            return log_mixture(self._each(told, memory, made.weights), self.output, made.log_p).reshape(rows, steps, -1)
        scores = self._scores(told.readout, told.attended.weights, memory)
        return scores if self.copying is None else self.copying(scores, told, memory)

    def had_read(self, told: Told, memory: Memory, weights: Tensor) -> Tensor:
        """Scores (B, T, V), had the weights been these (B, T, S) when the words were said."""
        context = self.decoder.attention.mix(weights.to(memory.states.dtype) @ memory.states)
        return self._scores(self.decoder.had_read(told, context), weights, memory)

    def choices(self, told: Told, memory: Memory) -> Choices:
        """What a hard unit could have read at each step."""
        return choices(told.attended.weights, memory, self.decoder.attention.align.apart)

    def loss_of_choices(self, told: Told, memory: Memory, answer: Tensor, smoothing: float) -> Tensor:
        """-log sum_j p(j) p(y_t | j) over what a hard unit could have read, labels smoothed within each p: (B, T)."""
        made = self.choices(told, memory)
        losses = each_loss(self._each(told, memory, made.weights), self.output, answer, smoothing)
        return -(made.log_p - losses).logsumexp(-1)

    def loss_of_each(self, told: Told, memory: Memory, answer: Tensor, smoothing: float) -> Tensor:
        """Smoothed cross-entropy of the answers (B, T), had each state been read alone: (B, T, S)."""
        losses = each_loss(self._each(told, memory), self.output, answer, smoothing)
        return losses if self.copying is None else self.copying.loss_of_each(losses, told, memory, answer)

    def guess(self, memory: Memory, answer: Tensor, mask: Tensor) -> Tensor:
        """The posterior (B, T, S) over states, given the answers (B, T) too."""
        assert self.posterior is not None  # only a variational unit asks
        return self.posterior(self.target_embedding(answer), mask, memory)  # type: ignore[no-any-return]

    def _scores(self, readout: Tensor, weights: Tensor, memory: Memory) -> Tensor:
        if self.lexical is not None:
            readout = readout + self.lexical(weights, memory.embedded)
        return self.output(self.readout_dropout(readout))  # type: ignore[no-any-return]

    def _each(self, told: Told, memory: Memory, weights: Tensor | None = None) -> Tensor:
        """Readouts (B, K*T, S, R) of each state, or (B, K*T, J, R) of each mean that weights (B, K*T, J, S) give."""
        readouts = self.decoder.had_read_each(told, self.decoder.attention.mix(memory.states), weights)
        if self.lexical is not None:
            if weights is None:
                said = self.lexical.each(memory.embedded)[:, None]
            else:
                said = self.lexical(weights.flatten(1, 2), memory.embedded).view(readouts.shape)
            readouts = readouts + said
        return self.readout_dropout(readouts.flatten(1, 2)).view(readouts.shape)

    def forward(self, source: Tensor, source_mask: Tensor, target_in: Tensor) -> Unrolled:
        """Teacher forcing: (B, S), (B, S), (B, T) -> scores of every step."""
        memory = self.encode(source, source_mask)
        return self.unroll(target_in, memory, self.start(memory))


def _check_tie(config: Config, source_size: int, target_size: int) -> None:
    tie = config.model.tie
    if tie not in ("all", "target", "none"):
        raise ConfigError(f"model.tie='{tie}' is unknown. Choices: all, target, none.")
    if tie != "none" and config.decoder.readout_size != config.model.embedding:
        raise ConfigError(
            f"model.tie='{tie}' needs decoder.readout_size={config.decoder.readout_size} to equal "
            f"model.embedding={config.model.embedding}: change one, or set model.tie=none."
        )
    if tie == "all" and source_size != target_size:
        raise ConfigError("model.tie='all' needs one vocabulary: set tokenizer.joint=true, or model.tie=target.")
