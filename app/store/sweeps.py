"""Looking at what is there: what of ours is not, and what of it we do not have.

A record can vanish without a word, and be shown to us without one, when somebody shares it. What
was taken for deleted because it was not there is noted as `Buried`, so that it comes back when it
is there again; what the CRM itself called deleted is not looked for.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Exists, delete, exists, func, insert, literal, or_, update
from sqlalchemy import select as select_
from sqlmodel import Session, col, select

from app.store import erasing, tables
from app.store.database import slices, upsert
from connectors import START, Bookmark, ExternalId, PersonKind, Presence, Stream

SETTLED = timedelta(days=1)
"""A record changed later than this before the search began may be there and not be shown yet."""

FEW_GONE, MOST_GONE, ALL_GONE = 100, 0.5, 3
"""More records than this, and more than this share of a stream, do not vanish unnoticed; nor does
a whole stream of more than so many records: an empty answer may be a permission that is lost."""

PARTS = "parts"
"""In the place of a stream: how far the look at what people took part in is, by person."""

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


def end(session: Session, connection_id: int, stream: Stream, *, at: datetime) -> None:
    """Note that a stream has been searched in this round."""
    found = session.get(tables.Sweep, (connection_id, stream.value), populate_existing=True)
    sweep = found or tables.Sweep(
        connection_id=connection_id, stream=stream.value, bookmark=START, begun_at=at
    )
    sweep.ended_at = at
    session.add(sweep)


def ended(session: Session, connection_id: int) -> set[Stream]:
    """The streams that have been searched in this round."""
    sweep = tables.Sweep
    query = select(sweep.stream).where(
        sweep.connection_id == connection_id, col(sweep.ended_at).is_not(None)
    )
    return {Stream(stream) for stream in session.exec(query)}


def end_round(session: Session, connection_id: int) -> None:
    """Let the next round search every stream; a doubt stays."""
    sweep = tables.Sweep
    mine = col(sweep.connection_id) == connection_id
    session.connection().execute(delete(sweep).where(mine, ~col(sweep.is_doubted)))
    session.connection().execute(update(sweep).where(mine).values(ended_at=None))
    session.expire_all()


def looked_at(session: Session, connection_id: int) -> str:
    """The last person of whom it was looked in this round what they took part in; "" for none."""
    found = session.get(tables.Sweep, (connection_id, PARTS), populate_existing=True)
    return found.bookmark if found else ""


def look_behind(session: Session, connection_id: int, person: str, *, at: datetime) -> None:
    """Note up to whom it was looked."""
    row = {
        "connection_id": connection_id,
        "stream": PARTS,
        "bookmark": person,
        "begun_at": at,
        "is_doubted": False,
    }
    upsert(session, tables.Sweep, [row], compared=("bookmark",))


def keep(session: Session, connection_id: int, stream: Stream, found: Presence) -> None:
    """Keep which records are there, and how far the search is."""
    key = {"connection_id": connection_id, "stream": stream.value}
    rows = [{**key, "external_id": one} for one in dict.fromkeys(found.ids)]
    upsert(session, tables.Present, rows, compared=())
    sweep = session.get_one(tables.Sweep, (connection_id, stream.value))
    sweep.bookmark = found.bookmark
    session.add(sweep)


def missing(
    session: Session, connection_id: int, stream: Stream, *, after: str = "", most: int
) -> Sequence[ExternalId]:
    """Records that are there and that we do not have, or buried: the next so many, by id."""
    present = tables.Present
    table, own = _tables(stream)
    held = exists().where(
        col(table.connection_id) == connection_id,
        col(table.external_id) == col(present.external_id),
        *own,
    )
    is_alive = held.where(~col(table.is_deleted))
    query = (
        select(present.external_id)
        .where(present.connection_id == connection_id, present.stream == stream.value)
        .where(col(present.external_id) > after)
        .where(
            or_(
                ~held.correlate(present),
                ~is_alive.correlate(present) & _is_buried(present, stream),
            )
        )
        .order_by(present.external_id)
        .limit(most)
    )
    return [ExternalId(one) for one in session.exec(query)]


def unearth(
    session: Session, connection_id: int, stream: Stream, ids: Sequence[ExternalId]
) -> None:
    """Note that the CRM told of these records: whether they are deleted is its word again."""
    buried = tables.Buried
    for few in slices(sorted(ids)):
        session.connection().execute(
            delete(buried).where(
                col(buried.connection_id) == connection_id,
                col(buried.stream) == stream.value,
                col(buried.external_id).in_(few),
            )
        )


def bury(session: Session, connection_id: int, stream: Stream) -> int:
    """End a search: what of ours was not found is deleted; gives how many records that are.

    That most of a stream is gone is believed only when the next search finds it too.
    """
    sweep = session.get_one(tables.Sweep, (connection_id, stream.value))
    ours, gone = _ours_and_gone(sweep, stream)
    if not sweep.is_doubted and _is_much(session, stream, ours, gone):
        again = tables.Sweep(**sweep.model_dump() | {"bookmark": START, "is_doubted": True})
        forget(session, connection_id, stream)
        session.add(again)
        return 0
    buried = _lay(session, connection_id, stream, gone)
    forget(session, connection_id, stream)
    return buried


def bury_these(
    session: Session, connection_id: int, stream: Stream, ids: Sequence[ExternalId]
) -> int:
    """Take records for deleted that the CRM, asked for them, did not know; gives how many were."""
    table, own = _tables(stream)
    buried = 0
    for few in slices(sorted(ids)):
        mine = (col(table.connection_id) == connection_id, col(table.external_id).in_(few))
        buried += _lay(session, connection_id, stream, (*mine, ~col(table.is_deleted), *own))
    return buried


Swept = type[tables.Account] | type[tables.Deal] | type[tables.Profile] | type[tables.Activity]


Which = Sequence[ColumnElement[bool]]


def _ours_and_gone(sweep: tables.Sweep, stream: Stream) -> tuple[Which, Which]:
    """What tells the records that a search could have found, and those that it did not find."""
    table, own = _tables(stream)
    there = exists().where(
        col(tables.Present.connection_id) == sweep.connection_id,
        col(tables.Present.stream) == stream.value,
        col(tables.Present.external_id) == col(table.external_id),
    )
    ours = (
        col(table.connection_id) == sweep.connection_id,
        ~col(table.is_deleted),
        col(table.modified_at) < sweep.begun_at - SETTLED,
        *own,
    )
    return ours, (*ours, ~there.correlate(table))


def _is_much(session: Session, stream: Stream, ours: Which, gone: Which) -> bool:
    """Whether more is gone than vanishes unnoticed."""
    table, _ = _tables(stream)
    kept, lost = (
        session.exec(select(func.count()).select_from(table).where(*which)).one()
        for which in (ours, gone)
    )
    return lost > max(FEW_GONE, kept * MOST_GONE) or lost == kept > ALL_GONE


def _lay(session: Session, connection_id: int, stream: Stream, which: Which) -> int:
    """Mark records as deleted, and leave nothing of the people among them; gives how many."""
    table, _ = _tables(stream)
    changes: dict[str, object] = {"is_deleted": True}
    if table in (tables.Profile, tables.Activity):
        changes["is_resolved"] = False
    _note(session, stream, table, which)
    if table is tables.Profile:
        lost = session.exec(select(tables.Profile.external_id).where(*which)).all()
        erasing.forget_addresses(session, connection_id, lost)
        erasing.forget_written(session, connection_id, lost)
        changes |= erasing.BLANK
    buried = session.connection().execute(
        update(table).where(*which).values(changes).execution_options(synchronize_session=False)
    )
    return buried.rowcount


def _note(session: Session, stream: Stream, table: Swept, which: Which) -> None:
    """Note which records are about to be buried."""
    names = ["connection_id", "stream", "external_id"]
    lost = select_(col(table.connection_id), literal(stream.value), col(table.external_id))
    known = _is_buried(table, stream)
    session.connection().execute(
        insert(tables.Buried).from_select(names, lost.where(*which, ~known))
    )


def _is_buried(of: Swept | type[tables.Present], stream: Stream) -> Exists:
    """Whether a row's record was buried."""
    buried = tables.Buried
    return (
        exists()
        .where(
            col(buried.connection_id) == col(of.connection_id),
            col(buried.stream) == stream.value,
            col(buried.external_id) == col(of.external_id),
        )
        .correlate(of)
    )


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
