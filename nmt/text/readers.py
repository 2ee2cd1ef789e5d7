"""CORPUS words -> pairs of sentences: `data/train`, `a.en,b.de`, `x.tsv`, `x.jsonl`, `hf:NAME`.

Pairs come out as they are written; `nmt.text.cleaning` decides what is left out. A newcomer adds a format by
writing one Reader and one line in READERS.
"""

import csv
import json
import logging
import re
import reprlib
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from nmt.errors import DataError
from nmt.registry import Registry, nearest
from nmt.text.languages import columns
from nmt.text.lines import COMPRESSED, read_lines, read_raw_lines, replace_surrogates

FORMS = "a prefix (data/train for data/train.en and data/train.de), a pair (a.en,b.de), .tsv, .jsonl or hf:NAME"
BUILDERS: dict[str, tuple[str, dict[str, Any]]] = {
    ".jsonl": ("json", {}),
    ".json": ("json", {}),
    ".csv": ("csv", {"keep_default_na": False}),  # NA and null are words
    ".tsv": ("csv", {"keep_default_na": False, "sep": "\t", "quoting": csv.QUOTE_NONE}),
    ".parquet": ("parquet", {}),
    ".arrow": ("arrow", {}),
}
"""Ending of a data file -> the loader of the `datasets` library that reads it, and what that is told."""

_ESCAPED = partial(re.compile("[\ud800-\udc7f\udd00-\udfff]").sub, "\ufffd")  # leaves surrogates that are bytes
_HF = re.compile(r"hf:((?:[A-Za-z]:[\\/])?[^:]+?)(?:@([^@:/\\]+))?(?::(.+))?")  # C:\x is a path, not C with a split


class Pair(NamedTuple):
    """A sentence and its translation; `origin` says where they stand, as `file:line`."""

    source: str
    target: str | None
    origin: str
    links: str = ""  # word alignment as `i-j i-j`, source word and target word from 0; "" for none


@dataclass(frozen=True)
class Reader(ABC):
    """A way to write pairs down: the corpus word and the codes of its languages ("" where none was given)."""

    corpus: str
    source: str
    target: str
    lenient: bool = False  # bytes that are not UTF-8 come as surrogates instead of stopping

    @staticmethod
    @abstractmethod
    def claims(corpus: str) -> bool:
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


class TwoFiles(Reader):
    """A pair of files, `a.en,b.de`: line i of one is the translation of line i of the other.

    A third, `a.en,b.de,links`, holds their word alignments: line i is `0-0 1-2 ...`, as `nmt align` writes it.
    """

    @staticmethod
    def claims(corpus: str) -> bool:
        return "," in corpus

    def files(self) -> list[Path]:
        names = self.corpus.split(",")
        if len(names) not in (2, 3) or not all(names):
            raise DataError(
                f"{self.corpus}: expected two files with a comma between them, e.g. a.en,b.de, or a third with their "
                "word alignments."
            )
        return [Path(name) for name in names]

    def read(self) -> Iterator[Pair]:
        left, right, *links = self.files()
        sides = [read_lines(path, self.lenient) for path in (left, right, *links)]
        for number, (source, target, *aligned) in enumerate(zip_longest(*sides), start=1):
            if source is None and target is None:
                raise DataError(f"{links[0]}:{number}: {left} has no such line. Give one line of links for every pair.")
            if source is None or target is None:
                raise DataError(_unequal(left, right))
            if None in aligned:
                raise DataError(f"{links[0]}: ends before line {number} of {left}. Give one line for every pair.")
            yield Pair(source, target, f"{left}:{number}", *aligned)


class Prefix(TwoFiles):
    """A prefix: `data/train` with languages en and de is `data/train.en` and `data/train.de`."""

    @staticmethod
    def claims(corpus: str) -> bool:
        return True

    def files(self) -> list[Path]:
        prefix = Path(self.corpus)
        if prefix.is_file():
            raise DataError(f"{prefix}: one file does not say where its translations are. A corpus is {FORMS}.")
        if not (self.source and self.target):
            self._refuse_folder()
        self.need_languages()
        wanted = [f"{self.corpus}.{language}" for language in (self.source, self.target)]
        found = [_plain_or_compressed(name) for name in wanted]
        files = [path for path in found if path is not None]
        if len(files) < 2:
            self._refuse_folder()
            raise DataError(self._missing([name for name, path in zip(wanted, found, strict=True) if path is None]))
        return files

    def _refuse_folder(self) -> None:
        if Path(self.corpus).is_dir():
            raise DataError(f"{self.corpus}: is a folder. A corpus is {FORMS}.")

    def _missing(self, names: list[str]) -> str:
        prefix = Path(self.corpus)
        there = sorted(path.name for path in prefix.parent.glob("*") if path.name.startswith(f"{prefix.name}."))
        remedy = f"There is {', '.join(there)}: check --source and --target." if there else f"A corpus is {FORMS}."
        return f"{' and '.join(names)}: no such file{'s' if len(names) > 1 else ''}. {remedy}"


