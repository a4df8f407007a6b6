"""What the CRMs announce, done: read again, settled, scored, written back, within seconds.

A worker is a thread beside the schedule, or a process of its own; there may be any number. They
take turns with each other and with scheduled runs by the one lease, which each holds for a moment
only, because two that read and write the same records would undo each other's work. Within its
turn a worker takes claims (`store.hints`), each of one connection, as long as there are any and
for at most so long; then what came of all of them is settled at once.
"""

import contextlib
import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from app import pipeline
from app.lease import Lease
from app.pipeline import INTERRUPTED, Interrupted, Link, Memory, Progress, Report, Stages
from app.schedule import OpenLinks
from app.store import connections, hints, lookups, tallies
from app.store.hints import Claim, Work

logger = logging.getLogger("tieline.worker")

LOOK_EVERY_S = 0.25
"""How often a worker looks whether there is something to do."""

LEASE_FOR = timedelta(seconds=30)
"""How long everybody waits for a worker that was killed; for what it had claimed, twice as long.

One that is told to end, or finds the database busy, gives both back at once.
"""

TURN = timedelta(seconds=5)
"""How long a worker reads before what it has read is settled."""

OPEN_FOR = timedelta(minutes=10)
"""How long connections stay open: signing in costs a call."""

RUNS_KEPT = timedelta(days=2)
SETTLING = ("resolve", "score", "write back")
LONGEST_WAIT, MOST_ATTEMPTS = timedelta(hours=1), 10
MOST_DOUBLINGS = 12
"""Behind so many attempts each wait is the longest."""


@dataclass(slots=True)
class _Opened:
    """Connections that are open, and what they were opened by."""

    links: list[Link]
    stamp: object
    until: datetime


class Worker:
    """Does what has been announced, whenever something has.

    Args:
        database: The store.
        open_links: Opens every working connection, and closes them afterwards.
        now: Gives the time (aware, UTC).
        lease_for: How long a lease lasts without a heartbeat, and a claim twice as long.
        memory: Of this process; shared with whoever else in it scores.
    """

    def __init__(
        self,
        database: Engine,
        open_links: OpenLinks,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        lease_for: timedelta = LEASE_FOR,
        memory: Memory | None = None,
    ) -> None:
        self._database = database
        self._memory = memory or Memory()
        self._open_links = open_links
        self._now = now
        self._lease_for = lease_for
        self._after = 0
        self._unfinished: list[Claim] = []
        self._open = contextlib.ExitStack()
        self._opened: _Opened | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.work, name="worker", daemon=True)

    def start(self) -> None:
        """Begin, in a thread."""
        self._thread.start()

    def end(self) -> None:
        """End soon: what is being done stops behind its call."""
        self._stopping.set()

    def stop(self, *, timeout_s: float = 20.0) -> None:
        """End, and wait so long for what is being done to stop."""
        self.end()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def work(self) -> None:
        """Do whatever comes, until the end."""
        with self._open:
            while not self._stopping.wait(LOOK_EVERY_S):
                try:
                    self.step()
                except Interrupted:
                    logger.warning(INTERRUPTED)
                except OperationalError:
                    # Somebody else writes much, or the database is away: what is due stays so.
                    logger.warning("The database is busy: it is tried again.", exc_info=True)
                    self._stopping.wait(1)
                except Exception:  # the one place: whatever it is, the next must come
                    logger.exception("What was announced could not be done.")
                    self._stopping.wait(self._lease_for.total_seconds() / 10)

    def step(self) -> list[Report]:
        """Do what is due now, if nobody else is at it; gives how the stages ended.

        Raises:
            Interrupted: If the worker stops or the lease is lost before the end.
        """
        if self._unfinished:
            self._give_back()
        with Session(self._database) as session:
            if not hints.is_due(session, at=self._now()):
                return []
        lease = Lease(self._database, lasts=self._lease_for, now=self._now, is_brief=True)
        with lease.held() as is_ours:
            return self._turn(lease) if is_ours else []

    def close(self) -> None:
        """Close the connections that are open."""
        self._open.close()
        self._opened = None

    def _turn(self, lease: Lease) -> list[Report]:
        """Read what was announced, of one connection after the other, and settle what came."""
        with Session(self._database) as session, session.begin():
            lookups.end_orphans(session, at=self._now(), reason=INTERRUPTED)

        def watch(_: Progress) -> None:
            lease.check()
            if self._stopping.is_set():
                raise Interrupted

        links = self._links()
        for link in links:
            link.allowance.guard = lease.check
        turn = _Turn(self._database, links, self._now, watch, self._memory)
        turn.claim_for = 2 * self._lease_for
        try:
            self._after = turn.read(after=self._after, until=self._now() + TURN)
            turn.poll()
            turn.settle()
        except (Interrupted, OperationalError):
            self._unfinished += turn.claims
            self._give_back()
            raise
        return turn.reports

    def _give_back(self) -> None:
        """Leave what is not finished to others at once; while the database is busy, it is kept."""
        with contextlib.suppress(OperationalError):
            with Session(self._database) as session, session.begin():
                hints.give_back(session, self._unfinished)
            self._unfinished = []

    def _links(self) -> list[Link]:
        """The connections, opened anew if an admin has changed something, and now and then."""
        with Session(self._database) as session:
            rows = connections.every(session)
            stamp = [
                (row.id, row.title, row.paused, row.allowance, _digest(row.credentials))
                for row in rows
            ]
        known = self._opened
        if known and known.stamp == stamp and self._now() < known.until:
            return known.links
        self.close()
        links = self._open.enter_context(self._open_links())
        self._opened = _Opened(links, stamp, self._now() + OPEN_FOR)
        return links


