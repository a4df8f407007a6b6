"""Who was sent to a CRM to let us in, and is expected back."""

from datetime import datetime

from sqlmodel import Session, col, delete

from app.store import tables


def add(session: Session, errand: tables.Errand) -> None:
    """Expect somebody back."""
    session.add(errand)
    session.flush()


def take(session: Session, state: str) -> tables.Errand | None:
    """Take what is known of whoever comes back, which nobody else can then; None if nothing is."""
    row = tables.Errand
    found = session.get(row, state)
    if found is None:
        return None
    session.expunge(found)
    gone = session.connection().execute(delete(row).where(col(row.state) == state))
    return found if gone.rowcount == 1 else None


def forget(session: Session, *, before: datetime) -> None:
    """Expect nobody any more who should have been back by then."""
    row = tables.Errand
    session.connection().execute(delete(row).where(col(row.until) <= before))
