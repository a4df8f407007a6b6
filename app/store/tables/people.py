"""What we made of it: who is who, and who met whom."""

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from app.store.tables._columns import identity


class Person(SQLModel, table=True):
    """Somebody, once, whatever number of CRM records and addresses they have.

    Attributes:
        is_colleague: One of our own people: a user of a CRM, or at one of our domains.
        mailbox: shared, list or machine where an address is no person's; "" for a person.
        left_out: person if an exclusion leaves them out, activity if with all that they took part
            in; "" for everybody else.
    """

    __tablename__ = "person"
    id: int | None = identity()
    name: str
    is_colleague: bool = Field(index=True)
    mailbox: str = Field(default="", index=True)
    left_out: str = ""


class Claim(SQLModel, table=True):
    """Something that people are known by, and who: an address, or a name at a company."""

    __tablename__ = "claim"
    key: str = Field(primary_key=True)
    person_id: int = Field(
        sa_type=BigInteger, foreign_key="person.id", ondelete="CASCADE", index=True
    )


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
        Index("interaction_pair", "source", "target", "at_s"),
        Index("interaction_at", "at_s"),
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


class Past(SQLModel, table=True):
    """What is left of interactions that are older than is kept: alike ones of a day, counted.

    Attributes:
        day: Since 1970, UTC.
        times: How many interactions there were.
    """

    __tablename__ = "past"
    __table_args__ = (Index("past_pair", "source", "target"), Index("past_target", "target"))
    connection_id: int = Field(primary_key=True, foreign_key="connection.id", ondelete="CASCADE")
    source: int = Field(primary_key=True, sa_type=BigInteger)
    target: int = Field(primary_key=True, sa_type=BigInteger)
    day: int = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    recipients: int = Field(primary_key=True)
    duration_s: float = Field(primary_key=True)
    is_directed: bool = Field(primary_key=True)
    times: int


class DayCell(SQLModel, table=True):
    """What passed between two people in a half of a day, one way and over one channel.

    See `engine.cells.Cells`, of which every column is one here.
    """

    __tablename__ = "day_cell"
    __table_args__ = (Index("day_cell_other", "b"),)
    a: int = Field(primary_key=True, sa_type=BigInteger)
    b: int = Field(primary_key=True, sa_type=BigInteger)
    half: int = Field(primary_key=True)
    way: int = Field(primary_key=True)
    channel: int = Field(primary_key=True)
    volume: float
    small_volume: float
    contacts: int
    small: int
    spoken: int
    first_s: int = Field(sa_type=BigInteger)
    last_s: int = Field(sa_type=BigInteger)
    lengthless: int
    nameless: int


class Gathered(SQLModel, table=True):
    """How far day cells account for what happened; no row where they are to be made anew.

    Attributes:
        id: 1.
        note: The last note of `Touched` that they account for.
        until_s: The moment by which what they tell had happened, seconds since 1970 (UTC).
    """

    __tablename__ = "gathered"
    id: int = Field(primary_key=True)
    note: int = Field(sa_type=BigInteger)
    until_s: int = Field(sa_type=BigInteger)


class Touched(SQLModel, table=True):
    """A pair whose interactions of a day changed; 0 and 0 where that is everybody's.

    Attributes:
        seq: Grows with every note, and never comes again.
        day: Since 1970, UTC; `engine.held.EVERY_DAY` for all of the pair's.
    """

    __tablename__ = "touched"
    __table_args__ = ({"sqlite_autoincrement": True},)
    seq: int | None = identity()
    a: int = Field(sa_type=BigInteger)
    b: int = Field(sa_type=BigInteger)
    day: int = Field(sa_type=BigInteger)
