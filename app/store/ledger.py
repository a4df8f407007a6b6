"""What was written to which record, by which run, and what it held before."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from app.store import tables
from app.store.blanking import erased
from app.store.database import insert, slices
from app.store.outbox import Due
from app.store.owed import Key, Values
from connectors import WriteResult

PAGE = 2_000


def note(
    session: Session,
    run: tuple[int, int],
    results: Sequence[WriteResult],
    *,
    dues: Mapping[Key, Due],
    at: datetime,
) -> None:
    """Keep what the CRM said to each record.

    Args:
        session: Nothing is committed.
        run: The run's id, and its connection's.
        results: What the CRM said.
        dues: What was written.
        at: When.
    """
    run_id, connection_id = run
    rows = []
    for result in results:
        due = dues[result.target.value, result.id]
        rows.append(
            {
                "run_id": run_id,
                "connection_id": connection_id,
                "target": due.target,
                "external_id": due.external_id,
                "before": {name: due.acknowledged.get(name) for name in due.values},
                "after": dict(due.values),
                "at": at,
                "code": "" if result.ok else result.code or "REFUSED",
                "reason": result.reason,
            }
        )
    insert(session, tables.Written, rows)


def of_run(session: Session, run_id: int) -> Iterator[dict[Key, tuple[Values, Values]]]:
    """What a run confirmedly wrote, some records at a time: what each held before, and after.

    What the run wrote to one record in several goes is told as one.
    """
    after: Key = ("", "")
    while page := _page(session, run_id, after):
        found: dict[Key, tuple[Values, Values]] = {}
        for row in page:
            key = (row.target, row.external_id)
            held, wrote = found.get(key, ({}, {}))
            found[key] = ({**row.before, **held}, {**wrote, **row.after})
        yield found
        after = (page[-1].target, page[-1].external_id)


def rows_of_run(
    session: Session, run_id: int, *, after: int, limit: int
) -> Sequence[tables.Written]:
    """What a run wrote or tried to, in its order; `after` is the id to go on from."""
    written = tables.Written
    query = select(written).where(written.run_id == run_id, col(written.id) > after)
    return session.exec(query.order_by(col(written.id)).limit(limit)).all()


def _page(session: Session, run_id: int, after: Key) -> Sequence[tables.Written]:
    """The next records of a run; never some of the rows of a record without the others."""
    written = tables.Written
    target, external_id = after
    query = (
        select(written)
        .where(
            written.run_id == run_id,
            written.code == "",
            (written.target > target)
            | ((written.target == target) & (written.external_id > external_id)),
        )
        .order_by(written.target, written.external_id, col(written.id))
        .limit(PAGE)
    )
    page = list(session.exec(query).all())
    last = (page[-1].target, page[-1].external_id) if page else after
    if len(page) == PAGE and any((row.target, row.external_id) != last for row in page):
        page = [row for row in page if (row.target, row.external_id) != last]
    return page


def of_record(
    session: Session, connection_id: int, external_id: str, *, limit: int, before: int | None = None
) -> Sequence[tables.Written]:
    """What was written to a record, the latest first; `before` is the id to go on from."""
    written = tables.Written
    query = select(written).where(
        written.connection_id == connection_id, written.external_id == external_id
    )
    if before is not None:
        query = query.where(col(written.id) < before)
    return session.exec(query.order_by(col(written.id).desc()).limit(limit)).all()


def prune(session: Session, connection_id: int, *, at: datetime) -> None:
    """Forget what is older than the connection keeps."""
    connection = session.get_one(tables.Connection, connection_id)
    until = at - timedelta(days=connection.keeps_writes_days)
    written = tables.Written
    session.connection().execute(
        delete(written).where(col(written.connection_id) == connection_id, col(written.at) < until)
    )


def forget(session: Session, connection_id: int, target: str, external_ids: Sequence[str]) -> None:
    """Forget what was written to records that are gone."""
    written = tables.Written
    for few in slices(external_ids):
        session.connection().execute(
            delete(written).where(
                col(written.connection_id) == connection_id,
                col(written.target) == target,
                col(written.external_id).in_(few),
            )
        )


def erase(session: Session, words: Collection[str]) -> None:
    """Leave an empty text where a value of before or after a write is one of these words."""
    written, after = tables.Written, 0
    while True:
        query = select(written).where(col(written.id) > after).order_by(col(written.id))
        page = session.exec(query.limit(PAGE)).all()
        if not page:
            return
        after = page[-1].id or 0
        for row in page:
            row.before, row.after = erased(row.before, words), erased(row.after, words)
        session.flush()
        session.expire_all()
