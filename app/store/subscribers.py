"""Who is told what happens."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from app.errors import NotFound
from app.store import tables

_subscriber = tables.Subscriber


def every(session: Session) -> Sequence[tables.Subscriber]:
    """All of them, the oldest first."""
    return session.exec(select(_subscriber).order_by(col(_subscriber.id))).all()


def listening(session: Session) -> Sequence[tables.Subscriber]:
    """Those who are told anything, the oldest first."""
    query = select(_subscriber).where(col(_subscriber.is_on))
    return session.exec(query.order_by(col(_subscriber.id))).all()


def get(session: Session, subscriber_id: int) -> tables.Subscriber:
    """Find one.

    Raises:
        NotFound: If there is none with this id.
    """
    found = session.get(_subscriber, subscriber_id)
    if found is None:
        raise NotFound(f"There is no subscriber {subscriber_id}.")
    return found


def add(session: Session, subscriber: tables.Subscriber) -> int:
    """Keep a new one; gives its id."""
    session.add(subscriber)
    session.flush()
    assert subscriber.id is not None  # noqa: S101 - a flushed row has its id
    return subscriber.id
