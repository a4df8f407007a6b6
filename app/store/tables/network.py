"""Everybody's place in the network: found once a day, replaced whole."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel

from app.store.tables._columns import Document, moment


class Network(SQLModel, table=True):
    """The day's network: one row, replaced together with the tables below.

    Attributes:
        as_of: The end of the day that its scores were measured at.
        people: Who has a firm tie.
        ties: Firm ties.
        correlation: Spearman's, of strength and overlap; None where it is not defined.
        is_sound: Whether ties may be called bridges; `reason` says why.
        strong: Strong ties among the firm ones, `strong_bridges` of which are bridges, where
            `expected_bridges` would be if strength had nothing to do with it.
        sources: From how many people betweenness was followed; all, if `error` is 0.
        focus_share: The share of our contacts that went to the portfolio; None without contacts.
        covered: Communities that the portfolio reaches.
        edges: How many edges are known by each kind of evidence, and their mean confidence.
    """

    __tablename__ = "network"
    id: int = Field(primary_key=True)
    as_of: datetime = moment()
    found_at: datetime = moment()
    people: int
    ties: int
    correlation: float | None = None
    is_sound: bool
    reason: str
    strong: int
    strong_bridges: int
    expected_bridges: float
    sources: int
    error: float
    focus_share: float | None = None
    covered: int
    edges: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))


class Community(SQLModel, table=True):
    """People who hang together; `number` is the same from day to day while most of them stay."""

    __tablename__ = "community"
    number: int = Field(primary_key=True)
    name: str
    people: int
    colleagues: int
    ties: int
    leaving: int


class Position(SQLModel, table=True):
    """The place of one person who has a firm tie.

    Attributes:
        degree: Firm ties.
        density: None below two ties.
        betweenness: Share of the shortest ways between others, 0 to 1.
        closeness: To their own community, in ties.
        inward: Share of their strength that stays in their community, 0 to 1.
        worlds: Communities they know somebody in, their own included.
        introductions: Made, as far as the records show; a part where others could have made it.
        influencer: awareness or conversion for members of the portfolio; "" for all others.
        bridge_to: What their bridges lead to, by name; "" without one.
    """

    __tablename__ = "position"
    person_id: int = Field(primary_key=True, sa_type=BigInteger)
    degree: int
    effective_size: float
    constraint: float
    density: float | None = None
    betweenness: float
    closeness: float
    inward: float
    participation: float
    worlds: int
    core: int
    community: int = Field(index=True)
    is_articulation: bool
    introductions: float
    influencer: str = ""
    bridge_to: str = ""


class Bridge(SQLModel, table=True):
    """A firm tie between two communities, of two people without an acquaintance in common.

    Attributes:
        span: Ties on the shortest way round; None where there is no other way.
        cut_off: People on the smaller side who would be cut off; 0 where there is another way.
    """

    __tablename__ = "bridge"
    __table_args__ = (Index("bridge_other", "b"),)
    a: int = Field(primary_key=True, sa_type=BigInteger)
    b: int = Field(primary_key=True, sa_type=BigInteger)
    place: int = Field(index=True)
    community_a: int
    community_b: int
    span: int | None = None
    cut_off: int
    points: int


class Influencer(SQLModel, table=True):
    """Somebody on one of the two lists, or a connector; whoever is in the portfolio is `chosen`.

    Attributes:
        kind: awareness, conversion, or connector, who may be on another list as well.
        place: From 1 on, in the own list.
    """

    __tablename__ = "influencer"
    kind: str = Field(primary_key=True)
    place: int = Field(primary_key=True)
    person_id: int = Field(sa_type=BigInteger, index=True)
    value: float
    community: int
    is_chosen: bool


class WeakTie(SQLModel, table=True):
    """A weak tie on a colleague's list of this week.

    Attributes:
        mutual: Acquaintances in common.
        accounts: A JSON list of names: where the colleague knows nobody else.
        communities: A JSON list of numbers: in which the colleague knows nobody else.
    """

    __tablename__ = "weak_tie"
    colleague_id: int = Field(primary_key=True, sa_type=BigInteger)
    place: int = Field(primary_key=True)
    contact_id: int = Field(sa_type=BigInteger, index=True)
    opportunity: float
    mutual: int
    accounts: list[str] = Field(sa_column=Column(Document, nullable=False))
    communities: list[int] = Field(sa_column=Column(Document, nullable=False))


class Link(SQLModel, table=True):
    """A colleague and somebody they are connected with on LinkedIn: they know each other."""

    __tablename__ = "link"
    __table_args__ = (Index("link_person", "person_id"),)
    colleague_id: int = Field(primary_key=True, sa_type=BigInteger)
    person_id: int = Field(primary_key=True, sa_type=BigInteger)
    since: date
