"""Whatever the `datasets` library reads: `hf:NAME[@CONFIG][:SPLIT]`."""

import csv
import logging
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nmt.errors import DataError
from nmt.registry import nearest
from nmt.text.formats.objects import pair_of
from nmt.text.formats.reader import Pair, Reader

BUILDERS: dict[str, tuple[str, dict[str, Any]]] = {
    ".jsonl": ("json", {}),
    ".json": ("json", {}),
    ".csv": ("csv", {"keep_default_na": False}),  # NA and null are words
    ".tsv": ("csv", {"keep_default_na": False, "sep": "\t", "quoting": csv.QUOTE_NONE}),
    ".parquet": ("parquet", {}),
    ".arrow": ("arrow", {}),
}
"""Ending of a data file -> the loader of the `datasets` library that reads it, and what that is told."""

_HF = re.compile(r"hf:((?:[A-Za-z]:[\\/])?[^:]+?)(?:@([^@:/\\]+))?(?::(.+))?")  # C:\x is a path, not C with a split


class HuggingFace(Reader):
    """`hf:NAME[@CONFIG][:SPLIT]`: rows in the shapes of JsonLines, through the `datasets` library.

    NAME is a dataset on the hub, a local folder (of data files or from `save_to_disk`) or a local data file.
    """

    @classmethod
    def claims(cls, corpus: str) -> bool:
        return corpus.startswith("hf:")

    def files(self) -> list[Path]:
        path = Path(self._parts()[0])
        try:
            return [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
        except OSError as error:
            where = error.filename or path
            raise DataError(f"{self.corpus}: {where}: {error.strerror}. Check the path and its permissions.") from None

    def read(self) -> Iterator[Pair]:
        for number, row in enumerate(self._rows(), start=1):
            yield pair_of(row, self.source, self.target, f"{self.corpus}:{number}")

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
        if path.suffix.lower() in BUILDERS and not path.exists():
            raise DataError(f"{self.corpus}: no such file. Check the path.")  # nothing on a hub is called so
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
            self._refuse_broken_file()
            broken = type(error).__name__.startswith("DatasetGeneration")  # says nothing itself: its cause does
            remedy = "Mend the data" if broken else "Check name, config and split"
            cause = (error.__cause__ if broken else None) or error
            raise DataError(f"{self.corpus}: {_first_line(cause)}. {remedy}.") from None

    def _refuse_broken_file(self) -> None:
        """Find the file that is to blame: the library does not say.

        Raises:
            DataError: one is damaged.
        """
        import pyarrow
        from pyarrow import parquet

        for file in self.files():
            if file.suffix.lower() != ".parquet":
                continue
            try:
                for _ in parquet.ParquetFile(file).iter_batches():
                    pass
            except (pyarrow.ArrowException, OSError, ValueError) as error:
                raise DataError(
                    f"{self.corpus}: {file}: damaged, or no parquet file: {_first_line(error)}. Fetch this file again."
                ) from None

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


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
