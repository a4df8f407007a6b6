"""Health: every connection at a glance, and what one does about all of them."""

from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from app import connections as life
from app.console.deps import AdminDep, OperatorDep, ViewerDep, same_site
from app.console.pages import go, page
from app.console.standing import Standing, standing
from app.console.timetable import due
from app.deps import DatabaseDep, ScheduleDep, ScheduleIfOnDep, SessionDep
from app.store import audit, chosen, connections, hooks, reading, refusals, tables, usage

router = APIRouter(dependencies=[Depends(same_site)])

LATEST = 8
"""Runs that the page shows."""


@dataclass(frozen=True, slots=True)
class Glance:
    """One connection on the first page.

    Attributes:
        read_at: When the stream was read that was read least lately.
        left: About how many records a first reading has before it; None if there is none.
        refused: Records that the CRM does not take.
        stopped: Fields that cannot be written.
        unseen: What the CRM does not show us.
        silent_since: Since when webhooks tell nothing though things change.
        trouble: Why the CRM's stream of events cannot be listened to; "" if it can, or need not be.
    """

    row: tables.Connection
    standing: Standing
    read_at: datetime | None
    left: int | None
    calls: int
    refused: int
    stopped: int
    unseen: int
    silent_since: datetime | None
    trouble: str


@router.get("")
def show_health(
    request: Request, session: SessionDep, clock: ScheduleIfOnDep, _: ViewerDep
) -> Response:
    """Show how every connection is."""
    rows = connections.every(session)
    return page(
        request,
        "health.html",
        glances=[_glance(session, row) for row in rows],
        runs=connections.runs(session, limit=LATEST),
        titles={row.id: row.title for row in rows},
        due=due(session, clock),
        is_stopped=bool(rows) and all(row.writing_paused for row in rows),
    )


@router.post("/run")
def run_now(asks: OperatorDep, database: DatabaseDep, schedule: ScheduleDep) -> Response:
    """Bring everything up to date now."""
    schedule.run_now()
    with Session(database) as session, session.begin():
        audit.keep(session, asks.actor, "run.started")
    return go("/console", "A run has begun. It shows here when its first stage has ended.")


@router.post("/stop-writing")
def stop_writing(asks: AdminDep, database: DatabaseDep) -> Response:
    """Write nothing to any CRM from now on."""
    _write_all(database, f"Writing was stopped everywhere by {asks.name}.")
    with Session(database) as session, session.begin():
        audit.keep(session, asks.actor, "writing.stopped")
    return go("/console", "Nothing is written to any CRM any more.")


@router.post("/start-writing")
def start_writing(asks: AdminDep, database: DatabaseDep) -> Response:
    """Write to every CRM again."""
    _write_all(database, "")
    with Session(database) as session, session.begin():
        audit.keep(session, asks.actor, "writing.started")
    return go("/console", "Every CRM is written to again, from the next run on.")


def _write_all(database: DatabaseDep, reason: str) -> None:
    with Session(database) as session:
        ids = [row.id or 0 for row in connections.every(session)]
    for connection_id in ids:
        life.pause_part(database, connection_id, writing=reason)


def _glance(session: Session, row: tables.Connection) -> Glance:
    connection_id, now = row.id or 0, datetime.now(UTC)
    progress = reading.progress(session, connection_id)
    behind = [one.left for one in progress if not one.is_caught_up and one.left]
    hook = hooks.get(session, connection_id)
    return Glance(
        row=row,
        standing=standing(row, now),
        read_at=min((one.read_at for one in progress), default=None),
        left=sum(behind) if behind else None,
        calls=sum(usage.on(session, connection_id, now.date()).values()),
        refused=refusals.count(session, connection_id),
        stopped=len(chosen.paused(session, connection_id)),
        unseen=len(reading.gaps(session, connection_id)),
        silent_since=hooks.silent_since(hook) if hook else None,
        trouble=hook.trouble if hook and hook.is_listening else "",
    )
