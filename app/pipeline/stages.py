"""The stages of a run: each does its work, and leaves a `Run` that says how it ended."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from app.errors import NotFound
from app.pipeline import notify, planning
from app.pipeline.follow import follow
from app.pipeline.link import Link
from app.pipeline.memory import Memory
from app.pipeline.network import network
from app.pipeline.pull import pull
from app.pipeline.resolve import resolve
from app.pipeline.score import score
from app.pipeline.undoing import undo
from app.pipeline.watch import Interrupted, Watch
from app.pipeline.write_back import write_back
from app.store import asked, chosen, connections, hints, hooks, reading, tallies
from app.store.connections import Part
from app.store.hints import Claim
from connectors import ConnectorError, NeedsAttention, TryLater

FAULT = "Stopped by a fault of Tieline: see the log."
REMOVED = "The connection has been removed."
INTERRUPTED = "Interrupted: the service stopped while it ran. The next run goes on from there."


@dataclass(frozen=True, slots=True)
class Report:
    """How one execution of a stage ended: ok, partial, paused or failed, and why."""

    stage: str
    title: str
    status: str
    reason: str
    counts: dict[str, int]
    seconds: float

    @property
    def is_done(self) -> bool:
        """Whether the stage did its work, though it may have left something out."""
        return self.status in ("ok", "partial")


logger = logging.getLogger("tieline.pipeline")

TROUBLE = ("failed", "paused")
"""How a run ends that is told of even if it only follows an announcement."""


class Stages:
    """The stages, each leaving its run in the store.

    Args:
        database: In this version's shape.
        now: Gives the time.
        watch: Is told how far each stage is.
        is_whole: They are a run of the schedule's or of somebody's, and all its stages are told as
            events; of those that follow an announcement, only what does not end well is.
        memory: What this process remembers of its last scoring, if it scores often.
    """

    def __init__(
        self,
        database: Engine,
        now: Callable[[], datetime],
        watch: Watch,
        *,
        is_whole: bool = False,
        memory: Memory | None = None,
    ) -> None:
        self._database = database
        self._now = now
        self._watch = watch
        self._is_whole = is_whole
        self._memory = memory or Memory()

    def rests(self, link: Link) -> bool:
        """Whether an admin has paused reading alone: what was read is scored and written on."""
        with Session(self._database) as session, suppress(NotFound):
            return bool(connections.get(session, link.connection_id).reading_paused)
        return False

    def pull(self, link: Link) -> Report:
        """Read what is new in one CRM, unless it asked us to wait."""
        work = _plain(partial(self._pulled, link))
        return self._off("pull", link) or self._recorded("pull", work, link)

    def resolve(self, at: datetime) -> Report:
        """Settle who is who and who met whom."""
        work = _plain(partial(resolve, self._database, at=at, watch=self._watch))
        return self._recorded("resolve", work)

    def follow(self, link: Link, claim: Claim) -> Report:
        """Read again what one CRM has announced, unless it asked us to wait."""
        watch = self._of(link)
        work = _plain(partial(follow, self._database, link, claim, now=self._now, watch=watch))
        return self._off("follow", link) or self._recorded("follow", work, link)

    def score(self, at: datetime, links: Sequence[Link]) -> Report:
        """Score what changed, if the CRMs have been read to their end once."""

        def work(_: int) -> Mapping[str, int]:
            with Session(self._database) as session:
                there = {connection.id for connection in connections.every(session)}
                for link in links:
                    if link.connection_id not in there:
                        continue
                    if not reading.is_complete(session, link.connection_id, link.streams):
                        raise TryLater(f"{link.title} is not read to its end yet: scores wait.")
            counts = score(self._database, at=at, watch=self._watch, memory=self._memory)
            return {**counts, **network(self._database, at=at, watch=self._watch)}

        return self._recorded("score", work)

    def write_back(self, link: Link) -> Report:
        """Write what changed to one CRM; a whole run looks at every record, whatever it was."""

        def work(run_id: int) -> Mapping[str, int]:
            with Session(self._database) as session:
                is_shadow = connections.get(session, link.connection_id).shadow_since is not None
            if is_shadow:
                return planning.keep(self._database, link, now=self._now)
            if self._is_whole:
                self._memory.looks.pop(link.connection_id, None)
            return write_back(
                self._database,
                link,
                run_id=run_id,
                now=self._now,
                watch=self._of(link),
                looks=self._memory.looks,
            )

        off = self._off("write back", link, Part.WRITING)
        return off or self._recorded("write back", work, link)

    def _pulled(self, link: Link) -> Mapping[str, int]:
        """Pull, and note whether what the CRM tells by itself had left something out."""
        with Session(self._database) as session:
            is_known = reading.is_complete(session, link.connection_id, link.streams)
            is_waiting = hints.waiting(session, link.connection_id)[0] > 0
        counts = pull(self._database, link, now=self._now, watch=self._of(link))
        if is_known and not is_waiting:
            has_missed = counts["changed"] > 0
            with Session(self._database) as session, session.begin():
                hooks.note_poll(session, link.connection_id, has_missed=has_missed, at=self._now())
        return counts

    def asked(self, link: Link) -> list[Report]:
        """Do what somebody asked for about one CRM: plan a write-back, take a run back."""
        with Session(self._database) as session:
            waiting = [(run.id or 0, run.stage) for run in asked.of(session, link.connection_id)]
            if not waiting or self._why_off(session, link.connection_id):
                return []
        self._memory.looks.pop(link.connection_id, None)

        def work(run_id: int, stage: str) -> Mapping[str, int]:
            if stage == asked.UNDO:
                return undo(
                    self._database, link, run_id=run_id, now=self._now, watch=self._of(link)
                )
            return planning.keep(self._database, link, now=self._now)

        return [
            self._recorded(stage, partial(work, stage=stage), link, run_id=run_id)
            for run_id, stage in waiting
        ]

    def _off(self, stage: str, link: Link, part: Part = Part.READING) -> Report | None:
        """Say that a CRM is left alone, for now or for good; no run is made of it."""
        with Session(self._database) as session:
            reason = self._why_off(session, link.connection_id, part)
        return Report(stage, link.title, "paused", reason, {}, 0.0) if reason else None

    def _why_off(self, session: Session, connection_id: int, part: Part | None = None) -> str:
        try:
            connection = connections.get(session, connection_id)
        except NotFound:
            return REMOVED
        resumes_at = connection.resumes_at
        paused = connection.paused
        if part is not None:
            alone = {
                Part.READING: connection.reading_paused,
                Part.WRITING: connection.writing_paused,
            }
            paused = paused or alone[part]
        if paused or resumes_at is None or resumes_at <= self._now():
            return paused
        return f"Its CRM asked us to wait: it goes on by itself at {resumes_at:%H:%M} UTC."

    def _of(self, link: Link) -> Watch:
        """Tell whose progress it is."""
        return lambda progress: self._watch(
            replace(progress, about=f"{link.title}: {progress.about}")
        )

    def _recorded(
        self,
        stage: str,
        work: Callable[[int], Mapping[str, int]],
        link: Link | None = None,
        *,
        run_id: int | None = None,
    ) -> Report:
        """Run a stage, and leave a run that says how it ended, whatever happens."""
        connection_id = link.connection_id if link else None
        with Session(self._database) as session, session.begin():
            if connection_id is not None:
                connections.hold(session, connection_id)
            if run_id is None:
                run_id = connections.begin_run(session, stage, connection_id, at=self._now())
            else:
                asked.start(session, run_id, at=self._now())
        begun = time.monotonic()
        status, reason, counts = "failed", INTERRUPTED, {}
        try:
            counts = dict(work(run_id))
            status, reason = _verdict(counts, self._left_out(stage, connection_id))
        except NeedsAttention as error:
            reason = str(error)
            self._pause(connection_id, reason)
        except ConnectorError as error:
            # What was asked for is asked for until it is done.
            status = asked.ASKED if stage in (asked.PLAN, asked.UNDO) else "paused"
            reason = str(error)
            self._wait(connection_id, getattr(error, "retry_after_s", None))
        except NotFound:  # an admin is quicker than we are
            status, reason = "paused", REMOVED
        except Interrupted:
            status = asked.ASKED if stage in (asked.PLAN, asked.UNDO) else "failed"
            raise
        except Exception as error:  # a fault with one CRM must not stop the others
            reason = FAULT
            if link is None or isinstance(error, SQLAlchemyError):
                raise
            logger.exception("A stage failed.", extra={"stage": stage, "connection": link.title})
        finally:
            seconds = time.monotonic() - begun
            self._end(notify.Ended(run_id, stage, connection_id, status, reason, seconds, counts))
        return Report(stage, link.title if link else "", status, reason, counts, seconds)

    def _end(self, run: notify.Ended) -> None:
        """Record how a run ended, and tell of it."""
        with Session(self._database) as session, session.begin():
            connections.end_run(
                session, run.run_id, run.status, run.counts, at=self._now(), reason=run.reason
            )
            if run.status == asked.ASKED:
                return
            tallies.count_run(session, run.stage, run.status, run.seconds, run.counts)
            if self._is_whole or run.status in TROUBLE:
                notify.ended(session, run, at=self._now())

    def _pause(self, connection_id: int | None, reason: str) -> None:
        """Leave a connection alone until a person has acted, if it is still there."""
        if connection_id is not None:
            with suppress(NotFound), Session(self._database) as session, session.begin():
                connections.get(session, connection_id).paused = reason
                notify.paused(session, connection_id, reason, at=self._now())

    def _wait(self, connection_id: int | None, retry_after_s: float | None) -> None:
        """Leave a connection alone for as long as its CRM asks."""
        if connection_id is not None and retry_after_s:
            with suppress(NotFound), Session(self._database) as session, session.begin():
                connection = connections.get(session, connection_id)
                connection.resumes_at = self._now() + timedelta(seconds=retry_after_s)

    def _left_out(self, stage: str, connection_id: int | None) -> list[str]:
        """What a pull could not see, and what a write-back could not write, for an admin."""
        if connection_id is None:
            return []
        with Session(self._database) as session:
            if stage == "pull":
                gaps = ", ".join(gap.what for gap in reading.gaps(session, connection_id))
                return [f"not shown to us: {gaps}"] if gaps else []
            paused = chosen.paused(session, connection_id) if stage == "write back" else ()
            named = [f"{row.target} {row.name}" for row in paused]
            more = [f"{len(named) - NAMED} more"] if len(named) > NAMED else []
            few = ", ".join(named[:NAMED] + more)
            return [f"fields not written: {few}"] if few else []


def _plain(work: Callable[[], Mapping[str, int]]) -> Callable[[int], Mapping[str, int]]:
    """Work that does not ask which run it is."""
    return lambda _: work()


NAMED = 5
"""How many fields a run names at most."""

LEFT_OUT = {
    "malformed": "malformed",
    "refused": "refused",
    "not tried": "not tried",
    "edited": "edited by people",
}
"""What a run says it left out, by what it counted."""


def _verdict(counts: dict[str, int], left_out: Sequence[str]) -> tuple[str, str]:
    """A run that left something out is partial, and says what."""
    said = [f"{counts[name]} {words}" for name, words in LEFT_OUT.items() if counts.get(name)]
    said += left_out
    return ("partial", "; ".join(said) + ".") if said else ("ok", "")
