"""Health: each connection at a glance, and the buttons that one wants then."""

from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response
from sqlmodel import Session

from app import connections as life
from app.console.deps import OperatorDep, ViewerDep, same_site
from app.console.pages import go, page
from app.deps import DatabaseDep, ScheduleDep, SessionDep
from app.store import connections, lookups, reading, refusals, tables, usage

router = APIRouter(dependencies=[Depends(same_site)])


@dataclass(frozen=True, slots=True)
class Seen:
    """One connection as the page shows it.

    Attributes:
        tone: good, warn or bad.
        todo: What to do about it; "" if nothing is.
    """

    row: tables.Connection
    state: str
    tone: str
    todo: str
    read_at: datetime | None
    records: dict[str, int]
    calls: dict[str, int]
    refused: int


@router.get("")
def show_health(request: Request, session: SessionDep, _: ViewerDep) -> Response:
    """Show how every connection is."""
    seen = [_seen(session, row) for row in connections.every(session)]
    return page(request, "health.html", connections=seen, runs=connections.runs(session, limit=5))


@router.post("/run")
def run_now(_: OperatorDep, schedule: ScheduleDep) -> Response:
    """Bring everything up to date now."""
    schedule.run_now()
    return go("/console/runs", "A run has begun.")


@router.post("/connections/{connection_id}/pause")
def pause(connection_id: int, asks: OperatorDep, database: DatabaseDep) -> Response:
    """Neither read nor write through a connection until it is resumed."""
    life.pause(database, connection_id, f"Paused by {asks.name}: resume it when you are ready.")
    return go("/console", "The connection is paused.")


@router.post("/connections/{connection_id}/resume")
def resume(connection_id: int, _: OperatorDep, database: DatabaseDep) -> Response:
    """Read and write again."""
    life.resume(database, connection_id)
    return go("/console", "The connection works again from the next run on.")


def _seen(session: Session, row: tables.Connection) -> Seen:
    connection_id, now = row.id or 0, datetime.now(UTC)
    progress = reading.progress(session, connection_id)
    state, tone, todo = _state(row, now)
    return Seen(
        row=row,
        state=state,
        tone=tone,
        todo=todo,
        read_at=min((each.read_at for each in progress), default=None),
        records=dict(lookups.kept(session, connection_id)),
        calls=usage.on(session, connection_id, now.date()),
        refused=sum(count for _, _, count in refusals.refused(session, connection_id)),
    )


def _state(row: tables.Connection, now: datetime) -> tuple[str, str, str]:
    if row.paused:
        return "paused", "bad", row.paused
    if row.resumes_at and row.resumes_at > now:
        return "waiting", "warn", "Its calls for today are used up; it goes on by itself."
    if row.shadow_since:
        return "only comparing", "warn", "Nothing is written until shadow mode is ended."
    return "working", "good", ""
