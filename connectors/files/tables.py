"""Rows of CSV files, whatever wrote them: columns are found by their names.

A row that cannot be read is told with its line, and the next one goes on.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, NamedTuple

from connectors.files.found import Place
from connectors.files.lines import SNIFFED, Encoding, Line, encoding_of, lines

MOST_LINES_BEFORE = 20
MOST_COLUMNS = 500
DELIMITERS = (",", ";", "\t", "|")

TOO_LONG = "The line is too long to be a row."
BROKEN = "The row's quotes do not match."


class Row(NamedTuple):
    """A row by its columns' names; None where it cannot be read, and then why."""

    line: int
    end: Place
    values: Mapping[str, str] | None
    reason: str = ""


class Table(NamedTuple):
    """How a CSV file is written; its rows begin at `place`.

    Attributes:
        columns: Their names in lower case, as words with single spaces.
    """

    encoding: Encoding
    delimiter: str
    columns: tuple[str, ...]
    place: Place


def table_of(file: BinaryIO, known: Sequence[frozenset[str]]) -> Table | None:
    """Find the line with the names of columns; programs may write some words before it.

    Args:
        file: The file.
        known: Sets of columns, any of which must be there for it to be the line.
    """
    file.seek(0)
    encoding = encoding_of(file.read(SNIFFED))
    for line in lines(file, Place(), encoding):
        if line.text is None or line.end.row > MOST_LINES_BEFORE:
            return None
        for delimiter in DELIMITERS:
            columns = _columns(line.text, delimiter)
            if any(needed <= set(columns) for needed in known):
                return Table(encoding, delimiter, columns, line.end)
    return None


def rows(file: BinaryIO, table: Table, place: Place) -> Iterator[Row]:
    """Give the rows from a place on."""
    source = _Source(lines(file, max(place, table.place, key=_offset), table.encoding))
    while True:
        reader = csv.reader(source, delimiter=table.delimiter, strict=True)
        source.begin()
        try:
            values = next(reader)
        except csv.Error:
            yield Row(source.first, source.end, None, BROKEN)
            continue
        except StopIteration:
            return
        if source.reason:
            yield Row(source.first, source.end, None, source.reason)
        elif any(value.strip() for value in values):
            yield Row(source.first, source.end, _named(table.columns, values))


def _named(columns: Sequence[str], values: Sequence[str]) -> dict[str, str]:
    return {name: value.strip() for name, value in zip(columns, values, strict=False) if name}


def _columns(text: str, delimiter: str) -> tuple[str, ...]:
    try:
        names = next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return ()
    return tuple(" ".join(name.lower().split()) for name in names[:MOST_COLUMNS])


def _offset(place: Place) -> int:
    return place.offset


class _Source:
    """Lines for the csv module, and where it is.

    Attributes:
        first: The line that the row begins on.
        end: Behind the last line that was taken.
        reason: What is wrong with one of them.
    """

    def __init__(self, given: Iterator[Line]) -> None:
        self._given = given
        self.first, self.end, self.reason = 1, Place(), ""
        self._is_new = True

    def begin(self) -> None:
        self._is_new, self.reason = True, ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._given)
        self.end = line.end
        if self._is_new:
            self.first, self._is_new = line.end.row, False
        if line.text is None:
            self.reason = TOO_LONG
            return "\n"
        return line.text
