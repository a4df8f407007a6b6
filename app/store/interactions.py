"""Who met whom: activities to resolve, and the interactions made of them."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    tuple_,
    update,
)
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.engine import CHANNELS, Interactions, Threaded
from app.engine.held import EVERY_DAY
from app.engine.weights import DAY_S
from app.store import retention, tables, touched
from app.store.database import insert, slices
from app.store.people import departed
from app.store.retention import Met
from app.store.touched import Pair, PairDay

FEW_DAYS = 100
"""Days of pairs asked for at once: each is a condition of its own."""

EVER_S = (-(2**63), 2**63 - 1)
"""From the first moment to the last."""

UNKNOWN_CHANNEL = -1
"""What the engine counts as "other", and tells to be unknown."""


class Unresolved(NamedTuple):
    """An activity as the CRM recorded it, still without its interactions."""

    connection_id: int
    external_id: str
    channel: str
    at: datetime
    recipients: int
    duration_s: float
    counts: bool
    participants: list[list[str | None]]


def unresolved(session: Session, limit: int) -> list[Unresolved]:
    """Activities whose interactions do not account for the record as it stands."""
    activity, other = tables.Activity, aliased(tables.Activity)
    is_superseded = (
        exists()
        .where(
            col(other.connection_id) == col(activity.connection_id),
            col(other.supersedes) == col(activity.external_id),
            ~col(other.is_deleted),
        )
        .correlate(activity)
    )
    query = (
        select_columns(
            col(activity.connection_id),
            col(activity.external_id),
            col(activity.channel),
            col(activity.at),
            col(activity.recipients),
            col(activity.duration_s),
            and_(
                col(activity.happened),
                ~col(activity.is_bulk),
                ~col(activity.is_deleted),
                ~is_superseded,
            ),
            col(activity.participants),
        )
        .where(~col(activity.is_resolved))
        .order_by(col(activity.connection_id), col(activity.external_id))
        .limit(limit)
    )
    return [Unresolved._make(row) for row in session.connection().execute(query)]


def count_unresolved(session: Session) -> int:
    """How many activities there are whose interactions do not account for them."""
    activity = tables.Activity
    query = select(func.count()).select_from(activity).where(~col(activity.is_resolved))
    return session.exec(query).one()


def settle(session: Session, done: Sequence[Unresolved], rows: Sequence[Mapping[str, Any]]) -> None:
    """Replace the interactions of these activities, and count the activities as resolved."""
    activity, interaction = tables.Activity, tables.Interaction
    days = {(row["source"], row["target"], row["at_s"] // DAY_S) for row in rows}
    by_connection: dict[int, list[str]] = {}
    for one in done:
        by_connection.setdefault(one.connection_id, []).append(one.external_id)
    connection = session.connection()
    for connection_id, ids in by_connection.items():
        for few in slices(ids):
            theirs = and_(
                col(interaction.connection_id) == connection_id,
                col(interaction.activity_id).in_(few),
            )
            old = select(interaction.source, interaction.target, interaction.at_s).where(theirs)
            days.update(
                (source, target, at_s // DAY_S) for source, target, at_s in session.exec(old)
            )
            connection.execute(delete(interaction).where(theirs))
            connection.execute(
                update(activity)
                .where(
                    col(activity.connection_id) == connection_id, col(activity.external_id).in_(few)
                )
                .values(is_resolved=True)
            )
    insert(session, interaction, rows)
    touched.note(session, days)


def reopen(session: Session, people: Collection[int]) -> None:
    """Have the activities of these people resolved again: somebody else stands behind a record."""
    activity, interaction = tables.Activity, tables.Interaction
    for person in sorted(people):
        theirs = select(interaction.activity_id).where(
            or_(col(interaction.source) == person, col(interaction.target) == person),
            interaction.connection_id == col(activity.connection_id),
        )
        session.connection().execute(
            update(activity)
            .where(col(activity.external_id).in_(theirs))
            .values(is_resolved=False)
            .execution_options(synchronize_session=False)
        )


class Lost(NamedTuple):
    """How many interactions would go, and how many pairs would have none left."""

    interactions: int
    ties: int


def lost(
    session: Session, people: Collection[int], *, colleague_id: int | None, is_whole: bool
) -> Lost:
    """Count what there would be less without some people.

    Args:
        session: Nothing is changed.
        people: Who would be left out.
        colleague_id: From whom alone they would be; None for everybody.
        is_whole: Whatever one of them took part in goes whole; then every interaction is looked at.
    """
    i = tables.Interaction
    gone: set[_Row] = set()
    for few in slices(sorted(people)):
        theirs = or_(col(i.source).in_(few), col(i.target).in_(few))
        gone.update(row for row in _rows(session, theirs) if _is_of_colleague(row, colleague_id))
    if not (is_whole and gone):  # with each of the two everything goes that they had
        return Lost(len(gone), len({row[:2] for row in gone}))
    whole, left = {row[2] for row in gone}, set()
    for row in _rows(session):
        if row[2] in whole and _is_of_colleague(row, colleague_id):
            gone.add(row)
        else:
            left.add(row[:2])
    return Lost(len(gone), len({row[:2] for row in gone} - left))


_Row = tuple[int, int, tuple[int, str]]
"""Two people, the one with the lower id first, and the activity in which they met."""


def _rows(session: Session, *which: ColumnElement[bool]) -> Iterator[_Row]:
    i = tables.Interaction
    query = select_columns(col(i.source), col(i.target), col(i.connection_id), col(i.activity_id))
    for a, b, connection_id, activity_id in session.connection().execute(query.where(*which)):
        yield min(a, b), max(a, b), (connection_id, activity_id)


def _is_of_colleague(row: _Row, colleague_id: int | None) -> bool:
    return colleague_id is None or colleague_id in row[:2]


def reopen_where(
    session: Session, is_concerned: Callable[[int, list[list[str | None]]], bool]
) -> None:
    """Have those activities resolved again whose connection and participants are told so.

    Looks at every activity there is: for what happens when an admin decides something.
    """
    activity = tables.Activity
    query = select_columns(
        col(activity.connection_id), col(activity.external_id), col(activity.participants)
    ).where(col(activity.is_resolved))
    found: dict[int, list[str]] = {}
    for connection_id, external_id, participants in session.connection().execute(query):
        if is_concerned(connection_id, participants):
            found.setdefault(connection_id, []).append(external_id)
    for connection_id, ids in found.items():
        for few in slices(ids):
            session.connection().execute(
                update(activity)
                .where(
                    col(activity.connection_id) == connection_id,
                    col(activity.external_id).in_(few),
                )
                .values(is_resolved=False)
                .execution_options(synchronize_session=False)
            )


def every(session: Session, *, until_s: int) -> Interactions:
    """All interactions up to a moment, in a stable order.

    People who are no more are left out: see `people.departed`.
    """
    return without(whoevers(session, until_s=until_s), departed(session))


def whoevers(session: Session, *, until_s: int) -> Interactions:
    """The same, of whoever is no more too."""
    i = tables.Interaction
    query = (
        _columns()
        .where(col(i.at_s) <= until_s)
        .order_by(col(i.connection_id), col(i.activity_id), col(i.source), col(i.target))
    )
    found = [Met._make(row) for row in session.connection().execute(query)]
    return columns([*retention.past(session), *found])


def of_days(session: Session, days: Sequence[PairDay], *, until_s: int) -> Interactions:
    """The interactions of some days of some pairs up to a moment, of whoever is no more too."""
    found: list[Met] = []
    for start in range(0, len(days), FEW_DAYS):
        few = days[start : start + FEW_DAYS]
        size = 1 if len(few) == 1 else FEW_DAYS
        asked = {"until": until_s}
        for place in range(size):
            a, b, day = few[min(place, len(few) - 1)]
            begin_s, end_s = (day * DAY_S, (day + 1) * DAY_S) if day != EVERY_DAY else EVER_S
            names = (f"a{place}", f"b{place}", f"begin{place}", f"end{place}")
            asked |= dict(zip(names, (a, b, begin_s, end_s), strict=True))
        rows = session.connection().execute(_of_days(size), asked)
        found += [Met._make(row) for row in rows]
    return columns([*found, *retention.past_days(session, days)])


@cache
def _of_days(size: int) -> Select[int, int, int, str, int, float, bool]:
    """Ask for so many days; made once, because it takes longer to say than to answer."""
    i = tables.Interaction

    def is_on(place: int, one: str, other: str) -> ColumnElement[bool]:
        return and_(
            col(i.source) == bindparam(f"{one}{place}", type_=BigInteger),
            col(i.target) == bindparam(f"{other}{place}", type_=BigInteger),
            col(i.at_s) >= bindparam(f"begin{place}", type_=BigInteger),
            col(i.at_s) < bindparam(f"end{place}", type_=BigInteger),
        )

    # Each way for itself, so that the index of pairs knows the rows.
    ways = [is_on(place, *ends) for place in range(size) for ends in (("a", "b"), ("b", "a"))]
    until = bindparam("until", type_=BigInteger)
    return _columns().where(or_(*ways), col(i.at_s) <= until)


def of_people(session: Session, people: Collection[int], *, until_s: int) -> Interactions:
    """All interactions of a few people with anybody up to a moment, nobody's who is no more."""
    i, row, few = tables.Interaction, tables.Past, sorted(people)
    theirs = or_(col(i.source).in_(few), col(i.target).in_(few))
    query = _columns().where(theirs, col(i.at_s) <= until_s)
    found = [Met._make(one) for one in session.connection().execute(query)]
    found += retention.past(session, or_(col(row.source).in_(few), col(row.target).in_(few)))
    return without(columns(found), departed(session))


