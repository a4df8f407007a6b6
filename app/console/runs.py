"""Runs: what was done and how it ended; what one wrote, and taking it back; one record's story."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlmodel import Session

from app import writing
from app.console.deps import OperatorDep, ViewerDep, same_site
from app.console.pages import go, page
from app.deps import DatabaseDep, ScheduleDep, SessionDep
from app.errors import AppError
from app.store import asked, audit, connections, ledger, lookups, runs, tables

router = APIRouter(dependencies=[Depends(same_site)])

PAGE = 50

COUNTED = (
    "read",
    "changed",
    "ties",
    "written",
    "unchanged",
    "refused",
    "late",
    "malformed",
    "calls",
)
"""What the history has a column for; the page of a run has everything that was counted."""

Before = Annotated[int | None, Query(ge=1)]
Word = Annotated[str, Query(max_length=40)]
Number = Annotated[str, Query(max_length=20, pattern=r"^\d*$")]


@router.get("/runs")
def show_runs(
    request: Request,
    session: SessionDep,
    _: ViewerDep,
    stage: Word = "",
    connection: Number = "",
    status: Word = "",
    before: Before = None,
) -> Response:
    """Show the history, the newest first."""
    sought = runs.Sought(stage, int(connection) if connection else None, status)
    found = runs.found(session, sought, limit=PAGE + 1, before=before)
    rows = connections.every(session)
    return page(
        request,
        "runs.html",
        runs=found[:PAGE],
        counted=[(one, columns(one)) for one in found[:PAGE]],
        columns=COUNTED,
        titles={row.id: row.title for row in rows},
        connections=rows,
        stage=stage,
        connection=connection,
        ended=status,
        older=_older(request, found),
    )


@router.get("/runs/{run_id}")
def show_run(
    request: Request, session: SessionDep, run_id: int, _: ViewerDep, after: Number = ""
) -> Response:
    """Show one run: what it counted, what it wrote, and whether it can be taken back."""
    run = asked.get(session, run_id)
    written = ledger.rows_of_run(session, run_id, after=int(after or 0), limit=PAGE + 1)
    undone_by = asked.undoing(session, run_id)
    is_done = run.status not in (asked.ASKED, "running")
    return page(
        request,
        "run.html",
        run=run,
        title=_title(session, run),
        written=written[:PAGE],
        older=written[PAGE - 1].id if len(written) > PAGE else None,
        undone_by=undone_by,
        can_undo=bool(written and is_done and not undone_by and run.stage in writing.TAKES_BACK),
    )


@router.post("/runs/{run_id}/undo")
def undo(run_id: int, asks: OperatorDep, database: DatabaseDep, schedule: ScheduleDep) -> Response:
    """Take back what a run wrote."""
    try:
        run = writing.ask_undo(database, run_id)
    except AppError as error:
        return go(f"/console/runs/{run_id}", str(error), is_problem=True)
    with Session(database) as session, session.begin():
        audit.keep(session, asks.actor, "run.undone", str(run_id))
    schedule.do_what_is_asked()
    return go(f"/console/runs/{run.id}", "It is being taken back. This page tells when it is done.")


@router.get("/records/{connection_id}/{external_id}")
def show_record(
    request: Request,
    session: SessionDep,
    connection_id: int,
    external_id: str,
    _: ViewerDep,
    before: Before = None,
) -> Response:
    """Show what was written to a record: when, by which run, what stood there before; and why."""
    row = connections.get(session, connection_id)
    found = ledger.of_record(session, connection_id, external_id, limit=PAGE + 1, before=before)
    return page(
        request,
        "record.html",
        row=row,
        external_id=external_id,
        person=lookups.person_of(session, connection_id, external_id),
        written=found[:PAGE],
        older=found[PAGE - 1].id if len(found) > PAGE else None,
    )


def columns(run: tables.Run) -> Mapping[str, int | None]:
    """What a run counted, by the columns of the history; None where it counts no such thing."""
    counts: dict[str, int | None] = {name: run.counts.get(name) for name in COUNTED}
    if {"records", "written"} <= run.counts.keys():
        counts["unchanged"] = run.counts["records"] - run.counts["written"]
    if run.stage == "score":
        counts["written"] = None
    return counts


def _title(session: Session, run: tables.Run) -> str:
    if run.connection_id is None:
        return ""
    return connections.get(session, run.connection_id).title


def _older(request: Request, found: Sequence[tables.Run]) -> str:
    if len(found) <= PAGE:
        return ""
    return str(request.url.include_query_params(before=found[PAGE - 1].id))
