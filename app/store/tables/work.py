"""What we owe the CRMs, and what we did."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel

from app.store.tables._columns import Document, identity, moment


class Owed(SQLModel, table=True):
    """The outbox: what a record's custom fields should hold, and what the CRM has confirmed.

    Attributes:
        wanted: Values by `Field.name`, as JSON; dates as ISO text.
        acknowledged: The same, as of the CRM's last positive answer; empty before the first.
        theirs: What people put into fields that are left to them, by `Field.name`.
        sent: What was being written when we last said so; of fields with a policy only.
        undone: What a run wrote and was taken back, and what is shown instead, by `Field.name`.
        undo_id: The run that takes something back here and has not got there yet.
        is_due: Whether what is wanted and what is acknowledged differ, but for `theirs`.
        code: The CRM's code for its last refusal; "" if there was none since.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("outbox_due", "connection_id", "is_due"),)
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    target: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    wanted: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    acknowledged: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    theirs: dict[str, Any] = Field(default={}, sa_column=Column(Document, nullable=False))
    sent: dict[str, Any] = Field(default={}, sa_column=Column(Document, nullable=False))
    undone: dict[str, Any] = Field(default={}, sa_column=Column(Document, nullable=False))
    undo_id: int | None = Field(default=None, sa_type=BigInteger)
    is_due: bool
    attempts: int = 0
    next_try_at: datetime | None = moment(nullable=True)
    code: str = ""
    reason: str = ""


class Run(SQLModel, table=True):
    """One execution of a stage.

    Attributes:
        status: asked, running, ok, partial, paused or failed; `reason` says why it is not ok.
        undoes: The run that this one takes back.
        counts: What it did, by name.
    """

    __tablename__ = "run"
    id: int | None = identity()
    stage: str
    connection_id: int | None = Field(default=None, foreign_key="connection.id", ondelete="CASCADE")
    status: str
    reason: str = ""
    started_at: datetime = moment()
    ended_at: datetime | None = moment(nullable=True)
    counts: dict[str, int] = Field(sa_column=Column(Document, nullable=False))
    undoes: int | None = Field(default=None, sa_type=BigInteger)


class Tally(SQLModel, table=True):
    """Something that is counted over all processes and for good, for whoever watches us.

    Attributes:
        labels: What of it, as `key=value` separated by commas; "" for all of it.
    """

    __tablename__ = "tally"
    name: str = Field(primary_key=True)
    labels: str = Field(primary_key=True)
    value: float


class Lease(SQLModel, table=True):
    """The right to run alone.

    Attributes:
        fence: Grows with every new holder, so that a holder who overslept can be told.
    """

    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    holder: str
    expires_at: datetime = moment()
    fence: int


class Timetable(SQLModel, table=True):
    """When the pipeline runs, where somebody has said so: one row.

    Attributes:
        every_minutes: None where nobody has said.
        quiet: When no run begins by the clock, as `app.quiet` has it; empty for never.
    """

    __tablename__ = "timetable"
    id: int = Field(primary_key=True)
    every_minutes: int | None = None
    quiet: dict[str, Any] = Field(default={}, sa_column=Column(Document, nullable=False))
