"""CORPUS words -> pairs of sentences: `data/train`, `a.en,b.de`, `x.tsv`, `x.tmx`, `hf:NAME`, and more.

Pairs come out as they are written; `nmt.text.cleaning` decides what is left out. A newcomer adds a format by
writing one Reader in `nmt.text.formats` and one line in READERS.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from nmt.errors import DataError
from nmt.registry import Registry
from nmt.text.formats.columnar import Columnar
from nmt.text.formats.library import HuggingFace
from nmt.text.formats.messages import Messages
from nmt.text.formats.objects import JsonLines, JsonList
from nmt.text.formats.reader import FORMS, Pair, Reader, Skip, silently
from nmt.text.formats.standard_input import WORD, StandardInput, keep_standard_input
from nmt.text.formats.subtitles import Subtitles
from nmt.text.formats.tables import CommaSeparated, Table
from nmt.text.formats.text_files import Prefix, TwoFiles
from nmt.text.formats.tmx import TranslationMemory
from nmt.text.formats.xliff import Xliff

__all__ = ["FORMS", "READERS", "HuggingFace", "Pair", "Reader", "corpus_files", "read_corpus", "refuse_pipes"]

READERS: Registry[type[Reader]] = Registry(
    "corpus format",
    hf=HuggingFace,
    stdin=StandardInput,
    srt=Subtitles,
    pair=TwoFiles,
    tsv=Table,
    csv=CommaSeparated,
    jsonl=JsonLines,
    json=JsonList,
    columnar=Columnar,
    tmx=TranslationMemory,
    xliff=Xliff,
    po=Messages,
    prefix=Prefix,
)
"""Asked in this order; the first that claims a corpus word reads it."""


def read_corpus(corpus: str, source: str, target: str, lenient: bool = False, skip: Skip = silently) -> Iterator[Pair]:
    """Yield the pairs behind a corpus word, streaming; blank sides are kept, and an empty corpus is no error.

    Where `lenient`, bytes that are not UTF-8 come as surrogates. `skip` hears of each entry that is no pair in a format
    that has such, e.g. of one that is untranslated.

    Raises:
        DataError: in one line, which file and line is wrong and what to do.
    """
    yield from _reader(corpus)(corpus, source, target, lenient, skip).read()


def corpus_files(corpus: str, source: str, target: str) -> list[Path]:
    """The local files behind a corpus word, for example to hash them; none for a name on the Hugging Face hub.

    Raises:
        DataError: a prefix without its two files, or without languages.
    """
    return _reader(corpus)(corpus, source, target).files()


def refuse_pipes(names: Sequence[str], source: str, target: str) -> None:
    """Before corpora are read twice: a pipe, such as a shell's <(...), gives its text only once.

    So does standard input, but as that is one word of the command, it is kept on disk until the program ends.

    Raises:
        DataError: one of the corpora is behind a pipe, or standard input is given twice or was read before.
    """
    for name in names:
        for path in corpus_files(name, source, target):
            if path.exists() and not path.is_file() and not path.is_dir():
                raise DataError(f"{path}: a corpus is read twice, and a pipe can be read once. Give a file.")
    if list(names).count(WORD) > 1:
        raise DataError(f"{WORD}: standard input is given twice. Give it once.")
    if WORD in names:
        keep_standard_input()


def _reader(corpus: str) -> type[Reader]:
    return next(kind for kind in READERS.values() if kind.claims(corpus))
