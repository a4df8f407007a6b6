"""Who met whom: the interactions that activities were resolved into."""

from collections.abc import Collection, Sequence
from functools import cache

import numpy as np
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    or_,
    tuple_,
)
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from app.engine import CHANNELS, Interactions, Threaded
from app.engine.held import EVERY_DAY
from app.engine.weights import DAY_S
from app.store import retention, tables
from app.store.database import slices
from app.store.people import departed
from app.store.retention import Met
from app.store.touched import Pair, PairDay

FEW_DAYS = 100
"""Days of pairs asked for at once: each is a condition of its own."""

EVER_S = (-(2**63), 2**63 - 1)
"""From the first moment to the last."""

UNKNOWN_CHANNEL = -1
"""What the engine counts as "other", and tells to be unknown."""


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