class Table(Reader):
    """A `.tsv`: source<TAB>target, or a header row that names those columns among others; no quoting.

    A row without any text is a pair of blank sides.
    """

    @staticmethod
    def claims(corpus: str) -> bool:
        return _ends(corpus, ".tsv")

    def files(self) -> list[Path]:
        return [Path(self.corpus)]

    def read(self) -> Iterator[Pair]:
        width, left, right = 2, 0, 1
        for number, line in enumerate(read_lines(Path(self.corpus), self.lenient), start=1):
            cells = line.split("\t")
            if number == 1 and (header := columns(cells, self.source, self.target)):
                width, (left, right) = len(cells), header
                continue
            if not line.strip():
                cells = [""] * width
            if len(cells) != width:
                raise DataError(
                    f"{self.corpus}:{number}: expected {width} columns, found {len(cells)}. Mend the row; a table is "
                    "source<TAB>target, or has a first row that names the columns by language."
                )
            yield Pair(cells[left], cells[right], f"{self.corpus}:{number}")


class JsonLines(Reader):
    """A `.jsonl`: objects with a key for each language, or "source" and "target", perhaps inside "translation".

    A key "alignment" beside them may hold the word alignment as `0-0 1-2 ...`.
    """

    @staticmethod
    def claims(corpus: str) -> bool:
        return _ends(corpus, ".jsonl")

    def files(self) -> list[Path]:
        return [Path(self.corpus)]

    def read(self) -> Iterator[Pair]:
        for number, line in enumerate(read_lines(Path(self.corpus), self.lenient), start=1):
            if not line.strip():
                continue
            origin = f"{self.corpus}:{number}"
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                reason = str(error).partition(": line")[0]
                raise DataError(f"{origin}: not JSON ({reason}). Write one object on each line.") from None
            yield _pair(row, self.source, self.target, origin, self.lenient)


class HuggingFace(Reader):
    """`hf:NAME[@CONFIG][:SPLIT]`: rows in the shapes of JsonLines, through the `datasets` library.

    NAME is a dataset on the hub, a local folder (of data files or from `save_to_disk`) or a local data file.
    """

    @staticmethod
    def claims(corpus: str) -> bool:
        return corpus.startswith("hf:")

    def files(self) -> list[Path]:
        path = Path(self._parts()[0])
        return [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())

    def read(self) -> Iterator[Pair]:
        for number, row in enumerate(self._rows(), start=1):
            yield _pair(row, self.source, self.target, f"{self.corpus}:{number}")

    def _parts(self) -> tuple[str, str | None, str]:
        if not (found := _HF.fullmatch(self.corpus)):
            raise DataError(f"{self.corpus}: write hf:NAME[@CONFIG][:SPLIT], e.g. hf:wmt14@de-en:validation.")
        name, config, split = found.groups()
        return name, config, split or "train"

    def _rows(self) -> Any:
        name, config, split = self._parts()
        try:
            import datasets
        except ImportError:
            raise DataError(f"{self.corpus}: needs the datasets library. Run `pip install datasets`.") from None
        if not sys.stderr.isatty():
            datasets.disable_progress_bars()
        for library in ("datasets", "huggingface_hub"):  # what fails is told by us, once
            logging.getLogger(library).setLevel(logging.CRITICAL + 1)
        path = Path(name)
        try:
            if path.is_file():
                builder, options = self._builder(path)
                return datasets.load_dataset(builder, data_files=name, split=split, **options)
            if (path / "dataset_dict.json").is_file() or (path / "state.json").is_file():
                return self._pick(datasets.load_from_disk(name), split)
            return datasets.load_dataset(name, config, split=split)
        except DataError:
            raise
        except ConnectionError as error:
            raise DataError(f"{self.corpus}: {_first_line(error)}. Check the name and the network.") from None
        except Exception as error:  # the library lets through whatever its dozen readers and clients raise
            broken = type(error).__name__.startswith("DatasetGeneration")  # says nothing itself: its cause does
            remedy = "Mend the data" if broken else "Check name, config and split"
            cause = (error.__cause__ if broken else None) or error
            raise DataError(f"{self.corpus}: {_first_line(cause)}. {remedy}.") from None

    def _pick(self, saved: Any, split: str) -> Any:
        splits = saved if isinstance(saved, Mapping) else {"train": saved}
        if split not in splits:
            raise DataError(f"{self.corpus}: no split '{split}'.{nearest(split, splits)} Splits: {', '.join(splits)}.")
        return splits[split]

    def _builder(self, path: Path) -> tuple[str, dict[str, Any]]:
        kinds = [suffix.lower() for suffix in path.suffixes if suffix.lower() in BUILDERS]
        if not kinds:
            raise DataError(f"{self.corpus}: cannot tell the format of {path.name}. Endings: {', '.join(BUILDERS)}.")
        return BUILDERS[kinds[-1]]


