"""The whole story: pull, resolve, score, write back.

    CRM --pull--> records --resolve--> people and interactions --score--> scores --write back--> CRM

    CRM --hint--> follow --records--^

Each stage has a file, reads what the one before left in the store, and can be run again at any
time: what has not changed costs nothing. A stage that fails for one CRM does not stop the others;
every execution leaves a `Run` that says how it ended, and never says ok when it was not.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlmodel import Session

from app.pipeline.link import Link
from app.pipeline.memory import Memory
from app.pipeline.stages import INTERRUPTED, Report, Stages
from app.pipeline.watch import Interrupted, Progress, Watch, unwatched
from app.store import asked, erasures

__all__ = [
    "INTERRUPTED",
    "Interrupted",
    "Link",
    "Memory",
    "Progress",
    "Report",
    "Stages",
    "Watch",
    "run",
    "unwatched",
]

STAGES = ("pull", "resolve", "score", "write back")


def run(
    database: Engine,
    links: Sequence[Link],
    *,
    only: Sequence[str] = STAGES,
    resting: Collection[int] = (),
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    watch: Watch = unwatched,
    memory: Memory | None = None,
) -> list[Report]:
    """Bring everything up to date: read the CRMs, score, write what changed back.

    A CRM that could not be read is not written to. Nothing is scored while a CRM has not been read
    to its end for the first time, because half a history gives wrong scores, nor if none could be
    read now; and what is not scored is not written.

    Args:
        database: In this version's shape.
        links: The CRMs to read and write.
        only: The stages to run.
        resting: The connections that are not pulled, because they tell what changes by themselves.
        now: Gives the time; replaced in tests.
        watch: Is told how far each stage is.
        memory: What this process remembers of its last scoring, if it scores often.

    Returns:
        One report per stage and connection, in the order in which they ran.
    """
    at = now()
    stages = Stages(database, now, watch, is_whole="pull" in only, memory=memory)
    due = [link for link in links if not (link.connection_id in resting or stages.rests(link))]
    reports = []
    if not {"write back", asked.ASKED}.isdisjoint(only):
        reports += [report for link in links for report in stages.asked(link)]
    pulled = [stages.pull(link) for link in due] if "pull" in only else []
    reports += pulled
    unread = {
        link.connection_id for link, report in zip(due, pulled, strict=False) if not report.is_done
    }
    if links and len(unread) == len(links):
        return reports
    if "resolve" in only:
        reports.append(stages.resolve(at))
    if "score" in only:
        reports.append(stages.score(at, links))
    if "write back" in only and all(r.is_done for r in reports if r.stage == "score"):
        # Where nothing can be written, there is no run to tell of.
        read = [link for link in links if link.connection_id not in unread]
        reports += [stages.write_back(link) for link in read if link.targets]
        with Session(database) as session, session.begin():
            erasures.settle(session, at=now())
    return reports
