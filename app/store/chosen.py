"""Which custom fields are written, to which fields of a CRM, and how they stand there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.store import tables

Name = tuple[str, str]
"""A custom field: kind of record and `Field.name`."""


def of(session: Session, connection_id: int) -> dict[Name, tables.ChosenField]:
    """What is said of the fields of a connection; of the others nothing is."""
    chosen = tables.ChosenField
    rows = session.exec(select(chosen).where(chosen.connection_id == connection_id))
    return {(row.target, row.name): row for row in rows}


def keep(session: Session, connection_id: int, name: Name, **said: Any) -> None:  # noqa: ANN401 - columns of any kind
    """Say something of a field; what is not mentioned stays as it is."""
    target, field = name
    row = session.get(tables.ChosenField, (connection_id, target, field))
    row = row or tables.ChosenField(connection_id=connection_id, target=target, name=field)
    for column, value in said.items():
        setattr(row, column, value)
    session.add(row)
    session.flush()


def move(session: Session, connection_id: int, name: Name, *, at: datetime) -> None:
    """Say that a field is written elsewhere from now on: how it stands there is not known."""
    keep(session, connection_id, name, mapped_at=at, state="", paused="", paused_at=None)


def note(
    session: Session,
    connection_id: int,
    states: Mapping[Name, tuple[str, str]],
    *,
    at: datetime,
) -> None:
    """Keep how fields stand in the CRM: state, and why they cannot be written; "" if they can."""
    known = of(session, connection_id)
    for name, (state, paused) in sorted(states.items()):
        row = known.get(name)
        if row is None or (row.state, row.paused) != (state, paused):
            since = row.paused_at if row and row.paused and paused else at
            paused_at = since if paused else None
            keep(session, connection_id, name, state=state, paused=paused, paused_at=paused_at)


def paused(session: Session, connection_id: int) -> Sequence[tables.ChosenField]:
    """The fields that are wanted and cannot be written."""
    chosen = tables.ChosenField
    query = select(chosen).where(
        chosen.connection_id == connection_id, chosen.paused != "", col(chosen.is_on)
    )
    return session.exec(query.order_by(chosen.target, chosen.name)).all()


def see(session: Session, connection_id: int, *, at: datetime | None) -> None:
    """Say when it was looked how the fields stand in the CRM; None if that may hold no more."""
    connection = tables.Connection
    session.connection().execute(
        update(connection).where(col(connection.id) == connection_id).values(fields_seen_at=at)
    )


def is_seen(session: Session, connection_id: int, *, since: datetime) -> bool:
    """Whether it has been looked since then how the fields stand, and holds as far as we know."""
    connection = tables.Connection
    query = select(connection.fields_seen_at).where(col(connection.id) == connection_id)
    at = session.exec(query).one_or_none()
    return at is not None and at > since


def forgive(session: Session, connection_id: int) -> None:
    """Look at paused fields as if for the first time: what is missing is created again."""
    chosen = tables.ChosenField
    session.connection().execute(
        update(chosen)
        .where(col(chosen.connection_id) == connection_id, col(chosen.paused) != "")
        .values(paused="", paused_at=None, state="")
    )
    see(session, connection_id, at=None)