READERS: Registry[type[Reader]] = Registry(
    "corpus format", hf=HuggingFace, pair=TwoFiles, tsv=Table, jsonl=JsonLines, prefix=Prefix
)
"""Asked in this order; the first that claims a corpus word reads it."""


def read_corpus(corpus: str, source: str, target: str, lenient: bool = False) -> Iterator[Pair]:
    """Yield the pairs behind a corpus word, streaming; blank sides are kept, and an empty corpus is no error.

    Where `lenient`, bytes that are not UTF-8 come as surrogates.

    Raises:
        DataError: in one line, which file and line is wrong and what to do.
    """
    return _reader(corpus, source, target, lenient).read()


def corpus_files(corpus: str, source: str, target: str) -> list[Path]:
    """The local files behind a corpus word, for example to hash them; none for a name on the Hugging Face hub.

    Raises:
        DataError: a prefix without its two files, or without languages.
    """
    return _reader(corpus, source, target).files()


def refuse_pipes(names: Sequence[str], source: str, target: str) -> None:
    """A pipe, such as a shell's <(...), gives its text only once.

    Raises:
        DataError: one of the corpora is behind a pipe.
    """
    for name in names:
        for path in corpus_files(name, source, target):
            if path.exists() and not path.is_file() and not path.is_dir():
                raise DataError(f"{path}: a corpus is read twice, and a pipe can be read once. Give a file.")


def _reader(corpus: str, source: str, target: str, lenient: bool = False) -> Reader:
    return next(kind for kind in READERS.values() if kind.claims(corpus))(corpus, source, target, lenient)


def _ends(corpus: str, ending: str) -> bool:
    return corpus.lower().endswith((ending, *(ending + packed for packed in COMPRESSED)))


def _plain_or_compressed(name: str) -> Path | None:
    return next((path for packed in ("", *COMPRESSED) if (path := Path(name + packed)).is_file()), None)


def _pair(row: Any, source: str, target: str, origin: str, lenient: bool = False) -> Pair:
    links = row.get("alignment") if isinstance(row, Mapping) else None
    if isinstance(row, Mapping) and isinstance(row.get("translation"), Mapping):
        row = row["translation"]
    if not isinstance(row, Mapping):
        raise DataError(f'{origin}: not an object but {type(row).__name__}. Write {{"en": "...", "de": "..."}}.')
    keys = (source, target) if source in row or "source" not in row else ("source", "target")
    source, target = (_text(row, key, [other for other in row if other not in keys], origin) for key in keys)
    keep = _ESCAPED if lenient else replace_surrogates
    source, target = keep(source), keep(target)
    if not isinstance(links, str | None):
        raise DataError(f"{origin}: 'alignment' is {reprlib.repr(links)}, not text. Write '0-0 1-2', or leave it out.")
    return Pair(source, target, origin, links or "")


def _text(row: Mapping[str, Any], key: str, others: list[str], origin: str) -> str:
    if not key:
        raise DataError(f"{origin}: which of the keys {', '.join(row)}? Pass --source and --target.")
    if key not in row:
        raise DataError(
            f"{origin}: no key '{key}'.{nearest(key, others)} Keys: {', '.join(row)}. Check --source and --target."
        )
    if not isinstance(row[key], str):
        raise DataError(f"{origin}: '{key}' is {reprlib.repr(row[key])}, not text. Mend or remove the line.")
    return row[key]


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")


def _unequal(left: Path, right: Path) -> str:
    counts, notes = [], []
    for path in (left, right):
        lines, odd = 0, dict.fromkeys(("carriage return (\\r)", "U+2028", "NUL"), 0)
        for raw in read_raw_lines(path):
            lines += 1
            for name, character in zip(odd, (b"\r", b"\xe2\x80\xa8", b"\0"), strict=True):
                odd[name] += raw.count(character)
        counts.append(lines)
        notes += [f"{path} holds {count} {name} inside its lines" for name, count in odd.items() if count]
    hint = f" ({'; '.join(notes)}, which other programs may take for line ends)" if notes else ""
    return (
        f"{left} has {counts[0]} lines but {right} has {counts[1]}{hint}. "
        "Line i of one must be the translation of line i of the other."
    )
