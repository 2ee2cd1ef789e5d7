"""The whole model: ids in, scores out."""

import copy

from torch import Tensor, nn

from nmt.errors import ConfigError
from nmt.model.decoder import DECODERS
from nmt.model.dropout import Noise, SequenceDropout, WordDropout
from nmt.model.encoder import Encoder
from nmt.model.initialization import INITIALIZATIONS
from nmt.model.products import Linear, quantize
from nmt.model.states import Memory, State, Unrolled
from nmt.settings import UNK, Config


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
        INITIALIZATIONS[config.model.initialization](self)
        if config.model.tie != "none":
            self.output.weight = self.target_embedding.weight

    def computing_in(self, precision: str) -> "Seq2Seq":
        """A model for translating in fp32 (this one), bf16, or int8 (a copy; see `products.quantize`).

        Raises:
            ConfigError: int8 anywhere but on a CPU.
        """
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
        return Memory(states, self.decoder.attention.score.project(states), mask, summary)

    def start(self, memory: Memory) -> State:
        """The decoder's state before the first word."""
        return self.decoder.start(memory)

    def unroll(self, target_in: Tensor, memory: Memory, state: State) -> Unrolled:
        """Target ids (B, T), each the word before the one to be told -> scores (B, T, V)."""
        embedded = self.embedding_dropout(self.target_embedding(self.word_dropout(target_in)))
        readout, state, attended = self.decoder.unroll(embedded, memory, state)
        return Unrolled(self.output(self.readout_dropout(readout)), state, attended)

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
