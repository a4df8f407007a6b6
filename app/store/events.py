"""The outbox of events: written together with what they tell, so none is lost or told twice.

Whoever makes something happen notes it in the same transaction, and with it one delivery for each
subscriber who wants to know; nothing is kept where nobody does. Deliveries are claimed for a while
like the queue of `hints`: a claim that ran out is taken over, and then a subscriber may be told
twice, each time under the same key.
"""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlmodel import Session, SQLModel, col
from sqlmodel import select as select_rows

from app.errors import Conflict, NotFound
from app.store import subscribers, tables

AT_ONCE = 100
"""Events of a type that one run tells; how many more there were is one event."""

KEPT = timedelta(days=30)
"""How long it is known what was told, and what was not."""

PENDING, DELIVERED, DEAD = "pending", "delivered", "dead"


class EventType(StrEnum):
    """What subscribers are told of."""

    TIE_BAND_CHANGED = "tie.band_changed"
    TIE_COOLING = "tie.cooling"
    TIE_OFF_RADAR = "tie.off_radar"
    ROUTE_NEW_BEST_INTRODUCER = "route.new_best_introducer"
    DEAL_SINGLE_THREAD_RISK = "deal.single_thread_risk"
    RUN_FINISHED = "run.finished"
    CONNECTION_PAUSED = "connection.paused"


MORE, TEST = "events.more", "events.test"
"""Told to whoever wants the events that there were more of; and to whoever presses the button."""

Told = Mapping[str, int | float | str | Mapping[str, int] | None]


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened: ids, numbers and our own words, nobody's name or address."""

    type: EventType
    told: Told = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event that is to be told now, and to whom; ours until the claim runs out.

    Attributes:
        attempts: How often it was tried before.
    """

    id: int
    claim: str
    key: str
    type: str
    at: datetime
    told: Told
    attempts: int


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of an attempt, and of the delivery with it.

    Attributes:
        next_try_at: None if there is none.
    """

    state: str
    at: datetime
    status: int | None
    reason: str
    milliseconds: int
    next_try_at: datetime | None = None


_delivery = SQLModel.metadata.tables[str(tables.EventDelivery.__tablename__)]
_event = SQLModel.metadata.tables[str(tables.Event.__tablename__)]


def wanted(session: Session) -> frozenset[str]:
    """The types of events that anybody wants to be told of."""
    return frozenset().union(*map(_wants, subscribers.listening(session)))


def note(session: Session, happened: Iterable[Happened], *, at: datetime) -> int:
    """Note what happened, for those who want to know; gives how many events were kept.

    Args:
        session: That of what happened; nothing is committed.
        happened: The most telling of a type first: behind `AT_ONCE` of them only their number is.
        at: When.
    """
    listening = [(one.id or 0, _wants(one)) for one in subscribers.listening(session)]
    seen: Counter[EventType] = Counter()
    kept = 0
    for one in happened:
        to = [who for who, wants in listening if one.type in wants]
        seen[one.type] += 1
        if to and seen[one.type] <= AT_ONCE:
            _keep(session, one.type, one.told, to, at=at)
            kept += 1
    for type_, number in seen.items():
        to = [who for who, wants in listening if type_ in wants]
        if to and number > AT_ONCE:
            more = {"of": type_.value, "told": AT_ONCE, "more": number - AT_ONCE}
            _keep(session, MORE, more, to, at=at)
            kept += 1
    return kept


def note_test(session: Session, subscriber_id: int, *, at: datetime) -> int:
    """Note an event for one subscriber that tells of nothing; gives its delivery's id."""
    (found,) = _keep(session, TEST, {"subscriber": subscriber_id}, [subscriber_id], at=at)
    return found


def due(session: Session, *, at: datetime) -> Sequence[int]:
    """The subscribers for whom something is due."""
    query = select(_delivery.c.subscriber_id).where(*_is_due(at)).distinct()
    return session.connection().execute(query).scalars().all()


def claim(
    session: Session, subscriber_id: int, *, at: datetime, for_: timedelta, limit: int
) -> list[Waiting]:
    """Take some of what is due to a subscriber, the oldest first."""
    mine = select(_delivery.c.id).where(_delivery.c.subscriber_id == subscriber_id, *_is_due(at))
    return _claim(session, mine.order_by(_delivery.c.id).limit(limit), at + for_)


def claim_one(session: Session, delivery_id: int, *, until: datetime) -> list[Waiting]:
    """Take one delivery, due or not; nothing if somebody else has it."""
    is_it = select(_delivery.c.id).where(_delivery.c.id == delivery_id, _delivery.c.claim == "")
    return _claim(session, is_it, until)


def _claim(session: Session, which: Select[tuple[int]], until: datetime) -> list[Waiting]:
    ours = secrets.token_hex(8)
    chosen = which.with_for_update(skip_locked=True).cte("chosen")
    session.connection().execute(
        update(_delivery)
        .where(_delivery.c.id.in_(select(chosen.c.id)))
        .values(claim=ours, claimed_until=until)
    )
    query = (
        select(_delivery.c.id, _delivery.c.attempts, _event)
        .join(_event, _event.c.id == _delivery.c.event_id)
        .where(_delivery.c.claim == ours)
        .order_by(_delivery.c.id)
    )
    return [
        Waiting(id_, ours, row.key, row.type, row.at, row.told, attempts)
        for row in session.connection().execute(query)
        for id_, attempts in [row[:2]]
    ]


