"""What is kept of interactions that are older than an admin wants them kept: days, without ids.

Volume, rhythm and everything else that is made of days follow from what is left exactly as from the
interactions; silence is measured from noon where its hour is not known. Lost are the hour, the
thread and the activity: who answered how fast, and who was there together.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, func, or_, tuple_
from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, col, select

from app.engine.held import EVERY_DAY
from app.store import exclusions, tables, touched
from app.store.database import BATCH, inserting, slices
from app.store.touched import PairDay

DAY_S = 86_400
MANY = 20_000
"""Pairs from which on it is noted that everybody is touched."""


class Met(NamedTuple):
    """One interaction, in the order of the engine's columns."""

    source: int
    target: int
    at_s: int
    channel: str
    recipients: int
    duration_s: float
    is_directed: bool


def collapsed_until(session: Session, connection_id: int) -> datetime | None:
    """From when on a connection's activities are kept one by one; None if all are."""
    found = tables.Connection
    query = select(found.collapsed_until).where(found.id == connection_id)
    return session.exec(query).first()


def precise_from(session: Session) -> int:
    """The moment from which on all that is known is known to the second; 0 for ever."""
    found = session.exec(select(tables.Connection.collapsed_until)).all()
    return max((int(one.timestamp()) for one in found if one), default=0)


def collapse(session: Session, *, at: datetime) -> int:
    """Keep by the day only what is older than is kept; everything must be resolved.

    A connection that is not read to its end yet is left for later.

    Returns:
        How many interactions that were.
    """
    days = exclusions.state(session).keeps_events_days
    if days is None:
        return 0
    midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    until = midnight - timedelta(days=days)
    ids = session.exec(select(tables.Connection.id).order_by(col(tables.Connection.id))).all()
    return sum(_collapse(session, one or 0, until) for one in ids if _is_read(session, one or 0))


def _is_read(session: Session, connection_id: int) -> bool:
    row = tables.StreamBookmark
    read = session.exec(select(row.is_caught_up).where(row.connection_id == connection_id)).all()
    return bool(read) and all(read)


