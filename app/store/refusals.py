"""Records that a CRM did not take: by cause, and tried again when somebody says so."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, update
from sqlmodel import Session, col, select

from app.store import tables


@dataclass(frozen=True, slots=True)
class Cause:
    """Records of one kind that were refused for one cause.

    Attributes:
        records: How many.
        next_try_at: When the first of them is tried again by itself.
    """

    target: str
    code: str
    reason: str
    records: int
    next_try_at: datetime | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which refused records; what is empty does not narrow it."""

    target: str = ""
    code: str = ""
    external_id: str = ""


ALL = Chosen()


def by_cause(session: Session, connection_id: int) -> list[Cause]:
    """Why records could not be written, the most frequent cause first."""
    owed = tables.Owed
    query = (
        select(owed.target, owed.code, owed.reason, func.count())
        .where(*_refused(connection_id, ALL))
        .group_by(owed.target, owed.code, owed.reason)
        .order_by(func.count().desc(), owed.code, owed.target)
    )
    return [
        Cause(target, code, reason, number, _first(session, connection_id, Chosen(target, code)))
        for target, code, reason, number in session.exec(query)
    ]


def refused(session: Session, connection_id: int) -> list[tuple[str, str, int]]:
    """Why records could not be written: code, reason, and of how many records."""
    owed = tables.Owed
    query = (
        select(owed.code, owed.reason, func.count())
        .where(*_refused(connection_id, ALL))
        .group_by(owed.code, owed.reason)
        .order_by(func.count().desc(), owed.code)
    )
    return [(code, reason, number) for code, reason, number in session.exec(query)]


def records(
    session: Session, connection_id: int, chosen: Chosen, *, limit: int
) -> list[tables.Owed]:
    """Some of the refused records, by kind and id."""
    owed = tables.Owed
    query = select(owed).where(*_refused(connection_id, chosen))
    return list(session.exec(query.order_by(owed.target, owed.external_id).limit(limit)).all())


def count(session: Session, connection_id: int) -> int:
    """How many records stand refused."""
    query = select(func.count()).select_from(tables.Owed)
    return session.exec(query.where(*_refused(connection_id, ALL))).one()


def retry(session: Session, connection_id: int, chosen: Chosen = ALL) -> int:
    """Try refused records again with the next write-back; gives how many."""
    tried = session.connection().execute(
        update(tables.Owed).where(*_refused(connection_id, chosen)).values(next_try_at=None)
    )
    return tried.rowcount


def _first(session: Session, connection_id: int, chosen: Chosen) -> datetime | None:
    owed = tables.Owed
    query = (
        select(owed.next_try_at)
        .where(*_refused(connection_id, chosen), col(owed.next_try_at).is_not(None))
        .order_by(col(owed.next_try_at))
        .limit(1)
    )
    return session.exec(query).first()


def _refused(connection_id: int, chosen: Chosen) -> list[ColumnElement[bool]]:
    owed = tables.Owed
    narrowed = {
        col(owed.target): chosen.target,
        col(owed.code): chosen.code,
        col(owed.external_id): chosen.external_id,
    }
    return [
        col(owed.connection_id) == connection_id,
        col(owed.code) != "",
        *(column == value for column, value in narrowed.items() if value),
    ]
