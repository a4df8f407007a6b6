"""What it is worth: the snapshot in force, and what people say instead."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index
from sqlmodel import Field, SQLModel

from app.store.tables._columns import Document, identity, moment


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
    set_at: datetime = moment()
    expires_at: datetime = moment()


class Weighting(SQLModel, table=True):
    """What an admin has set of the model; the one with the highest version is in force.

    Attributes:
        version: From 1 on; 0 stands for the default weights, before anybody said anything.
        preset: One of `engine.PRESETS`, or "own".
        numbers: What each of `weights.NAMES` is.
    """

    __tablename__ = "weighting"
    version: int = Field(primary_key=True)
    preset: str
    numbers: dict[str, float] = Field(sa_column=Column(Document, nullable=False))
    author: str
    set_at: datetime = moment()


class Trial(SQLModel, table=True):
    """Weights that somebody tries before they are saved, and what came of it; names nobody.

    Attributes:
        version: Of the weights in force that they are compared with.
        preset: As in `Weighting`, as are `numbers`.
        status: asked, running, done or failed; `reason` says why it failed.
        done: Steps done of `steps`, while it runs.
        beat_at: When whoever works it out last said that they do.
        effect: What would change, as a JSON document; "" while it is not known.
        wants_back_test: Somebody asked for the back-test too.
        back_test: What it found, as a JSON document; "" while it is not known.
        report: The whole of it, as a page of HTML.
    """

    __tablename__ = "trial"
    id: int | None = identity()
    version: int
    preset: str
    numbers: dict[str, float] = Field(sa_column=Column(Document, nullable=False))
    author: str
    asked_at: datetime = moment()
    status: str
    reason: str = ""
    done: int = 0
    steps: int = 0
    beat_at: datetime = moment()
    effect: str = ""
    wants_back_test: bool = False
    back_test: str = ""
    report: str = ""


class Snapshot(SQLModel, table=True):
    """The scores that are in force: one row, kept together with the ties below.

    Attributes:
        seq: Grows by one whenever anything that is shown changes.
        weights: The version of what an admin has set.
        alive: The curve of `alive` that is in force, and how true it came: `engine.Fit` as JSON.
        digest: The sum of a hash of each row of the snapshot: equal where all that is shown is.
    """

    __tablename__ = "snapshot"
    id: int = Field(default=1, primary_key=True)
    seq: int = 0
    as_of: datetime = moment()
    scored_at: datetime = moment()
    model: str
    weights: int
    ties: int
    alive: dict[str, Any] = Field(sa_column=Column(Document, nullable=False))
    digest: str = ""


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
    """One person's scores, ready to be answered: a JSON document as the API describes it.

    Who acts on cards keeps the `Snapshot.seq` that they last looked at, and looks at those with a
    greater `changed_seq` only. A card names its day, so that every card changes once a day.

    Attributes:
        body: None of somebody who had ties and has none any more.
        changed_seq: The `Snapshot.seq` of the snapshot that changed the card last.
    """

    __tablename__ = "score_card"
    person_id: int = Field(primary_key=True, sa_type=BigInteger)
    body: str | None
    changed_seq: int = Field(index=True)


class Recommendation(SQLModel, table=True):
    """What a rule advises a colleague to do about a contact.

    Attributes:
        objective: What to be after; `second_objective` is what to settle for.
        due_on: Until when to do it.
        evidence: A JSON object: the numbers that the reason follows from.
        deal_id: What it is to help with, if it is one deal, of `deal_connection_id`.
    """

    __tablename__ = "recommendation"
    rule: str = Field(primary_key=True)
    colleague_id: int = Field(primary_key=True, sa_type=BigInteger)
    contact_id: int = Field(primary_key=True, sa_type=BigInteger, index=True)
    priority: float
    reason: str
    objective: str
    second_objective: str
    due_on: date
    evidence: dict[str, int] = Field(sa_column=Column(Document, nullable=False))
    deal_connection_id: int | None = None
    deal_id: str | None = None


class Advice(SQLModel, table=True):
    """What was advised, and until when the same is not to be advised again."""

    __tablename__ = "advice"
    rule: str = Field(primary_key=True)
    colleague_id: int = Field(
        primary_key=True, sa_type=BigInteger, foreign_key="person.id", ondelete="CASCADE"
    )
    contact_id: int = Field(
        primary_key=True,
        sa_type=BigInteger,
        foreign_key="person.id",
        ondelete="CASCADE",
        index=True,
    )
    given_at: datetime = moment()
    until: datetime = moment()
