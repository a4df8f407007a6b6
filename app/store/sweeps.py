"""Looking for records that vanished without a word: what is there, and what of ours is not."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, func, update
from sqlmodel import Session, col, select

from app.store import erasing, tables
from app.store.database import slices, upsert
from connectors import START, Bookmark, ExternalId, PersonKind, Presence, Stream

SETTLED = timedelta(days=1)
"""A record changed later than this before the search began may be there and not be shown yet."""

FEW_GONE, MOST_GONE, ALL_GONE = 100, 0.5, 3
"""More records than this, and more than this share of a stream, do not vanish unnoticed; nor does
a whole stream of more than so many records: an empty answer may be a permission that is lost."""

_KINDS = {Stream.CONTACTS: PersonKind.CONTACT, Stream.LEADS: PersonKind.LEAD}


def place(session: Session, connection_id: int, stream: Stream, *, at: datetime) -> Bookmark:
    """How far the search is; begins one if there is none."""
    found = session.get(tables.Sweep, (connection_id, stream.value), populate_existing=True)
    if found is not None:
        return Bookmark(found.bookmark)
    session.add(
        tables.Sweep(connection_id=connection_id, stream=stream.value, bookmark=START, begun_at=at)
    )
    session.flush()
    return START


def keep(session: Session, connection_id: int, stream: Stream, found: Presence) -> None:
    """Keep which records are there, and how far the search is."""
    key = {"connection_id": connection_id, "stream": stream.value}
    rows = [{**key, "external_id": one} for one in dict.fromkeys(found.ids)]
    upsert(session, tables.Present, rows, compared=())
    sweep = session.get_one(tables.Sweep, (connection_id, stream.value))
    sweep.bookmark = found.bookmark
    session.add(sweep)


def bury(session: Session, connection_id: int, stream: Stream) -> int:
    """End a search: what of ours was not found is deleted; gives how many records that are.

    That most of a stream is gone is believed only when the next search finds it too.
    """
    sweep = session.get_one(tables.Sweep, (connection_id, stream.value))
    table, own = _tables(stream)
    there = (
        exists()
        .where(
            col(tables.Present.connection_id) == connection_id,
            col(tables.Present.stream) == stream.value,
            col(tables.Present.external_id) == col(table.external_id),
        )
        .correlate(table)
    )
    ours = (
        col(table.connection_id) == connection_id,
        ~col(table.is_deleted),
        col(table.modified_at) < sweep.begun_at - SETTLED,
        *own,
    )
    kept = session.exec(select(func.count()).select_from(table).where(*ours)).one()
    gone = session.exec(select(func.count()).select_from(table).where(*ours, ~there)).one()
    is_much = gone > max(FEW_GONE, kept * MOST_GONE) or gone == kept > ALL_GONE
    if is_much and not sweep.is_doubted:
        again = tables.Sweep(
            connection_id=connection_id,
            stream=stream.value,
            bookmark=START,
            begun_at=sweep.begun_at,
            is_doubted=True,
        )
        forget(session, connection_id, stream)
        session.add(again)
        return 0
    _lay(session, connection_id, table, (*ours, ~there))
    forget(session, connection_id, stream)
    return gone


def bury_these(
    session: Session, connection_id: int, stream: Stream, ids: Sequence[ExternalId]
) -> int:
    """Take records for deleted that the CRM, asked for them, did not know; gives how many were."""
    table, own = _tables(stream)
    buried = 0
    for few in slices(sorted(ids)):
        mine = (col(table.connection_id) == connection_id, col(table.external_id).in_(few))
        buried += _lay(session, connection_id, table, (*mine, ~col(table.is_deleted), *own))
    return buried


Swept = type[tables.Account] | type[tables.Deal] | type[tables.Profile] | type[tables.Activity]


def _lay(
    session: Session, connection_id: int, table: Swept, which: Sequence[ColumnElement[bool]]
) -> int:
    """Mark records as deleted, and leave nothing of the people among them; gives how many."""
    changes: dict[str, object] = {"is_deleted": True}
    if table in (tables.Profile, tables.Activity):
        changes["is_resolved"] = False
    if table is tables.Profile:
        lost = session.exec(select(tables.Profile.external_id).where(*which)).all()
        erasing.forget_addresses(session, connection_id, lost)
        changes |= erasing.BLANK
    buried = session.connection().execute(
        update(table).where(*which).values(changes).execution_options(synchronize_session=False)
    )
    return buried.rowcount


def _tables(stream: Stream) -> tuple[Swept, Sequence[ColumnElement[bool]]]:
    """Where the records of a stream are kept, and what tells them from others there."""
    if stream is Stream.ACCOUNTS:
        return tables.Account, ()
    if stream is Stream.DEALS:
        return tables.Deal, ()
    if stream in _KINDS:
        profile = tables.Profile
        kind = col(profile.kind) == _KINDS[stream].value
        return profile, (kind, col(profile.is_seen).is_(True))
    activity = tables.Activity
    return activity, (col(activity.stream) == stream.value,)


def forget(session: Session, connection_id: int, stream: Stream) -> None:
    """Forget what a search has found so far."""
    session.expire_all()
    for table in (tables.Present, tables.Sweep):
        session.connection().execute(
            delete(table).where(
                col(table.connection_id) == connection_id, col(table.stream) == stream.value
            )
        )
