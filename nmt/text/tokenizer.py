"""SentencePiece (Kudo & Richardson 2018, arXiv:1808.06226), used so that every text comes back as it went in.

Bytes stand in for characters without a piece, so nothing is unknown. SentencePiece writes a space as U+2581 and would
return a space for that character too; here its three bytes are used instead.
"""

import re
import struct
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

from nmt.bounds import TOKENIZER, read_small
from nmt.errors import ConfigError, DataError, ModelFolderError
from nmt.settings import BOS, EOS, PAD, UNK
from nmt.settings import Tokenizer as Settings
from nmt.text.piece_file import complaint
from nmt.text.sample import Sample
from nmt.text.surfaces import Surfaces

KINDS = ("unigram", "bpe")
RULES = ("identity", "nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf")
SPACE = "\u2581"
NONCHARACTERS = [chr(plane << 16 | low) for plane in range(16, 0, -1) for low in (0xFFFE, 0xFFFF)]
_UNLEARNED = str.maketrans({SPACE: " ", "\n": " ", "\0": None} | dict.fromkeys(NONCHARACTERS))
SAMPLE = 400_000  # sentences are plenty for a vocabulary; more only cost memory


class Tokenizer:
    """Text <-> piece ids, for one language or both."""

    def __init__(self, model: bytes, name: str = "tokenizer") -> None:
        """Take a serialised SentencePiece model.

        Raises:
            ModelFolderError: the bytes are no SentencePiece model, or one whose special ids are not ours.
        """
        import sentencepiece

        self.model = model
        if wrong := complaint(model, RULES):
            raise ModelFolderError(
                f"{name}: not a SentencePiece model of ours: {wrong}. "
                "Restore it, or make one with `nmt tokenize train`."
            )
        try:
            self._pieces: Any = sentencepiece.SentencePieceProcessor(model_proto=model)
        except (RuntimeError, ValueError):  # the second where its complaint cannot be put into words
            raise ModelFolderError(
                f"{name}: not a SentencePiece model. Restore it, or make one with `nmt tokenize train`."
            ) from None
        specials = [self._pieces.pad_id(), self._pieces.unk_id(), self._pieces.bos_id(), self._pieces.eos_id()]
        if specials != [PAD, UNK, BOS, EOS]:
            raise ModelFolderError(
                f"{name}: its pad, unk, bos, eos are {specials}, not 0, 1, 2, 3. "
                "Restore it, or make one with `nmt tokenize train`."
            )
        self.size: int = self._pieces.get_piece_size()

    @classmethod
    def load(cls, path: Path) -> "Tokenizer":
        """Read a `.model` file.

        Raises:
            ModelFolderError: it cannot be read or is no SentencePiece model.
        """
        try:
            return cls(read_small(path, TOKENIZER), str(path))
        except OSError as error:
            raise ModelFolderError(f"{path}: {error.strerror}. Check the path, or restore the file.") from None

    def encode(self, text: str) -> list[int]:
        """Ids of a text, without begin or end."""
        text = text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate has no bytes
        if SPACE not in text:
            return self._pieces.encode(text)  # type: ignore[no-any-return]
        stand_in = next((mark for mark in NONCHARACTERS if mark not in text), None)
        if stand_in is None:  # a text made to hold them all loses this one character
            return self._pieces.encode(text.replace(SPACE, " "))  # type: ignore[no-any-return]
        return self._respell(self._pieces.encode(text.replace(SPACE, stand_in)), stand_in)

    def encode_all(self, texts: Sequence[str], threads: int = 0) -> list[list[int]]:
        """What `encode` gives for each text, with several threads; 0 takes all processors."""
        plain = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        rare = [place for place, text in enumerate(plain) if SPACE in text]
        found: list[list[int]] = self._pieces.encode(plain, num_threads=threads or -1)
        for place in rare:
            found[place] = self.encode(plain[place])
        return found

    def segmentations(self, text: str, most: int) -> list[tuple[list[int], float]]:
        """The likeliest ways to spell a text, best first, each with its log-probability under a unigram model."""
        found: list[list[int]] = self._pieces.nbest_encode(text, nbest_size=most)
        return [(ids, sum(map(self._pieces.get_score, ids))) for ids in found]

    def decode(self, ids: Sequence[int]) -> str:
        """The text of some ids; special ids are silent, bytes that are not UTF-8 become U+FFFD."""
        return self._pieces.decode([i for i in ids if i > EOS])  # type: ignore[no-any-return]

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The pieces as text, spaces shown as U+2581."""
        return [self._pieces.id_to_piece(i) for i in ids]

    def ids(self, pieces: Sequence[str]) -> list[int]:
        """Ids of pieces as `pieces` shows them; an unknown one becomes <unk>."""
        return [self._pieces.piece_to_id(piece) for piece in pieces]

    def __contains__(self, piece: str) -> bool:
        return self._pieces.id_to_piece(self._pieces.piece_to_id(piece)) == piece  # type: ignore[no-any-return]

    def likeliest(self) -> list[tuple[str, float]]:
        """All pieces that are text, with their scores, best first."""
        scored = [
            (self._pieces.id_to_piece(i), self._pieces.get_score(i)) for i in range(self.size) if self._is_text(i)
        ]
        return sorted(scored, key=lambda piece: -piece[1])

    def extended(self, pieces: Sequence[tuple[str, float]]) -> "Tokenizer":
        """One that has these pieces too, behind its own.

        A SentencePiece model is a protocol buffer, and what is appended to one joins its list of pieces: each is field
        1 of the model, its text field 1 and its score field 2 of the piece.
        """
        added = b"".join(
            _field(1, _field(1, text.encode()) + b"\x15" + struct.pack("<f", score)) for text, score in pieces
        )
        return Tokenizer(self.model + added)

    @cached_property
    def surfaces(self) -> Surfaces:
        """What each piece adds to a text, as a tree of bytes."""
        return Surfaces(self.spelled)

    @cached_property
    def spelled(self) -> list[bytes]:
        """What each piece adds to a text; nothing for a special one. Line ends are spaces, for a text is one line."""
        return [self._spelled(piece) for piece in range(self.size)]

    def _spelled(self, piece: int) -> bytes:
        if not self._pieces.is_byte(piece) and not self._is_text(piece):
            return b""
        text: str = self._pieces.id_to_piece(piece)
        text_bytes = bytes([int(text[3:5], 16)]) if self._pieces.is_byte(piece) else text.replace(SPACE, " ").encode()
        return text_bytes.replace(b"\n", b" ").replace(b"\r", b" ")

    def _is_text(self, piece: int) -> bool:
        kinds = (self._pieces.is_control, self._pieces.is_unknown, self._pieces.is_byte)
        return piece > EOS and not any(is_kind(piece) for is_kind in kinds)

    def knows(self, text: str) -> bool:
        """Whether every character of a text has a piece; else bytes stand in."""
        return not any(self._pieces.is_byte(piece) for piece in self.encode(text))

    def unknown(self, ids: Sequence[int]) -> list[str]:
        """The characters of a text's pieces that have no piece of their own, so that bytes stand in."""
        if self._byte_pieces.keys().isdisjoint(ids):
            return []
        spelled = bytes(self._byte_pieces.get(piece, 0x20) for piece in ids)
        return [character for character in spelled.decode("utf-8", "replace") if character != " "]

    @cached_property
    def _byte_pieces(self) -> dict[int, int]:
        pieces = ((piece, self._pieces.id_to_piece(piece)) for piece in range(self.size) if self._pieces.is_byte(piece))
        return {piece: int(name[3:5], 16) for piece, name in pieces}

    def starts_word(self, piece: int) -> bool:
        """Whether a piece begins with a space, so that a new word starts."""
        return self._pieces.id_to_piece(piece).startswith(SPACE)  # type: ignore[no-any-return]

    def _bytes(self, character: str) -> list[int]:
        return self.ids([f"<0x{byte:02X}>" for byte in character.encode()])

    def _respell(self, ids: list[int], stand_in: str) -> list[int]:
        old, new = self._bytes(stand_in), self._bytes(SPACE)
        out: list[int] = []
        for piece in ids:
            out.append(piece)
            if out[-len(old) :] == old:
                out[-len(old) :] = new
        return out


