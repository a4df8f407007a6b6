"""The history of runs, as people look for something in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from app.store import tables


@dataclass(frozen=True, slots=True)
class Sought:
    """Which runs; what is empty does not narrow the list."""

    stage: str = ""
    connection_id: int | None = None
    status: str = ""


def found(
    session: Session, sought: Sought, *, limit: int, before: int | None = None
) -> Sequence[tables.Run]:
    """The latest runs, the newest first; `before` is the id to go on from."""
    run = tables.Run
    query = select(run)
    if sought.stage:
        query = query.where(run.stage == sought.stage)
    if sought.connection_id is not None:
        query = query.where(run.connection_id == sought.connection_id)
    if sought.status:
        query = query.where(run.status == sought.status)
    if before is not None:
        query = query.where(col(run.id) < before)
    return session.exec(query.order_by(col(run.id).desc()).limit(limit)).all()
