"""A training that begins from a model's weights instead of from chance (Zoph et al. 2016, arXiv:1604.02201).

Zoph's words for the two are parent and child. A child has the parent's shape, and its vocabulary or a larger one. A
lender gives its pieces alone: a model of another corpus that spells alike can be in one team with it.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nmt.checkpoint import WEIGHTS, ModelFolder, Tokenizers
from nmt.errors import ConfigError, ModelFolderError
from nmt.model.seq2seq import Seq2Seq
from nmt.settings import Config
from nmt.settings import Tokenizer as Settings
from nmt.text.tokenizer import SPACE, Tokenizer, train_tokenizer
from nmt.weights import Modest, load_weights

SHAPE = ("model", "encoder", "attention", "decoder", "tokenizer")
"""Sections of settings that a child shares with its parent, but for these:"""
FREE = ("tokenizer.size", "tokenizer.sampling", "attention.samples", "attention.temperature")

JUDGED = 10_000  # sentences of a side, and fewer than twice as many, by which a vocabulary is judged
MANY = 1.25  # times the pieces that a vocabulary of the text's own would give are worth a remark
IN_COMMON = 1000  # pieces that two vocabularies may share: bytes, letters, endings

SIDES = {"source_embedding.weight": 0, "target_embedding.weight": 1, "output.weight": 1, "output.bias": 1}
"""Weights with a row for each piece, and whose pieces they are."""


@dataclass(frozen=True)
class Parent:
    """A model to begin from."""

    folder: ModelFolder
    role = "parent"

    @classmethod
    def open(cls, path: Path) -> "Parent":
        """Look at a model folder; raises what `ModelFolder.open` raises."""
        return cls(ModelFolder.open(path))

    def check(self, config: Config) -> None:
        """Refuse the settings of a child that has another shape, or reads what the parent writes.

        Raises:
            ConfigError: it does.
            ModelFolderError: the parent has no weights yet, or they are of another vocabulary.
        """
        if not (self.folder.path / WEIGHTS).is_file():
            raise ModelFolderError(
                f"{self.folder.path}: has no {WEIGHTS} yet. Train it further, or take another model."
            )
        self._check_vocabularies()
        own = self.folder.config()
        before, after = own.to_dict(), config.to_dict()
        for section in SHAPE:
            for key, value in after[section].items():
                if f"{section}.{key}" not in FREE and value != before[section][key]:
                    raise ConfigError(
                        f"--from {self.folder.path}: keeps that model's shape, where {section}.{key} is "
                        f"{before[section][key]!r}, not {value!r}. Leave it as it is, or train without --from."
                    )
        if config.tokenizer.size < own.tokenizer.size:
            raise ConfigError(
                f"--from {self.folder.path}: a vocabulary cannot shrink. Leave tokenizer.size at "
                f"{own.tokenizer.size}, or above it."
            )
        if _swapped(own, config):
            raise ConfigError(
                f"--from {self.folder.path}: translates {own.data.source} to {own.data.target}, not the other way. "
                "Swap --source and --target."
            )

    def _check_vocabularies(self) -> None:
        weights, tokenizers = self.folder.weights()[0], self.folder.tokenizers()
        for name, side in SIDES.items():
            if name in weights and len(weights[name]) != tokenizers[side].size:
                raise ModelFolderError(
                    f"{self.folder.path}: its weights know {len(weights[name])} pieces, but its tokenizer has "
                    f"{tokenizers[side].size}. Restore both."
                )

    def tokenizers(self, config: Config, sides: Sequence[list[str]], note: Callable[[str], None]) -> Tokenizers:
        """The parent's, grown by pieces of both sides' text where the child's tokenizer.size is above the parent's."""
        old, settings = self.folder.tokenizers(), config.tokenizer
        if settings.size <= self.folder.config().tokenizer.size:
            if remark := misfit(old, sides, settings):
                note(remark)
            return old
        if old.source is old.target:
            joint = grow(old.source, sides[0] + sides[1], settings, note)
            return Tokenizers(joint, joint)
        return Tokenizers(*(grow(each, side, settings, note) for each, side in zip(old, sides, strict=True)))

    def child(self, config: Config, tokenizers: Tokenizers) -> Seq2Seq:
        """A model with the parent's weights; a piece that is new begins as the mean of the pieces it was spelled in.

        Raises:
            ModelFolderError: the parent's files do not belong together; a model that they do not fill is not built.
        """
        weights, _ = self.folder.weights()
        old = self.folder.tokenizers()
        for name, side in SIDES.items():
            if name in weights and tokenizers[side].size > len(weights[name]):
                weights[name] = _with_rows(weights[name], old[side], tokenizers[side])
        with Modest(weights, str(self.folder.path)):
            model = Seq2Seq(config, tokenizers.source.size, tokenizers.target.size)
        load_weights(model, weights, str(self.folder.path))
        return model

    def facts(self) -> dict[str, Any]:
        """What is written down of the parent: its name, how many pairs it learned from, a hash of its weights."""
        digest = sha256((self.folder.path / WEIGHTS).read_bytes()).hexdigest()
        pairs = self.folder.data().get("train", {}).get("pairs", 0)
        return {"names": [str(self.folder.path)], "pairs": pairs, "sha256": digest}


@dataclass(frozen=True)
class Lender:
    """A model whose pieces another one takes, so that both can be a team."""

    folder: ModelFolder
    role = "vocabulary"

    @classmethod
    def open(cls, path: Path) -> "Lender":
        """Look at a model folder; raises what `ModelFolder.open` raises."""
        return cls(ModelFolder.open(path))

    def settings(self) -> dict[str, Any]:
        """Those of the tokenizer that made the pieces."""
        made = asdict(self.folder.config().tokenizer)
        del made["sampling"]  # other spellings in the same pieces
        return made

    def check(self, config: Config) -> None:
        """Refuse what cannot be spelled so.

        Raises:
            ConfigError: each side has its own pieces, and the languages are the other way round.
            ModelFolderError: a tokenizer is missing or damaged.
        """
        self.folder.tokenizers()
        if not config.tokenizer.joint and _swapped(self.folder.config(), config):
            theirs = self.folder.config().data
            raise ConfigError(
                f"--vocabulary {self.folder.path}: has a vocabulary for each side, and translates {theirs.source} to "
                f"{theirs.target}. Take a model of this direction."
            )

    def tokenizers(self, config: Config, sides: Sequence[list[str]], note: Callable[[str], None]) -> Tokenizers:
        """The lender's, with a note where they do not fit the text."""
        lent = self.folder.tokenizers()
        if remark := misfit(lent, sides, config.tokenizer, "without --vocabulary it gets its own"):
            note(remark)
        return lent

    def facts(self) -> dict[str, Any]:
        """What is written down of the lender: its name, how many pairs it learned from, a hash of its pieces."""
        pairs = self.folder.data().get("train", {}).get("pairs", 0)
        return {"names": [str(self.folder.path)], "pairs": pairs, "sha256": hash_of_pieces(self.folder)}


