"""Which pairs' interactions changed, in the order in which it happened: what is to be scored again.

Noted in the transaction that changes them. Every process that keeps scores running remembers how
far it has read; who has fallen behind what is kept begins anew, which is right always.
"""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from app.store import tables
from app.store.database import insert

Pair = tuple[int, int]

KEPT = 100_000
"""So many of the last notes are kept."""

EVERYTHING = 0
"""Stands for everybody: no person has this number."""


class Touched(NamedTuple):
    """What was touched since some note.

    Attributes:
        pairs: Sorted, (a, b) with a < b; None if it cannot be told, or if it is everything.
        last: The number of the last note.
    """

    pairs: list[Pair] | None
    last: int


def note(session: Session, pairs: Iterable[Pair]) -> None:
    """Note whose interactions are others now; nothing is committed."""
    rows = [{"a": a, "b": b} for a, b in sorted({(min(pair), max(pair)) for pair in pairs})]
    insert(session, tables.Touched, rows)


def note_everything(session: Session) -> None:
    """Note that interactions went or came in such numbers that nobody has told whose."""
    insert(session, tables.Touched, [{"a": EVERYTHING, "b": EVERYTHING}])


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
    query = select(row.a, row.b).where(col(row.seq) > seq).distinct()
    pairs = sorted((a, b) for a, b in session.exec(query))
    is_told = (EVERYTHING, EVERYTHING) not in pairs
    return Touched(pairs if is_told else None, newest)


def trim(session: Session) -> None:
    """Forget the oldest notes."""
    row = tables.Touched
    limit = last(session) - KEPT
    session.connection().execute(delete(row).where(col(row.seq) <= limit))
