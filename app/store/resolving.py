"""Activities that are to be resolved, and what becomes of them: interactions of two people each."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, update
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.engine.weights import DAY_S
from app.store import tables, touched
from app.store.database import insert, slices


class Unresolved(NamedTuple):
    """An activity as the CRM recorded it, still without its interactions."""

    connection_id: int
    external_id: str
    channel: str
    at: datetime
    recipients: int
    duration_s: float
    counts: bool
    participants: list[list[str | None]]


def unresolved(session: Session, limit: int) -> list[Unresolved]:
    """Activities whose interactions do not account for the record as it stands."""
    activity, other = tables.Activity, aliased(tables.Activity)
    is_superseded = (
        exists()
        .where(
            col(other.connection_id) == col(activity.connection_id),
            col(other.supersedes) == col(activity.external_id),
            ~col(other.is_deleted),
        )
        .correlate(activity)
    )
    query = (
        select_columns(
            col(activity.connection_id),
            col(activity.external_id),
            col(activity.channel),
            col(activity.at),
            col(activity.recipients),
            col(activity.duration_s),
            and_(
                col(activity.happened),
                ~col(activity.is_bulk),
                ~col(activity.is_deleted),
                ~is_superseded,
            ),
            col(activity.participants),
        )
        .where(~col(activity.is_resolved))
        .order_by(col(activity.connection_id), col(activity.external_id))
        .limit(limit)
    )
    return [Unresolved._make(row) for row in session.connection().execute(query)]


def count_unresolved(session: Session) -> int:
    """How many activities there are whose interactions do not account for them."""
    activity = tables.Activity
    query = select(func.count()).select_from(activity).where(~col(activity.is_resolved))
    return session.exec(query).one()


def settle(session: Session, done: Sequence[Unresolved], rows: Sequence[Mapping[str, Any]]) -> None:
    """Replace the interactions of these activities, and count the activities as resolved."""
    activity, interaction = tables.Activity, tables.Interaction
    days = {(row["source"], row["target"], row["at_s"] // DAY_S) for row in rows}
    by_connection: dict[int, list[str]] = {}
    for one in done:
        by_connection.setdefault(one.connection_id, []).append(one.external_id)
    connection = session.connection()
    for connection_id, ids in by_connection.items():
        for few in slices(ids):
            theirs = and_(
                col(interaction.connection_id) == connection_id,
                col(interaction.activity_id).in_(few),
            )
            old = select(interaction.source, interaction.target, interaction.at_s).where(theirs)
            days.update(
                (source, target, at_s // DAY_S) for source, target, at_s in session.exec(old)
            )
            connection.execute(delete(interaction).where(theirs))
            connection.execute(
                update(activity)
                .where(
                    col(activity.connection_id) == connection_id, col(activity.external_id).in_(few)
                )
                .values(is_resolved=True)
            )
    insert(session, interaction, rows)
    touched.note(session, days)


def reopen(session: Session, people: Collection[int]) -> None:
    """Have the activities of these people resolved again: somebody else stands behind a record."""
    activity, interaction = tables.Activity, tables.Interaction
    for person in sorted(people):
        theirs = select(interaction.activity_id).where(
            or_(col(interaction.source) == person, col(interaction.target) == person),
            interaction.connection_id == col(activity.connection_id),
        )
        session.connection().execute(
            update(activity)
            .where(col(activity.external_id).in_(theirs))
            .values(is_resolved=False)
            .execution_options(synchronize_session=False)
        )


class Lost(NamedTuple):
    """How many interactions would go, and how many pairs would have none left."""

    interactions: int
    ties: int


def lost(
    session: Session, people: Collection[int], *, colleague_id: int | None, is_whole: bool
) -> Lost:
    """Count what there would be less without some people.

    Args:
        session: Nothing is changed.
        people: Who would be left out.
        colleague_id: From whom alone they would be; None for everybody.
        is_whole: Whatever one of them took part in goes whole; then every interaction is looked at.
    """
    i = tables.Interaction
    gone: set[_Row] = set()
    for few in slices(sorted(people)):
        theirs = or_(col(i.source).in_(few), col(i.target).in_(few))
        gone.update(row for row in _rows(session, theirs) if _is_of_colleague(row, colleague_id))
    if not (is_whole and gone):  # with each of the two everything goes that they had
        return Lost(len(gone), len({row[:2] for row in gone}))
    whole, left = {row[2] for row in gone}, set()
    for row in _rows(session):
        if row[2] in whole and _is_of_colleague(row, colleague_id):
            gone.add(row)
        else:
            left.add(row[:2])
    return Lost(len(gone), len({row[:2] for row in gone} - left))


_Row = tuple[int, int, tuple[int, str]]
"""Two people, the one with the lower id first, and the activity in which they met."""


def _rows(session: Session, *which: ColumnElement[bool]) -> Iterator[_Row]:
    i = tables.Interaction
    query = select_columns(col(i.source), col(i.target), col(i.connection_id), col(i.activity_id))
    for a, b, connection_id, activity_id in session.connection().execute(query.where(*which)):
        yield min(a, b), max(a, b), (connection_id, activity_id)


def _is_of_colleague(row: _Row, colleague_id: int | None) -> bool:
    return colleague_id is None or colleague_id in row[:2]


def reopen_where(
    session: Session, is_concerned: Callable[[int, list[list[str | None]]], bool]
) -> None:
    """Have those activities resolved again whose connection and participants are told so.

    Looks at every activity there is: for what happens when an admin decides something.
    """
    activity = tables.Activity
    query = select_columns(
        col(activity.connection_id), col(activity.external_id), col(activity.participants)
    ).where(col(activity.is_resolved))
    found: dict[int, list[str]] = {}
    for connection_id, external_id, participants in session.connection().execute(query):
        if is_concerned(connection_id, participants):
            found.setdefault(connection_id, []).append(external_id)
    for connection_id, ids in found.items():
        for few in slices(ids):
            session.connection().execute(
                update(activity)
                .where(
                    col(activity.connection_id) == connection_id,
                    col(activity.external_id).in_(few),
                )
                .values(is_resolved=False)
                .execution_options(synchronize_session=False)
            )
