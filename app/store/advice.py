"""What has been advised, so that nobody is told the same again too soon."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from app.store import tables
from app.store.database import upsert

Key = tuple[str, int, int]
"""A rule, the colleague who is advised, and the contact it is about."""


def given(session: Session, *, at: datetime) -> dict[Key, datetime]:
    """When each piece of advice was given that may not be given again yet."""
    row = tables.Advice
    query = select(row.rule, row.colleague_id, row.contact_id, row.given_at).where(row.until > at)
    return {(rule, ours, contact): at for rule, ours, contact, at in session.exec(query)}


def give(session: Session, fresh: Iterable[tuple[Key, datetime]], *, at: datetime) -> None:
    """Note that advice is given now, each until when it is not to be given again."""
    rows = [
        {"rule": r, "colleague_id": ours, "contact_id": contact, "given_at": at, "until": until}
        for (r, ours, contact), until in fresh
    ]
    upsert(session, tables.Advice, rows, compared=("given_at", "until"))


def forget(session: Session, *, at: datetime) -> None:
    """Forget what may be given again."""
    row = tables.Advice
    session.connection().execute(delete(row).where(col(row.until) <= at))
