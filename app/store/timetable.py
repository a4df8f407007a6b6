"""How often the pipeline runs, where somebody has said so."""

from sqlmodel import Session

from app.store import tables

_ONLY = 1


def every_minutes(session: Session) -> int | None:
    """From one run to the next; None where nobody has said."""
    found = session.get(tables.Timetable, _ONLY)
    return found.every_minutes if found else None


def say(session: Session, minutes: int) -> None:
    """Have the pipeline run so often."""
    session.merge(tables.Timetable(id=_ONLY, every_minutes=minutes))
    session.flush()
