"""How long activities are kept one by one."""

from sqlmodel import Session

from app.errors import Unreadable
from app.store import audit, exclusions
from app.store.audit import Actor

LENGTHS = (21, 90, 365, 1095)
"""Days that can be chosen, beside None for ever."""


def days(session: Session) -> int | None:
    """For how many days activities are kept one by one; None for ever."""
    return exclusions.state(session).keeps_events_days


def keep_for(session: Session, wanted: int | None, *, actor: Actor) -> None:
    """Say how long activities are kept one by one; the next run acts on it. Commits nothing.

    What is gone is gone: a longer time holds for what comes from now on.

    Raises:
        Unreadable: If that many days cannot be chosen.
    """
    if wanted is not None and wanted not in LENGTHS:
        raise Unreadable("Give 21, 90, 365 or 1095 days, or null for ever.")
    state = exclusions.state(session)
    before, state.keeps_events_days = state.keeps_events_days, wanted
    session.add(state)
    session.flush()
    audit.keep(session, actor, "retention.changed", before={"days": before}, after={"days": wanted})
