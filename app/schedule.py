"""When the pipeline runs: every so many minutes, one replica at a time, and on request.

Quiet hours put off what the clock begins, and nothing else: what a run has begun it ends, and what
the CRMs announce or people ask for by hand is done.

APScheduler only says that a run is due; one thread of our own runs it. So nothing queues up behind
a long run, and the end of the process does not wait for a CRM that does not answer. Two replicas
are two schedules on one database: whoever holds the lease runs, the other one passes.
"""

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from app import pipeline
from app.errors import Conflict, Unreadable
from app.lease import LEASE, Lease
from app.pipeline import INTERRUPTED, Interrupted, Link, Memory, Progress, Report, Watch, unwatched
from app.quiet import Quiet, kept_hours
from app.store import asked, hooks, lookups, timetable

logger = logging.getLogger("tieline.schedule")

LEASE_FOR = timedelta(minutes=2)
"""How long a replica that was killed keeps the others from running."""

PATIENCE_S = 60.0
"""How long a run waits for whoever has the lease for a moment."""

OpenLinks = Callable[[], AbstractContextManager[list[Link]]]


def run_alone(  # noqa: PLR0913 - what differs between a schedule, a command and a test
    database: Engine,
    open_links: OpenLinks,
    *,
    only: Sequence[str] = pipeline.STAGES,
    find_resting: Callable[[], Collection[int]] = tuple,
    watch: Watch = unwatched,
    lease_for: timedelta = LEASE_FOR,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    memory: Memory | None = None,
) -> list[Report]:
    """Run the pipeline while nobody else does, in this process or another one.

    Args:
        database: In this version's shape.
        open_links: Opens the connections to read and write, and closes them afterwards.
        only: The stages to run.
        find_resting: Gives the connections that are not to be pulled.
        watch: Is told how far each stage is.
        lease_for: How long the lease lasts without a heartbeat.
        now: Gives the time (aware, UTC).
        memory: What this process remembers of its last scoring, if it scores often.

    Raises:
        Conflict: If somebody else is running.
        Interrupted: If the lease is lost before the end.
    """
    lease = Lease(database, lasts=lease_for, now=now)
    with lease.held(patience_s=PATIENCE_S) as is_ours:
        if not is_ours:
            raise Conflict(
                "A run is going on, or was killed less than two minutes ago: try again then."
            )
        with Session(database) as session, session.begin():
            # Whatever is still said to be running is not: we alone are.
            lookups.end_orphans(session, at=now(), reason=INTERRUPTED)

        def checked(progress: Progress) -> None:
            lease.check()
            watch(progress)

        with open_links() as links:
            for link in links:
                link.allowance.guard = lease.check
            resting = find_resting()
            return pipeline.run(
                database,
                links,
                only=only,
                resting=resting,
                now=now,
                watch=checked,
                memory=memory,
            )


def quiet_said(session: Session) -> Quiet | None:
    """The quiet hours that the store says; None for none, or if this machine cannot read them."""
    try:
        return kept_hours(timetable.quiet(session))
    except Unreadable as error:
        logger.warning("Quiet hours are passed over.", extra={"reason": str(error)})
        return None


