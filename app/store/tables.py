"""Every table. Read it top to bottom: what the CRM said, what we made of it, what we owe it.

Times are aware UTC in Python on every database. External ids are unique within a connection.
"""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware UTC in Python, whatever the database keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times, and keep UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be kept.")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# JSONB, because PostgreSQL cannot compare two values of JSON.
Document = JSON().with_variant(JSONB(), "postgresql")


def _moment(*, nullable: bool = False) -> Any:  # noqa: ANN401 - as sqlmodel.Field itself
    return Field(sa_column=Column(UtcDateTime, nullable=nullable))


def _identity() -> Any:  # noqa: ANN401 - as sqlmodel.Field itself
    # SQLite numbers rows by itself only for INTEGER; elsewhere ids may outgrow 32 bits.
    kind = BigInteger().with_variant(Integer, "sqlite")
    return Field(default=None, sa_column=Column(kind, primary_key=True, autoincrement=True))


def _unresolved(name: str) -> Index:
    """An index of only those rows that `resolve` has still to look at."""
    open_rows = text("NOT is_resolved")
    return Index(
        name,
        "connection_id",
        "external_id",
        sqlite_where=open_rows,
        postgresql_where=open_rows,
    )


class Connection(SQLModel, table=True):
    """One customer's authenticated link to one CRM.

    Attributes:
        tenant: The org or portal it belongs to; each is connected once.
        credentials: Encrypted; only `connections` reads them.
        allowance: Calls that we may make in a day (UTC); None for a share of the CRM's own limit.
        paused: Why nothing is read or written now, until a person resumes it; "" while it works.
        resumes_at: When it goes on by itself after the CRM asked us to wait.
        swept_at: When we last looked for records that had vanished without a word.
    """

    __tablename__ = "connection"
    id: int | None = _identity()
    crm: str
    title: str
    tenant: str
    credentials: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    allowance: int | None = None
    paused: str = ""
    resumes_at: datetime | None = _moment(nullable=True)
    swept_at: datetime | None = _moment(nullable=True)
    created_at: datetime = _moment()


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
    begun_at: datetime = _moment()
    read_at: datetime = _moment()


class Gap(SQLModel, table=True):
    """Something of a stream that the CRM does not show us, and what an admin can do about it."""

    __tablename__ = "gap"
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    stream: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    reason: str
    is_whole: bool


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


class Sweep(SQLModel, table=True):
    """How far the search for vanished records of a stream is.

    Attributes:
        is_doubted: The search before found most of the stream gone, and was not believed.
    """

    __tablename__ = "sweep"
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    stream: str = Field(primary_key=True)
    bookmark: str
    begun_at: datetime = _moment()
    is_doubted: bool = False


class Malformed(SQLModel, table=True):
    """A row of a CRM that could not be read, and why; without its values."""

    __tablename__ = "malformed"
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    stream: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    reason: str
    seen_at: datetime = _moment()


class Account(SQLModel, table=True):
    """An organisation, as one CRM knows it."""

    __tablename__ = "account"
    __table_args__ = (Index("account_key", "connection_id", "external_id", unique=True),)
    id: int | None = _identity()
    connection_id: int = Field(foreign_key="connection.id", ondelete="CASCADE")
    external_id: str
    name: str
    domain: str | None = Field(default=None, index=True)
    is_deleted: bool
    merged_into: str | None = None
    modified_at: datetime = _moment()


class Person(SQLModel, table=True):
    """Somebody, once, whatever number of CRM records and addresses they have.

    Attributes:
        is_colleague: One of our own people: a user of a CRM, or at one of our domains.
        mailbox: shared, list or machine where an address is no person's; "" for a person.
    """

    __tablename__ = "person"
    id: int | None = _identity()
    name: str
    is_colleague: bool = Field(index=True)
    mailbox: str = Field(default="", index=True)


class Claim(SQLModel, table=True):
    """Something that people are known by, and who: an address, or a name at a company."""

    __tablename__ = "claim"
    key: str = Field(primary_key=True)
    person_id: int = Field(
        sa_type=BigInteger, foreign_key="person.id", ondelete="CASCADE", index=True
    )


