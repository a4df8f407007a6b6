"""What we owe the CRMs: the custom fields a record should hold, and what it is known to hold.

Read `owed` (what is known of one record), this (the queue), then `revising` and `erasing`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, or_, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, col, select

from app.store import tables
from app.store.database import slices, upsert
from app.store.owed import Key, Known, known_of
from connectors import WriteResult

FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(days=7)

_COLUMNS = (
    tables.Owed.target,
    tables.Owed.external_id,
    tables.Owed.wanted,
    tables.Owed.acknowledged,
    tables.Owed.theirs,
    tables.Owed.sent,
    tables.Owed.undone,
    tables.Owed.undo_id,
    tables.Owed.next_try_at,
)
_KNOWN = select_columns(*map(col, _COLUMNS))


@dataclass(frozen=True, slots=True)
class Due:
    """A record whose fields must be written: only those that differ.

    Attributes:
        acknowledged: What all of its fields are known to hold.
        sent: What was being written when we last said so.
    """

    target: str
    external_id: str
    values: Mapping[str, Any]
    acknowledged: Mapping[str, Any]
    sent: Mapping[str, Any]

    @property
    def key(self) -> Key:
        """Which record it is."""
        return self.target, self.external_id


def known(
    session: Session, connection_id: int, target: str, external_ids: Sequence[str]
) -> dict[str, Known]:
    """What is known of these records, by external id; nothing of those we never wrote to."""
    owed = tables.Owed
    found: dict[str, Known] = {}
    for few in slices(external_ids):
        rows = session.connection().execute(
            _KNOWN.where(
                col(owed.connection_id) == connection_id,
                col(owed.target) == target,
                col(owed.external_id).in_(few),
            )
        )
        found.update((row.external_id, known_of(row)) for row in rows)
    return found


def want(session: Session, connection_id: int, target: str, wanted: Mapping[str, Known]) -> None:
    """Say what records should hold, by external id, beside what is known of them."""
    rows = [
        {
            "connection_id": connection_id,
            "target": target,
            "external_id": external_id,
            "wanted": one.wanted,
            "acknowledged": one.acknowledged,
            "theirs": one.theirs,
            "sent": one.sent,
            "undone": one.undone,
            "undo_id": one.undo_id,
            "is_due": bool(one.differences),
            "attempts": 0,
            "next_try_at": None,
            "code": "",
            "reason": "",
        }
        for external_id, one in wanted.items()
    ]
    upsert(session, tables.Owed, rows, compared=("wanted", "undone"))


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


@dataclass(frozen=True, slots=True)
class Asked:
    """Which of the due records are asked for.

    Attributes:
        undo_id: Only those that this run takes something back from.
        without: Kinds of records that are left out.
    """

    undo_id: int | None = None
    without: frozenset[str] = frozenset()


EVERYTHING = Asked()


def due(
    session: Session, connection_id: int, *, at: datetime, limit: int, asked: Asked = EVERYTHING
) -> list[Due]:
    """What must be written now, by target and id; what was refused, when its time has come."""
    owed = tables.Owed
    rows = session.connection().execute(
        _KNOWN.where(*_is_due(connection_id, at, asked))
        .order_by(col(owed.target), col(owed.external_id))
        .limit(limit)
    )
    return [
        Due(
            target=row.target,
            external_id=row.external_id,
            values=known_of(row).differences,
            acknowledged=row.acknowledged,
            sent=row.sent,
        )
        for row in rows
    ]


def count_due(
    session: Session, connection_id: int, *, at: datetime, asked: Asked = EVERYTHING
) -> int:
    """How many records must be written now."""
    query = select(func.count()).select_from(tables.Owed)
    return session.exec(query.where(*_is_due(connection_id, at, asked))).one()


def count_undoing(session: Session, connection_id: int, undo_id: int) -> int:
    """How many records a run has still to take something back from."""
    owed = tables.Owed
    query = select(func.count()).select_from(owed)
    return session.exec(
        query.where(owed.connection_id == connection_id, owed.undo_id == undo_id)
    ).one()


def _is_due(connection_id: int, at: datetime, asked: Asked) -> tuple[ColumnElement[bool], ...]:
    owed = tables.Owed
    conditions = (
        col(owed.connection_id) == connection_id,
        col(owed.is_due).is_(True),
        or_(col(owed.next_try_at).is_(None), col(owed.next_try_at) <= at),
        col(owed.target).not_in(sorted(asked.without)),
    )
    if asked.undo_id is None:
        return conditions
    return *conditions, col(owed.undo_id) == asked.undo_id


def sending(session: Session, connection_id: int, dues: Sequence[Due]) -> None:
    """Note what is about to be written, so that after a crash it is not taken for a person's."""
    _set(
        session,
        [
            {"b_c": connection_id, "b_t": due.target, "b_e": due.external_id, "b_sent": due.values}
            for due in dues
        ],
        sent=bindparam("b_sent"),
    )


def acknowledge(
    session: Session,
    connection_id: int,
    results: Sequence[WriteResult],
    *,
    dues: Mapping[Key, Due],
    at: datetime,
) -> None:
    """Keep what the CRM said: confirmed values are known to be there, refused ones wait longer."""
    confirmed: dict[str, list[str]] = {}
    for result in results:
        if result.ok:
            confirmed.setdefault(result.target.value, []).append(result.id)
        else:
            _postpone(session, connection_id, result, at=at)
    for target, external_ids in confirmed.items():
        for few in slices(external_ids):
            rows = session.connection().execute(
                _KNOWN.where(
                    col(tables.Owed.connection_id) == connection_id,
                    col(tables.Owed.target) == target,
                    col(tables.Owed.external_id).in_(few),
                )
            )
            _confirm(
                session, connection_id, [(known_of(r), dues[target, r.external_id]) for r in rows]
            )


def _confirm(session: Session, connection_id: int, found: Sequence[tuple[Known, Due]]) -> None:
    rows = []
    for before, due in found:
        held = {**before.acknowledged, **due.values}
        now = Known(wanted=before.wanted, acknowledged=held, theirs=before.theirs)
        rows.append(
            {
                "b_c": connection_id,
                "b_t": due.target,
                "b_e": due.external_id,
                "b_ack": held,
                "b_due": bool(now.differences),
            }
        )
    _set(
        session,
        rows,
        acknowledged=bindparam("b_ack"),
        is_due=bindparam("b_due"),
        sent={},
        undo_id=None,
        attempts=0,
        next_try_at=None,
        code="",
        reason="",
    )


def _postpone(session: Session, connection_id: int, result: WriteResult, *, at: datetime) -> None:
    """Try a refused record again later; much later if its refusal is final."""
    owed = session.get_one(
        tables.Owed, (connection_id, result.target.value, result.id), populate_existing=True
    )
    wait = LONGEST_RETRY if result.is_final else FIRST_RETRY * 2 ** min(owed.attempts, 12)
    owed.attempts += 1
    owed.next_try_at = at + min(wait, LONGEST_RETRY)
    owed.code, owed.reason = result.code, result.reason
    session.flush()


def _set(session: Session, rows: Sequence[Mapping[str, Any]], **values: Any) -> None:  # noqa: ANN401 - columns of any kind
    """Set columns of records, which are told by ``b_c``, ``b_t`` and ``b_e``."""
    owed = SQLModel.metadata.tables[str(tables.Owed.__tablename__)]
    statement = (
        update(owed)
        .where(
            owed.c.connection_id == bindparam("b_c"),
            owed.c.target == bindparam("b_t"),
            owed.c.external_id == bindparam("b_e"),
        )
        .values(**values)
    )
    if rows:
        session.connection().execute(statement, list(rows))
