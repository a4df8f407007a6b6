"""How far a connection is read: bookmarks, rows that cannot be read, and what is not shown."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from app.store import tables
from app.store.database import slices, upsert
from connectors import START, Bookmark, Page, Stream


def bookmarks(
    session: Session, connection_id: int, streams: Sequence[Stream]
) -> dict[Stream, Bookmark]:
    """How far each stream is read; `START` for one that never was."""
    known = {row.stream: row.bookmark for row in progress(session, connection_id)}
    return {stream: Bookmark(known.get(stream, START)) for stream in streams}


def progress(session: Session, connection_id: int) -> Sequence[tables.StreamBookmark]:
    """How far each stream is read and when that was, by stream."""
    return session.exec(
        select(tables.StreamBookmark)
        .where(tables.StreamBookmark.connection_id == connection_id)
        .order_by(tables.StreamBookmark.stream)
    ).all()


def advance(session: Session, connection_id: int, page: Page, *, read_at: datetime) -> None:
    """Move a stream's bookmark behind a page; belongs in the page's own transaction."""
    key = (connection_id, page.stream.value)
    before = session.get(tables.StreamBookmark, key, populate_existing=True)
    goes_on = before is not None and not before.is_caught_up
    row = {
        "connection_id": connection_id,
        "stream": page.stream.value,
        "bookmark": page.bookmark,
        "is_caught_up": page.is_last,
        "done": len(page.records) + (before.done if before and goes_on else 0),
        "left": 0 if page.is_last else page.left,
        "begun_at": before.begun_at if before and goes_on else read_at,
        "read_at": read_at,
    }
    upsert(session, tables.StreamBookmark, [row], compared=("bookmark", "is_caught_up", "read_at"))


def is_complete(session: Session, connection_id: int, streams: Sequence[Stream]) -> bool:
    """Whether every stream has been read to its end, so that scores follow from all there is."""
    read = {row.stream for row in progress(session, connection_id) if row.is_caught_up}
    return read >= {stream.value for stream in streams}


def known(session: Session, connection_id: int) -> set[Stream]:
    """The streams that have been read to their end; what was refused as a whole has none."""
    refused = {gap.stream for gap in gaps(session, connection_id) if gap.is_whole}
    read = {row.stream for row in progress(session, connection_id) if row.is_caught_up}
    return {Stream(stream) for stream in read - refused}


def quarantine(session: Session, connection_id: int, page: Page, *, seen_at: datetime) -> None:
    """Keep what of a page could not be read, by id, and let go of what now could be."""
    key = {"connection_id": connection_id, "stream": page.stream.value}
    rows = {
        (m.id or f"without id: {m.reason}"): {
            **key,
            "external_id": m.id or f"without id: {m.reason}",
            "reason": m.reason,
            "seen_at": seen_at,
        }
        for m in page.malformed
    }
    upsert(session, tables.Malformed, list(rows.values()), compared=("reason", "seen_at"))
    if malformed(session, connection_id) > len(rows):
        row = tables.Malformed
        for few in slices(sorted(record.id for record in page.records)):
            session.connection().execute(
                delete(row).where(
                    col(row.connection_id) == connection_id,
                    col(row.stream) == page.stream.value,
                    col(row.external_id).in_(few),
                )
            )


def malformed(session: Session, connection_id: int) -> int:
    """How many rows of a connection cannot be read as they stand."""
    row = tables.Malformed
    query = select(func.count()).select_from(row).where(row.connection_id == connection_id)
    return session.exec(query).one()


def start_over(session: Session) -> None:
    """Have every connection read from its beginning; scores wait until that is done."""
    row = tables.StreamBookmark
    session.connection().execute(update(row).values(bookmark=START, is_caught_up=False))
    session.expire_all()


def forgive(session: Session, connection_id: int) -> None:
    """Forget which rows could not be read; those that still cannot are told when they change."""
    row = tables.Malformed
    session.connection().execute(delete(row).where(col(row.connection_id) == connection_id))


def note_gaps(session: Session, connection_id: int, page: Page) -> None:
    """Keep what of a page's stream we are not shown, instead of what was known before."""
    gap = tables.Gap
    key = {"connection_id": connection_id, "stream": page.stream.value}
    rows = [
        {**key, "what": one.what, "reason": one.reason, "is_whole": one.is_whole}
        for one in page.gaps
    ]
    session.connection().execute(
        delete(gap).where(
            col(gap.connection_id) == connection_id,
            col(gap.stream) == page.stream.value,
            col(gap.what).not_in([one.what for one in page.gaps]),
        )
    )
    upsert(session, gap, rows, compared=("reason", "is_whole"))


def gaps(session: Session, connection_id: int | None = None) -> Sequence[tables.Gap]:
    """What we are not shown, by connection, stream and name."""
    gap = tables.Gap
    query = select(gap).order_by(col(gap.connection_id), col(gap.stream), col(gap.what))
    if connection_id is not None:
        query = query.where(gap.connection_id == connection_id)
    return session.exec(query).all()
