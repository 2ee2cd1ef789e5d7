"""A folder with the texts of a benchmark: Multi30k as published, or the corpus in data/."""

import gzip
from dataclasses import dataclass
from pathlib import Path

from measure import ROOT, Missing

NAMES = {"train": ("train",), "dev": ("val", "dev"), "test": ("test_2016_flickr", "test")}
HERE = ROOT / "data"


@dataclass(frozen=True)
class Corpus:
    """Prefixes of English and German files; each may also be gzipped."""

    train: Path
    dev: Path
    test: Path

    def lines(self, prefix: Path, language: str) -> list[str]:
        """The lines of one side."""
        return read(prefix, language).decode().removesuffix("\n").split("\n")

    def command(self) -> list[str]:
        """The words of `nmt train` that name it."""
        return [str(self.train), "--source", "en", "--target", "de", "--dev", str(self.dev)]


def find(folder: Path) -> Corpus:
    """The corpus in a folder.

    Raises:
        Missing: a part of it is not there.
    """
    found = {}
    for part, names in NAMES.items():
        there = [folder / name for name in names if any(folder.glob(f"{name}.en*"))]
        if not there:
            raise Missing(f"{folder} has no {' or '.join(names)}.en: give a folder with train, validation and test.")
        found[part] = there[0].absolute()
    return Corpus(**found)


def read(prefix: Path, language: str) -> bytes:
    """A file, plain or gzipped."""
    plain = prefix.with_name(f"{prefix.name}.{language}")
    return plain.read_bytes() if plain.exists() else gzip.decompress(plain.with_name(f"{plain.name}.gz").read_bytes())
