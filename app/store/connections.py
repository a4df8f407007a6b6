"""Connections, how far each is read, the runs that did it, and the right to run alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from app.errors import NotFound
from app.store import tables
from app.store.database import upsert
from app.store.people import slices
from connectors import START, Bookmark, Page, Stream


def add(session: Session, connection: tables.Connection) -> int:
    """Keep a new connection; gives its id."""
    session.add(connection)
    session.flush()
    assert connection.id is not None  # noqa: S101 - a flushed row has its id
    return connection.id


def get(session: Session, connection_id: int) -> tables.Connection:
    """Find a connection.

    Raises:
        NotFound: If there is none with this id.
    """
    found = session.get(tables.Connection, connection_id)
    if found is None:
        raise NotFound(f"There is no connection {connection_id}: `tieline connections` lists them.")
    return found


def every(session: Session) -> Sequence[tables.Connection]:
    """All connections, the oldest first."""
    return session.exec(select(tables.Connection).order_by(col(tables.Connection.id))).all()


def remove(session: Session, connection_id: int) -> None:
    """Forget a connection and everything read through it."""
    session.delete(get(session, connection_id))
    session.flush()


def bookmarks(
    session: Session, connection_id: int, streams: Sequence[Stream]
) -> dict[Stream, Bookmark]:
    """How far each stream is read; `START` for one that never was."""
    known = {row.stream: row.bookmark for row in progress(session, connection_id)}
    return {stream: Bookmark(known.get(stream, START)) for stream in streams}


def progress(session: Session, connection_id: int) -> Sequence[tables.StreamBookmark]:
    """How far each stream is read and when that was, by stream."""
    return session.exec(
        select(tables.StreamBookmark)
        .where(tables.StreamBookmark.connection_id == connection_id)
        .order_by(tables.StreamBookmark.stream)
    ).all()


def advance(session: Session, connection_id: int, page: Page, *, read_at: datetime) -> None:
    """Move a stream's bookmark behind a page; belongs in the page's own transaction."""
    row = {
        "connection_id": connection_id,
        "stream": page.stream.value,
        "bookmark": page.bookmark,
        "is_caught_up": page.is_last,
        "read_at": read_at,
    }
    upsert(session, tables.StreamBookmark, [row], compared=("bookmark", "is_caught_up", "read_at"))


def quarantine(session: Session, connection_id: int, page: Page, *, seen_at: datetime) -> None:
    """Keep what of a page could not be read, by id, and let go of what now could be."""
    key = {"connection_id": connection_id, "stream": page.stream.value}
    rows = {
        (m.id or f"without id: {m.reason}"): {
            **key,
            "external_id": m.id or f"without id: {m.reason}",
            "reason": m.reason,
            "seen_at": seen_at,
        }
        for m in page.malformed
    }
    upsert(session, tables.Malformed, list(rows.values()), compared=("reason", "seen_at"))
    if malformed(session, connection_id) > len(rows):
        row = tables.Malformed
        for few in slices(sorted(record.id for record in page.records)):
            session.connection().execute(
                delete(row).where(
                    col(row.connection_id) == connection_id,
                    col(row.stream) == page.stream.value,
                    col(row.external_id).in_(few),
                )
            )


def malformed(session: Session, connection_id: int) -> int:
    """How many rows of a connection cannot be read as they stand."""
    row = tables.Malformed
    query = select(func.count()).select_from(row).where(row.connection_id == connection_id)
    return session.exec(query).one()


def forgive(session: Session, connection_id: int) -> None:
    """Forget which rows could not be read; those that still cannot are told when they change."""
    row = tables.Malformed
    session.connection().execute(delete(row).where(col(row.connection_id) == connection_id))


def is_complete(session: Session, connection_id: int, streams: Sequence[Stream]) -> bool:
    """Whether every stream has been read to its end, so that scores follow from all there is."""
    read = {row.stream for row in progress(session, connection_id) if row.is_caught_up}
    return read >= {stream.value for stream in streams}


def begin_run(session: Session, stage: str, connection_id: int | None, *, at: datetime) -> int:
    """Record that a stage has begun; gives the run's id."""
    run = tables.Run(
        stage=stage, connection_id=connection_id, status="running", started_at=at, counts={}
    )
    session.add(run)
    session.flush()
    assert run.id is not None  # noqa: S101 - a flushed row has its id
    return run.id


def end_run(
    session: Session,
    run_id: int,
    status: str,
    counts: Mapping[str, int],
    *,
    at: datetime,
    reason: str = "",
) -> None:
    """Record how a stage ended: ok, partial, paused or failed."""
    run = session.get_one(tables.Run, run_id)
    run.status, run.reason, run.counts, run.ended_at = status, reason, dict(counts), at
    session.add(run)


def runs(session: Session, *, limit: int, before: int | None = None) -> Sequence[tables.Run]:
    """The latest runs, the newest first; `before` is the id to go on from."""
    query = select(tables.Run).order_by(col(tables.Run.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(tables.Run.id) < before)
    return session.exec(query).all()


def take_lease(
    session: Session, name: str, holder: str, *, at: datetime, for_: timedelta
) -> int | None:
    """Take or extend the right to run alone.

    Returns:
        The fence of this holder, or None while somebody else holds the lease.
    """
    first = {"name": name, "holder": "", "expires_at": at, "fence": 0}
    upsert(session, tables.Lease, [first], compared=())
    lease = tables.Lease
    session.connection().execute(
        update(lease)
        .where(col(lease.name) == name, col(lease.holder) != holder, col(lease.expires_at) <= at)
        .values(holder=holder, fence=lease.fence + 1)
    )
    held = session.connection().execute(
        update(lease)
        .where(col(lease.name) == name, col(lease.holder) == holder)
        .values(expires_at=at + for_)
    )
    if held.rowcount == 0:
        return None
    return session.exec(select(lease.fence).where(lease.name == name)).one()


def give_back_lease(session: Session, name: str, holder: str, *, at: datetime) -> None:
    """End a lease early, if it is still ours."""
    lease = tables.Lease
    session.connection().execute(
        update(lease)
        .where(col(lease.name) == name, col(lease.holder) == holder)
        .values(holder="", expires_at=at)
    )
