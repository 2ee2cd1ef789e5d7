"""The ids of a training corpus in a file that is mapped into memory: the system reads the parts that are asked for.

An Arrow file, written and read by the `datasets` library, with a record of what was left out beside it. Both are
written beside their places and moved there when complete, the Arrow file last: if it is there, both are whole.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from nmt.bounds import RECORDS, read_small
from nmt.errors import DataError, ModelFolderError
from nmt.files import unfinished, whole
from nmt.text.batches import Block, Examples, Ragged
from nmt.text.cleaning import Dropped
from nmt.text.corpus import BLOCK, Survey, encoded, id_type, nothing_left
from nmt.text.tokenizer import Tokenizer

IDS, RECORD = "examples.arrow", "examples.json"
FORMAT = 2  # of the two files; raised when older ones cannot be read any more
SIDES, LINKS = ("source", "target"), "links"


def examples_of(
    survey: Survey,
    tokenizers: tuple[Tokenizer, Tokenizer],
    folder: Path,
    threads: int = 0,
    note: Callable[[str], None] = lambda text: None,
) -> Examples:
    """Ids of a training corpus, out of the files in a folder where they fit it, else encoded into new ones.

    Adds the pairs of unfit lengths to `survey.dropped`. `threads` encode, 0 takes all processors; `note` hears now and
    then how far they are.

    Raises:
        DataError: no pair is left, or the corpus changed since it was surveyed.
        ModelFolderError: the folder cannot be written.
    """
    key = _key(survey, tokenizers)
    found = _reopen(folder, key)
    if found is None:
        try:
            _write(folder, key, _Tables(survey, tokenizers, threads, note))
        except OSError as error:
            raise ModelFolderError(
                f"{folder / IDS}: cannot write: {error.strerror or error}. Free some space or choose another --out."
            ) from None
        found = _reopen(folder, key)
    if found is None:
        raise ModelFolderError(f"{folder / IDS}: cannot be read again. Look at the disk, or choose another --out.")
    examples, dropped = found
    for reason, count in dropped.reasons.items():
        survey.dropped.add(reason, dropped.first[reason], count)
    return examples


def remove_examples(folder: Path) -> None:
    """Delete the files, if there are any; a system that cannot delete what is mapped keeps them."""
    for name in (IDS, RECORD):
        for path in (folder / name, unfinished(folder / name)):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _key(survey: Survey, tokenizers: tuple[Tokenizer, Tokenizer]) -> str:
    """A hash of everything that decides the ids and their order."""
    models = [sha256(tokenizer.model).hexdigest() for tokenizer in tokenizers]
    facts = [FORMAT, survey.sha256, survey.seed, survey.largest, asdict(survey.settings), models]
    return sha256(json.dumps(facts).encode()).hexdigest()


def _reopen(folder: Path, key: str) -> tuple[Examples, Dropped] | None:
    """The ids of this key mapped into memory, and what was left out; None where there are none, or no whole ones."""
    import pyarrow

    try:
        record = json.loads(read_small(folder / RECORD, RECORDS))
        if record["key"] != key:
            return None
        examples, dropped = _mapped(folder), Dropped()
        for reason, (count, first) in record["dropped"].items():
            dropped.add(reason, first, count)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, pyarrow.ArrowException):
        return None
    return (examples, dropped) if len(examples) == record["rows"] else None


def reopened(folder: Path) -> Examples:
    """The ids that another process has just written into a folder.

    Raises:
        ModelFolderError: they cannot be read.
    """
    import pyarrow

    try:
        return _mapped(folder)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, pyarrow.ArrowException) as error:
        raise ModelFolderError(f"{folder / IDS}: cannot be read: {error}. Look at the disk that all share.") from None


def _mapped(folder: Path) -> Examples:
    import datasets

    table = datasets.Dataset.from_file(str(folder / IDS)).data.table
    columns = [side for side in (*SIDES, LINKS) if side in table.column_names]
    return Examples(*(Ragged(map(_block, table.column(name).chunks)) for name in columns))


def _block(sequences: Any) -> Block:
    return Block(sequences.values.to_numpy(), sequences.offsets.to_numpy())


@dataclass
class _Tables:
    """The ids of a corpus as Arrow tables, one after another; counts what it leaves out."""

    survey: Survey
    tokenizers: tuple[Tokenizer, Tokenizer]
    threads: int
    note: Callable[[str], None]
    dropped: Dropped = field(default_factory=Dropped)

    def schema(self) -> Any:
        import pyarrow

        ids = pyarrow.list_(pyarrow.from_numpy_dtype(id_type(self.tokenizers)))
        columns = [(side, ids) for side in SIDES]
        return pyarrow.schema(columns + [(LINKS, pyarrow.list_(pyarrow.int32()))] * self.survey.linked)

    def __iter__(self) -> Iterator[Any]:
        import pyarrow

        pairs = self.survey.pairs(self.note)
        for some in encoded(pairs, self.tokenizers, self.survey.settings, self.dropped, self.threads):
            blocks = (some.source, some.target) + (some.links,) * self.survey.linked
            columns = [pyarrow.ListArray.from_arrays(block.ends, block.ids) for block in blocks]
            yield pyarrow.Table.from_arrays(columns, schema=self.schema())

    def nothing_left(self) -> DataError:
        before = self.survey.dropped
        both = Dropped(before.total, before.reasons + self.dropped.reasons, before.first | self.dropped.first)
        return nothing_left(self.survey.names, both)


def _write(folder: Path, key: str, tables: _Tables) -> None:
    """Encode a corpus into the two files."""
    from datasets.arrow_writer import ArrowWriter

    remove_examples(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rows = 0
    try:
        with whole(folder / IDS) as ids:
            writer = ArrowWriter(stream=ids, schema=tables.schema(), writer_batch_size=BLOCK)
            for table in tables:
                writer.write_table(table)
                rows += len(table)
            writer.finalize(close_stream=False)
            if not rows:
                raise tables.nothing_left()
            dropped = tables.dropped
            facts = {reason: [count, dropped.first[reason]] for reason, count in dropped.reasons.items()}
            with whole(folder / RECORD) as record:
                record.write(json.dumps({"key": key, "rows": rows, "dropped": facts}).encode())
    except BaseException:
        remove_examples(folder)
        raise
