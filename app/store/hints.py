"""The queue of what webhooks and streams of events have announced: the smallest that survives.

It was measured which library could be it instead. APScheduler's job stores run a job several times
where two schedulers share one; Procrastinate knows PostgreSQL alone, Celery and Dramatiq need a
broker, and one process with SQLite is our default; DBOS leaves the work of a dead executor to a
paid service. A table with leases does it on both databases in the same statements, in the very
transaction that keeps what was read: so a job is done once, or not at all, wherever it is killed.

Whoever works takes a claim for a while, and finishes it in the transaction of the work. A worker
who was stopped for so long that others have taken its work over finishes nothing: the transaction
is given up. Asking again for what is being done is not lost: it is done again.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import ColumnElement, case, delete, func, or_, select, tuple_, update
from sqlmodel import Session, SQLModel, col

from app.store import tables
from app.store.database import BATCH, inserting
from connectors import ExternalId, Hint, Stream

POLL, SETTLE = "(what changed)", "(scores)"
"""What else is to be done, in the place of a stream."""


class Work(Enum):
    """What a claim is for; each kind is claimed by itself."""

    RECORDS = "read these records again"
    POLL = "read what changed, because it was not told which records did"
    SETTLE = "resolve, score and write back what was read again"


AT_ONCE = 500
"""Hints in one claim: what the CRMs let us read in a few calls."""

_hint = SQLModel.metadata.tables[str(tables.Hint.__tablename__)]


class Superseded(Exception):
    """Others have taken over what we were doing: nothing of it may be kept."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Some of what is due for one connection, ours until a moment.

    Attributes:
        hints: The records, if it is for records.
        number: How much it is.
        noted_at: When the oldest of it was asked for.
        attempts: How often the most tried of it has been begun, this time included.
    """

    id: str
    connection_id: int
    hints: tuple[Hint, ...]
    number: int
    noted_at: datetime
    attempts: int


def note(
    session: Session, connection_id: int, hints: Iterable[Hint], *, at: datetime, due_at: datetime
) -> None:
    """Ask for records to be read again; those that are asked for already stay in their place.

    One that was put off is due as if it had not been: its CRM is there again, or it would not tell.
    """
    _note(session, connection_id, {(h.stream.value, h.id) for h in hints}, at=at, due_at=due_at)


def note_poll(session: Session, connection_id: int, *, at: datetime) -> None:
    """Ask for what changed to be read."""
    _note(session, connection_id, {(POLL, "")}, at=at, due_at=at)


def note_settling(session: Session, connection_id: int, *, at: datetime) -> None:
    """Ask for what was read again to be resolved, scored and written back."""
    _note(session, connection_id, {(SETTLE, "")}, at=at, due_at=at)


def claim(
    session: Session, work: Work, *, at: datetime, for_: timedelta, after: int = 0
) -> Claim | None:
    """Take some of what is due, of the next connection behind the one with this id.

    So every connection has its turn, however much is due for one of them. Nothing is due for a
    connection that is paused, or waits for its CRM. Of one for which something is due, what has not
    been tried yet is taken too, due or not: it waits only for others to be read with.

    Returns:
        At most `AT_ONCE` hints of one connection; None if nothing is due.
    """
    found = _next(session, work, after=after, at=at)
    if found is None:
        return None
    ours = secrets.token_hex(8)
    key = (_hint.c.connection_id, _hint.c.stream, _hint.c.external_id)
    due = (
        select(*key)
        .where(_hint.c.connection_id == found, *_is_ripe(work, at))
        .order_by(_hint.c.not_before)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    taken = session.connection().execute(
        update(_hint)
        .where(tuple_(*key).in_(select(*due.c)))
        .values(
            claim=ours,
            claimed_until=at + for_,
            claimed_generation=_hint.c.generation,
            attempts=_hint.c.attempts + 1,
        )
        .returning(_hint.c.stream, _hint.c.external_id, _hint.c.noted_at, _hint.c.attempts)
    )
    rows = sorted((str(s), str(e), at, int(n)) for s, e, at, n in taken)
    return _claim(ours, found, rows) if rows else None


def _claim(ours: str, connection_id: int, rows: Sequence[tuple[str, str, datetime, int]]) -> Claim:
    return Claim(
        ours,
        connection_id,
        tuple(Hint(Stream(s), ExternalId(e)) for s, e, *_ in rows if s not in (POLL, SETTLE)),
        number=len(rows),
        noted_at=min(at for *_, at, _ in rows),
        attempts=max(attempts for *_, attempts in rows),
    )


def finish(session: Session, claim: Claim, *, at: datetime) -> None:
    """Take what was claimed off the queue; what was asked for again meanwhile is due at once.

    Raises:
        Superseded: If not all of it is ours any more.
    """
    mine = _hint.c.claim == claim.id
    done = session.connection().execute(
        delete(_hint).where(mine, _hint.c.generation == _hint.c.claimed_generation)
    )
    again = session.connection().execute(
        update(_hint).where(mine).values(claim="", claimed_until=None, noted_at=at, attempts=0)
    )
    if done.rowcount + again.rowcount != claim.number:
        raise Superseded


def put_off(session: Session, claim: Claim, reason: str, *, until: datetime) -> None:
    """Give back what was claimed, to be done later; nothing happens to what is not ours."""
    session.connection().execute(
        update(_hint)
        .where(_hint.c.claim == claim.id)
        .values(claim="", claimed_until=None, not_before=until, reason=reason)
    )


def give_back(session: Session, claims: Collection[Claim]) -> None:
    """Leave to others what was claimed and is not finished, as if it had never been begun."""
    session.connection().execute(
        update(_hint)
        .where(_hint.c.claim.in_([claim.id for claim in claims]))
        .values(claim="", claimed_until=None, attempts=_hint.c.attempts - 1)
    )


def is_due(session: Session, *, at: datetime) -> bool:
    """Whether there is anything to claim."""
    return any(_next(session, work, after=0, at=at) is not None for work in Work)


def waiting(session: Session, connection_id: int) -> tuple[int, datetime | None]:
    """How much is to be done for a connection, and since when the oldest of it waits."""
    query = select(func.count(), func.min(_hint.c.noted_at)).where(
        _hint.c.connection_id == connection_id
    )
    number, oldest = session.connection().execute(query).one()
    return int(number), oldest


def _note(
    session: Session,
    connection_id: int,
    keys: Iterable[tuple[str, str]],
    *,
    at: datetime,
    due_at: datetime,
) -> None:
    statement = inserting(session, _hint)
    fresh_due = statement.excluded.not_before
    earlier = case((_hint.c.not_before > fresh_due, fresh_due), else_=_hint.c.not_before)
    statement = statement.on_conflict_do_update(
        index_elements=list(_hint.primary_key.columns),
        set_={"generation": _hint.c.generation + 1, "not_before": earlier},
    )
    fresh = {"noted_at": at, "not_before": due_at, "claim": "", "reason": ""}
    zeros = {"generation": 0, "claimed_generation": 0, "attempts": 0}
    rows = [  # in order, so that two writers cannot deadlock
        {"connection_id": connection_id, "stream": stream, "external_id": one, **fresh, **zeros}
        for stream, one in sorted(keys)
    ]
    for start in range(0, len(rows), BATCH):
        session.connection().execute(statement, rows[start : start + BATCH])


def _next(session: Session, work: Work, *, after: int, at: datetime) -> int | None:
    """The next connection for which something is due, behind this id or else from the first."""
    connection = tables.Connection
    query = (
        select(col(connection.id))
        .where(
            col(connection.paused) == "",
            *(() if work is Work.SETTLE else (col(connection.reading_paused) == "",)),
            or_(col(connection.resumes_at).is_(None), col(connection.resumes_at) <= at),
            select(_hint.c.stream)
            .where(_hint.c.connection_id == col(connection.id), *_is_due(work, at))
            .exists(),
        )
        .order_by(col(connection.id) <= after, col(connection.id))
        .limit(1)
    )
    return session.connection().execute(query).scalar()


def _is_due(work: Work, at: datetime) -> tuple[ColumnElement[bool], ...]:
    return *_is_free(work, at), _hint.c.not_before <= at


def _is_ripe(work: Work, at: datetime) -> tuple[ColumnElement[bool], ...]:
    """What may be taken where something is due."""
    return *_is_free(work, at), or_(_hint.c.not_before <= at, _hint.c.attempts == 0)


def _is_free(work: Work, at: datetime) -> tuple[ColumnElement[bool], ...]:
    kinds = {
        Work.RECORDS: _hint.c.stream.not_in((POLL, SETTLE)),
        Work.POLL: _hint.c.stream == POLL,
        Work.SETTLE: _hint.c.stream == SETTLE,
    }
    return kinds[work], or_(_hint.c.claim == "", _hint.c.claimed_until <= at)