class Ticks(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Every so often, but never in quiet hours: a tick that would be is at their end.

    Args:
        every: From one tick to the next.
        quiet: None for no quiet hours.
    """

    def __init__(self, every: timedelta, quiet: Quiet | None = None) -> None:
        self.every = every
        self.quiet = quiet

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Give the tick behind one, or behind now if there was none; those missed are skipped."""
        due = (previous_fire_time or now) + self.every
        if due < now:
            due = now - (now - due) % self.every + self.every
        return self.quiet.over(due) if self.quiet else due


class Schedule:
    """Runs the pipeline every so many minutes, and on request.

    Args:
        database: The store.
        open_links: Opens every working connection, and closes them afterwards.
        every_minutes: From one run to the next, unless the store says otherwise; the first begins
            at once.
        lease_for: How long a lease lasts without a heartbeat.
        now: Gives the time (aware, UTC).
        memory: Of this process; shared with whoever else in it scores.
    """

    def __init__(
        self,
        database: Engine,
        open_links: OpenLinks,
        *,
        every_minutes: int,
        lease_for: timedelta = LEASE_FOR,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        memory: Memory | None = None,
    ) -> None:
        self._database = database
        self._memory = memory or Memory()
        self._open_links = open_links
        self._lease_for = lease_for
        self._now = now
        self._usual_minutes = every_minutes
        self._every = timedelta(minutes=every_minutes)
        self._quiet: Quiet | None = None
        self._is_asked = False
        self._due = threading.Event()
        self._is_whole = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="pipeline", daemon=True)
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._scheduler.add_job(
            self._tick,
            Ticks(self._every),
            id="pipeline",
            next_run_time=datetime.now(UTC),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    @property
    def every(self) -> timedelta:
        """From one run to the next."""
        return self._every

    def start(self) -> None:
        """Begin; the first run is due at once."""
        self._thread.start()
        self._scheduler.start()

    def adopt(self) -> None:
        """Run when the store says from now on; other replicas look with their next tick."""
        with Session(self._database) as session:
            minutes = timetable.every_minutes(session) or self._usual_minutes
            said = timedelta(minutes=minutes), quiet_said(session)
        if said != (self._every, self._quiet):
            was_due = self.next_at
            self._every, self._quiet = said
            self._scheduler.reschedule_job("pipeline", trigger=Ticks(*said))
            self._bring_forward(was_due)

    def _bring_forward(self, was_due: datetime | None) -> None:
        """Have the next run when it was due, if that is sooner; else a change may cost a day."""
        if was_due and self.next_at and was_due < self.next_at:
            due = self._quiet.over(was_due) if self._quiet else was_due
            self._scheduler.modify_job("pipeline", next_run_time=due)

    def stop(self, *, timeout_s: float = 20.0) -> None:
        """End: a run that is going on stops behind its page, which is waited for so long."""
        self._stopping.set()
        self._due.set()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    @property
    def next_at(self) -> datetime | None:
        """When the next run is due; None once it has been stopped."""
        job = self._scheduler.get_job("pipeline")
        return job.next_run_time if job else None

    def run_now(self) -> None:
        """Have a run begin at once.

        Raises:
            Conflict: If one is going on, here or in another replica.
        """
        with Session(self._database) as session:
            if lookups.is_held_long(session, LEASE, at=self._now()):
                raise Conflict("A run is going on: wait for its end.")
        self._is_asked = True
        self._begin()

    def do_what_is_asked(self) -> None:
        """Have done at once what was asked for and is kept: plans, and runs taken back.

        While a run is going on here, behind it; while one is elsewhere, with the next.
        """
        self._due.set()

    def _tick(self) -> None:
        """Begin a run that is due by the clock, unless it is quiet meanwhile."""
        try:
            self.adopt()
        except SQLAlchemyError:
            logger.warning("The store did not say when to run: it stays as it is.")
        if self._quiet and self._quiet.holds(self._now()):  # as was said only just now
            end = self._quiet.over(self._now())
            self._scheduler.modify_job("pipeline", next_run_time=end)
        else:
            self._begin()

    def _begin(self) -> None:
        self._is_whole.set()
        self._due.set()

    def run(self, *, only: Sequence[str] = pipeline.STAGES) -> list[Report]:
        """Run the pipeline once, if nobody else is running it; empty if somebody is.

        Who was asked to pulls every connection, else those rest that tell what changes.

        Raises:
            Interrupted: If the service stops or the lease is lost before the end.
        """
        try:
            return run_alone(
                self._database,
                self._open_links,
                only=only,
                find_resting=self._resting,
                watch=self._watch,
                lease_for=self._lease_for,
                now=self._now,
                memory=self._memory,
            )
        except Conflict:
            logger.info("Another replica is running.")
            return []

    def _work(self) -> None:
        """Run whenever a run is due, until the end."""
        while self._due.wait() and not self._stopping.is_set():
            self._due.clear()
            only = pipeline.STAGES if self._is_whole.is_set() else (asked.ASKED,)
            self._is_whole.clear()
            try:
                reports = self.run(only=only)
            except Interrupted:
                logger.warning(INTERRUPTED)
            except Exception:  # the one place: whatever it is, the next run must come
                logger.exception("A run failed.")
            else:
                for report in reports:
                    _log(report)

    def _resting(self) -> Collection[int]:
        """The connections that need not be pulled now."""
        if self._is_asked:
            self._is_asked = False
            return ()
        with Session(self._database) as session:
            return hooks.resting(session, every=self._every, at=self._now())

    def _watch(self, _: Progress) -> None:
        """Stop a run between two pages."""
        if self._stopping.is_set():
            raise Interrupted


def _log(report: Report) -> None:
    level = logging.INFO if report.status == "ok" else logging.WARNING
    fields = {
        "stage": report.stage,
        "connection": report.title,
        "status": report.status,
        "reason": report.reason,
        "counts": report.counts,
    }
    logger.log(level, "A stage ended.", extra=fields)
