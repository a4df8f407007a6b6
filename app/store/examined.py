"""What was found when a connection was last looked at, so that it is seen without asking again."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import TypeAdapter
from sqlmodel import Session

from app.store import tables
from connectors import Finding

_findings = TypeAdapter(tuple[Finding, ...])


def keep(
    session: Session, connection_id: int, findings: Sequence[Finding], *, at: datetime
) -> None:
    """Keep findings in the place of the last."""
    body = _findings.dump_json(tuple(findings)).decode()
    session.merge(tables.Examined(connection_id=connection_id, at=at, findings=body))
    session.flush()


def last(session: Session, connection_id: int) -> tuple[datetime, tuple[Finding, ...]] | None:
    """When a connection was last looked at, and what was found; None if it never was."""
    found = session.get(tables.Examined, connection_id)
    return (found.at, _findings.validate_json(found.findings)) if found else None
