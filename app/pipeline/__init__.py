"""The whole story: pull, resolve, score, write back.

    CRM --pull--> records --resolve--> people and interactions --score--> scores --write back--> CRM

Each stage has a file, reads what the one before left in the store, and can be run again at any
time: what has not changed costs nothing. A stage that fails for one CRM does not stop the others;
every execution leaves a `Run` that says how it ended, and never says ok when it was not.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlmodel import Session

from app.pipeline.pull import pull
from app.pipeline.resolve import resolve
from app.pipeline.score import score
from app.pipeline.watch import Interrupted, Progress, Watch, unwatched
from app.pipeline.write_back import write_back
from app.store import connections
from connectors import Connector, ConnectorError, NeedsAttention, Stream

__all__ = ["INTERRUPTED", "Interrupted", "Link", "Progress", "Report", "Watch", "run", "unwatched"]

INTERRUPTED = "Interrupted: the service stopped while it ran. The next run goes on from there."


@dataclass(frozen=True, slots=True)
class Link:
    """An open connection.

    Attributes:
        streams: What its CRM can be read for.
    """

    connection_id: int
    title: str
    connector: Connector
    streams: tuple[Stream, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """How one execution of a stage ended: ok, partial, paused or failed, and why."""

    stage: str
    title: str
    status: str
    reason: str
    counts: dict[str, int]
    seconds: float


STAGES = ("pull", "resolve", "score", "write back")


def run(
    database: Engine,
    links: Sequence[Link],
    *,
    only: Sequence[str] = STAGES,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    watch: Watch = unwatched,
) -> list[Report]:
    """Bring everything up to date: read the CRMs, score, write what changed back.

    A CRM that could not be pulled is not written to, and nothing is written if scoring failed.

    Args:
        database: In this version's shape.
        links: The CRMs to read and write.
        only: The stages to run.
        now: Gives the time; replaced in tests.
        watch: Is told how far each stage is.

    Returns:
        One report per stage and connection, in the order in which they ran.
    """
    at = now()
    stages = Stages(database, now, watch)
    reports = [stages.pull(link) for link in links if "pull" in only]
    failed = {report.title for report in reports if report.status == "failed"}
    if "resolve" in only:
        reports.append(stages.resolve(at))
    if "score" in only:
        reports.append(stages.score(at))
    is_scored = not reports or reports[-1].status == "ok"
    if "write back" in only and is_scored:
        reports += [stages.write_back(link) for link in links if link.title not in failed]
    return reports


class Stages:
    """The stages, each leaving its run in the store."""

    def __init__(self, database: Engine, now: Callable[[], datetime], watch: Watch) -> None:
        self._database = database
        self._now = now
        self._watch = watch

    def pull(self, link: Link) -> Report:
        """Read what is new in one CRM."""

        def work() -> dict[str, int]:
            return pull(
                self._database,
                link.connection_id,
                link.connector,
                link.streams,
                now=self._now,
                watch=self._of(link),
            )

        return self._recorded("pull", work, link)

    def resolve(self, at: datetime) -> Report:
        """Settle who is who and who met whom."""
        return self._recorded("resolve", lambda: resolve(self._database, at=at, watch=self._watch))

    def score(self, at: datetime) -> Report:
        """Replace the snapshot of scores."""
        return self._recorded("score", lambda: score(self._database, at=at, watch=self._watch))

    def write_back(self, link: Link) -> Report:
        """Write what changed to one CRM."""

        def work() -> dict[str, int]:
            return write_back(
                self._database,
                link.connection_id,
                link.connector,
                link.streams,
                now=self._now,
                watch=self._of(link),
            )

        return self._recorded("write back", work, link)

    def _of(self, link: Link) -> Watch:
        """Tell whose progress it is."""
        return lambda progress: self._watch(
            replace(progress, about=f"{link.title}: {progress.about}")
        )

    def _recorded(
        self, stage: str, work: Callable[[], dict[str, int]], link: Link | None = None
    ) -> Report:
        connection_id = link.connection_id if link else None
        with Session(self._database) as session, session.begin():
            run_id = connections.begin_run(session, stage, connection_id, at=self._now())
        begun = time.monotonic()
        status, reason, counts = "failed", "Stopped by a fault of Tieline: see the log.", {}
        try:
            counts = dict(work())
            status, reason = _verdict(counts)
        except NeedsAttention as error:
            status, reason = "failed", str(error)
            self._pause(connection_id, reason)
        except ConnectorError as error:
            status, reason = "paused", str(error)
        except Interrupted:
            reason = INTERRUPTED
            raise
        finally:
            with Session(self._database) as session, session.begin():
                connections.end_run(session, run_id, status, counts, at=self._now(), reason=reason)
        seconds = time.monotonic() - begun
        return Report(stage, link.title if link else "", status, reason, counts, seconds)

    def _pause(self, connection_id: int | None, reason: str) -> None:
        """Leave a connection alone until a person has acted."""
        if connection_id is not None:
            with Session(self._database) as session, session.begin():
                connections.get(session, connection_id).paused = reason


def _verdict(counts: dict[str, int]) -> tuple[str, str]:
    """A run that left something out is partial, and says what."""
    left_out = {name: counts[name] for name in ("malformed", "refused") if counts.get(name)}
    if not left_out:
        return "ok", ""
    return "partial", ", ".join(f"{n} {name}" for name, n in left_out.items()) + "."
