"""Opening a database, and the one way rows are kept in it.

SQLite in WAL mode by default; PostgreSQL by a URL that begins with ``postgresql+psycopg:``. The
store never commits: that is its callers' business.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Table, event, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlmodel import Session, SQLModel

from app.errors import NotReady

BATCH = 2_000
"""Rows sent to the database at a time."""

FEW = 500
"""Values in one IN list: both databases take many more, slowly."""

ValueT = TypeVar("ValueT")


def open_database(url: str) -> Engine:
    """Open a database; it is connected to when first used.

    Args:
        url: ``sqlite:///path`` or ``postgresql+psycopg://user:password@host/name``.

    Raises:
        NotReady: If the URL cannot be understood, or its driver is not installed.
    """
    try:
        database = sqlalchemy.create_engine(
            url,
            pool_pre_ping=not url.startswith("sqlite"),
            hide_parameters=True,  # an error's text must not quote people's data
        )
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        raise NotReady(
            "TIELINE_DATABASE_URL is no usable database URL: "
            "use sqlite:///file.db, or install tieline[postgres] and use postgresql+psycopg://…"
        ) from error
    if database.dialect.name == "sqlite":
        if database.url.database:
            Path(database.url.database).parent.mkdir(parents=True, exist_ok=True)
        event.listen(database, "connect", _prepare_sqlite)
    return database


def migrate(database: Engine) -> None:
    """Bring the tables to this version's shape; nothing happens if they are.

    Raises:
        NotReady: If the database cannot be reached or written.
    """
    config = _alembic()
    try:
        with database.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except DBAPIError as error:
        raise NotReady(
            "The database cannot be used: "
            "check TIELINE_DATABASE_URL, and that it can be written to."
        ) from error


def is_current(database: Engine) -> bool:
    """Whether the tables have this version's shape."""
    head = ScriptDirectory.from_config(_alembic()).get_current_head()
    with database.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def upsert(
    session: Session,
    table: type[SQLModel],
    rows: Iterable[Mapping[str, Any]],
    *,
    compared: Sequence[str],
) -> int:
    """Insert rows, or update those whose compared columns differ; leave all others alone.

    Args:
        session: Nothing is committed.
        table: Its primary key, or the unique index it is known by, finds the row to update.
        rows: All with the same columns; sorted here, so that two writers cannot deadlock.
        compared: The columns that make a row different, the others change only with them;
            empty to keep every row that is there.

    Returns:
        How many rows are new or different.
    """
    columns = SQLModel.metadata.tables[str(table.__tablename__)]
    key = _key(columns)
    ordered = sorted(rows, key=lambda row: tuple(row[name] for name in key))
    if not ordered:
        return 0
    given = [name for name in ordered[0] if name not in key]
    statement = inserting(session, columns)
    if compared:
        found = statement.excluded
        statement = statement.on_conflict_do_update(
            index_elements=key,
            set_={name: found[name] for name in given},
            where=or_(*(columns.c[name].is_distinct_from(found[name]) for name in compared)),
        )
    else:
        statement = statement.on_conflict_do_nothing(index_elements=key)
    return sum(
        _touched(session, statement, key, ordered[start : start + BATCH])
        for start in range(0, len(ordered), BATCH)
    )


def insert(session: Session, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that are known to be new, in batches; nothing is committed."""
    statement = sqlalchemy.insert(table)
    for start in range(0, len(rows), BATCH):
        session.connection().execute(statement, list(rows[start : start + BATCH]))


def _touched(
    session: Session,
    statement: postgresql.Insert | sqlite.Insert,
    key: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
) -> int:
    """Execute an upsert; how many rows it touched, which PostgreSQL tells only of what returns."""
    if session.connection().dialect.name == "sqlite":
        return session.connection().execute(statement, rows).rowcount
    returning = statement.returning(statement.table.c[key[0]])
    return len(session.connection().execute(returning, rows).all())


def _key(columns: Table) -> list[str]:
    """The columns that identify a row from outside: the natural key where the id is our own."""
    unique = [index for index in columns.indexes if index.unique]
    return [c.name for c in (unique[0].columns if unique else columns.primary_key.columns)]


def inserting(session: Session, columns: Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that knows ``on conflict``: the two databases spell it alike."""
    if session.connection().dialect.name == "sqlite":
        return sqlite.insert(columns)
    return postgresql.insert(columns)


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "busy_timeout = 5000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def slices(values: Sequence[ValueT]) -> Iterator[Sequence[ValueT]]:
    """Cut a list into pieces that fit an IN list."""
    for start in range(0, len(values), FEW):
        yield values[start : start + FEW]
