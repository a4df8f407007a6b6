"""Who did what for whom, and who was asked for an introduction."""

from datetime import datetime

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from app.store.tables._columns import identity, moment


class Favour(SQLModel, table=True):
    """Something between a colleague and a person that somebody has put on record.

    Attributes:
        kind: introduction or help.
        is_given: The colleague gave it; otherwise they received it.
        request_id: The request that it came of, if it came of one.
    """

    __tablename__ = "favour"
    id: int | None = identity()
    colleague_id: int = Field(
        sa_type=BigInteger, foreign_key="person.id", ondelete="CASCADE", index=True
    )
    person_id: int = Field(
        sa_type=BigInteger, foreign_key="person.id", ondelete="CASCADE", index=True
    )
    kind: str
    is_given: bool
    at: datetime = moment()
    request_id: int | None = Field(default=None, sa_type=BigInteger)


class Request(SQLModel, table=True):
    """A colleague asked somebody for an introduction.

    Attributes:
        outcome: open, made or declined.
    """

    __tablename__ = "request"
    __table_args__ = (Index("request_introducer", "introducer_id", "asked_at"),)
    id: int | None = identity()
    asker_id: int = Field(
        sa_type=BigInteger, foreign_key="person.id", ondelete="CASCADE", index=True
    )
    introducer_id: int = Field(sa_type=BigInteger, foreign_key="person.id", ondelete="CASCADE")
    target_id: int = Field(
        sa_type=BigInteger, foreign_key="person.id", ondelete="CASCADE", index=True
    )
    asked_at: datetime = moment()
    outcome: str = "open"


class SeenIntroduction(SQLModel, table=True):
    """An introduction that the records show; `a` < `b`, and one of the three is a colleague.

    Attributes:
        share: 1 over how many could have made it.
    """

    __tablename__ = "seen_introduction"
    a: int = Field(primary_key=True, sa_type=BigInteger)
    b: int = Field(primary_key=True, sa_type=BigInteger)
    introducer_id: int = Field(primary_key=True, sa_type=BigInteger, index=True)
    at_s: int = Field(sa_type=BigInteger)
    share: float
