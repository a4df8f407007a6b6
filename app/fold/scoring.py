"""From a table of events to a file of scores, with an engine for what is added up."""

from functools import partial
from pathlib import Path
from typing import Final

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from app.engine import DEFAULT, assess
from app.errors import Unreadable
from app.fold import records
from app.fold.places import Place, first_line, opened
from app.fold.rows import Tied
from app.score_events import Measure, read, replace, write

NOBODY: Final = np.zeros(0, dtype=np.int64)

READS_FILES: Final = frozenset({"duckdb", "pyspark"})
"""Engines that read Parquet themselves, from wherever they can reach."""

PARQUET: Final = ".parquet"


def run(url: str, source: str, out: Path, *, as_of_s: int, measure: Measure) -> int:
    """Score events on an engine, and write one line for each tie, as `score_events.run`.

    Args:
        url: As `places.opened` takes it.
        source: A file (.csv, .parquet) or the name of a table or view of the engine.
        out: The file to write: Parquet if it is called so, or else CSV.
        as_of_s: Seconds since 1970 (UTC).
        measure: What to write as the score.

    Returns:
        How many ties were written.

    Raises:
        NotReady: If the engine cannot be reached.
        Unreadable: If the events cannot be read, or the file cannot be written.
    """
    with opened(url) as place:
        tied = fold(place, source, as_of_s=as_of_s)
    scores = assess(tied.ties, colleagues=NOBODY)
    if out.suffix != PARQUET:
        write(out, tied.names, scores, measure)
        return len(scores)
    ends = {end: _ids(getattr(tied.ties, end).tolist(), tied.names) for end in ("a", "b")}
    replace(out, partial(pq.write_table, pa.table({**ends, "score": getattr(scores, measure)})))
    return len(scores)


def fold(place: Place, source: str, *, as_of_s: int) -> Tied:
    """Fold the events of a file or table."""
    if source.endswith(".csv"):
        people, met = read(Path(source))
        return Tied(people, place(met, as_of_s=as_of_s, weights=DEFAULT))
    try:
        events = _events(place, source)
        nameless = place.backend.to_pyarrow(records.nameless(events)).as_py()
    except (*place.errors, pa.ArrowInvalid) as error:
        raise Unreadable(f"{source} cannot be read: {first_line(error)}.") from error
    if nameless:
        raise Unreadable(f"{source}: src and dst must not be empty; they are, {nameless} times.")
    met = records.interactions(events, source)
    return place.fold(met, as_of_s=as_of_s, weights=DEFAULT)


def _events(place: Place, source: str) -> ir.Table:
    if not source.endswith(PARQUET):
        *within, name = source.split(".")
        return place.backend.table(name, database=tuple(within) or None)
    if place.backend.name in READS_FILES:
        return place.backend.read_parquet(source)
    return ibis.memtable(pq.read_table(source))


def _ids(numbers: list[int], names: list[str] | None) -> list[int] | list[str]:
    return numbers if names is None else [names[number] for number in numbers]
