"""Who is left out, and what was agreed about them."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from app.store.tables._columns import identity, moment


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
    """

    __tablename__ = "privacy"
    id: int = Field(default=1, primary_key=True)
    has_suggested: bool = False
