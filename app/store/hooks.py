"""The connections' own addresses for what the CRMs deliver, and what came to them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from app.store import tables

STEADY, STRETCH = 3, 3
"""Who told of every change before so many polls in a row is polled so many times more rarely."""

KEPT = 1_000
"""Deliveries of a connection that are kept, or up to `EVERY` more."""

EVERY = 64

_hook, _delivery = tables.Hook, tables.Delivery
_CONNECTION = col(tables.Connection.id) == col(_hook.connection_id)


def get(session: Session, connection_id: int) -> tables.Hook | None:
    """A connection's address; None if it has none."""
    return session.get(_hook, connection_id)


def find(session: Session, token_digest: str) -> tuple[tables.Hook, tables.Connection] | None:
    """The connection whose address has this secret part."""
    query = (
        select(_hook, tables.Connection)
        .join(tables.Connection, _CONNECTION)
        .where(_hook.token_digest == token_digest)
    )
    return session.exec(query).first()


def crms(session: Session) -> Sequence[str]:
    """The CRMs that deliver to us."""
    query = select(tables.Connection.crm).join(_hook, _CONNECTION)
    return session.exec(query.distinct().order_by(tables.Connection.crm)).all()


def listening(session: Session) -> Sequence[int]:
    """The connections whose CRM's stream of events is listened to."""
    query = select(_hook.connection_id).where(col(_hook.is_listening))
    return session.exec(query.order_by(col(_hook.connection_id))).all()


def seen(session: Session, connection_id: int, *, at: datetime) -> None:
    """Note that something genuine came."""
    session.connection().execute(
        update(_hook).where(col(_hook.connection_id) == connection_id).values(seen_at=at)
    )


def move(session: Session, connection_id: int, place: str) -> None:
    """Note where to go on listening."""
    session.connection().execute(
        update(_hook).where(col(_hook.connection_id) == connection_id).values(place=place)
    )


def note_trouble(session: Session, connection_id: int, reason: str) -> None:
    """Note why the stream of events cannot be listened to; "" if it can."""
    session.connection().execute(
        update(_hook).where(col(_hook.connection_id) == connection_id).values(trouble=reason)
    )


def note_poll(session: Session, connection_id: int, *, has_missed: bool, at: datetime) -> None:
    """Note whether reading what changed found something that nothing had announced."""
    hook = get(session, connection_id)
    if hook is None:
        return
    hook.polls = 0 if has_missed else hook.polls + 1
    hook.missed_at = at if has_missed else hook.missed_at
    hook.polled_at = at
    session.add(hook)


def resting(session: Session, *, every: timedelta, at: datetime) -> set[int]:
    """The connections that need not be polled now, because they tell of what changes.

    Three polls in a row have found nothing that had not been announced: then only every third is
    made. One change that was not announced, and all of them are made again.

    Args:
        session: The store.
        every: From one poll to the next.
        at: Now, when one is due.
    """
    longest = every * (STRETCH - 0.5)  # a run may be late
    query = select(_hook.connection_id).where(
        _hook.polls >= STEADY,
        col(_hook.seen_at).is_not(None),
        col(_hook.polled_at) > at - longest,
    )
    return set(session.exec(query))


def silent_since(hook: tables.Hook) -> datetime | None:
    """Since when changes have gone unannounced; None while all is well, as far as we know."""
    latest = hook.seen_at or hook.made_at
    return latest if hook.missed_at is not None and hook.missed_at > latest else None


def log(session: Session, delivery: tables.Delivery) -> None:
    """Keep what came, and now and then forget the oldest."""
    session.add(delivery)
    session.flush()
    number = delivery.id or 0
    if number % EVERY:
        return
    mine = col(_delivery.connection_id) == delivery.connection_id
    newest = select(col(_delivery.id)).where(mine).order_by(col(_delivery.id).desc()).offset(KEPT)
    oldest = session.exec(newest.limit(1)).first()
    if oldest is not None:
        session.connection().execute(delete(_delivery).where(mine, col(_delivery.id) <= oldest))


def deliveries(
    session: Session, connection_id: int, *, limit: int, before: int | None = None
) -> Sequence[tables.Delivery]:
    """The latest deliveries to a connection, the newest first; `before` is the id to go on from."""
    query = select(_delivery).where(_delivery.connection_id == connection_id)
    if before is not None:
        query = query.where(col(_delivery.id) < before)
    return session.exec(query.order_by(col(_delivery.id).desc()).limit(limit)).all()