def _collapse(session: Session, connection_id: int, until: datetime) -> int:
    connection = session.get_one(tables.Connection, connection_id, populate_existing=True)
    if connection.collapsed_until is not None and connection.collapsed_until >= until:
        return 0
    i, activity = tables.Interaction, tables.Activity
    until_s = int(until.timestamp())
    query = select_columns(
        *map(col, (i.source, i.target, i.at_s, i.channel, i.recipients, i.duration_s)),
        col(i.is_directed),
    ).where(col(i.connection_id) == connection_id, col(i.at_s) < until_s)
    cells: Counter[Met] = Counter()
    for row in session.connection().execute(query):
        met = Met._make(row)
        cells[met._replace(at_s=met.at_s // DAY_S)] += 1
    _add(session, connection_id, cells)
    session.connection().execute(
        delete(activity).where(
            col(activity.connection_id) == connection_id, col(activity.at) < until
        )
    )
    connection.collapsed_until = until
    session.add(connection)
    session.flush()
    return cells.total()


def _add(session: Session, connection_id: int, cells: Counter[Met]) -> None:
    """Count more interactions of some days."""
    columns = SQLModel.metadata.tables[str(tables.Past.__tablename__)]
    adding = inserting(session, columns)
    adding = adding.on_conflict_do_update(
        index_elements=[one.name for one in columns.primary_key.columns],
        set_={"times": columns.c.times + adding.excluded.times},
    )
    rows = [
        {
            "connection_id": connection_id,
            "source": met.source,
            "target": met.target,
            "day": met.at_s,
            "channel": met.channel,
            "recipients": met.recipients,
            "duration_s": met.duration_s,
            "is_directed": met.is_directed,
            "times": times,
        }
        for met, times in sorted(cells.items())
    ]
    for start in range(0, len(rows), BATCH):
        session.connection().execute(adding, rows[start : start + BATCH])
    _touch(session, {(met.source, met.target) for met in cells})


def _touch(session: Session, pairs: Collection[tuple[int, int]]) -> None:
    """Note whose ties are to be scored again: how fast somebody answered is known of fewer now."""
    if len(pairs) > MANY:
        touched.note_everything(session)
    else:
        touched.note_pairs(session, pairs)


def past(session: Session, which: ColumnElement[bool] | None = None) -> list[Met]:
    """What is kept by the day, each as so many interactions at noon; some of it, or all."""
    row = tables.Past
    query = select(row).order_by(
        *map(col, (row.connection_id, row.source, row.target, row.day, row.channel)),
        *map(col, (row.recipients, row.duration_s, row.is_directed)),
    )
    if which is not None:
        query = query.where(which)
    return [
        met
        for one in session.exec(query)
        for met in [
            Met(
                one.source,
                one.target,
                one.day * DAY_S + DAY_S // 2,
                one.channel,
                one.recipients,
                one.duration_s,
                one.is_directed,
            )
        ]
        * one.times
    ]


def past_days(session: Session, days: Sequence[PairDay]) -> list[Met]:
    """What is kept by the day of some days of some pairs."""
    row = tables.Past
    whole = {(a, b) for a, b, day in days if day == EVERY_DAY}
    few = [(a, b, day) for a, b, day in days if day != EVERY_DAY]
    ends, of_day = tuple_(col(row.source), col(row.target)), col(row.day)
    found = []
    for some in slices([*whole, *((b, a) for a, b in whole)]):
        found += past(session, ends.in_(some))
    for part in slices([*few, *((b, a, day) for a, b, day in few)]):
        found += past(session, tuple_(col(row.source), col(row.target), of_day).in_(part))
    return found


def pairs_of(session: Session, people: Sequence[int]) -> set[tuple[int, int]]:
    """The pairs that some people are in, of what is kept by the day."""
    row = tables.Past
    theirs = or_(col(row.source).in_(people), col(row.target).in_(people))
    query = select(row.source, row.target).where(theirs).distinct()
    return {(min(a, b), max(a, b)) for a, b in session.exec(query)}


def count(session: Session, people: Sequence[int]) -> int:
    """How many rows `forget` would forget."""
    row = tables.Past
    theirs = or_(col(row.source).in_(people), col(row.target).in_(people))
    return session.exec(select(func.count()).select_from(row).where(theirs)).one()


def forget(session: Session, people: Sequence[int]) -> int:
    """Forget what is kept by the day of some people; gives how many rows that were."""
    row = tables.Past
    theirs = or_(col(row.source).in_(people), col(row.target).in_(people))
    return session.connection().execute(delete(row).where(theirs)).rowcount


def forget_between(session: Session, person: int, others: Collection[int]) -> None:
    """Forget what is kept by the day of one person and some others."""
    row = tables.Past
    for few in slices(sorted(others)):
        both = or_(
            (col(row.source) == person) & col(row.target).in_(few),
            (col(row.target) == person) & col(row.source).in_(few),
        )
        session.connection().execute(delete(row).where(both))
    _touch(session, {(person, one) for one in others})


def hand_on(session: Session, person: int, heir: int) -> None:
    """Have what is kept by the day of a person be that of whoever they turned out to be."""
    row = tables.Past
    theirs = or_(col(row.source) == person, col(row.target) == person)
    moved: dict[int, Counter[Met]] = {}
    pairs: set[tuple[int, int]] = set()
    for one in session.exec(select(row).where(theirs)).all():
        pairs.add((one.source, one.target))
        source, target = (heir if end == person else end for end in (one.source, one.target))
        met = Met(
            source,
            target,
            one.day,
            one.channel,
            one.recipients,
            one.duration_s,
            one.is_directed,
        )
        if met.source != met.target:
            moved.setdefault(one.connection_id, Counter())[met] += one.times
    if moved:
        session.connection().execute(delete(row).where(theirs))
        _touch(session, pairs)
    for connection_id, cells in moved.items():
        _add(session, connection_id, cells)
    session.expire_all()
