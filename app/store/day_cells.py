"""Day cells as they are stored: who starts reads them, and no activities.

They are brought up to date in the transaction of a scoring: what `touched` notes since the last
time, and what has happened since by the clock, is gathered again from the interactions of those
days of those pairs. Whoever reads them does the same for themself, and writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from sqlalchemy import delete, or_, tuple_, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from app.engine.cells import COLUMNS, Cells, Column, gather
from app.engine.held import EVERY_DAY, Days, Held
from app.store import interactions, people, tables, touched
from app.store.database import BATCH, insert, slices
from app.store.touched import PairDay

MIDNIGHT = 0
"""The second of the day at which is scored."""

MOST = 20_000
"""Days of pairs up to which it pays to look at them one by one."""

KINDS = {name: np.float64 if "volume" in name else np.int64 for name in COLUMNS} | {
    "way": np.int8,
    "channel": np.int8,
}


class Known(NamedTuple):
    """All day cells up to a moment, of whoever is no more too.

    Attributes:
        is_stored: They came from the store, but for some days; else every interaction was read.
    """

    cells: Cells
    until_s: int
    is_stored: bool


def known(session: Session, *, until_s: int) -> Known:
    """Read the day cells up to a moment, or up to the last scoring if that was later."""
    state = session.get(tables.Gathered, 1, populate_existing=True)
    until_s = max(until_s, state.until_s) if state else until_s
    days = _changed(session, state, until_s)
    if days is None:
        return Known(_gathered(session, until_s), until_s, is_stored=False)
    held = Held(_read(session))
    if days:
        held.replace(Days.of(days), of_days(session, days, until_s=until_s))
    return Known(held.every(), until_s, is_stored=True)


def of_days(session: Session, days: Sequence[PairDay], *, until_s: int) -> Cells:
    """What happened on some days by a moment, from their interactions."""
    return gather(interactions.of_days(session, days, until_s=until_s), cut_s=MIDNIGHT)


class Seen(NamedTuple):
    """Some days, sorted, and what happened on them by now."""

    days: Sequence[PairDay]
    cells: Cells


@dataclass
class Mark:
    """How far a process has taken in what happened.

    Attributes:
        note: The last note of `touched` that is accounted for.
        until_s: The moment up to which interactions are; 0 before the first.
        departed: People who were no more.
    """

    note: int = 0
    until_s: int = 0
    departed: set[int] = field(default_factory=set)

    def move(self, session: Session, until_s: int) -> list[PairDay] | None:
        """Go on to a moment.

        Returns:
            The days that are others than they were; None if it cannot be told, or of many.
        """
        found = touched.since(session, self.note)
        parted, since_s = people.departed(session) ^ self.departed, self.until_s
        self.note, self.until_s, self.departed = found.last, until_s, self.departed ^ parted
        if not since_s or found.days is None or until_s < since_s:
            return None
        days = {*found.days, *interactions.days_within(session, since_s, until_s)}
        days |= interactions.pairs_of(session, parted)
        return sorted(days) if len(days) <= MOST else None


def keep(
    session: Session, *, until_s: int, whole: Cells | None = None, seen: Seen | None = None
) -> None:
    """Bring what is stored up to date; nothing is committed.

    Args:
        session: Of a scoring.
        until_s: The moment of it.
        whole: All day cells, where they are known because they had to be gathered.
        seen: What is known already of the days that somebody else looked at.
    """
    state = session.get(tables.Gathered, 1, populate_existing=True)
    days = None if whole is not None else _changed(session, state, until_s)
    note = touched.last(session)
    if state is not None and days == [] and note == state.note:
        return
    if state is not None and not _claimed(session, note, until_s):
        return  # somebody noted that everything is others now: it will be gathered once more
    if days is None:
        session.connection().execute(delete(tables.DayCell))
        _write(session, _gathered(session, until_s) if whole is None else whole)
    elif days:
        _forget_days(session, days)
        is_seen = seen is not None and list(seen.days) == list(days)
        cells = seen.cells if seen and is_seen else of_days(session, days, until_s=until_s)
        _write(session, cells)
    if state is None:
        insert(session, tables.Gathered, [{"id": 1, "note": note, "until_s": until_s}])


def forget(session: Session, people: Sequence[int]) -> None:
    """Forget the day cells of some people."""
    row = tables.DayCell
    for few in slices(sorted(people)):
        theirs = or_(col(row.a).in_(few), col(row.b).in_(few))
        session.connection().execute(delete(row).where(theirs))


def _changed(
    session: Session, state: tables.Gathered | None, until_s: int
) -> Sequence[PairDay] | None:
    """The days that are others than they are stored; None if it cannot be told, or of many."""
    if state is None or until_s < state.until_s:
        return None
    found = touched.since(session, state.note)
    if found.days is None:
        return None
    days = {*found.days, *interactions.days_within(session, state.until_s, until_s)}
    return sorted(days) if len(days) <= MOST else None


def _claimed(session: Session, note: int, until_s: int) -> bool:
    """Say how far is accounted for; false where there is nobody to say it of any more."""
    row = tables.Gathered
    values = update(row).where(col(row.id) == 1).values(note=note, until_s=until_s)
    return bool(session.connection().execute(values).rowcount)


def _gathered(session: Session, until_s: int) -> Cells:
    return gather(interactions.whoevers(session, until_s=until_s), cut_s=MIDNIGHT)


def _forget_days(session: Session, days: Sequence[PairDay]) -> None:
    row = tables.DayCell
    whole = [(a, b) for a, b, day in days if day == EVERY_DAY]
    halves = [(a, b, 2 * day + late) for a, b, day in days if day != EVERY_DAY for late in (0, 1)]
    pair = tuple_(col(row.a), col(row.b))
    half = tuple_(col(row.a), col(row.b), col(row.half))
    those = [pair.in_(few) for few in slices(whole)] + [half.in_(few) for few in slices(halves)]
    for which in those:
        session.connection().execute(delete(row).where(which))


def _read(session: Session) -> Cells:
    row = tables.DayCell
    query = select_columns(*(getattr(row, name) for name in COLUMNS)).order_by(
        *map(col, (row.a, row.b, row.half, row.way, row.channel))
    )
    found = session.connection().execute(query).all()
    columns = zip(*found, strict=True) if found else ((),) * len(COLUMNS)
    read: dict[str, Column] = {
        name: np.array(column, dtype=KINDS[name])
        for name, column in zip(COLUMNS, columns, strict=True)
    }
    return Cells(MIDNIGHT, **read)


def _write(session: Session, cells: Cells) -> None:
    for start in range(0, len(cells), BATCH):
        part = cells.where(slice(start, start + BATCH))
        columns = (getattr(part, name).tolist() for name in COLUMNS)
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in zip(*columns, strict=True)]
        insert(session, tables.DayCell, rows)