def within(session: Session, after_s: int, until_s: int) -> Interactions:
    """All interactions after a moment and up to another, of nobody who is no more."""
    i, row = tables.Interaction, tables.Past
    query = _columns().where(col(i.at_s) > after_s, col(i.at_s) <= until_s)
    found = [Met._make(one) for one in session.connection().execute(query)]
    found += retention.past(session, col(row.day) >= after_s // DAY_S)
    met = columns(found)
    there = met.where((met.at_s > after_s) & (met.at_s <= until_s))
    return without(there, departed(session))


def without(met: Interactions, people: Collection[int]) -> Interactions:
    """Those in which none of these people took part."""
    left = np.fromiter(sorted(people), dtype=np.int64)
    return met.where(~(np.isin(met.source, left) | np.isin(met.target, left)))


def days_within(session: Session, after_s: int, until_s: int) -> set[PairDay]:
    """The days of pairs with interactions after a moment and up to another."""
    i = tables.Interaction
    query = select(i.source, i.target, i.at_s).where(col(i.at_s) > after_s, col(i.at_s) <= until_s)
    return {(min(a, b), max(a, b), at_s // DAY_S) for a, b, at_s in session.exec(query)}


def pairs_of(session: Session, people: Collection[int]) -> set[PairDay]:
    """The pairs that some people are in, each with every day."""
    i = tables.Interaction
    found: set[Pair] = set()
    for few in slices(sorted(people)):
        theirs = or_(col(i.source).in_(few), col(i.target).in_(few))
        query = select(i.source, i.target).where(theirs).distinct()
        found.update((min(a, b), max(a, b)) for a, b in session.exec(query))
        found |= retention.pairs_of(session, few)
    return {(a, b, EVERY_DAY) for a, b in found}


def threaded(session: Session, *, until_s: int, pairs: Sequence[Pair] | None = None) -> Threaded:
    """All directed messages up to a moment that are told to belong to a thread; of some pairs."""
    i, activity = tables.Interaction, tables.Activity
    query = (
        select_columns(
            col(i.connection_id), col(activity.thread), col(i.source), col(i.target), col(i.at_s)
        )
        .join(
            activity,
            (col(activity.connection_id) == col(i.connection_id))
            & (col(activity.external_id) == col(i.activity_id)),
        )
        .where(col(i.at_s) <= until_s, col(i.is_directed), col(activity.thread).is_not(None))
        .order_by(col(i.connection_id), col(i.activity_id), col(i.source), col(i.target))
    )
    few = [None] if pairs is None else [_is_of(part) for part in slices(_both_ways(pairs))]
    number: dict[tuple[int, str | None], int] = {}
    rows = [
        (number.setdefault((connection, thread), len(number)), source, target, at_s)
        for is_theirs in few
        for connection, thread, source, target, at_s in session.connection().execute(
            query if is_theirs is None else query.where(is_theirs)
        )
    ]
    found = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Threaded(*found.T)


def _both_ways(pairs: Sequence[Pair]) -> list[Pair]:
    return sorted({*pairs, *((b, a) for a, b in pairs)})


def _is_of(pairs: Sequence[Pair]) -> ColumnElement[bool]:
    i = tables.Interaction
    return tuple_(col(i.source), col(i.target)).in_(pairs)


def count_after(session: Session, moment_s: int) -> int:
    """How many interactions lie after a moment."""
    i = tables.Interaction
    query = select(func.count()).select_from(i).where(col(i.at_s) > moment_s)
    return session.exec(query).one()


def columns(met: Sequence[Met]) -> Interactions:
    """Turn interactions as they are stored into the engine's columns."""
    source, target, at_s, channel, recipients, duration_s, is_directed = (
        zip(*met, strict=True) if met else ((),) * len(Met._fields)
    )
    index = {name: number for number, name in enumerate(CHANNELS)}
    return Interactions(
        source=np.array(source, dtype=np.int64),
        target=np.array(target, dtype=np.int64),
        at_s=np.array(at_s, dtype=np.int64),
        channel=np.array([index.get(name, UNKNOWN_CHANNEL) for name in channel], dtype=np.int8),
        recipients=np.array(recipients, dtype=np.int32),
        duration_s=np.array(duration_s, dtype=np.float64),
        is_directed=np.array(is_directed, dtype=np.bool_),
    )


def _columns() -> Select[int, int, int, str, int, float, bool]:
    i = tables.Interaction
    return select_columns(
        col(i.source),
        col(i.target),
        col(i.at_s),
        col(i.channel),
        col(i.recipients),
        col(i.duration_s),
        col(i.is_directed),
    )
