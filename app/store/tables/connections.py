"""What we know of each connection: how far it is read, and what it does not show."""

from datetime import date, datetime

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from app.store.tables._columns import identity, moment


class Connection(SQLModel, table=True):
    """One customer's authenticated link to one CRM.

    Attributes:
        tenant: The org or portal it belongs to; each is connected once.
        credentials: Encrypted; only `connections` reads them.
        token: The token that was given last, and until when it is good, encrypted; may be empty.
        site: Where people see its records, for `connectors.Module.record_url`; "" if nowhere.
        allowance: Calls that we may make in a day (UTC); None for a share of the CRM's own limit.
        calls_limit: What the CRM allows everybody together in a day, as it last told.
        calls_used: What everybody together had used of it then.
        limit_at: When that was.
        paused: Why nothing is read or written now, until a person resumes it; "" while it works.
        reading_paused: Why nothing is read, though it is written; "" while it is.
        writing_paused: Why nothing is written, though it is read; "" while it is.
        resumes_at: When it goes on by itself after the CRM asked us to wait.
        swept_at: When we last looked for records that had vanished without a word.
        fields_seen_at: When it was looked last how its custom fields stand; None if never since
            they were changed, or a value was refused.
        shadow_since: Since when write-backs are planned and compared only; None while they write.
        collapsed_until: What happened before is kept by the day only; None if all is kept.
        keeps_writes_days: How long it is kept what was written to which record.
    """

    __tablename__ = "connection"
    id: int | None = identity()
    crm: str
    title: str
    tenant: str
    credentials: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    token: bytes = Field(default=b"", sa_column=Column(LargeBinary, nullable=False))
    site: str = ""
    allowance: int | None = None
    calls_limit: int | None = None
    calls_used: int | None = None
    limit_at: datetime | None = moment(nullable=True)
    paused: str = ""
    reading_paused: str = ""
    writing_paused: str = ""
    resumes_at: datetime | None = moment(nullable=True)
    swept_at: datetime | None = moment(nullable=True)
    fields_seen_at: datetime | None = moment(nullable=True)
    shadow_since: datetime | None = moment(nullable=True)
    collapsed_until: datetime | None = moment(nullable=True)
    keeps_writes_days: int = 90
    created_at: datetime = moment()


class StreamBookmark(SQLModel, table=True):
    """How far a stream of a connection has been read.

    Attributes:
        is_caught_up: It has been read to its end, as it stood then.
        done: Records read since it was last caught up, or since the beginning.
        left: About how many remain, where the CRM tells.
        begun_at: When the first of `done` was read.
    """

    __tablename__ = "bookmark"
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    stream: str = Field(primary_key=True)
    bookmark: str
    is_caught_up: bool
    done: int = 0
    left: int | None = None
    begun_at: datetime = moment()
    read_at: datetime = moment()


class Gap(SQLModel, table=True):
    """Something of a stream that the CRM does not show us, and what an admin can do about it."""

    __tablename__ = "gap"
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    stream: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    reason: str
    is_whole: bool


class Examined(SQLModel, table=True):
    """What was found when a connection was last looked at for an admin.

    Attributes:
        findings: As `store.examined` writes them, in JSON.
    """

    __tablename__ = "examined"
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    at: datetime = moment()
    findings: str


class Usage(SQLModel, table=True):
    """Calls made through a connection on one day (UTC), by what for."""

    __tablename__ = "usage"
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    day: date = Field(primary_key=True)
    purpose: str = Field(primary_key=True)
    calls: int


class Present(SQLModel, table=True):
    """A record that was there when we last looked; kept only while we look."""

    __tablename__ = "present"
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    stream: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)


class Buried(SQLModel, table=True):
    """A record that we took for deleted because it was not there when we looked."""

    __tablename__ = "buried"
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    stream: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)


class Missed(SQLModel, table=True):
    """Something that is to be read again for the sake of somebody who was not there.

    Attributes:
        person: Who was not there; "" for what is to be read whoever it was.
        stream: Of what they took part in; "" for all of it, which nobody knows yet.
        is_due: They are there again.
    """

    __tablename__ = "missed"
    __table_args__ = (Index("missed_due", "connection_id", "is_due"),)
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    person: str = Field(primary_key=True)
    stream: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    is_due: bool


class Sweep(SQLModel, table=True):
    """How far the search for vanished records of a stream is.

    Attributes:
        is_doubted: The search before found most of the stream gone, and was not believed.
        ended_at: When it came to its end; None while it has not, in this week's round.
    """

    __tablename__ = "sweep"
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    stream: str = Field(primary_key=True)
    bookmark: str
    begun_at: datetime = moment()
    is_doubted: bool = False
    ended_at: datetime | None = moment(nullable=True)


class Malformed(SQLModel, table=True):
    """A row of a CRM that could not be read, and why; without its values."""

    __tablename__ = "malformed"
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    stream: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    reason: str
    seen_at: datetime = moment()
