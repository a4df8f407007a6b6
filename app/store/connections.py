"""Connections, the runs that read and wrote them, and the right to run alone."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from app.errors import NotFound
from app.store import tables, touched
from app.store.database import upsert

BRIEFLY = "briefly "
"""How a holder of a lease begins who gives it back in a moment."""


class Part(StrEnum):
    """What a connection is used for, and can be paused for alone."""

    READING = "reading"
    WRITING = "writing"


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


def hold(session: Session, connection_id: int, part: Part | None = None) -> str:
    """Keep a connection from being removed or paused until the commit; gives why it is paused.

    Args:
        session: Nothing is committed.
        connection_id: Which one.
        part: What is done with it, which may be paused alone.

    Raises:
        NotFound: If it has been removed.
    """
    connection = tables.Connection
    session.connection().execute(  # a write, because SQLite has no other lock
        update(connection).where(col(connection.id) == connection_id).values(title=connection.title)
    )
    return why_paused(session, connection_id, part)


def why_paused(session: Session, connection_id: int, part: Part | None = None) -> str:
    """Why a connection, or what it is used for, is paused now; "" if it is not.

    Raises:
        NotFound: If it has been removed.
    """
    row = tables.Connection
    query = select(row.paused, row.reading_paused, row.writing_paused)
    found = session.exec(query.where(row.id == connection_id)).one_or_none()
    if found is None:
        raise NotFound(f"The connection {connection_id} has been removed.")
    parts = {None: "", Part.READING: found[1], Part.WRITING: found[2]}
    return found[0] or parts[part]


def every(session: Session) -> Sequence[tables.Connection]:
    """All connections, the oldest first."""
    return session.exec(select(tables.Connection).order_by(col(tables.Connection.id))).all()


def remove(session: Session, connection_id: int) -> None:
    """Forget a connection and everything read through it."""
    session.delete(get(session, connection_id))
    session.flush()
    touched.note_everything(session)


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
    """Record how a stage ended; nothing is left to say of one that went with its connection.

    Args:
        session: Nothing is committed.
        run_id: As `begin_run` gave it.
        status: ok, partial, paused or failed.
        counts: What it did, by name.
        at: When it ended.
        reason: Why it is not ok.
    """
    run = session.get(tables.Run, run_id)
    if run is None:
        return
    run.status, run.reason, run.counts, run.ended_at = status, reason, dict(counts), at
    session.add(run)


def runs(session: Session, *, limit: int, before: int | None = None) -> Sequence[tables.Run]:
    """The latest runs, the newest first; `before` is the id to go on from."""
    query = select(tables.Run).order_by(col(tables.Run.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(tables.Run.id) < before)
    return session.exec(query).all()


def forget_runs(session: Session, stages: Sequence[str], *, before: datetime) -> None:
    """Forget runs of these stages that went well and are over since then."""
    run = tables.Run
    session.connection().execute(
        delete(run).where(
            col(run.stage).in_(stages), col(run.status) == "ok", col(run.ended_at) < before
        )
    )


def take_lease(
    session: Session, name: str, holder: str, *, at: datetime, for_: timedelta
) -> int | None:
    """Take or extend the right to run alone; nothing is written while somebody else holds it.

    Returns:
        The fence of this holder, or None while somebody else holds the lease.
    """
    lease = tables.Lease
    known = session.exec(select(lease.holder, lease.expires_at).where(lease.name == name)).first()
    if known is None:
        first = {"name": name, "holder": "", "expires_at": at, "fence": 0}
        upsert(session, lease, [first], compared=())
    elif known[0] != holder and known[1] > at:
        return None
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