class Profile(SQLModel, table=True):
    """A colleague, contact or lead record of one CRM.

    Attributes:
        addresses: A JSON list, the main one first.
        is_seen: False for a record that an activity names and the CRM has not shown yet.
        is_apart: An admin has said that it is nobody else.
        joined_because: What joined it to its person's other records.
        is_resolved: Whether `person_id` accounts for the record as it stands.
    """

    __tablename__ = "profile"
    __table_args__ = (
        Index("profile_account", "connection_id", "account_id"),
        _unresolved("profile_unresolved"),
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
    modified_at: datetime = _moment()
    person_id: int | None = Field(
        default=None, sa_type=BigInteger, foreign_key="person.id", index=True
    )
    is_apart: bool = False
    joined_because: str = ""
    is_resolved: bool = False


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
        _unresolved("activity_unresolved"),
        Index("activity_supersedes", "connection_id", "supersedes"),
    )
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    external_id: str = Field(primary_key=True)
    stream: str
    channel: str
    at: datetime = _moment()
    recipients: int
    duration_s: float
    happened: bool
    thread: str | None = None
    is_bulk: bool = False
    supersedes: str | None = None
    is_deleted: bool
    modified_at: datetime = _moment()
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
    created_at: datetime = _moment()
    closes_on: date | None = None
    contacts: list[list[Any]] = Field(sa_column=Column(Document, nullable=False))
    stages: list[list[str]] = Field(sa_column=Column(Document, nullable=False))
    is_deleted: bool
    merged_into: str | None = None
    modified_at: datetime = _moment()


class Interaction(SQLModel, table=True):
    """An activity as contact between two people; made by `resolve`, read by `score`.

    Attributes:
        at_s: Seconds since 1970, UTC.
        is_directed: `source` wrote to `target`; otherwise the order of the two means nothing.
    """

    __tablename__ = "interaction"
    __table_args__ = (
        ForeignKeyConstraint(
            ["connection_id", "activity_id"],
            ["activity.connection_id", "activity.external_id"],
            ondelete="CASCADE",
        ),
        Index("interaction_pair", "source", "target"),
    )
    connection_id: int = Field(primary_key=True)
    activity_id: str = Field(primary_key=True)
    source: int = Field(primary_key=True, sa_type=BigInteger)
    target: int = Field(primary_key=True, sa_type=BigInteger)
    at_s: int = Field(sa_type=BigInteger)
    channel: str
    recipients: int
    duration_s: float
    is_directed: bool


class Coverage(SQLModel, table=True):
    """What reaches us of one colleague in one channel; replaced with the snapshot.

    Attributes:
        contacts: Interactions in the last half year.
        state: captured, silent or unavailable.
    """

    __tablename__ = "coverage"
    person_id: int = Field(primary_key=True, sa_type=BigInteger)
    channel: str = Field(primary_key=True)
    contacts: int
    last_s: int | None = Field(default=None, sa_type=BigInteger)
    state: str


class Override(SQLModel, table=True):
    """What a person says a tie is worth, instead of what is computed; `a` < `b`."""

    __tablename__ = "override"
    a: int = Field(
        primary_key=True, sa_type=BigInteger, foreign_key="person.id", ondelete="CASCADE"
    )
    b: int = Field(
        primary_key=True, sa_type=BigInteger, foreign_key="person.id", ondelete="CASCADE"
    )
    points: int
    author: str
    reason: str
    set_at: datetime = _moment()
    expires_at: datetime = _moment()


class Weighting(SQLModel, table=True):
    """What an admin has said that the channels weigh; the one with the highest number is in force.

    Attributes:
        version: From 1 on; 0 stands for the default weights, before anybody said anything.
        preset: One of `engine.PRESETS`, or "own".
        channels: The weight of each of `engine.CHANNELS`, by name.
    """

    __tablename__ = "weighting"
    version: int = Field(primary_key=True)
    preset: str
    channels: dict[str, float] = Field(sa_column=Column(Document, nullable=False))
    author: str
    set_at: datetime = _moment()


