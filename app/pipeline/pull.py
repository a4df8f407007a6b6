"""CRM -> store: read a page, keep it, move the bookmark, commit."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from app.pipeline.link import Link
from app.pipeline.watch import Progress, Watch, unwatched
from app.store import connections, records
from connectors import Stream


def pull(
    database: Engine, link: Link, *, now: Callable[[], datetime], watch: Watch = unwatched
) -> Counter[str]:
    """Read everything that is new or changed, and keep it.

    A page and its bookmark are committed together, so a crash repeats at most one page. The first
    pages of all streams are read before any is kept, so a missing permission leaves the store as
    it was.

    Returns:
        How many records were read and changed, how many rows could not be read, now or when they
        last changed, and how many calls it took.

    Raises:
        ConnectorError: What is kept by then stays, and the next pull goes on behind it.
    """
    connection_id, connector = link.connection_id, link.connector
    counts = Counter(read=0, changed=0, malformed=0)
    calls_before = connector.calls
    per_stream: Counter[Stream] = Counter()
    with Session(database) as session:
        pending = connections.bookmarks(session, connection_id, link.streams)
        while pending:
            pages = connector.read(pending)
            for page in pages:
                counts["read"] += len(page.records)
                counts["malformed"] += len(page.malformed)
                counts["changed"] += records.keep(session, connection_id, page.records)
                connections.quarantine(session, connection_id, page, seen_at=now())
                connections.advance(session, connection_id, page, read_at=now())
                session.commit()
                per_stream[page.stream] += len(page.records)
                done = per_stream[page.stream]
                watch(Progress("pull", page.stream.value, done, done if page.is_last else None))
            pending = {page.stream: page.bookmark for page in pages if not page.is_last}
        standing = connections.malformed(session, connection_id)
        counts["malformed"] = max(counts["malformed"], standing)
    counts["calls"] = connector.calls - calls_before
    return counts
