"""Who is left out, and what was agreed about them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column
from sqlmodel import Field, SQLModel

from app.store.tables._columns import Document, identity, moment


class Exclusion(SQLModel, table=True):
    """A rule that leaves people out: one of the company's list, or of a colleague's own.

    Attributes:
        colleague_id: Whose own list it is on; None for the company's.
        kind: domain, address, pattern (of the part before the @), freemail or colleague.
        value: In lower case; "" for freemail.
        takes_activity: Whatever one of them took part in is left out whole.
        is_on: Whether it holds; one that is only suggested does not.
        is_settled: The store accounts for it as it stands.
        is_lifted: Somebody has taken it away; the next run forgets it.
    """

    __tablename__ = "exclusion"
    id: int | None = identity()
    colleague_id: int | None = Field(
        default=None, sa_type=BigInteger, foreign_key="person.id", ondelete="CASCADE"
    )
    kind: str
    value: str
    takes_activity: bool = False
    is_on: bool = True
    reason: str
    author: str
    set_at: datetime = moment()
    is_settled: bool = False
    is_lifted: bool = False


class Privacy(SQLModel, table=True):
    """What holds for all: one row.

    Attributes:
        has_suggested: The exclusions that we suggest were put on the list, once.
        keeps_events_days: How long activities are kept one by one; None for ever.
        salt: What hashes of people who objected are keyed with, in hex.
    """

    __tablename__ = "privacy"
    id: int = Field(default=1, primary_key=True)
    has_suggested: bool = False
    keeps_events_days: int | None = None
    salt: str = ""


class Suppressed(SQLModel, table=True):
    """An address or a record of somebody who objected, as a keyed hash: nobody can read whose.

    Attributes:
        digest: HMAC-SHA256 with the store's own salt, in hex.
        act: What it was noted with; lifted together.
        is_address: Of an address, not of a record's id.
    """

    __tablename__ = "suppressed"
    digest: str = Field(primary_key=True)
    act: str = Field(index=True)
    is_address: bool
    author: str
    set_at: datetime = moment()


class Erasure(SQLModel, table=True):
    """Somebody was erased: how much of them there was, and how far their fields are blanked.

    Attributes:
        author: Who did it.
        reference: Of the request, as the admin's own list has it.
        counts: What was erased, by table.
        fields: Fields that are to be blanked, by the number of their connection.
        confirmed: Those of them that the CRM has confirmed, or whose records it has deleted.
        waiting: A JSON list of ``[connection, target, external id]``; emptied when all is done.
        scored: The numbers of people whose scores have still to go; the same.
        done_at: When nothing was left in the store and all fields were confirmed.
    """

    __tablename__ = "erasure"
    id: str = Field(primary_key=True)
    author: str
    reference: str = ""
    asked_at: datetime = moment()
    suppressed: int
    counts: dict[str, int] = Field(sa_column=Column(Document, nullable=False))
    fields: dict[str, int] = Field(sa_column=Column(Document, nullable=False))
    confirmed: dict[str, int] = Field(sa_column=Column(Document, nullable=False))
    waiting: list[list[Any]] = Field(sa_column=Column(Document, nullable=False))
    scored: list[int] = Field(sa_column=Column(Document, nullable=False))
    done_at: datetime | None = moment(nullable=True)
