"""On which days pairs' interactions changed, as it happened: what is to be scored again.

Noted in the transaction that changes them. Every process that keeps scores running remembers how
far it has read; who has fallen behind what is kept begins anew, which is right always.
"""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from app.engine.held import EVERY_DAY
from app.store import tables
from app.store.database import insert

Pair = tuple[int, int]

PairDay = tuple[int, int, int]
"""Two people, and a day since 1970 (UTC) or `EVERY_DAY`."""

KEPT = 100_000
"""So many of the last notes are kept."""

EVERYTHING = 0
"""Stands for everybody: no person has this number."""


class Touched(NamedTuple):
    """What was touched since some note.

    Attributes:
        days: Sorted, (a, b, day) with a < b; None if it cannot be told, or if it is everything.
        last: The number of the last note.
    """

    days: list[PairDay] | None
    last: int


def note(session: Session, days: Iterable[PairDay]) -> None:
    """Note on which days whose interactions are others now; nothing is committed."""
    those = sorted({(min(a, b), max(a, b), day) for a, b, day in days})
    insert(session, tables.Touched, [{"a": a, "b": b, "day": day} for a, b, day in those])


def note_pairs(session: Session, pairs: Iterable[Pair]) -> None:
    """Note whose interactions of any day may be others now."""
    note(session, ((a, b, EVERY_DAY) for a, b in pairs))


def note_everything(session: Session) -> None:
    """Note that interactions went or came in such numbers that nobody has told whose.

    Day cells are to be made anew then: a scoring that is under way does not keep its own.
    """
    session.connection().execute(delete(tables.Gathered))
    note(session, [(EVERYTHING, EVERYTHING, EVERY_DAY)])


def last(session: Session) -> int:
    """The number of the last note, 0 before the first."""
    return session.exec(select(func.max(tables.Touched.seq))).one() or 0


def since(session: Session, seq: int) -> Touched:
    """What was touched after the note of this number."""
    row = tables.Touched
    first, newest = session.exec(select(func.min(row.seq), func.max(row.seq))).one()
    if newest is None or first is None:
        return Touched([] if seq == 0 else None, 0)
    if newest < seq or first > seq + 1:
        return Touched(None, newest)
    query = select(row.a, row.b, row.day).where(col(row.seq) > seq).distinct()
    days = sorted((a, b, day) for a, b, day in session.exec(query))
    is_told = (EVERYTHING, EVERYTHING, EVERY_DAY) not in days
    return Touched(days if is_told else None, newest)


def trim(session: Session) -> None:
    """Forget the oldest notes."""
    row = tables.Touched
    limit = last(session) - KEPT
    session.connection().execute(delete(row).where(col(row.seq) <= limit))
