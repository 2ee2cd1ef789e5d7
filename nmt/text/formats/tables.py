"""Tables: a column for each language."""

import csv
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain
from typing import Any

from nmt.errors import DataError
from nmt.text.formats.reader import OneFile, Pair
from nmt.text.languages import columns
from nmt.text.lines import read_lines

DELIMITERS = ",;\t"  # a spreadsheet writes ; where , is in numbers

Row = tuple[int, list[str]]
"""The line on which a row begins, and its cells."""


class Table(OneFile):
    """A `.tsv`: source<TAB>target, or a header row that names those columns among others; no quoting.

    A row without any text is a pair of blank sides.
    """

    ENDINGS = (".tsv",)

    def read(self) -> Iterator[Pair]:
        yield from self.pairs(read_lines(self.path, self.lenient), self.corpus)

    def pairs(self, lines: Iterable[str], name: str) -> Iterator[Pair]:
        """The pairs in lines of which a complaint says that they are those of `name`."""
        rows = ((number, line.split("\t")) for number, line in enumerate(lines, start=1))
        return _pairs(rows, self.source, self.target, name)


class CommaSeparated(OneFile):
    """A `.csv`, as spreadsheets write it: columns as in a `.tsv`; what is in quotes may hold commas and line breaks."""

    ENDINGS = (".csv",)

    def read(self) -> Iterator[Pair]:
        lines = read_lines(self.path, self.lenient)
        first = next(lines, None)
        if first is not None:
            delimiter = _delimiter(first, self.source, self.target)
            rows = self._rows(
                csv.reader((f"{line}\n" for line in chain([first], lines)), delimiter=delimiter, strict=True)
            )
            yield from _pairs(rows, self.source, self.target, self.corpus)

    def _rows(self, rows: Any) -> Iterator[Row]:
        begin = 1
        try:
            for cells in rows:
                yield begin, cells
                begin = rows.line_num + 1
        except csv.Error as error:
            reason = str(error).partition(" - ")[0]
            raise DataError(
                f"{self.corpus}:{begin}: not CSV ({reason}). Look for a quote that is not closed, or not doubled "
                "inside a cell, and for a carriage return inside the row."
            ) from None


def _delimiter(line: str, source: str, target: str) -> str:
    """What stands between the columns, by the first line: that with which it is a header, or has two columns."""
    rows = {}
    for delimiter in DELIMITERS:
        with suppress(csv.Error):  # told when the row is read
            rows[delimiter] = next(csv.reader([line], delimiter=delimiter), [])
    named = [delimiter for delimiter, cells in rows.items() if columns(cells, source, target)]
    return (named + [delimiter for delimiter, cells in rows.items() if len(cells) == 2] + [","])[0]


def _pairs(rows: Iterable[Row], source: str, target: str, name: str) -> Iterator[Pair]:
    width, left, right = 2, 0, 1
    for place, (number, cells) in enumerate(rows):
        if place == 0 and (header := columns(cells, source, target)):
            width, (left, right) = len(cells), header
            continue
        if not any(cell.strip() for cell in cells):
            cells = [""] * width
        if len(cells) != width:
            raise DataError(
                f"{name}:{number}: expected {width} columns, found {len(cells)}. Mend the row; a table is "
                "source and target, or has a first row that names the columns by language."
            )
        yield Pair(cells[left], cells[right], f"{name}:{number}")