def _field(number: int, content: bytes) -> bytes:
    """A field of a protocol buffer that has a length, below 2^14."""
    low, high = len(content) % 128, len(content) // 128
    return bytes([number << 3 | 2, *([low | 128, high] if high else [low])]) + content


def check(settings: Settings) -> None:
    """Refuse names SentencePiece does not know.

    Raises:
        ConfigError: an unknown kind or normalization rule.
    """
    for key, value, choices in (("kind", settings.kind, KINDS), ("normalization", settings.normalization, RULES)):
        if value not in choices:
            raise ConfigError(f"tokenizer.{key}='{value}' is unknown. Choices: {', '.join(choices)}.")


def train_tokenizer(
    sentences: Iterable[str], settings: Settings, note: Callable[[str], None], grows: bool = False
) -> Tokenizer:
    """Learn a vocabulary of `settings.size` pieces, or of as many as the text gives.

    Of more than SAMPLE sentences as many are drawn by lot, always the same ones. If it `grows`, a size that does not
    hold the text's characters, as happens in Chinese, is added to what these need.

    Raises:
        ConfigError: the size cannot hold the bytes and characters every vocabulary needs, and must not grow.
        DataError: there is no text.
    """
    check(settings)
    sample = Sample[str](SAMPLE, seed=0)
    for sentence in sentences:
        sample.show(sentence.translate(_UNLEARNED))
    text = sample.items
    if not any(line.strip() for line in text):
        raise DataError("The text for the tokenizer is empty. Give a file with sentences.")
    size = settings.size
    while True:
        try:
            model = _train(text, settings, size)
            break
        except RuntimeError as error:
            size, grows = _size_that_fits(str(error), size, grows), False
    tokenizer = Tokenizer(model)
    if tokenizer.size < settings.size:
        note(f"The text gives {tokenizer.size} pieces, not {settings.size}: the vocabulary was made smaller.")
    if tokenizer.size > settings.size:
        note(f"{settings.size} pieces do not hold the text's characters: the vocabulary was made of {tokenizer.size}.")
    return tokenizer


def _train(text: list[str], settings: Settings, size: int) -> bytes:
    import sentencepiece

    model = BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(text),
        model_writer=model,
        model_type=settings.kind,
        vocab_size=size,
        character_coverage=settings.coverage,
        normalization_rule_name=settings.normalization,
        remove_extra_whitespaces=False,
        byte_fallback=True,
        pad_id=PAD,
        unk_id=UNK,
        bos_id=BOS,
        eos_id=EOS,
        max_sentence_length=100_000,
        num_threads=2,
        minloglevel=2,
    )
    return model.getvalue()


def _size_that_fits(message: str, size: int, grows: bool) -> int:
    """A size SentencePiece says it can do, read from its complaint about `size`: the largest, or a larger one."""
    if found := re.search(r"too high \(\d+\).*?<= (\d+)", message, re.DOTALL):
        return int(found[1])
    if found := re.search(r"required_chars\. (\d+) vs (\d+)", message):
        needed = max(map(int, found.groups()))
        if grows:
            return needed + size
        raise ConfigError(f"tokenizer.size={size} is too small: this text's characters need {needed}.")
    raise DataError(
        f"SentencePiece cannot learn from this text: {' '.join(message.split())} Check it, or lower tokenizer.size."
    )
