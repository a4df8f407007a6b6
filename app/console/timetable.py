"""When Tieline runs: how often, and the quiet hours; a step of the set-up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from sqlmodel import Session

from app.console import steps
from app.console.deps import AdminDep, ViewerDep, same_site
from app.console.pages import go, page, zone_of
from app.deps import DatabaseDep, ScheduleDep, ScheduleIfOnDep, SessionDep
from app.errors import Unreadable
from app.quiet import DAYS, Quiet, quiet_hours, zones
from app.schedule import Schedule, quiet_said
from app.signing_in import Visitor
from app.store import audit, timetable

router = APIRouter(prefix="/set-up/{connection_id}/schedule", dependencies=[Depends(same_site)])

EVERY_MINUTES = (5, 10, 15, 30, 60, 120, 240, 720, 1440)

Word = Annotated[str, Form(max_length=60)]


@dataclass(frozen=True, slots=True)
class Due:
    """When the clock begins the next run.

    Attributes:
        at: None if the schedule is off.
        waits_for: The quiet hours whose end it waits for; None if it does not.
    """

    at: datetime | None = None
    waits_for: Quiet | None = None


def due(session: Session, schedule: Schedule | None) -> Due:
    """Say when the clock begins the next run, also where another replica was told to wait."""
    at, quiet = schedule.next_at if schedule else None, quiet_said(session)
    if at is None or quiet is None:
        return Due(at)
    at = quiet.over(at)
    return Due(at, quiet if quiet.puts_off(at) else None)


@dataclass(frozen=True, slots=True)
class Hours:
    """Quiet hours as a form has them, typed or kept."""

    days: tuple[int, ...]
    begins: str
    ends: str
    zone: str


def _typed(
    days: Annotated[list[int] | None, Form(max_length=7)] = None,
    begins: Word = "",
    ends: Word = "",
    zone: Word = "",
) -> Hours:
    return Hours(tuple(days or ()), begins.strip(), ends.strip(), zone.strip())


@router.get("")
def show_schedule(
    request: Request,
    connection_id: int,
    session: SessionDep,
    schedule: ScheduleIfOnDep,
    _: ViewerDep,
) -> Response:
    """Show when the CRMs are read and written."""
    return _page(request, connection_id, session, schedule)


@router.post("")
def say_when(
    connection_id: int,
    asks: AdminDep,
    database: DatabaseDep,
    schedule: ScheduleDep,
    minutes: Annotated[int, Form()],
) -> Response:
    """Read and write the CRMs so often from now on."""
    if not 1 <= minutes <= EVERY_MINUTES[-1]:
        raise Unreadable("Choose between a minute and a day.")
    with Session(database) as session, session.begin():
        before = {"every_minutes": _minutes(schedule.every)}
        timetable.say(session, minutes)
        after = {"every_minutes": minutes}
        audit.keep(session, asks.actor, "schedule.changed", before=before, after=after)
    schedule.adopt()
    return go(_path(connection_id), f"Tieline runs {_every(minutes)}.")


@router.post("/quiet")
def be_quiet(
    request: Request,
    connection_id: int,
    asks: AdminDep,
    database: DatabaseDep,
    schedule: ScheduleDep,
    typed: Annotated[Hours, Depends(_typed)],
) -> Response:
    """Have no run begin by the clock at these hours."""
    try:
        quiet = quiet_hours(typed.days, typed.begins, typed.ends, typed.zone)
    except Unreadable as error:
        with Session(database) as session:
            return _page(request, connection_id, session, schedule, (typed, error))
    _say(database, asks, schedule, quiet)
    return go(_path(connection_id), f"Quiet hours: {quiet.told()}.")


@router.post("/always")
def be_quiet_never(
    connection_id: int, asks: AdminDep, database: DatabaseDep, schedule: ScheduleDep
) -> Response:
    """Have runs begin at all hours."""
    _say(database, asks, schedule, None)
    return go(_path(connection_id), "There are no quiet hours: Tieline runs at all hours.")


def _say(database: DatabaseDep, asks: Visitor, schedule: Schedule, quiet: Quiet | None) -> None:
    with Session(database) as session, session.begin():
        before = dict(timetable.quiet(session))
        after = quiet.kept() if quiet else {}
        timetable.say_quiet(session, after)
        audit.keep(session, asks.actor, "schedule.changed", before=before, after=after)
    schedule.adopt()


def _page(
    request: Request,
    connection_id: int,
    session: Session,
    schedule: Schedule | None,
    refused: tuple[Hours, Unreadable] | None = None,
) -> Response:
    minutes = _minutes(schedule.every) if schedule else 0
    quiet = quiet_said(session)
    hours = (
        Hours(**quiet.kept()) if quiet else Hours((0, 1, 2, 3, 4), "", "", str(zone_of(request)))
    )
    return page(
        request,
        "set_up_schedule.html",
        status=refused[1].status if refused else 200,
        path=_path(connection_id),
        found=steps.of(request, session, connection_id),
        minutes=minutes,
        choices=[(each, _every(each)) for each in sorted({*EVERY_MINUTES, minutes} - {0})],
        quiet=quiet,
        due=due(session, schedule),
        hours=refused[0] if refused else hours,
        days=list(enumerate(DAYS)),
        zones=_common_zones(),
        problem=str(refused[1]) if refused else "",
    )


def _path(connection_id: int) -> str:
    return f"/console/set-up/{connection_id}/schedule"


def _common_zones() -> list[str]:
    """The zones that are offered: those of places."""
    found = [zone for zone in zones() if "/" in zone and not zone.startswith("Etc/")]
    return ["UTC", *sorted(found)]


def _minutes(every: timedelta) -> int:
    return int(every.total_seconds()) // 60


def _every(minutes: int) -> str:
    if minutes % 60:
        return f"every {minutes} minutes" if minutes > 1 else "every minute"
    hours = minutes // 60
    return {1: "every hour", 24: "once a day"}.get(hours, f"every {hours} hours")
