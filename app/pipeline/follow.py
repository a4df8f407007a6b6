"""Hints -> store: read again what a CRM has announced, keep it, and take it off the queue."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from app.allowance import Purpose
from app.pipeline.keeping import keep
from app.pipeline.link import Link
from app.pipeline.watch import Interrupted, Progress, Watch, unwatched
from app.store import hints, reading, sweeps
from app.store.connections import Part
from app.store.hints import Claim, Superseded
from connectors import ExternalId, Misconfigured, Page, PermissionMissing, Stream


def follow(
    database: Engine,
    link: Link,
    claim: Claim,
    *,
    now: Callable[[], datetime],
    watch: Watch = unwatched,
) -> Counter[str]:
    """Read again the records that were announced, and keep them as `pull` does.

    No bookmark moves: what changed is read by `pull` all the same, and finds nothing new. What was
    read is kept, what the CRM no longer knows is buried, the claim is finished, and scoring is
    asked for in one transaction; so each happens once, or not at all.

    Returns:
        How many records were announced and read, how many of these were new or different, how many
        were gone, how many may not be read at all, and how many calls it took.

    Raises:
        ConnectorError: Nothing is kept; the claim stands.
        Interrupted: If others have taken the work over meanwhile; nothing is kept.
    """
    calls_before = link.connector.calls
    counts = Counter(hints=len(claim.hints), read=0, changed=0, gone=0)
    found = [
        _read(link, stream, [hint.id for hint in claim.hints if hint.stream is stream])
        for stream in sorted({hint.stream for hint in claim.hints})
    ]
    watch(Progress("follow", "records", len(claim.hints), len(claim.hints)))
    with Session(database) as session:
        link.hold(session, Part.READING)
        for read in found:
            counts.update(_keep(session, link.connection_id, read, at=now()))
        if counts["changed"] or counts["gone"]:
            hints.note_settling(session, link.connection_id, at=now())
        try:
            hints.finish(session, claim, at=now())
        except Superseded as error:
            raise Interrupted from error
        session.commit()
    counts["calls"] = link.connector.calls - calls_before
    return counts


@dataclass(frozen=True, slots=True)
class _Read:
    """What came of asking for some records of a stream; `pages` is None if we may not ask."""

    stream: Stream
    ids: Sequence[ExternalId]
    pages: Sequence[Page] | None

    @property
    def absent(self) -> list[ExternalId]:
        """What was asked for and did not come, not even as a row that cannot be read."""
        pages = self.pages or ()
        came = {one.id for page in pages for one in (*page.records, *page.malformed)}
        return [one for one in self.ids if one not in came]


def _read(link: Link, stream: Stream, ids: Sequence[ExternalId]) -> _Read:
    if stream not in link.streams:
        return _Read(stream, ids, None)
    try:
        with link.allowance.spent_on(Purpose.PUSHED):
            return _Read(stream, ids, link.connector.read_again(stream, ids))
    except (PermissionMissing, Misconfigured):
        return _Read(stream, ids, None)  # a gap, of which `pull` tells


def _keep(session: Session, connection_id: int, read: _Read, *, at: datetime) -> dict[str, int]:
    if read.pages is None:
        return {"dropped": len(read.ids)}
    counts: Counter[str] = Counter()
    for page in read.pages:
        counts["read"] += len(page.records)
        counts["changed"] += keep(session, connection_id, page).changed
        reading.quarantine(session, connection_id, page, seen_at=at)
        sweeps.unearth(session, connection_id, page.stream, [one.id for one in page.records])
    counts["gone"] = sweeps.bury_these(session, connection_id, read.stream, read.absent)
    return counts