class Snapshot(SQLModel, table=True):
    """The scores that are in force: one row, replaced together with the ties below.

    Attributes:
        weights: The version of the channels' weights.
        alive: The curve of `alive` that is in force, and how true it came: `engine.Fit` as JSON.
    """

    __tablename__ = "snapshot"
    id: int = Field(primary_key=True)
    as_of: datetime = _moment()
    scored_at: datetime = _moment()
    model: str
    weights: int
    ties: int
    alive: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    digest: str


class Tie(SQLModel, table=True):
    """The history of one pair, scored; `a` < `b`, `a_to_b` is what the first sent the second.

    Attributes:
        points: Strength as shown, 0 to 100; what a person said where there is an override.
        computed: The same as the model has it.
        points_then: The same on the day of the last contact.
        trend: Points gained in 30 days.
        depth: Points in the year before the last quarter, on average.
        doubts: Why confidence is not higher, one reason a line; "" if there is none.
        undirected: Contacts whose direction no CRM told.
        a_answers_h: Median hours until `a` answers; None where no thread shows a reply.
        b_answers_h: The same of `b`.
        rhythm_days: Usual days from one active day to the next; None after a single one.
    """

    __tablename__ = "tie"
    __table_args__ = (Index("tie_other", "b"), Index("tie_strength", "strength"))
    a: int = Field(primary_key=True, sa_type=BigInteger)
    b: int = Field(primary_key=True, sa_type=BigInteger)
    is_outward: bool
    strength: float
    points: int
    computed: int
    points_then: int
    trend: int
    depth: int
    band: str
    status: str
    alive: float
    importance: float
    risk: float
    confidence: float
    doubts: str
    a_to_b: int
    b_to_a: int
    undirected: int
    active_days: int
    first_s: int = Field(sa_type=BigInteger)
    last_s: int = Field(sa_type=BigInteger)
    rhythm_days: float | None
    a_answers_h: float | None
    b_answers_h: float | None
    is_dormant_strong: bool


class ScoreCard(SQLModel, table=True):
    """One person's scores, ready to be answered: a JSON document as the API describes it."""

    __tablename__ = "score_card"
    person_id: int = Field(primary_key=True, sa_type=BigInteger)
    body: str


class Recommendation(SQLModel, table=True):
    """What a rule advises a colleague to do about a contact."""

    __tablename__ = "recommendation"
    rule: str = Field(primary_key=True)
    colleague_id: int = Field(primary_key=True, sa_type=BigInteger)
    contact_id: int = Field(primary_key=True, sa_type=BigInteger, index=True)
    priority: float
    reason: str


class Owed(SQLModel, table=True):
    """The outbox: what a record's custom fields should hold, and what the CRM has confirmed.

    Attributes:
        wanted: Values by `Field.name`, as JSON; dates as ISO text.
        acknowledged: The same, as of the CRM's last positive answer; empty before the first.
        is_due: Whether the two differ.
        code: The CRM's code for its last refusal; "" if there was none since.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("outbox_due", "connection_id", "is_due"),)
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    target: str = Field(primary_key=True)
    external_id: str = Field(primary_key=True)
    wanted: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    acknowledged: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    is_due: bool
    attempts: int = 0
    next_try_at: datetime | None = _moment(nullable=True)
    code: str = ""
    reason: str = ""


class Run(SQLModel, table=True):
    """One execution of a stage.

    Attributes:
        status: running, ok, partial, paused or failed; `reason` says why it is not ok.
        counts: What it did, by name.
    """

    __tablename__ = "run"
    id: int | None = _identity()
    stage: str
    connection_id: int | None = Field(default=None, foreign_key="connection.id", ondelete="CASCADE")
    status: str
    reason: str = ""
    started_at: datetime = _moment()
    ended_at: datetime | None = _moment(nullable=True)
    counts: dict[str, int] = Field(sa_column=Column(Document, nullable=False))


class Lease(SQLModel, table=True):
    """The right to run alone.

    Attributes:
        fence: Grows with every new holder, so that a holder who overslept can be told.
    """

    __tablename__ = "lease"
    name: str = Field(primary_key=True)
    holder: str
    expires_at: datetime = _moment()
    fence: int