def hash_of_pieces(folder: ModelFolder) -> str:
    """SHA-256 of the vocabularies of both sides."""
    return sha256(b"".join(each.model for each in folder.tokenizers())).hexdigest()


def _swapped(one: Config, other: Config) -> bool:
    """Whether two models translate two languages in opposite directions."""
    theirs = (one.data.source, one.data.target)
    return (other.data.source, other.data.target) == theirs[::-1] != theirs


def misfit(tokenizers: Tokenizers, sides: Sequence[list[str]], settings: Settings, remedy: str = "") -> str:
    """What to tell of a vocabulary that spells a text in many more pieces than one of the text's own would; "" else.

    `remedy` is how to mend it; if none is given, pieces of the text are to be added.
    """
    texts = [side[:: max(1, len(side) // JUDGED)] for side in sides]  # of all corpora, whichever is named first
    joint = tokenizers.source is tokenizers.target
    judged = [(tokenizers.source, texts[0] + texts[1])] if joint else [*zip(tokenizers, texts, strict=True)]
    pieces, fewest, size = 0, 0, settings.size + 1  # a size that is not larger adds none
    for tokenizer, text in judged:
        fresh = train_tokenizer(text, replace(settings, size=tokenizer.size), lambda text: None, grows=True)
        pieces += sum(map(len, tokenizer.encode_all(text)))
        fewest += sum(map(len, fresh.encode_all(text)))
        size = max(size, tokenizer.size + sum(piece not in tokenizer for piece, _ in fresh.likeliest()))
    if pieces <= MANY * fewest:
        return ""
    remedy = remedy or f"--set tokenizer.size={-(-size // 100) * 100} adds pieces of it"
    return (
        f"The model's vocabulary spells this text in {pieces / fewest:.1f} times as many pieces as one of its own "
        f"would, which takes longer: {remedy}."
    )


def grow(tokenizer: Tokenizer, sentences: list[str], settings: Settings, note: Callable[[str], None]) -> Tokenizer:
    """A tokenizer of `settings.size` pieces: those it has, and the likeliest that the sentences would give besides."""
    if tokenizer.size >= settings.size:  # it was made larger than its settings say, see `train_tokenizer`
        note(f"The vocabulary has {tokenizer.size} pieces already: tokenizer.size={settings.size} adds none.")
        return tokenizer
    fresh = train_tokenizer(sentences, replace(settings, size=settings.size + IN_COMMON), lambda text: None)
    wanted, lacking = settings.size - tokenizer.size, [each for each in fresh.likeliest() if each[0] not in tokenizer]
    if len(lacking) < wanted:
        note(f"The text gives {len(lacking)} new pieces, not {wanted}: the vocabulary grows by as many.")
    return tokenizer.extended(lacking[:wanted])


def _with_rows(weight: Tensor, old: Tokenizer, new: Tokenizer) -> Tensor:
    rows = [weight[_spelled(old, piece)].mean(0) for piece in new.pieces(range(old.size, new.size))]
    return torch.cat([weight, torch.stack(rows)])


def _spelled(tokenizer: Tokenizer, piece: str) -> list[int]:
    """The pieces that stood for one before; one inside a word has no space before it."""
    ids = tokenizer.encode(piece.removeprefix(SPACE))
    inner = ids[1:] if not piece.startswith(SPACE) and tokenizer.pieces(ids[:1]) == [SPACE] else ids
    return inner or ids
