"""Tables as CSV files, for people who open them in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from fastapi.responses import StreamingResponse

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would compute: it is shown as text instead."""

BOM = "\ufeff"
"""By which spreadsheets know that it is UTF-8."""


def sheet(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingResponse:
    """Answer with a CSV file, row by row.

    Args:
        name: Of the file, without its ending.
        header: What the columns are called.
        rows: The cells, in the same order.
    """
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.csv"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(lines(header, rows), media_type="text/csv", headers=headers)


def lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a CSV file; no cell is a formula."""
    yield BOM + _line(header)
    for row in rows:
        yield _line([_safe(cell) for cell in row])


def _safe(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def _line(cells: Sequence[object]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