class _Turn:
    """What a worker does while it has the lease."""

    def __init__(
        self,
        database: Engine,
        links: Sequence[Link],
        now: Callable[[], datetime],
        watch: Callable[[Progress], None],
        memory: Memory,
    ) -> None:
        self._database = database
        self._memory = memory
        self.claim_for = 2 * LEASE_FOR
        self._links = {link.connection_id: link for link in links}
        self._now = now
        self._watch = watch
        self._stages = Stages(database, now, watch)
        self.reports: list[Report] = []
        self.claims: list[Claim] = []
        self._changed: list[Claim] = []

    def read(self, *, after: int, until: datetime) -> int:
        """Read what is due now, until a moment; gives the connection that had its turn last.

        What becomes due meanwhile has the next turn: else, where something always does, what has
        been read would wait until the moment.
        """
        due_at = self._now()
        while self._now() < until and (claim := self._claim(Work.RECORDS, after, due_at)):
            after = claim.connection_id
            if link := self._link(claim):
                report = self._stages.follow(link, claim)
                self.reports.append(report)
                if not report.is_done:
                    self._put_off(claim, report.reason, is_fault=report.status == "failed")
                elif report.counts.get("changed"):
                    self._changed.append(claim)
        return after

    def poll(self) -> None:
        """Read what changed, where it was not told which records did."""
        while claim := self._claim(Work.POLL):
            if link := self._link(claim):
                report = self._stages.pull(link)
                self.reports.append(report)
                if report.is_done:
                    self._finish(claim, has_more=True)
                else:
                    self._put_off(claim, report.reason, is_fault=report.status == "failed")

    def settle(self) -> None:
        """Resolve, score and write back, if something was read."""
        claims = []
        while claim := self._claim(Work.SETTLE):
            claims.append(claim)
        if not claims:
            return
        links = list(self._links.values())
        settled = pipeline.run(
            self._database,
            links,
            only=SETTLING,
            now=self._now,
            watch=self._watch,
            memory=self._memory,
        )
        self.reports += settled
        if all(report.is_done for report in settled):
            self._count_latencies()
        for claim in claims:
            self._finish(claim)
        with Session(self._database) as session, session.begin():
            stages, before = ("follow", *SETTLING[:2]), self._now() - RUNS_KEPT
            connections.forget_runs(session, stages, before=before)

    def _count_latencies(self) -> None:
        """Count how long ago what has just been written was announced, the oldest of each claim."""
        found = [
            (self._now() - claim.noted_at).total_seconds()
            for claim in self._changed
            for _ in claim.hints
        ]
        with Session(self._database) as session, session.begin():
            tallies.count_latencies(session, found)

    def _claim(self, work: Work, after: int = 0, due_at: datetime | None = None) -> Claim | None:
        now = self._now()
        at = due_at or now
        with Session(self._database) as session, session.begin():
            found = hints.claim(session, work, at=at, for_=now - at + self.claim_for, after=after)
        self.claims += [found] if found else []
        return found

    def _link(self, claim: Claim) -> Link | None:
        """The connection of a claim; None if it could not be opened, and then it waits."""
        link = self._links.get(claim.connection_id)
        if link is None:
            self._put_off(claim, "The connection is not open.")
        return link

    def _finish(self, claim: Claim, *, has_more: bool = False) -> None:
        with Session(self._database) as session, session.begin():
            if has_more:
                hints.note_settling(session, claim.connection_id, at=self._now())
            try:
                hints.finish(session, claim, at=self._now())
            except hints.Superseded as error:
                raise Interrupted from error

    def _put_off(self, claim: Claim, reason: str, *, is_fault: bool = False) -> None:
        """Let it wait longer each time; a fault of ours is left to the polls in the end.

        A CRM that is away is waited for however long it takes: no poll would tell what was deleted.
        """
        wait = min(timedelta(seconds=2 ** min(claim.attempts, MOST_DOUBLINGS)), LONGEST_WAIT)
        superseded = contextlib.suppress(hints.Superseded)  # others do it, and it is theirs
        with superseded, Session(self._database) as session, session.begin():
            if claim.attempts < MOST_ATTEMPTS or not is_fault:
                hints.put_off(session, claim, reason, until=self._now() + wait)
                return
            hints.finish(session, claim, at=self._now())
        logger.warning("What was announced is left to the polls.", extra={"reason": reason})


def _digest(sealed: bytes) -> str:
    return hashlib.sha256(sealed).hexdigest()
