"""When the pipeline runs, where somebody has said so."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from app.store import tables

_ONLY = 1


def every_minutes(session: Session) -> int | None:
    """From one run to the next; None where nobody has said."""
    return _row(session).every_minutes


def quiet(session: Session) -> Mapping[str, Any]:
    """When no run begins by the clock, as `app.quiet` has it; empty for never."""
    return _row(session).quiet


def say(session: Session, minutes: int) -> None:
    """Have the pipeline run so often."""
    row = _row(session)
    row.every_minutes = minutes
    _keep(session, row)


def say_quiet(session: Session, hours: Mapping[str, Any]) -> None:
    """Have no run begin by the clock at these hours; empty for never."""
    row = _row(session)
    row.quiet = dict(hours)
    _keep(session, row)


def _row(session: Session) -> tables.Timetable:
    return session.get(tables.Timetable, _ONLY) or tables.Timetable(id=_ONLY, quiet={})


def _keep(session: Session, row: tables.Timetable) -> None:
    session.add(row)
    session.flush()
