"""The favour ledger, and who was asked for an introduction."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, update
from sqlmodel import Session, col, select

from app.engine import Favour
from app.engine.favours import HELP, INTRODUCTION
from app.errors import NotFound
from app.store import tables

LOAD_DAYS = 30
"""Requests of so many days are an introducer's load."""

WORTH = {"introduction": INTRODUCTION, "help": HELP}


def add(session: Session, favour: tables.Favour) -> tables.Favour:
    """Put a favour on record; both people must exist."""
    session.add(favour)
    session.flush()
    return favour


def remove(session: Session, favour_id: int) -> None:
    """Take a favour off the record.

    Raises:
        NotFound: If there is none with this id.
    """
    found = session.get(tables.Favour, favour_id)
    if found is None:
        raise NotFound(f"There is no favour {favour_id}.")
    session.delete(found)


def of_colleague(session: Session, colleague_id: int) -> Sequence[tables.Favour]:
    """What was put on record of a colleague, the newest first."""
    row = tables.Favour
    query = select(row).where(
        or_(col(row.colleague_id) == colleague_id, col(row.person_id) == colleague_id)
    )
    return session.exec(query.order_by(col(row.at).desc(), col(row.id).desc())).all()


def ledger(session: Session, person_id: int) -> list[Favour]:
    """All favours between somebody and anybody: those on record, and introductions that show.

    Where one has put an introduction by the other on record, what shows is left out: it may be it.
    """
    said = [
        Favour(
            giver=one.colleague_id if one.is_given else one.person_id,
            receiver=one.person_id if one.is_given else one.colleague_id,
            at_s=int(one.at.timestamp()),
            worth=WORTH[one.kind],
        )
        for one in of_colleague(session, person_id)
    ]
    told = {(one.giver, one.receiver) for one in said if one.worth == INTRODUCTION}
    seen = _seen(session, person_id)
    return [*said, *(one for one in seen if (one.giver, one.receiver) not in told)]


def _seen(session: Session, person_id: int) -> list[Favour]:
    """Whoever introduces two does each of them a favour."""
    row = tables.SeenIntroduction
    any_of = or_(*(col(end) == person_id for end in (row.a, row.b, row.introducer_id)))
    query = select(row).where(any_of).order_by(col(row.a), col(row.b), col(row.introducer_id))
    return [
        Favour(one.introducer_id, receiver, one.at_s, INTRODUCTION * one.share)
        for one in session.exec(query)
        for receiver in (one.a, one.b)
        if person_id in (one.introducer_id, receiver)
    ]


def ask(session: Session, request: tables.Request) -> tables.Request:
    """Keep that somebody is asked for an introduction; all three people must exist."""
    session.add(request)
    session.flush()
    return request


def request(session: Session, request_id: int) -> tables.Request:
    """Find a request.

    Raises:
        NotFound: If there is none with this id.
    """
    found = session.get(tables.Request, request_id)
    if found is None:
        raise NotFound(f"There is no request {request_id}.")
    return found


def requests_of(session: Session, asker_id: int, *, limit: int) -> Sequence[tables.Request]:
    """What a colleague has asked for, the newest first."""
    row = tables.Request
    query = select(row).where(row.asker_id == asker_id)
    return session.exec(
        query.order_by(col(row.asked_at).desc(), col(row.id).desc()).limit(limit)
    ).all()


def settle(session: Session, kept: tables.Request, outcome: str, *, at: datetime) -> None:
    """Say what became of a request; an introduction that was made is a favour, once."""
    row = tables.Favour
    for old in session.exec(select(row).where(row.request_id == kept.id)).all():
        session.delete(old)
    kept.outcome = outcome
    if outcome == "made":
        session.add(
            row(
                colleague_id=kept.asker_id,
                person_id=kept.introducer_id,
                kind="introduction",
                is_given=False,
                at=at,
                request_id=kept.id,
            )
        )
    session.flush()


def loads(session: Session, *, at: datetime) -> Counter[int]:
    """How often each introducer was asked in the last `LOAD_DAYS`."""
    row = tables.Request
    query = (
        select(row.introducer_id, func.count())
        .where(col(row.asked_at) > at - timedelta(days=LOAD_DAYS))
        .group_by(col(row.introducer_id))
    )
    return Counter(dict(session.exec(query).all()))


def hand_on(session: Session, person: int, heir: int) -> None:
    """Have what is on record of a person be of whoever they turned out to be."""
    for table, names in (
        (tables.Favour, ("colleague_id", "person_id")),
        (tables.Request, ("asker_id", "introducer_id", "target_id")),
    ):
        for name in names:
            column = getattr(table, name)
            session.connection().execute(update(table).where(column == person).values({name: heir}))
