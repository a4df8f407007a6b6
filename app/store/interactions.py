"""Who met whom: activities to resolve, and the interactions made of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Select, and_, delete, exists, func, or_, update
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.engine import CHANNELS, Interactions, Threaded
from app.store import tables
from app.store.database import insert, slices
from app.store.people import departed

UNKNOWN_CHANNEL = -1
"""What the engine counts as "other", and tells to be unknown."""


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


class Met(NamedTuple):
    """One interaction, in the order of the engine's columns."""

    source: int
    target: int
    at_s: int
    channel: str
    recipients: int
    duration_s: float
    is_directed: bool


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
    by_connection: dict[int, list[str]] = {}
    for one in done:
        by_connection.setdefault(one.connection_id, []).append(one.external_id)
    connection = session.connection()
    for connection_id, ids in by_connection.items():
        for few in slices(ids):
            connection.execute(
                delete(interaction).where(
                    col(interaction.connection_id) == connection_id,
                    col(interaction.activity_id).in_(few),
                )
            )
            connection.execute(
                update(activity)
                .where(
                    col(activity.connection_id) == connection_id, col(activity.external_id).in_(few)
                )
                .values(is_resolved=True)
            )
    insert(session, interaction, rows)


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


def every(session: Session, *, until_s: int) -> Interactions:
    """All interactions up to a moment, in a stable order.

    People who are no more are left out: see `people.departed`.
    """
    i = tables.Interaction
    query = (
        _columns()
        .where(col(i.at_s) <= until_s)
        .order_by(col(i.connection_id), col(i.activity_id), col(i.source), col(i.target))
    )
    found = columns([Met._make(row) for row in session.connection().execute(query)])
    left = np.fromiter(sorted(departed(session)), dtype=np.int64)
    return found.where(~(np.isin(found.source, left) | np.isin(found.target, left)))


def threaded(session: Session, *, until_s: int) -> Threaded:
    """All directed messages up to a moment that are told to belong to a thread."""
    i, activity = tables.Interaction, tables.Activity
    query = (
        select_columns(
            col(i.connection_id), col(activity.thread), col(i.source), col(i.target), col(i.at_s)
        )
        .join(
            activity,
            (col(activity.connection_id) == col(i.connection_id))
            & (col(activity.external_id) == col(i.activity_id)),
        )
        .where(col(i.at_s) <= until_s, col(i.is_directed), col(activity.thread).is_not(None))
        .order_by(col(i.connection_id), col(i.activity_id), col(i.source), col(i.target))
    )
    number: dict[tuple[int, str | None], int] = {}
    rows = [
        (number.setdefault((connection, thread), len(number)), source, target, at_s)
        for connection, thread, source, target, at_s in session.connection().execute(query)
    ]
    found = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Threaded(*found.T)


def count_after(session: Session, moment_s: int) -> int:
    """How many interactions lie after a moment."""
    i = tables.Interaction
    query = select(func.count()).select_from(i).where(col(i.at_s) > moment_s)
    return session.exec(query).one()


def columns(met: Sequence[Met]) -> Interactions:
    """Turn interactions as they are stored into the engine's columns."""
    source, target, at_s, channel, recipients, duration_s, is_directed = (
        zip(*met, strict=True) if met else ((),) * len(Met._fields)
    )
    index = {name: number for number, name in enumerate(CHANNELS)}
    return Interactions(
        source=np.array(source, dtype=np.int64),
        target=np.array(target, dtype=np.int64),
        at_s=np.array(at_s, dtype=np.int64),
        channel=np.array([index.get(name, UNKNOWN_CHANNEL) for name in channel], dtype=np.int8),
        recipients=np.array(recipients, dtype=np.int32),
        duration_s=np.array(duration_s, dtype=np.float64),
        is_directed=np.array(is_directed, dtype=np.bool_),
    )


def _columns() -> Select[int, int, int, str, int, float, bool]:
    i = tables.Interaction
    return select_columns(
        col(i.source),
        col(i.target),
        col(i.at_s),
        col(i.channel),
        col(i.recipients),
        col(i.duration_s),
        col(i.is_directed),
    )
