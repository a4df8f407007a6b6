"""The audit log: what people and programs did here, in an order that nobody can change unseen.

Each entry's digest covers the entry and the digest before it: whoever changes, removes or slips in
an entry breaks the chain from there on, and whoever cuts its end off is told by the count.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select, update

from app.store import tables
from app.store.database import inserting

_entry, _end = tables.AuditEntry, tables.AuditEnd


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and where from."""

    name: str
    address: str = ""


COMMAND_LINE = Actor("command line")


def keep(
    session: Session,
    actor: Actor,
    what: str,
    subject: str = "",
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add what somebody did; it stands with the transaction that does it, or not at all.

    Args:
        session: Nothing is committed.
        actor: Who does it.
        what: The act, as `weights.changed`.
        subject: On what, by its id.
        before: What was said before: no secret, and nobody's address.
        after: What is said since: the same.
    """
    entries, digest = _held(session)
    entry = _entry(
        at=datetime.now(UTC),
        actor=actor.name,
        address=actor.address,
        what=what,
        subject=subject,
        before=dict(before or {}),
        after=dict(after or {}),
        digest="",
    )
    entry.digest = _digest(digest, entry)
    session.add(entry)
    session.connection().execute(
        update(_end).values(entries=entries + 1, digest=entry.digest)  # its one row
    )
    session.flush()


def latest(
    session: Session, *, limit: int, before: int | None = None, what: str = "", actor: str = ""
) -> Sequence[tables.AuditEntry]:
    """The latest entries first.

    Args:
        session: Nothing is changed.
        limit: How many at most.
        before: Only those before this one.
        what: Only acts that begin so.
        actor: Only what was done by whoever is called so.
    """
    query = select(_entry).where(col(_entry.what).startswith(what, autoescape=True))
    if actor:
        query = query.where(_entry.actor == actor)
    if before is not None:
        query = query.where(col(_entry.id) < before)
    return session.exec(query.order_by(col(_entry.id).desc()).limit(limit)).all()


def count(session: Session) -> int:
    """How many entries there are, as the end of the chain says."""
    end = session.get(_end, 1)
    return end.entries if end else 0


def every(session: Session) -> Iterator[tables.AuditEntry]:
    """All entries, the first first."""
    query = select(_entry).order_by(col(_entry.id)).execution_options(yield_per=500)
    with session.exec(query) as found:
        yield from found


def broken(session: Session) -> int | None:
    """The id of the first entry that does not fit those before it; None if all do.

    An end that was cut off is told as the id after the last entry.
    """
    digest, count, last = "", 0, 0
    for entry in every(session):
        digest, count, last = _digest(digest, entry), count + 1, entry.id or 0
        if digest != entry.digest:
            return last
    end = session.get(_end, 1)
    known = (end.entries, end.digest) if end else (0, "")
    return None if known == (count, digest) else last + 1


def _held(session: Session) -> tuple[int, str]:
    """Where the chain ends, held until the transaction does: entries are added one by one."""
    first = inserting(session, tables.AuditEnd.__table__)  # type: ignore[attr-defined]
    session.connection().execute(
        first.values(id=1, entries=0, digest="").on_conflict_do_nothing(index_elements=["id"])
    )
    query = select(_end.entries, _end.digest).with_for_update()
    return session.exec(query).one()


def _digest(before: str, entry: tables.AuditEntry) -> str:
    told = [
        before,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor,
        entry.address,
        entry.what,
        entry.subject,
        entry.before,
        entry.after,
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
