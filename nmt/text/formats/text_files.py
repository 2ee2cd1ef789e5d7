"""A text file for each side: line i of one is the translation of line i of the other."""

from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from nmt.errors import DataError
from nmt.text.formats.reader import FORMS, Pair, Reader, ends, plain_or_compressed
from nmt.text.lines import read_lines, read_raw_lines

WHOLE = (".tmx", ".xlf", ".xliff", ".po", ".parquet", ".arrow", ".srt")
"""Endings of files that are no text in lines."""


class TwoFiles(Reader):
    """A pair of files, `a.en,b.de`: line i of one is the translation of line i of the other.

    A third, `a.en,b.de,links`, holds their word alignments: line i is `0-0 1-2 ...`, as `nmt align` writes it.
    """

    @classmethod
    def claims(cls, corpus: str) -> bool:
        return "," in corpus

    def files(self) -> list[Path]:
        names = self.corpus.split(",")
        if len(names) not in (2, 3) or not all(names):
            raise DataError(
                f"{self.corpus}: expected two files with a comma between them, e.g. a.en,b.de, or a third with their "
                "word alignments."
            )
        if self._turned(names):
            raise DataError(
                f"{self.corpus}: by their names the first file is {self.target} and the second {self.source}, but "
                f"--source is {self.source}. Write {','.join([names[1], names[0], *names[2:]])}, or turn the languages."
            )
        for name in names:
            if whole := [ending for ending in WHOLE if ends(name, ending)]:
                remedy = "Give two such files" if whole == [".srt"] else "Give each such file by itself"
                raise DataError(f"{self.corpus}: {name} is no text in lines. {remedy}.")
        return [Path(name) for name in names]

    def _turned(self, names: list[str]) -> bool:
        """Whether the file of each language is named after the other."""
        if not (self.source and self.target) or self.source == self.target:
            return False
        return all(
            ends(name, f".{code.lower()}") for name, code in zip(names, (self.target, self.source), strict=False)
        )

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

    @classmethod
    def claims(cls, corpus: str) -> bool:
        return True

    def files(self) -> list[Path]:
        prefix = Path(self.corpus)
        if prefix.is_file():
            raise DataError(f"{prefix}: one file does not say where its translations are. A corpus is {FORMS}.")
        if not (self.source and self.target):
            self._refuse_folder()
        self.need_languages()
        if self.source == self.target:
            raise DataError(
                f"{self.corpus}: --source and --target are both '{self.source}': the file would translate itself. "
                "Give two languages, or a pair of files."
            )
        wanted = [f"{self.corpus}.{language}" for language in (self.source, self.target)]
        found = [plain_or_compressed(name) for name in wanted]
        files = [path for path in found if path is not None]
        if len(files) < 2:
            self._refuse_folder()
            raise DataError(self._missing([name for name, path in zip(wanted, found, strict=True) if path is None]))
        return files

    def _refuse_folder(self) -> None:
        if Path(self.corpus).is_dir():
            raise DataError(f"{self.corpus or '.'}: is a folder. A corpus is {FORMS}.")

    def _missing(self, names: list[str]) -> str:
        prefix = Path(self.corpus)
        there = sorted(path.name for path in prefix.parent.glob("*") if path.name.startswith(f"{prefix.name}."))
        what = f"{' and '.join(names)}: no such file{'s' if len(names) > 1 else ''}."
        if not there:
            return f"{what} A corpus is {FORMS}."
        whole = next((f"{prefix}{ending}" for ending in WHOLE if any(ends(name, ending) for name in there)), None)
        remedy = f"check --source and --target{f', or give {whole}' if whole else ''}."
        return f"{what} There is {', '.join(there)}: {remedy}"


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
