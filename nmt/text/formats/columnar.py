"""Files of columns, as Apache Arrow reads them, some rows at a time."""

from collections.abc import Iterable, Iterator
from typing import Any

from nmt.errors import DataError
from nmt.text.formats.objects import pair_of
from nmt.text.formats.reader import OneFile, Pair, ends
from nmt.text.lines import COMPRESSED, open_binary

ROWS = 1024  # read together


class Columnar(OneFile):
    """A `.parquet` or `.arrow`: columns in the shapes of a JsonLines row; only those that are needed are read."""

    ENDINGS = (".parquet", ".arrow")

    def read(self) -> Iterator[Pair]:
        if self.path.suffix.lower() in COMPRESSED:
            raise DataError(f"{self.corpus}: is compressed twice. Unpack it; such a file is compressed by itself.")
        number = 0
        with open_binary(self.path) as stream:
            for batch in self._batches(stream):
                for row in batch:
                    number += 1
                    yield pair_of(row, self.source, self.target, f"{self.corpus}:{number}", self.lenient)

    def _batches(self, stream: Any) -> Iterator[list[Any]]:
        import pyarrow

        try:
            for batch in self._parquet(stream) if ends(self.corpus, ".parquet") else self._arrow(stream):
                batch.validate(full=True)  # the library trusts a file to say where its texts begin and end
                yield batch.to_pylist()
        except (pyarrow.ArrowException, OSError, ValueError, KeyError, MemoryError) as error:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
            raise DataError(f"{self.corpus}: damaged or of another kind: {reason}. Fetch or write it again.") from None

    def _parquet(self, stream: Any) -> Iterator[Any]:
        from pyarrow import parquet

        file = parquet.ParquetFile(stream)
        yield from file.iter_batches(ROWS, columns=self._needed(file.schema_arrow.names))

    def _arrow(self, stream: Any) -> Iterator[Any]:
        from pyarrow import ipc

        if stream.read(6) == b"ARROW1":
            file = ipc.open_file(stream)
            batches = (file.get_batch(place) for place in range(file.num_record_batches))
        else:  # as the `datasets` library writes it
            stream.seek(0)
            batches = iter(ipc.open_stream(stream))
        for batch in batches:
            needed = self._needed(batch.schema.names)
            batch = batch.select(needed) if needed else batch
            yield from (batch.slice(start, ROWS) for start in range(0, batch.num_rows, ROWS))

    def _needed(self, names: Iterable[str]) -> list[str] | None:
        """The columns that hold a pair; None, for all, where a complaint will have to name them."""
        there = set(names)
        ways = ({self.source, self.target}, {"source", "target"}, {"translation"})
        if not any(way <= there for way in ways):
            return None
        return sorted(there & {"alignment"}.union(*ways))
