"""Files of columns, as Apache Arrow reads them."""

from pathlib import Path

import pyarrow
import pytest
from pyarrow import ipc, parquet

from nmt.text.formats import columnar
from nmt.text.readers import Pair, read_corpus

PAIRS = [("yes", "ja"), ("no", "nein"), ("NA", "")]


def table(*names: str, **more: list) -> pyarrow.Table:
    columns = {name: [pair[side] for pair in PAIRS] for side, name in enumerate(names)}
    return pyarrow.table(columns | more)


def save(made: pyarrow.Table, name: str) -> None:
    if name.endswith(".parquet"):
        parquet.write_table(made, name, row_group_size=2)
        return
    write = ipc.new_file if name == "file.arrow" else ipc.new_stream
    with write(name, made.schema) as file:
        file.write_table(made, max_chunksize=2)


@pytest.mark.parametrize("name", ["x.parquet", "file.arrow", "stream.arrow"])
@pytest.mark.parametrize("rows", [1, 2, 1000])
def test_rows_come_in_batches_and_in_order(name: str, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columnar, "ROWS", rows)
    nested = [{"en": s, "de": t} for s, t in PAIRS]
    for made in (table("en", "de", id=[1, 2, 3]), table("source", "target"), table(translation=nested)):
        save(made, name)
        found = [Pair(*pair, f"{name}:{number}") for number, pair in enumerate(PAIRS, start=1)]
        assert list(read_corpus(name, "en", "de")) == found


def test_only_the_columns_of_a_pair_are_read(sides, monkeypatch: pytest.MonkeyPatch) -> None:
    save(table("en", "de", alignment=["0-0", "", "0-0"], audio=[b"x" * 100] * 3), "x.parquet")
    asked: list[object] = []
    whole = parquet.ParquetFile.iter_batches
    monkeypatch.setattr(
        parquet.ParquetFile,
        "iter_batches",
        lambda *args, columns: asked.append(columns) or whole(*args, columns=columns),
    )
    assert [pair.links for pair in read_corpus("x.parquet", "en", "de")] == ["0-0", "", "0-0"]
    assert asked == [["alignment", "de", "en"]]


@pytest.mark.parametrize("name", ["x.parquet", "file.arrow", "stream.arrow"])
def test_what_cannot_be_read_is_named(name: str, complaint, write) -> None:
    save(table("en", "dee", id=[1, 2, 3]), name)
    assert complaint(name) == (
        f"{name}:1: no key 'de'. Did you mean 'dee'? Keys: en, dee, id. Check --source and --target."
    )
    save(table("en", de=["ja", None, "x"]), name)
    assert complaint(name) == f"{name}:2: 'de' is None, not text. Mend or remove the line."
    for data in (b"", b"PAR1", Path(name).read_bytes()[:40]):
        write(name, data)
        assert complaint(name).startswith(f"{name}: damaged or of another kind: ")
    assert complaint(f"{name}.gz") == f"{name}.gz: is compressed twice. Unpack it; such a file is compressed by itself."
    assert complaint(f"no.{name}") == f"no.{name}: no such file. Check the path."
