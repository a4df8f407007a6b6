"""Kinds of columns that every database can keep."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, DateTime, Dialect, Index, Integer, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware UTC in Python, whatever the database keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times, and keep UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be kept.")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# JSONB, because PostgreSQL cannot compare two values of JSON.
Document = JSON().with_variant(JSONB(), "postgresql")


def moment(*, nullable: bool = False) -> Any:  # noqa: ANN401 - as sqlmodel.Field itself
    """A column of moments."""
    return Field(sa_column=Column(UtcDateTime, nullable=nullable))


def identity() -> Any:  # noqa: ANN401 - as sqlmodel.Field itself
    """A primary key that the database counts."""
    # SQLite numbers rows by itself only for INTEGER; elsewhere ids may outgrow 32 bits.
    kind = BigInteger().with_variant(Integer, "sqlite")
    return Field(default=None, sa_column=Column(kind, primary_key=True, autoincrement=True))


def unresolved(name: str) -> Index:
    """An index of only those rows that `resolve` has still to look at."""
    open_rows = text("NOT is_resolved")
    return Index(
        name,
        "connection_id",
        "external_id",
        sqlite_where=open_rows,
        postgresql_where=open_rows,
    )
