"""What every way to write pairs down has: a corpus word it claims, the files behind it, and the pairs as a stream."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple

from nmt.errors import DataError
from nmt.text.lines import COMPRESSED

FORMS = (
    "a prefix (x for x.en and x.de), a pair (a.en,b.de), .tsv, .csv, .jsonl, .json, .parquet, .arrow, .tmx, .xlf, "
    ".xliff, .po, .srt, hf:NAME or - (standard input)"
)
"""What a corpus word may be, for a person."""

Skip = Callable[[str, str], None]
"""Hears why an entry of a file is no pair, e.g. "untranslated", and where it stands."""


class Pair(NamedTuple):
    """A sentence and its translation; `origin` says where they stand, as `file:line`."""

    source: str
    target: str | None
    origin: str
    links: str = ""  # word alignment as `i-j i-j`, source word and target word from 0; "" for none


def silently(reason: str, origin: str) -> None:
    """Skip without a word."""


@dataclass(frozen=True)
class Reader(ABC):
    """A way to write pairs down: the corpus word and the codes of its languages ("" where none was given)."""

    corpus: str
    source: str
    target: str
    lenient: bool = False  # bytes that are not UTF-8 come as surrogates instead of stopping
    skip: Skip = silently

    @classmethod
    @abstractmethod
    def claims(cls, corpus: str) -> bool:
        """Say whether a corpus word is of this form."""

    @abstractmethod
    def files(self) -> list[Path]:
        """The local files behind the word."""

    @abstractmethod
    def read(self) -> Iterator[Pair]:
        """Yield the pairs, streaming.

        Raises:
            DataError: in one line, where the corpus is wrong and what to do.
        """

    def need_languages(self) -> None:
        """Refuse to go on without both languages."""
        if not (self.source and self.target):
            raise DataError(
                f"{self.corpus}: which languages? Pass --source and --target, e.g. --source en --target de."
            )


class OneFile(Reader):
    """Both sides in one file, which is known by its ending."""

    ENDINGS: ClassVar[tuple[str, ...]]

    @classmethod
    def claims(cls, corpus: str) -> bool:
        return any(ends(corpus, ending) for ending in cls.ENDINGS)

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.corpus)

    def files(self) -> list[Path]:
        return [self.path]


def ends(name: str, ending: str) -> bool:
    """Whether a file name has an ending, perhaps with that of a compressed file behind it; case does not count."""
    return name.lower().endswith((ending, *(ending + packed for packed in COMPRESSED)))


def plain_or_compressed(name: str) -> Path | None:
    """The file of this name, or else its compressed form; None where there is neither."""
    return next((path for packed in ("", *COMPRESSED) if (path := Path(name + packed)).is_file()), None)
