"""What we owe the CRMs: the custom fields a record should hold, and what it is known to hold."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, update
from sqlmodel import Session, col, select

from app.store import tables
from app.store.database import slices, upsert
from connectors import WriteResult

FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(days=7)

Values = dict[str, Any]
"""Custom fields by `Field.name`: numbers and texts, dates as ISO text, None for empty."""


@dataclass(frozen=True, slots=True)
class Due:
    """A record whose fields must be written: only those that differ."""

    target: str
    external_id: str
    values: Mapping[str, Any]


def known(
    session: Session, connection_id: int, target: str, external_ids: Sequence[str]
) -> dict[str, tuple[Values, Values]]:
    """What these records should hold, and what they are known to hold, by external id."""
    owed = tables.Owed
    found: dict[str, tuple[Values, Values]] = {}
    for few in slices(external_ids):
        query = select(owed.external_id, owed.wanted, owed.acknowledged).where(
            owed.connection_id == connection_id,
            owed.target == target,
            col(owed.external_id).in_(few),
        )
        found.update((e, (dict(w), dict(a))) for e, w, a in session.exec(query))
    return found


def want(
    session: Session, connection_id: int, target: str, wanted: Mapping[str, tuple[Values, Values]]
) -> None:
    """Say what records should hold, by external id, beside what they are known to hold."""
    rows = [
        {
            "connection_id": connection_id,
            "target": target,
            "external_id": external_id,
            "wanted": values,
            "acknowledged": acknowledged,
            "is_due": bool(_differences(values, acknowledged)),
            "attempts": 0,
            "next_try_at": None,
            "code": "",
            "reason": "",
        }
        for external_id, (values, acknowledged) in wanted.items()
    ]
    upsert(session, tables.Owed, rows, compared=("wanted",))


def forget(
    session: Session, connection_id: int, target: str, external_ids: Collection[str]
) -> None:
    """Owe nothing to records that are gone."""
    owed = tables.Owed
    for few in slices(sorted(external_ids)):
        session.connection().execute(
            delete(owed).where(
                col(owed.connection_id) == connection_id,
                col(owed.target) == target,
                col(owed.external_id).in_(few),
            )
        )


def due(session: Session, connection_id: int, *, at: datetime, limit: int) -> list[Due]:
    """What must be written now, by target and id; what was refused, when its time has come."""
    owed = tables.Owed
    rows = session.exec(
        select(owed.target, owed.external_id, owed.wanted, owed.acknowledged)
        .where(*_is_due(connection_id, at))
        .order_by(col(owed.target), col(owed.external_id))
        .limit(limit)
    )
    return [Due(target, external_id, _differences(w, a)) for target, external_id, w, a in rows]


def count_due(session: Session, connection_id: int, *, at: datetime) -> int:
    """How many records must be written now."""
    query = select(func.count()).select_from(tables.Owed).where(*_is_due(connection_id, at))
    return session.exec(query).one()


def _is_due(connection_id: int, at: datetime) -> tuple[ColumnElement[bool], ...]:
    owed = tables.Owed
    return (
        col(owed.connection_id) == connection_id,
        col(owed.is_due).is_(True),
        or_(col(owed.next_try_at).is_(None), col(owed.next_try_at) <= at),
    )


def doubt(session: Session, connection_id: int, fields: Mapping[str, Collection[str]]) -> None:
    """Know nothing any more of what these fields hold, by target: they were lost in the CRM."""
    owed = tables.Owed
    for target, names in fields.items():
        rows = session.exec(
            select(owed).where(owed.connection_id == connection_id, owed.target == target)
        )
        for row in rows:
            known = {k: v for k, v in row.acknowledged.items() if k not in names}
            row.acknowledged, row.is_due = known, bool(_differences(row.wanted, known))


def acknowledge(
    session: Session, connection_id: int, results: Sequence[WriteResult], *, at: datetime
) -> None:
    """Keep what the CRM said: confirmed values are known to be there, refused ones wait longer."""
    owed = tables.Owed
    for target in {result.target for result in results}:
        confirmed = [r.id for r in results if r.ok and r.target is target]
        for few in slices(confirmed):
            session.connection().execute(
                update(owed)
                .where(
                    col(owed.connection_id) == connection_id,
                    col(owed.target) == target.value,
                    col(owed.external_id).in_(few),
                )
                .values(
                    acknowledged=owed.wanted,
                    is_due=False,
                    attempts=0,
                    next_try_at=None,
                    code="",
                    reason="",
                )
            )
    for result in results:
        if not result.ok:
            _postpone(session, connection_id, result, at=at)


def _postpone(session: Session, connection_id: int, result: WriteResult, *, at: datetime) -> None:
    """Try a refused record again later; much later if its refusal is final."""
    owed = session.get_one(tables.Owed, (connection_id, result.target.value, result.id))
    wait = LONGEST_RETRY if result.is_final else FIRST_RETRY * 2 ** min(owed.attempts, 12)
    owed.attempts += 1
    owed.next_try_at = at + min(wait, LONGEST_RETRY)
    owed.code, owed.reason = result.code, result.reason
    session.flush()


def refused(session: Session, connection_id: int) -> list[tuple[str, str, int]]:
    """Why records could not be written: code, reason, and of how many records."""
    owed = tables.Owed
    query = (
        select(owed.code, owed.reason, func.count())
        .where(owed.connection_id == connection_id, owed.code != "")
        .group_by(owed.code, owed.reason)
        .order_by(func.count().desc(), owed.code)
    )
    return [(code, reason, number) for code, reason, number in session.exec(query)]


def retry(session: Session, connection_id: int) -> None:
    """Try refused records again with the next write-back."""
    owed = tables.Owed
    session.connection().execute(
        update(owed).where(col(owed.connection_id) == connection_id).values(next_try_at=None)
    )


def _differences(wanted: Mapping[str, Any], acknowledged: Mapping[str, Any]) -> Values:
    return {k: v for k, v in wanted.items() if v != acknowledged.get(k)}
