"""The certificates of erasures: how much there was, and how far the CRMs have confirmed it."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session, col, or_, select

from app.errors import NotFound
from app.store import ledger, outbox, tables
from app.store.database import slices


def every(session: Session) -> Sequence[tables.Erasure]:
    """All erasures, the latest first."""
    row = tables.Erasure
    return session.exec(select(row).order_by(col(row.asked_at).desc(), row.id)).all()


def named(session: Session, names: Collection[str]) -> set[str]:
    """Those of these names that are an erasure's."""
    row = tables.Erasure
    found: set[str] = set()
    for few in slices(sorted(names)):
        found.update(session.exec(select(row.id).where(col(row.id).in_(few))).all())
    return found


def get(session: Session, erasure_id: str) -> tables.Erasure:
    """One erasure.

    Raises:
        NotFound: If there is none of this name.
    """
    found = session.get(tables.Erasure, erasure_id)
    if found is None:
        raise NotFound("There is no such erasure.")
    return found


def settle(session: Session, *, at: datetime) -> None:
    """Note how far the erasures that are not done have come; nothing is committed.

    What was kept to blank a record's fields is forgotten once the CRM has confirmed it.
    """
    row = tables.Erasure
    for one in session.exec(select(row).where(col(row.done_at).is_(None))).all():
        left, confirmed = [], Counter(one.confirmed)
        for connection_id, target, external_id in one.waiting:
            owed = session.get(
                tables.Owed, (connection_id, target, external_id), populate_existing=True
            )
            if owed is not None and owed.is_due:
                left.append([connection_id, target, external_id])
                continue
            outbox.forget(session, connection_id, target, [external_id])
            ledger.forget(session, connection_id, target, [external_id])
        waiting = Counter(str(entry[0]) for entry in left)
        for connection_id, fields in one.fields.items():
            if not waiting[connection_id]:
                confirmed[connection_id] = fields
        one.waiting, one.confirmed = left, dict(confirmed)
        one.scored = one.scored if _are_scored(session, one.scored) else []
        one.done_at = None if one.scored or left else at
        session.add(one)
    session.flush()


def _are_scored(session: Session, who: Sequence[int]) -> bool:
    """Whether anything is still scored of some people."""
    tie, card, advice = tables.Tie, tables.ScoreCard, tables.Recommendation
    has_card = select(card.person_id).where(
        col(card.person_id).in_(who), col(card.body).is_not(None)
    )
    ties = select(tie.a).where(or_(col(tie.a).in_(who), col(tie.b).in_(who)))
    advised = select(advice.contact_id).where(
        or_(col(advice.colleague_id).in_(who), col(advice.contact_id).in_(who))
    )
    every = (has_card, ties, advised)
    return any(session.exec(one.limit(1)).first() is not None for one in every)