def finish(session: Session, one: Waiting, tried: Tried) -> bool:
    """Note what became of an attempt; False if others have taken it over, who note theirs."""
    values = {
        "state": tried.state,
        "attempts": _delivery.c.attempts + 1,
        "claim": "",
        "claimed_until": None,
        "tried_at": tried.at,
        "status": tried.status,
        "reason": tried.reason,
        "milliseconds": tried.milliseconds,
    }
    if tried.next_try_at is not None:
        values["next_try_at"] = tried.next_try_at
    mine = (_delivery.c.id == one.id, _delivery.c.claim == one.claim)
    found = session.connection().execute(update(_delivery).where(*mine).values(values))
    return found.rowcount == 1


def release(session: Session, claimed: Iterable[Waiting]) -> None:
    """Give back what was claimed and not tried."""
    for one in claimed:
        mine = (_delivery.c.id == one.id, _delivery.c.claim == one.claim)
        free = update(_delivery).where(*mine).values(claim="", claimed_until=None)
        session.connection().execute(free)


def give_up(session: Session, subscriber_id: int, reason: str) -> None:
    """Tell a subscriber nothing any more, and nothing of what waits."""
    subscriber = subscribers.get(session, subscriber_id)
    subscriber.is_on, subscriber.reason = False, reason
    session.add(subscriber)
    theirs = (_delivery.c.subscriber_id == subscriber_id, _delivery.c.state == PENDING)
    values = {"state": DEAD, "reason": reason, "claim": "", "claimed_until": None}
    session.connection().execute(update(_delivery).where(*theirs).values(values))


def replay(session: Session, delivery_id: int, *, at: datetime) -> None:
    """Have an event told again, under the key it had.

    Raises:
        NotFound: If there is no such delivery.
        Conflict: If it is still to be told, or its subscriber is told nothing any more.
    """
    row = get(session, delivery_id)[0]
    if row.state == PENDING:
        raise Conflict("It has still to be delivered: the log says when it is tried next.")
    if not subscribers.get(session, row.subscriber_id).is_on:
        raise Conflict("This subscriber is off: subscribe again.")
    row.state, row.attempts, row.next_try_at = PENDING, 0, at
    session.add(row)
    session.flush()


def get(session: Session, delivery_id: int) -> tuple[tables.EventDelivery, tables.Event]:
    """A delivery and its event.

    Raises:
        NotFound: If there is none with this id.
    """
    delivery, event = tables.EventDelivery, tables.Event
    query = select_rows(delivery, event).join(event, col(event.id) == col(delivery.event_id))
    found = session.exec(query.where(delivery.id == delivery_id)).first()
    if found is None:
        raise NotFound(f"There is no delivery {delivery_id}.")
    return found


@dataclass(frozen=True, slots=True)
class Sought:
    """Which deliveries to list; what is None does not narrow the list."""

    state: str | None = None
    subscriber_id: int | None = None


def deliveries(
    session: Session, sought: Sought, *, limit: int, before: int | None = None
) -> Sequence[tuple[tables.EventDelivery, tables.Event]]:
    """The latest deliveries, the newest first; `before` is the id to go on from."""
    delivery, event = tables.EventDelivery, tables.Event
    query = select_rows(delivery, event).join(event, col(event.id) == col(delivery.event_id))
    if sought.state is not None:
        query = query.where(delivery.state == sought.state)
    if sought.subscriber_id is not None:
        query = query.where(delivery.subscriber_id == sought.subscriber_id)
    if before is not None:
        query = query.where(col(delivery.id) < before)
    return session.exec(query.order_by(col(delivery.id).desc()).limit(limit)).all()


def by_state(session: Session) -> dict[tuple[int, str], int]:
    """How many deliveries there are, by subscriber and state."""
    key = (_delivery.c.subscriber_id, _delivery.c.state)
    found = session.connection().execute(select(*key, func.count()).group_by(*key))
    return {(subscriber, state): number for subscriber, state, number in found}


def forget(session: Session, *, at: datetime) -> None:
    """Forget what is so old that nobody asks."""
    session.connection().execute(delete(_event).where(_event.c.at < at - KEPT))


def _keep(
    session: Session, type_: str, told: Told, to: Sequence[int], *, at: datetime
) -> list[int]:
    event = tables.Event(key=f"evt_{secrets.token_hex(12)}", type=type_, at=at, told=dict(told))
    session.add(event)
    session.flush()
    rows = [
        tables.EventDelivery(event_id=event.id or 0, subscriber_id=who, next_try_at=at)
        for who in to
    ]
    session.add_all(rows)
    session.flush()
    return [row.id or 0 for row in rows]


def _wants(subscriber: tables.Subscriber) -> frozenset[str]:
    return frozenset(subscriber.types or EventType)


def _is_due(at: datetime) -> tuple[ColumnElement[bool], ...]:
    is_free = or_(_delivery.c.claim == "", _delivery.c.claimed_until <= at)
    return _delivery.c.state == PENDING, _delivery.c.next_try_at <= at, is_free
