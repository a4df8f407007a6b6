"""What happened, who is to be told of it, and how far that is."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from app.store.tables._columns import Document, identity, moment


class Subscriber(SQLModel, table=True):
    """A program of somebody else's that is told what happens.

    Attributes:
        sealed: The secrets that sign, encrypted; only `app.messenger` reads them.
        before_until: Until when the secret before this one signs too.
        types: What it wants to be told of; everything if empty.
        with_names: It is told people's names beside their ids.
        reason: Why it is told nothing any more; "" while it is.
    """

    __tablename__ = "subscriber"
    id: int | None = identity()
    url: str
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    before_until: datetime | None = moment(nullable=True)
    types: list[Any] = Field(sa_column=Column(Document, nullable=False))
    with_names: bool = False
    is_on: bool = True
    reason: str = ""
    made_at: datetime = moment()


class Event(SQLModel, table=True):
    """Something that happened: ids, numbers and our own words, nobody's name or address.

    Attributes:
        key: What subscribers know it by, however often they are told.
    """

    __tablename__ = "event"
    __table_args__ = (Index("event_at", "at"),)
    id: int | None = identity()
    key: str = Field(unique=True)
    type: str
    at: datetime = moment()
    told: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))


class EventDelivery(SQLModel, table=True):
    """One event that one subscriber is to be told, made together with it.

    Attributes:
        state: pending, delivered or dead; the dead are not tried any more.
        attempts: How often it was tried.
        next_try_at: From when it is tried again, while it is pending.
        claim: Who tries it now; "" for nobody. A claim that has run out counts no more.
        status: What was answered last, if anything was.
        reason: Why the last attempt failed.
        milliseconds: How long it took.
    """

    __tablename__ = "event_delivery"
    __table_args__ = (
        Index("event_delivery_due", "state", "next_try_at"),
        Index("event_delivery_to", "subscriber_id", "id"),
    )
    id: int | None = identity()
    event_id: int = Field(foreign_key="event.id", ondelete="CASCADE", index=True)
    subscriber_id: int = Field(foreign_key="subscriber.id", ondelete="CASCADE")
    state: str = "pending"
    attempts: int = 0
    next_try_at: datetime = moment()
    claim: str = ""
    claimed_until: datetime | None = moment(nullable=True)
    tried_at: datetime | None = moment(nullable=True)
    status: int | None = None
    reason: str = ""
    milliseconds: int = 0
