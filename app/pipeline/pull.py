"""CRM -> store: read a page, keep it, move the bookmark, commit."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session

from app.allowance import Purpose
from app.pipeline.keeping import keep
from app.pipeline.link import Link
from app.pipeline.watch import Progress, Watch, unwatched
from app.store import connections, missed, reading, retention, sweeps
from app.store.connections import Part
from connectors import (
    Connector,
    ExternalId,
    Misconfigured,
    Page,
    PermissionMissing,
    Stream,
    TryLater,
)

LOOK_EVERY = timedelta(minutes=5)
"""While some streams are read for the first time, the others are looked at again so often."""

ACTIVITIES = (Stream.EMAILS, Stream.MEETINGS, Stream.CALLS, Stream.MESSAGES, Stream.TASKS)

SWEEP_EVERY = timedelta(days=7)

PEOPLE_AT_ONCE = 250
"""Whose part in things is looked for at a time: some have thousands, all held in memory."""

MISSING_AT_ONCE = 2000
"""Records read by id before they are kept."""

LONGEST = timedelta(hours=2)
"""One CRM that is slow, or has much to be read, must not keep the others waiting."""


def pull(
    database: Engine, link: Link, *, now: Callable[[], datetime], watch: Watch = unwatched
) -> Counter[str]:
    """Read everything that is new or changed, and keep it.

    What changed comes first, then what is read for the first time, and once a week, records that
    vanished without a word, or were shown to us without one, are looked for. A page and its
    bookmark are committed together, so a crash repeats at most one page. The first pages are read
    before any is kept, so a CRM that refuses what cannot be done without leaves the store as it
    was.

    Returns:
        How many records were read and changed, how many of these came late (the CRM had not shown
        them when they were changed), how many rows could not be read, now or when they last
        changed, how many records had vanished, how many calls it took, and, if there are any, how
        many were there that we had missed, how many somebody who was away is part of again, and how
        many stood twice in a page.

    Raises:
        ConnectorError: What is kept by then stays, and the next pull goes on behind it.
    """
    counts = Counter(read=0, changed=0, late=0, malformed=0, vanished=0)
    calls_before = link.connector.calls
    with Session(database) as session:
        pulling = _Pulling(session, link, now, watch, counts, now())
        pulling.changes()
        pulling.returned()
        pulling.first_reading()
        pulling.sweep()
        pulling.returned()
        standing = reading.malformed(session, link.connection_id)
        counts["malformed"] = max(counts["malformed"], standing)
    counts["calls"] = link.connector.calls - calls_before
    return counts


@dataclass(slots=True)
class _Pulling:
    session: Session
    link: Link
    now: Callable[[], datetime]
    watch: Watch
    counts: Counter[str]
    begun_at: datetime
    seen: Counter[Stream] = field(default_factory=Counter)

    def changes(self) -> None:
        """Read what changed of the streams that have been read to their end once."""
        self._read(Purpose.CHANGES, self._known())

    def first_reading(self) -> None:
        """Read the other streams, looking at what changed of the first ones in between."""
        known = self._known()
        new: Sequence[Stream] = [s for s in self.link.streams if s not in known]
        looked_at = self.now()
        while new:
            new = self._read_once(Purpose.FIRST_READING, new)
            if new:
                self._check_time()
            if new and self.now() - looked_at >= LOOK_EVERY:
                self._read(Purpose.CHANGES, known)
                looked_at = self.now()

    def sweep(self) -> None:
        """Once a week, look for what vanished; what the allowance does not permit can wait.

        A round that was stopped goes on where it was: what it has searched, it does not again.
        """
        connection = connections.get(self.session, self.link.connection_id)
        if connection.swept_at is None:
            connection.swept_at = self.now()  # what was read for the first time is there
        elif self.now() - connection.swept_at >= SWEEP_EVERY:
            try:
                with self.link.allowance.spent_on(Purpose.SWEEPING):
                    done = sweeps.ended(self.session, self.link.connection_id)
                    for stream in (one for one in self.link.swept if one not in done):
                        self.counts["vanished"] += self._sweep(stream)
                    self._sweep_parts()
            except TryLater:
                return
            sweeps.end_round(self.session, self.link.connection_id)
            connections.get(self.session, self.link.connection_id).swept_at = self.now()
        self.session.commit()

    def returned(self) -> None:
        """Read again what people took part in who are there again.

        What that is, is noted before it is read, and taken off with each part that is kept.
        """
        session, connection_id = self.session, self.link.connection_id
        while people := missed.whose(session, connection_id, most=PEOPLE_AT_ONCE):
            with self.link.allowance.spent_on(Purpose.CHANGES):
                found = self.link.connector.taken_part(people)
            self.link.hold(session, Part.READING)
            missed.spread(session, connection_id, people, found)
            session.commit()
        while due := missed.due(session, connection_id, most=MISSING_AT_ONCE):
            for page in self._again(due[0].stream, [one.id for one in due]):
                self._keep_again(page, "rejoined")
            missed.done(session, connection_id, due)
            session.commit()
            self._check_time()

    def _again(self, stream: Stream, ids: Sequence[ExternalId]) -> Sequence[Page]:
        """Read records by id; of a stream that we may not read there is nothing."""
        if stream not in self.link.streams:
            return ()
        try:
            with self.link.allowance.spent_on(Purpose.CHANGES):
                return self.link.connector.read_again(stream, ids)
        except (PermissionMissing, Misconfigured):
            return ()

    def _known(self) -> Sequence[Stream]:
        """The streams that were read to their end once, and not for want of being shown any."""
        known = reading.known(self.session, self.link.connection_id)
        return [stream for stream in self.link.streams if stream in known]

    def _read(self, purpose: Purpose, streams: Sequence[Stream]) -> None:
        while streams:
            streams = self._read_once(purpose, streams)
            if streams:
                self._check_time()

    def _check_time(self) -> None:
        """Stop when it takes too long; all that was read is kept.

        Raises:
            TryLater: If so.
        """
        if self.now() - self.begun_at >= LONGEST:
            raise TryLater("There is more to read than a run has time for: the next run goes on.")

    def _read_once(self, purpose: Purpose, streams: Sequence[Stream]) -> Sequence[Stream]:
        """Read and keep a page of each stream; gives those that have more."""
        connector: Connector = self.link.connector
        pending = reading.bookmarks(self.session, self.link.connection_id, streams)
        with self.link.allowance.spent_on(purpose):
            pages = connector.read(pending)
        for page in pages:
            self._keep(page)
        return [page.stream for page in pages if not page.is_last]

    def _keep(self, page: Page) -> None:
        session, connection_id = self.session, self.link.connection_id
        self.link.hold(session, Part.READING)
        kept = keep(session, connection_id, page)
        reading.quarantine(session, connection_id, page, seen_at=self.now())
        reading.note_gaps(session, connection_id, page)
        reading.advance(session, connection_id, page, read_at=self.now())
        session.commit()
        self.counts["read"] += len(page.records)
        self.counts["changed"] += kept.changed
        self.counts["late"] += kept.late
        if kept.twice:
            self.counts["twice"] += kept.twice
        self.counts["malformed"] += len(page.malformed)
        self.seen[page.stream] += len(page.records)
        done, left = self.seen[page.stream], 0 if page.is_last else page.left
        total = None if left is None else done + left
        self.watch(Progress("pull", page.stream.value, done, total))

    def _sweep(self, stream: Stream) -> int:
        """Look which records of a stream are there; gives how many of ours are not.

        A stream that we may not look at has lost nothing.
        """
        session, connection_id, vanished = self.session, self.link.connection_id, 0
        try:
            self._look(stream)
            if not (stream in ACTIVITIES and self._is_forgetting()):
                self._read_missing(stream)
            vanished = sweeps.bury(session, connection_id, stream)
        except PermissionMissing:
            sweeps.forget(session, connection_id, stream)
        sweeps.end(session, connection_id, stream, at=self.now())
        session.commit()
        return vanished

    def _sweep_parts(self) -> None:
        """Look whether we know of all that people took part in: it may change without a word."""
        session, connection_id = self.session, self.link.connection_id
        after = sweeps.looked_at(session, connection_id)
        while people := missed.look_at(session, connection_id, after=after, most=PEOPLE_AT_ONCE):
            found = self.link.connector.taken_part(people)
            self.link.hold(session, Part.READING)
            missed.compare(session, connection_id, found)
            after = people[-1]
            sweeps.look_behind(session, connection_id, after, at=self.now())
            session.commit()
            self._check_time()

    def _is_forgetting(self) -> bool:
        """Whether old activities are not kept: those that we do not have are not missing then."""
        return retention.collapsed_until(self.session, self.link.connection_id) is not None

    def _look(self, stream: Stream) -> None:
        """Keep which records of a stream are there."""
        session, connection_id, is_last = self.session, self.link.connection_id, False
        while not is_last:
            place = sweeps.place(session, connection_id, stream, at=self.now())
            session.commit()
            found = self.link.connector.present(stream, place)
            self.link.hold(session, Part.READING)
            sweeps.keep(session, connection_id, stream, found)
            session.commit()
            self.watch(Progress("pull", f"{stream.value} that are gone", 0))
            is_last = found.is_last

    def _read_missing(self, stream: Stream) -> None:
        """Read by id what is there and we do not have: shared with us, or wrongly taken for gone.

        Raises:
            TryLater: If it takes too long; the next pull goes on.
        """
        session, connection_id, after = self.session, self.link.connection_id, ""
        while ids := sweeps.missing(
            session, connection_id, stream, after=after, most=MISSING_AT_ONCE
        ):
            for page in self.link.connector.read_again(stream, ids):
                self._keep_again(page, "missed")
            session.commit()
            self._check_time()
            after = ids[-1]

    def _keep_again(self, page: Page, counted: str) -> None:
        """Keep records that were read by id; their stream stays where it was."""
        session, connection_id = self.session, self.link.connection_id
        self.link.hold(session, Part.READING)
        kept = keep(session, connection_id, page)
        reading.quarantine(session, connection_id, page, seen_at=self.now())
        sweeps.unearth(session, connection_id, page.stream, [one.id for one in page.records])
        self.counts["read"] += len(page.records)
        self.counts["changed"] += kept.changed
        if kept.changed:
            self.counts[counted] += kept.changed
