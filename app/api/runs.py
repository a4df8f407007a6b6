"""What was done and how it ended; and having it done now."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app import writing
from app.api.deps import LARGEST_ID, DatabaseDep, Id, Limit, ScheduleDep, SessionDep
from app.api.problems import told
from app.store import connections, tables

router = APIRouter(tags=["runs"])

Before = Annotated[
    int | None, Query(ge=1, le=LARGEST_ID, description="`next` of the page before this one.")
]


class RunState(BaseModel):
    """One execution of a stage."""

    id: int
    stage: str = Field(description="pull, resolve, score, write back, plan or undo")
    connection: int | None
    status: str = Field(description="asked, running, ok, partial, paused or failed")
    reason: str = Field(description="Why it is not ok.")
    started_at: datetime
    ended_at: datetime | None
    counts: dict[str, int]
    undoes: int | None = Field(description="The run that this one takes back.")


class Runs(BaseModel):
    """Some runs, the newest first."""

    items: list[RunState]
    next: int | None = Field(description="What to give as `before` for more; null at the end.")


class Accepted(BaseModel):
    """A run will begin at once; `GET /v1/runs` tells how it goes."""

    status: Literal["accepted"] = "accepted"


@router.get("/runs", operation_id="listRuns")
async def list_runs(session: SessionDep, limit: Limit = 50, before: Before = None) -> Runs:
    """List what was done: which stage, for which connection, and how it ended."""
    found = connections.runs(session, limit=limit + 1, before=before)
    items = [run_state(row) for row in found[:limit]]
    return Runs(items=items, next=items[-1].id if len(found) > limit else None)


@router.post("/runs", operation_id="startRun", status_code=202, responses=told(409))
def start_run(schedule: ScheduleDep) -> Accepted:
    """Have everything brought up to date now; 409 while a run is going on."""
    schedule.run_now()
    return Accepted()


@router.post(
    "/runs/{run_id}/undo", operation_id="undoRun", status_code=202, responses=told(404, 409)
)
def undo_run(run_id: Id, database: DatabaseDep, schedule: ScheduleDep) -> RunState:
    """Take back what a run wrote; gives the run that will do it, which can be taken back too.

    What a person has changed since is left, and so is what a later run has written.
    """
    run = writing.ask_undo(database, run_id)
    schedule.do_what_is_asked()
    return run_state(run)


def run_state(row: tables.Run) -> RunState:
    """Tell of a run."""
    return RunState(
        id=row.id or 0,
        stage=row.stage,
        connection=row.connection_id,
        status=row.status,
        reason=row.reason,
        started_at=row.started_at,
        ended_at=row.ended_at,
        counts=row.counts,
        undoes=row.undoes,
    )
