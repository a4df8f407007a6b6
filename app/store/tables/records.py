"""What the CRMs said, as they said it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel

from app.store.tables._columns import Document, identity, moment, unresolved


class Account(SQLModel, table=True):
    """An organisation, as one CRM knows it."""

    __tablename__ = "account"
    __table_args__ = (Index("account_key", "connection_id", "external_id", unique=True),)
    id: int | None = identity()
    connection_id: int = Field(foreign_key="connection.id", ondelete="CASCADE")
    external_id: str
    name: str
    domain: str | None = Field(default=None, index=True)
    industry: str | None = None
    is_deleted: bool
    merged_into: str | None = None
    modified_at: datetime = moment()


class Profile(SQLModel, table=True):
    """A colleague, contact or lead record of one CRM.

    Attributes:
        addresses: A JSON list, the main one first.
        linked: A JSON list of colleagues who are connected with them on LinkedIn: [record, day].
        is_seen: False for a record that an activity names and the CRM has not shown yet.
        is_apart: An admin has said that it is nobody else.
        is_out: Somebody's who objected: nothing of it is kept, and nobody stands behind it.
        joined_because: What joined it to its person's other records.
        is_resolved: Whether `person_id` accounts for the record as it stands.
    """

    __tablename__ = "profile"
    __table_args__ = (
        Index("profile_account", "connection_id", "account_id"),
        unresolved("profile_unresolved"),
    )
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    external_id: str = Field(primary_key=True)
    kind: str
    name: str
    addresses: list[str] = Field(sa_column=Column(Document, nullable=False))
    title: str | None = None
    department: str | None = None
    account_id: str | None = None
    is_active: bool
    is_deleted: bool
    merged_into: str | None = None
    is_seen: bool = True
    modified_at: datetime = moment()
    person_id: int | None = Field(
        default=None, sa_type=BigInteger, foreign_key="person.id", index=True
    )
    is_apart: bool = False
    is_out: bool = False
    joined_because: str = ""
    is_resolved: bool = False
    linked: list[list[str]] = Field(
        default_factory=list, sa_column=Column(Document, nullable=False, default=list)
    )


class Activity(SQLModel, table=True):
    """An email, meeting or call as the CRM recorded it: who took part and when, never what about.

    Attributes:
        stream: Where it was read.
        thread: The conversation it is part of, by the CRM's own name for it.
        is_bulk: Sent to many alike, so that it is no contact.
        supersedes: Another record of the same event, which counts no more.
        participants: A JSON list of ``[role, external id or null, address or null]``.
        is_resolved: Whether its interactions account for the record as it stands.
    """

    __tablename__ = "activity"
    __table_args__ = (
        unresolved("activity_unresolved"),
        Index("activity_supersedes", "connection_id", "supersedes"),
    )
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    external_id: str = Field(primary_key=True)
    stream: str
    channel: str
    at: datetime = moment()
    recipients: int
    duration_s: float
    happened: bool
    thread: str | None = None
    is_bulk: bool = False
    supersedes: str | None = None
    is_deleted: bool
    modified_at: datetime = moment()
    participants: list[list[str | None]] = Field(sa_column=Column(Document, nullable=False))
    is_resolved: bool = False


class Deal(SQLModel, table=True):
    """Something that is sold, or is to be, as one CRM knows it.

    Attributes:
        contacts: A JSON list of ``[external id, role or null, is primary]``.
        stages: A JSON list of ``[stage, ISO time]``, the oldest first.
    """

    __tablename__ = "deal"
    __table_args__ = (Index("deal_account", "connection_id", "account_id"),)
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    external_id: str = Field(primary_key=True)
    name: str
    stage: str
    is_closed: bool
    is_won: bool
    account_id: str | None = None
    owner_id: str | None = None
    amount: float | None = None
    currency: str | None = None
    created_at: datetime = moment()
    closes_on: date | None = None
    contacts: list[list[Any]] = Field(sa_column=Column(Document, nullable=False))
    stages: list[list[str]] = Field(sa_column=Column(Document, nullable=False))
    is_deleted: bool
    merged_into: str | None = None
    modified_at: datetime = moment()
