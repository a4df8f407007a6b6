"""Runs that somebody asked for, and that wait until a pipeline gets to them."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from app.errors import NotFound
from app.store import tables

ASKED = "asked"
PLAN, UNDO = "plan", "undo"


def ask(
    session: Session, stage: str, connection_id: int, *, at: datetime, undoes: int | None = None
) -> tables.Run:
    """Ask for a run; one of the same that waits already is as good."""
    for waiting in of(session, connection_id):
        if (waiting.stage, waiting.undoes) == (stage, undoes):
            return waiting
    run = tables.Run(
        stage=stage,
        connection_id=connection_id,
        status=ASKED,
        started_at=at,
        counts={},
        undoes=undoes,
    )
    session.add(run)
    session.flush()
    return run


def of(session: Session, connection_id: int) -> Sequence[tables.Run]:
    """The runs of a connection that wait, the oldest first."""
    run = tables.Run
    query = select(run).where(run.connection_id == connection_id, run.status == ASKED)
    return session.exec(query.order_by(col(run.id))).all()


def start(session: Session, run_id: int, *, at: datetime) -> None:
    """Say that a run that was asked for goes on now."""
    run = session.get_one(tables.Run, run_id)
    run.status, run.started_at, run.reason = "running", at, ""
    session.add(run)


def get(session: Session, run_id: int) -> tables.Run:
    """Find a run.

    Raises:
        NotFound: If there is none with this id.
    """
    found = session.get(tables.Run, run_id)
    if found is None:
        raise NotFound(f"There is no run {run_id}: `tieline runs` lists them.")
    return found


def undoing(session: Session, run_id: int) -> tables.Run | None:
    """The run that took another one back, or will; None if there is none."""
    run = tables.Run
    query = select(run).where(run.undoes == run_id, run.status != "failed")
    return session.exec(query.order_by(col(run.id).desc()).limit(1)).first()
