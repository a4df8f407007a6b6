"""The set-up of a connection, step by step; each can be left and taken up again."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Engine
from sqlmodel import Session

from app import connections as life
from app import writing
from app.console import steps
from app.console.deps import AdminDep, OperatorDep, ViewerDep, same_site
from app.console.pages import go, page
from app.deps import (
    DatabaseDep,
    OpenDep,
    ScheduleDep,
    ScheduleIfOnDep,
    SessionDep,
    SettingsDep,
    VaultDep,
)
from app.errors import Conflict
from app.signing_in import Visitor
from app.store import asked, audit, connections, examined, exclusions, plans, reading, tables
from connectors import Finding, Right, Verdict

router = APIRouter(prefix="/set-up", dependencies=[Depends(same_site)])

WRITES = "Tieline writes to the CRM from now on."


@dataclass(frozen=True, slots=True)
class Line:
    """What we may do with one kind of record.

    Attributes:
        verdicts: By right, in the order of `Right`; None where it was not looked at.
        findings: What was found, what is not good first.
    """

    of: str
    verdicts: Sequence[Verdict | None]
    findings: Sequence[Finding]


@router.get("/{connection_id}")
def go_on(connection_id: int, session: SessionDep, settings: SettingsDep, _: ViewerDep) -> Response:
    """Go to the first step that is not done; to the last if all are."""
    found = steps.set_up(session, connection_id, settings)
    return go((found.due or found.steps[-1]).path)


@router.get("/{connection_id}/connection")
def show_connection(
    request: Request, connection_id: int, session: SessionDep, _: ViewerDep
) -> Response:
    """Show what is connected, and how to connect it otherwise, or no more."""
    return page(request, "set_up_connection.html", found=steps.of(request, session, connection_id))


@router.post("/{connection_id}/disconnect")
def disconnect(
    connection_id: int, asks: AdminDep, database: DatabaseDep, vault: VaultDep
) -> Response:
    """Forget a connection and what was read through it, and have the CRM forget it too."""
    left = life.revoke(database, vault, connection_id)
    with Session(database) as session, session.begin():
        title = connections.get(session, connection_id).title
        told = {"title": title}
        audit.keep(session, asks.actor, "connection.removed", str(connection_id), before=told)
    life.disconnect(database, connection_id)
    said = f"{title} is disconnected, and what was read from it is gone. {left}"
    return go("/console/set-up", said.strip(), is_problem=bool(left))


@router.get("/{connection_id}/rights")
def show_rights(
    request: Request, connection_id: int, session: SessionDep, _: ViewerDep
) -> Response:
    """Show what the CRM lets us do, as it was when last looked at."""
    last = examined.last(session, connection_id)
    findings = last[1] if last else ()
    return page(
        request,
        "set_up_rights.html",
        found=steps.of(request, session, connection_id),
        looked_at=last[0] if last else None,
        rights=list(Right),
        lines=list(lines(findings)),
        others=_sorted(one for one in findings if not one.of),
        has_bad=any(one.verdict is Verdict.BAD for one in findings),
    )


@router.post("/{connection_id}/rights")
def look(connection_id: int, _: OperatorDep, database: DatabaseDep, open_one: OpenDep) -> Response:
    """Look at everything that the connection needs; changes nothing in the CRM."""
    with open_one(connection_id) as link:
        findings = list(link.connector.examine())
    with Session(database) as session, session.begin():
        examined.keep(session, connection_id, findings, at=datetime.now(UTC))
    return go(f"/console/set-up/{connection_id}/rights")


@router.get("/{connection_id}/exclusions")
def show_exclusions(
    request: Request, connection_id: int, session: SessionDep, _: ViewerDep
) -> Response:
    """Say what can be kept out, and where."""
    found = steps.of(request, session, connection_id)
    count = len(exclusions.holding(session))
    return page(request, "set_up_exclusions.html", found=found, count=count)


@router.get("/{connection_id}/dry-run")
def show_dry_run(
    request: Request, connection_id: int, session: SessionDep, _: ViewerDep
) -> Response:
    """Show what the next write-back would do, and how far the first reading is."""
    waiting = [run for run in asked.of(session, connection_id) if run.stage == asked.PLAN]
    plan = plans.last(session, connection_id)
    return page(
        request,
        "set_up_dry_run.html",
        found=steps.of(request, session, connection_id),
        plan=plan,
        values=sum(one.created + one.changed + one.cleared for one in plan.fields) if plan else 0,
        is_waiting=bool(waiting),
        streams=reading.progress(session, connection_id),
    )


@router.post("/{connection_id}/dry-run")
def try_dry(
    connection_id: int, _: OperatorDep, database: DatabaseDep, schedule: ScheduleDep
) -> Response:
    """Have a plan made of the next write-back."""
    writing.ask_plan(database, connection_id)
    schedule.do_what_is_asked()
    return go(f"/console/set-up/{connection_id}/dry-run", "The dry run is on its way.")


@router.get("/{connection_id}/live")
def show_live(request: Request, connection_id: int, session: SessionDep, _: ViewerDep) -> Response:
    """Show what is done and what is not, and ask whether to write."""
    found = steps.of(request, session, connection_id)
    return page(
        request,
        "set_up_live.html",
        found=found,
        plan=plans.last(session, connection_id),
        held=_held(found.row),
    )


@router.post("/{connection_id}/live")
def go_live(
    connection_id: int, asks: AdminDep, database: DatabaseDep, schedule: ScheduleIfOnDep
) -> Response:
    """Write to the CRM from now on."""
    _write_so(database, connection_id, asks, is_shadow=False)
    if schedule:
        with suppress(Conflict):  # one is going on: the next one writes
            schedule.run_now()
    with Session(database) as session:
        held = _held(connections.get(session, connection_id))
    said = "It is live, and writes as soon as writing is resumed." if held else WRITES
    return go(f"/console/set-up/{connection_id}/live", said)


@router.post("/{connection_id}/shadow")
def compare_only(connection_id: int, asks: AdminDep, database: DatabaseDep) -> Response:
    """Write nothing any more, and go on comparing."""
    _write_so(database, connection_id, asks, is_shadow=True)
    return go(f"/console/set-up/{connection_id}/live", "Nothing is written any more.")


def _held(row: tables.Connection) -> str:
    """Why nothing is written though it may be; "" if it is."""
    return row.paused or row.writing_paused


def _write_so(database: Engine, connection_id: int, asks: Visitor, *, is_shadow: bool) -> None:
    with Session(database) as session, session.begin():
        connections.get(session, connection_id)
        what = "connection.only_compares" if is_shadow else "connection.writes"
        audit.keep(session, asks.actor, what, str(connection_id))
    writing.write_so(database, connection_id, is_shadow=is_shadow)


def lines(findings: Sequence[Finding]) -> Iterator[Line]:
    """What was found, by kind of record; the worst of it stands for a right."""
    for of in dict.fromkeys(one.of for one in findings if one.of):
        about = [one for one in findings if one.of == of]
        verdicts = [
            max((one.verdict for one in about if one.right is right), key=_badness, default=None)
            for right in Right
        ]
        yield Line(of, verdicts, _sorted(about))


def _sorted(findings: Iterable[Finding]) -> Sequence[Finding]:
    return sorted(findings, key=lambda one: -_badness(one.verdict))


def _badness(verdict: Verdict) -> int:
    return list(Verdict).index(verdict)
