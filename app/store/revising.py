"""What is known of fields is revised: lost in the CRM, wanted no more, found there, taken back."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlmodel import Session, col, select

from app.store import tables
from app.store.database import slices
from app.store.owed import Key, Values, pages, revise, rows_of


def doubt(session: Session, connection_id: int, fields: Mapping[str, Collection[str]]) -> None:
    """Know nothing any more of what these fields hold, by target: they were lost in the CRM."""
    for target, names in fields.items():

        def lost(row: tables.Owed, names: Collection[str] = names) -> None:
            row.acknowledged = _without(row.acknowledged, names)
            row.theirs = _without(row.theirs, names)

        for rows in pages(session, connection_id, target):
            revise(session, rows, lost)


def stop(session: Session, connection_id: int, fields: Mapping[str, Collection[str]]) -> None:
    """Want nothing any more of these fields, by target; a record that they held up goes on."""
    for target, names in fields.items():

        def left(row: tables.Owed, names: Collection[str] = names) -> None:
            if not row.wanted.keys().isdisjoint(names):
                row.wanted = _without(row.wanted, names)
                row.next_try_at, row.code, row.reason = None, "", ""

        for rows in pages(session, connection_id, target, only_due=True):
            revise(session, rows, left)


def learn(
    session: Session,
    connection_id: int,
    holds: Mapping[Key, Values],
    theirs: Mapping[Key, Values],
) -> None:
    """Note what records were found to hold: what we want already, and what people put there."""
    keys = sorted({*holds, *theirs})

    def found(row: tables.Owed) -> None:
        key = (row.target, row.external_id)
        row.acknowledged = {**row.acknowledged, **holds.get(key, {})}
        row.theirs = {**row.theirs, **theirs.get(key, {})}

    for target in sorted({target for target, _ in keys}):
        for few in slices([external_id for t, external_id in keys if t == target]):
            revise(session, rows_of(session, connection_id, target, few), found)


def take_back(
    session: Session,
    connection_id: int,
    undo_id: int,
    undone: Mapping[Key, Mapping[str, tuple[Any, Any]]],
) -> None:
    """Want former values again: of each field what was written, and what it is to hold instead.

    As long as the scores say what was written, it stays taken back.
    """

    def back(row: tables.Owed) -> None:
        fields = undone[row.target, row.external_id]
        row.wanted = {**row.wanted, **{name: before for name, (_, before) in fields.items()}}
        row.undone = {**row.undone, **{name: list(both) for name, both in fields.items()}}
        row.undo_id, row.next_try_at = undo_id, None

    for target in sorted({target for target, _ in undone}):
        for few in slices(sorted(external_id for t, external_id in undone if t == target)):
            revise(session, rows_of(session, connection_id, target, few), back)


def yielded(
    session: Session, connection_id: int, *, limit: int
) -> list[tuple[str, str, Values, Values]]:
    """Records with fields that are left to people: target, id, what is theirs, what we want."""
    owed = tables.Owed
    query = (
        select(owed.target, owed.external_id, owed.theirs, owed.wanted)
        .where(owed.connection_id == connection_id, col(owed.theirs) != {})
        .order_by(owed.target, owed.external_id)
        .limit(limit)
    )
    return [(target, one, dict(theirs), dict(w)) for target, one, theirs, w in session.exec(query)]


def reclaim(session: Session, connection_id: int, target: str, name: str) -> None:
    """Leave a field to people no more: its policy has changed."""

    def back(row: tables.Owed) -> None:
        row.theirs = _without(row.theirs, [name])

    for rows in pages(session, connection_id, target):
        revise(session, [row for row in rows if name in row.theirs], back)


def _without(values: Mapping[str, Any], names: Collection[str]) -> Values:
    return {name: value for name, value in values.items() if name not in names}
