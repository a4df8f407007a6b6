"""How many calls were made through a connection, by day and by what for."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from app.store import tables
from app.store.database import upsert
from connectors import Quota


def on(session: Session, connection_id: int, day: date) -> dict[str, int]:
    """The calls of one day (UTC), by purpose."""
    usage = tables.Usage
    query = select(usage.purpose, usage.calls).where(
        usage.connection_id == connection_id, usage.day == day
    )
    return dict(session.exec(query).all())


def add(session: Session, connection_id: int, day: date, calls: Mapping[str, int]) -> None:
    """Count more calls of one day."""
    known = on(session, connection_id, day)
    rows = [
        {
            "connection_id": connection_id,
            "day": day,
            "purpose": purpose,
            "calls": known.get(purpose, 0) + more,
        }
        for purpose, more in calls.items()
    ]
    upsert(session, tables.Usage, rows, compared=("calls",))


def note_limit(session: Session, connection_id: int, quota: Quota, *, at: datetime) -> None:
    """Keep what the CRM allows everybody together in a day, and what is used of it."""
    connection = tables.Connection
    session.connection().execute(
        update(connection)
        .where(col(connection.id) == connection_id)
        .values(calls_limit=quota.limit, calls_used=quota.used, limit_at=at)
    )


def recent(session: Session, connection_id: int, since: date) -> int:
    """All calls since a day, it included."""
    usage = tables.Usage
    query = select(func.coalesce(func.sum(usage.calls), 0)).where(
        usage.connection_id == connection_id, col(usage.day) >= since
    )
    return int(session.exec(query).one())
