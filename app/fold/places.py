"""Places that can add up: an engine opened by its address, and what it is asked."""

import itertools
import sqlite3
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from tempfile import gettempdir
from typing import Final

import duckdb
import ibis
import ibis.expr.types as ir
import psycopg
import pyarrow as pa
from ibis.backends import BaseBackend
from ibis.common.exceptions import IbisError, TableNotFound
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from app.engine import Ignored, Interactions, Ties, Weights
from app.errors import NotReady
from app.fold.expression import Folded, folded
from app.fold.rows import Tied, to_ties

KEEPS: Final = frozenset({"duckdb", "postgres", "sqlite"})
"""Where days are kept in a temporary table while they are asked for twice."""

SPARK: Final = "spark"

DRIVERS: Final = (duckdb.Error, psycopg.Error, sqlite3.Error)

COLUMNS: Final = tuple(Interactions.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Place:
    """An engine that is open; called, it folds what is in memory as `app.engine.fold` does.

    Attributes:
        backend: What Ibis made of its address.
        errors: What it raises if something is not there, or is not as it should be.
    """

    backend: BaseBackend
    errors: tuple[type[Exception], ...] = ()
    _number: Iterator[int] = field(default_factory=itertools.count)

    def __call__(self, interactions: Interactions, *, as_of_s: int, weights: Weights) -> Ties:
        """Send interactions there, and get ties back."""
        met = ibis.memtable(pa.table({name: getattr(interactions, name) for name in COLUMNS}))
        return self.fold(met, as_of_s=as_of_s, weights=weights).ties

    def fold(self, met: ir.Table, *, as_of_s: int, weights: Weights) -> Tied:
        """Fold a table of interactions that is there."""
        if self.backend.name not in KEEPS:
            found = self._fetched(folded(met, as_of_s=as_of_s, weights=weights))
            return to_ties(*found, as_of_s=as_of_s)
        name = f"tieline_days_{next(self._number)}"

        def keep(days: ir.Table) -> ir.Table:
            return self.backend.create_table(name, days, temp=True)

        try:
            found = self._fetched(folded(met, as_of_s=as_of_s, weights=weights, keep=keep))
        finally:
            self.backend.raw_sql(f"DROP TABLE IF EXISTS {name}")
        return to_ties(*found, as_of_s=as_of_s)

    def _fetched(self, sums: Folded) -> tuple[pa.Table, pa.Table, Ignored]:
        (ignored,) = self.backend.to_pyarrow(sums.ignored).to_pylist()
        pairs, people = (self.backend.to_pyarrow(rows) for rows in (sums.pairs, sums.people))
        return pairs, people, Ignored(**ignored)


@contextmanager
def opened(url: str) -> Iterator[Place]:
    """Open an engine, and close it afterwards.

    Args:
        url: ``duckdb``, an address of SQLite, DuckDB or PostgreSQL as `TIELINE_DATABASE_URL` has
            it, ``spark://host:15002`` for Spark Connect, or any other that Ibis can connect to.

    Raises:
        NotReady: If it cannot be reached, or is nothing that can be.
    """
    with warnings.catch_warnings():
        # They are of different years, and warn of each other's versions.
        warnings.filterwarnings("ignore", module=r"(duckdb|ibis|pyspark)\.")
        place = _place(url)
        try:
            yield place
        finally:
            place.backend.disconnect()


def _place(url: str) -> Place:
    scheme, _, rest = url.partition(":")
    kind = scheme.partition("+")[0]
    errors: tuple[type[Exception], ...] = (IbisError, TableNotFound, OSError, *DRIVERS)
    try:
        if kind == SPARK:
            spark = import_module("app.fold.spark")
            errors += spark.ERRORS
            return Place(spark.connected(f"sc:{rest}"), errors)
        if kind in OPENERS:
            return Place(OPENERS[kind](make_url(url if rest else f"{url}://")), errors)
        return Place(ibis.connect(url), errors)
    except (ArgumentError, ImportError, ValueError) as error:
        why = first_line(error)
        raise NotReady(f"{scheme} is no engine that can be opened here: {why}.") from error
    except errors as error:
        raise NotReady(f"The engine {scheme} cannot be reached: {first_line(error)}.") from error


def first_line(error: Exception) -> str:
    """The first line of what an engine says, without its full stop."""
    return str(error).strip().partition("\n")[0].rstrip(".")


def _duckdb(url: URL) -> BaseBackend:
    """Here, on all cores; the query sets what DuckDB can be told, as ``?memory_limit=6GB``."""
    where, room = _file(url), str(Path(gettempdir()) / "tieline-duckdb")
    config = {"preserve_insertion_order": False, "temp_directory": room, **_query(url)}
    return ibis.duckdb.connect(where, read_only=where != MEMORY, **config)


def _sqlite(url: URL) -> BaseBackend:
    return ibis.sqlite.connect(_file(url))


def _postgres(url: URL) -> BaseBackend:
    query = _query(url)
    return ibis.postgres.connect(
        user=url.username,
        password=url.password,
        host=str(query.pop("host", url.host)),
        port=url.port or 5432,
        database=url.database,
        **query,
    )


OPENERS: Final[Mapping[str, Callable[[URL], BaseBackend]]] = {
    "duckdb": _duckdb,
    "sqlite": _sqlite,
    "postgresql": _postgres,
    "postgres": _postgres,
}

MEMORY: Final = ":memory:"


def _query(url: URL) -> dict[str, object]:
    return dict(url.query)


def _file(url: URL) -> str:
    """The file of an address, which has to be there; none is a database in memory."""
    if url.database in (None, "", MEMORY):
        return MEMORY
    if not Path(str(url.database)).is_file():
        raise FileNotFoundError(f"there is no {url.database}")
    return str(url.database)
