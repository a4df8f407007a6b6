"""Forgetting what somebody was called and reached by, once their CRM has deleted them.

That the CRM has them no more is kept, and how often they met whom, because both are needed to know
what has changed; whoever is brought back is read again, whole.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import or_, select, update
from sqlmodel import Session, col
from sqlmodel import select as select_one

from app.store import blanking, ledger, missed, outbox, plans, tables
from app.store.database import slices
from connectors import PersonKind, Target

BLANK: dict[str, object] = {
    "name": "",
    "addresses": [],
    "title": None,
    "department": None,
    "linked": [],
}
"""What is left of a profile."""


def forget_addresses(session: Session, connection_id: int, gone: Sequence[str]) -> None:
    """Take the addresses of contacts who are going out of what they took part in.

    Args:
        session: Nothing is committed.
        connection_id: Whose records they are.
        gone: Records of people, or others; before they are marked as deleted.
    """
    profile = tables.Profile
    for few in slices(sorted(gone)):
        query = select(col(profile.external_id), col(profile.person_id), col(profile.addresses))
        there = query.where(
            col(profile.connection_id) == connection_id,
            col(profile.external_id).in_(few),
            col(profile.kind) != PersonKind.COLLEAGUE.value,
            ~col(profile.is_deleted),
        )
        for external_id, person, addresses in session.connection().execute(there).all():
            if person is not None:
                _forget(session, (connection_id, external_id), person, set(addresses))


def forget_written(session: Session, connection_id: int, gone: Sequence[str]) -> None:
    """Forget what was written, is owed and was planned of contacts and leads who are going.

    Args:
        session: Nothing is committed.
        connection_id: Whose records they are.
        gone: Records of people, or others.
    """
    for target in (Target.CONTACT, Target.LEAD):
        outbox.forget(session, connection_id, target.value, gone)
        ledger.forget(session, connection_id, target.value, gone)
    if gone:
        plans.forget(session, set(gone))


def forget_names(session: Session) -> None:
    """Forget what people were called of whom no record is left, wherever we wrote it."""
    person, profile = tables.Person, tables.Profile
    erased = select(col(profile.person_id)).where(col(profile.is_deleted), col(profile.name) == "")
    alive = select(col(profile.person_id)).where(
        ~col(profile.is_deleted), col(profile.person_id).is_not(None)
    )
    which = (col(person.name) != "", col(person.id).in_(erased), col(person.id).not_in(alive))
    names = set(session.exec(select_one(person.name).where(*which)))
    if not names:
        return
    session.connection().execute(
        update(person).where(*which).values(name="").execution_options(synchronize_session=False)
    )
    forget_words(session, names)


def forget_words(session: Session, words: Collection[str]) -> None:
    """Forget some words, people's names mostly, in all that was written, is owed or was planned."""
    if words:
        blanking.erase(session, words)
        ledger.erase(session, words)
        plans.forget(session, words)


def _forget(session: Session, record: tuple[int, str], person: int, addresses: set[str]) -> None:
    """Leave somebody's record in the activities they took part in, and none of their addresses."""
    activity, met = tables.Activity, tables.Interaction
    connection_id, external_id = record
    theirs = select(col(met.activity_id)).where(
        col(met.connection_id) == connection_id,
        or_(col(met.source) == person, col(met.target) == person),
    )
    query = select(
        col(activity.external_id), col(activity.stream), col(activity.participants)
    ).where(col(activity.connection_id) == connection_id, col(activity.external_id).in_(theirs))
    for activity_id, stream, participants in session.connection().execute(query).all():
        left = [
            [role, one, None if one == external_id else address]
            for role, one, address in participants
            if one or address not in addresses
        ]
        if len(left) < len(participants):
            missed.note_forgotten(session, connection_id, external_id, [(stream, activity_id)])
        session.connection().execute(
            update(activity)
            .where(
                col(activity.connection_id) == connection_id,
                col(activity.external_id) == activity_id,
            )
            .values(participants=left)
            .execution_options(synchronize_session=False)
        )
