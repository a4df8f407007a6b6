"""What is written where, what was written when, and what would be."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index
from sqlmodel import Field, SQLModel

from app.store.tables._columns import Document, identity, moment


class ChosenField(SQLModel, table=True):
    """What is said of one custom field of a connection; without a row, it is as by default.

    By default every field of the catalogue is written, to a field of ours, whatever it held.

    Attributes:
        name: `Field.name`.
        called: The CRM's own name of the field that it is mapped to; "" for a field of ours.
        policy: What to do where a person has edited it: overwrite, respect or alert.
        is_on: Whether an admin wants it written.
        state: How it stood when last looked at, as `FieldState`; "" before that.
        paused: Why it is not written now; "" while it is.
        paused_at: Since when.
        mapped_at: Since when it is mapped as it is; None for ever.
    """

    __tablename__ = "chosen_field"
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    target: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    called: str = ""
    policy: str = "overwrite"
    is_on: bool = True
    state: str = ""
    paused: str = ""
    paused_at: datetime | None = moment(nullable=True)
    mapped_at: datetime | None = moment(nullable=True)


class Written(SQLModel, table=True):
    """What one run wrote to one record, or tried to; kept for as long as the connection says.

    Attributes:
        before: What each field held as far as we knew, by `Field.name`; dates as ISO text.
        after: What we wrote, or would have.
        code: "" if the CRM confirmed it, else its code for the refusal.
    """

    __tablename__ = "written"
    __table_args__ = (
        Index("written_record", "connection_id", "external_id"),
        Index("written_at", "connection_id", "at"),
        Index("written_run", "run_id", "target", "external_id"),
    )
    id: int | None = identity()
    run_id: int = Field(
        sa_column=Column(BigInteger, ForeignKey("run.id", ondelete="CASCADE"), nullable=False)
    )
    connection_id: int = Field(foreign_key="connection.id", ondelete="CASCADE")
    target: str
    external_id: str
    before: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    after: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    at: datetime = moment()
    code: str = ""
    reason: str = ""


class KeptPlan(SQLModel, table=True):
    """What the next write-back of a connection would do, as it was last planned.

    Attributes:
        body: `plans.Plan` as JSON.
    """

    __tablename__ = "plan"
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    body: str
