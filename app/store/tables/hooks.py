"""What the CRMs tell by themselves: where to, what came, and what is to be read again for it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from app.store.tables._columns import Document, identity, moment


class Hook(SQLModel, table=True):
    """A connection's own address for what its CRM delivers, and how well that works.

    Attributes:
        token_digest: SHA-256 of the secret part of the address, in hex; finds the connection.
        sealed: The secret part and the secrets that sign, encrypted; only `app.hooks` reads them.
        takes_unsafe: The admin accepts signatures that do not wear off.
        is_listening: The CRM's stream of events is listened to as well.
        trouble: Why that could not be begun when it was last tried; "" if it could.
        place: Where to go on listening; kept together with the hints that came before it.
        seen_at: When something genuine came last.
        missed_at: When reading what changed last found something that nothing had announced.
        polls: Times in a row that it found nothing of the kind.
        polled_at: When it was read last.
    """

    __tablename__ = "hook"
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    token_digest: str = Field(unique=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    takes_unsafe: bool = False
    is_listening: bool = False
    trouble: str = ""
    place: str = ""
    made_at: datetime = moment()
    seen_at: datetime | None = moment(nullable=True)
    missed_at: datetime | None = moment(nullable=True)
    polls: int = 0
    polled_at: datetime | None = moment(nullable=True)


class Delivery(SQLModel, table=True):
    """One request that came to a connection's address; the oldest are forgotten.

    Attributes:
        events: The CRM's own ids of what it told.
        hints: Records named, each once.
        result: taken or forged; `reason` says why it is not taken. What came too late to be kept is
            only counted: whoever sends it comes again.
    """

    __tablename__ = "delivery"
    __table_args__ = (Index("delivery_of", "connection_id", "id"),)
    id: int | None = identity()
    connection_id: int = Field(foreign_key="connection.id", ondelete="CASCADE")
    at: datetime = moment()
    events: list[Any] = Field(sa_column=Column(Document, nullable=False))
    hints: int
    echoes: int
    strange: int
    result: str
    reason: str = ""
    milliseconds: int


class Hint(SQLModel, table=True):
    """The queue: something to be done for a connection soon, however often it was asked for.

    Attributes:
        stream: Of the record to read again; or what else is to be done, see `store.hints`.
        noted_at: When it was first asked for, since it was last done.
        not_before: When it may be done.
        generation: Grows every time it is asked for, so that asking while it is being done counts.
        claim: Who does it now; "" for nobody. A claim that has run out counts no more.
        claimed_generation: The generation that is being done.
        attempts: How often it has been begun.
        reason: Why the last attempt came to nothing.
    """

    __tablename__ = "hint"
    __table_args__ = (
        Index("hint_due", "connection_id", "not_before"),
        Index(
            "hint_claim",
            "claim",
            sqlite_where=text("claim <> ''"),
            postgresql_where=text("claim <> ''"),
        ),
    )
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    stream: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    noted_at: datetime = moment()
    not_before: datetime = moment()
    generation: int = 0
    claim: str = ""
    claimed_until: datetime | None = moment(nullable=True)
    claimed_generation: int = 0
    attempts: int = 0
    reason: str = ""
