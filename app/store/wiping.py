"""Leaving nothing of some people in the store but hashes, and blanking what was written of them."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, delete, func, or_, update
from sqlmodel import Session, SQLModel, col, select

from app.store import (
    blanking,
    day_cells,
    erasing,
    ledger,
    missed,
    networks,
    outbox,
    people,
    retention,
    tables,
    touched,
)
from app.store.database import slices
from app.store.owed import Known
from app.store.spelled import Spelled, may_hold
from connectors import Target

Record = tuple[int, str]

NOBODY: dict[str, object] = {
    **erasing.BLANK,
    "account_id": None,
    "person_id": None,
    "joined_because": "",
    "is_apart": False,
    "is_out": True,
    "is_resolved": True,
}
"""What is left of a record of somebody who is erased."""

_TARGETS = (Target.CONTACT.value, Target.LEAD.value)


def wipe(
    session: Session, who: Collection[int], canonical: Callable[[str], str]
) -> tuple[Counter[str], list[list[Any]]]:
    """Leave nothing of some people; nothing is committed.

    What others had to do with each other stays. Scores go with the next scoring, which looks at
    everybody.

    Args:
        session: Nothing is committed.
        who: The people.
        canonical: Gives the one spelling of an address.

    Returns:
        How many rows there were, by table; and the records whose fields are to be blanked: of each
        its connection, its kind and its id.
    """
    counts: Counter[str] = Counter()
    records = people.records_behind(session, who)
    of = people.addresses_of(session, who)
    addresses = {canonical(one) for listed in of.values() for one in listed}
    words = _words(session, who, records) | addresses
    words |= {one for listed in of.values() for one in listed}
    counts["activity"] = _leave_activities(session, records, addresses, canonical)
    counts["interaction"] = _forget_met(session, who)
    blanked = _blank_fields(session, records, words)
    counts["profile"] = _forget_records(session, records)
    counts["exclusion"] = _forget_rules(session, addresses)
    _count_scores(session, who, counts)
    _forget_said(session, words)
    erasing.forget_words(session, words)
    for few in slices(sorted(who)):
        counts["claim"] += _count(session, tables.Claim, col(tables.Claim.person_id).in_(few))
        # Claims, overrides, advice and own lists go with their people.
        session.connection().execute(delete(tables.Person).where(col(tables.Person.id).in_(few)))
    counts["person"] = len(set(who))
    networks.forget(session)
    touched.note_everything(session)
    session.expire_all()
    return +counts, blanked


def count(
    session: Session,
    who: Collection[int],
    canonical: Callable[[str], str],
    spellings: Callable[[str], Sequence[tuple[str, str]]],
) -> Counter[str]:
    """Count what `wipe` would leave nothing of, by table; nothing is changed, and nothing held.

    Args:
        session: Nothing is changed.
        who: The people.
        canonical: Gives the one spelling of an address.
        spellings: Gives how all spellings of an address begin and end.
    """
    records = people.records_behind(session, who)
    of = people.addresses_of(session, who)
    every = {one for listed in of.values() for one in listed}
    addresses = {canonical(one) for one in every}
    shapes = [Spelled(*shape) for one in addresses for shape in spellings(one)]
    which = _may_name(records, shapes)
    named = _named_in(session, records, addresses, canonical, which) if which is not None else ()
    words = _words(session, who, records) | addresses | every
    counts = Counter(activity=sum(1 for _ in named), profile=len(records), person=len(set(who)))
    rule, met, claim = tables.Exclusion, tables.Interaction, tables.Claim
    for some in slices(sorted(addresses)):
        counts["exclusion"] += _count(session, rule, col(rule.value).in_(some))
    for few in slices(sorted(who)):
        theirs = or_(col(met.source).in_(few), col(met.target).in_(few))
        counts["interaction"] += _count(session, met, theirs) + retention.count(session, few)
        counts["claim"] += _count(session, claim, col(claim.person_id).in_(few))
    _count_scores(session, who, counts)
    counts["record to blank"] = sum(
        bool(_held(session, connection_id, target, external_id, words)[1])
        for connection_id, external_id in records
        for target in _TARGETS
    )
    return +counts


def _may_name(
    records: Collection[Record], spellings: Collection[Spelled]
) -> ColumnElement[bool] | None:
    """Which activities may name one of these records or addresses; None if none can."""
    text = cast(tables.Activity.participants, Text)
    parts = [text.contains(json.dumps(one), autoescape=True) for _, one in sorted(records)]
    parts += [may_hold(tables.Activity.participants, spellings)] if spellings else []
    return or_(*parts) if parts else None


def _words(session: Session, who: Collection[int], records: Collection[Record]) -> set[str]:
    """What these people are called, anywhere."""
    found = set(people.names_of(session, who).values())
    profile = tables.Profile
    for connection_id in {one for one, _ in records}:
        ids = sorted(external_id for one, external_id in records if one == connection_id)
        for few in slices(ids):
            query = select(profile.name).where(
                profile.connection_id == connection_id, col(profile.external_id).in_(few)
            )
            found.update(session.exec(query).all())
    return found - {""}


def _leave_activities(
    session: Session,
    records: Collection[Record],
    addresses: Collection[str],
    canonical: Callable[[str], str],
) -> int:
    """Leave of them in activities that somebody took part; gives in how many."""
    activity = tables.Activity
    changed = list(_named_in(session, records, addresses, canonical))
    for connection_id, external_id, left in changed:
        session.connection().execute(
            update(activity)
            .where(
                col(activity.connection_id) == connection_id,
                col(activity.external_id) == external_id,
            )
            .values(participants=left)
            .execution_options(synchronize_session=False)
        )
    return len(changed)


def _named_in(
    session: Session,
    records: Collection[Record],
    addresses: Collection[str],
    canonical: Callable[[str], str],
    *which: ColumnElement[bool],
) -> Iterator[tuple[int, str, list[list[str | None]]]]:
    """The activities that name them, each with what is left of its participants."""
    activity = tables.Activity
    query = select(activity.connection_id, activity.external_id, activity.participants)
    for connection_id, external_id, participants in session.exec(query.where(*which)):
        left: list[list[str | None]] = [
            [role, None, None]
            if (connection_id, record) in records or (address and canonical(address) in addresses)
            else [role, record, address]
            for role, record, address in participants
        ]
        if left != participants:
            yield connection_id, external_id, left


def _forget_met(session: Session, who: Collection[int]) -> int:
    met, gone = tables.Interaction, 0
    for few in slices(sorted(who)):
        theirs = or_(col(met.source).in_(few), col(met.target).in_(few))
        gone += session.connection().execute(delete(met).where(theirs)).rowcount
        gone += retention.forget(session, few)
    day_cells.forget(session, sorted(who))
    return gone


def _forget_records(session: Session, records: Collection[Record]) -> int:
    profile = tables.Profile
    for connection_id, external_id in sorted(records):
        missed.forget(session, connection_id, external_id)
        session.connection().execute(
            update(profile)
            .where(
                col(profile.connection_id) == connection_id, col(profile.external_id) == external_id
            )
            .values(NOBODY)
            .execution_options(synchronize_session=False)
        )
    _leave_lists(session, records)
    return len(records)


def _leave_lists(session: Session, records: Collection[Record]) -> None:
    """Take their lists of connections off the records that are on them."""
    profile = tables.Profile
    query = select(profile).where(
        col(profile.connection_id).in_({connection_id for connection_id, _ in records}),
        col(profile.linked) != [],
    )
    for row in session.exec(query).all():
        row.linked = [one for one in row.linked if (row.connection_id, one[0]) not in records]
    session.flush()


def _blank_fields(
    session: Session, records: Collection[Record], words: Collection[str]
) -> list[list[Any]]:
    """Owe the CRMs empty fields where something was written; forget what was."""
    blanked: list[list[Any]] = []
    for connection_id, external_id in sorted(records):
        for target in _TARGETS:
            row, held = _held(session, connection_id, target, external_id, words)
            outbox.forget(session, connection_id, target, [external_id])
            ledger.forget(session, connection_id, target, [external_id])
            if held:
                sent = {name: held[name] for name in row.sent if name in held}
                empty = Known(wanted=dict.fromkeys(held), acknowledged=held, sent=sent)
                outbox.want(session, connection_id, target, {external_id: empty})
                blanked.append([connection_id, target, external_id])
    return blanked


def _held(
    session: Session, connection_id: int, target: str, external_id: str, words: Collection[str]
) -> tuple[Known, dict[str, Any]]:
    """What we know of a record's fields, and those of them that hold something."""
    row = outbox.known(session, connection_id, target, [external_id]).get(external_id, Known())
    held = blanking.erased(row.acknowledged, words)
    return row, {name: value for name, value in held.items() if value is not None}


def fields_of(session: Session, blanked: Sequence[Sequence[Any]]) -> dict[str, int]:
    """How many fields are to be blanked, by the number of their connection."""
    counts: Counter[str] = Counter()
    for connection_id, target, external_id in blanked:
        known = outbox.known(session, connection_id, target, [external_id])
        counts[str(connection_id)] += len(known[external_id].differences)
    return dict(counts)


def _forget_rules(session: Session, addresses: Collection[str]) -> int:
    """Take them off the lists of exclusions, where their addresses stand to be read."""
    row, gone = tables.Exclusion, 0
    for few in slices(sorted(addresses)):
        gone += session.connection().execute(delete(row).where(col(row.value).in_(few))).rowcount
    return gone


def _forget_said(session: Session, words: Collection[str]) -> None:
    """Leave an empty text where people named them in what they said."""
    for row in session.exec(select(tables.Override)).all():
        said = {"author": row.author, "reason": row.reason}
        for name, text in blanking.erased(said, words).items():
            setattr(row, name, text)
    for rule in session.exec(select(tables.Exclusion)).all():
        said = {"author": rule.author, "reason": rule.reason}
        for name, text in blanking.erased(said, words).items():
            setattr(rule, name, text)
    for chosen in session.exec(select(tables.Weighting)).all():
        chosen.author = blanking.erased({"author": chosen.author}, words)["author"]
    for trial in session.exec(select(tables.Trial)).all():
        trial.author = blanking.erased({"author": trial.author}, words)["author"]
    session.flush()


def _count_scores(session: Session, who: Collection[int], counts: Counter[str]) -> None:
    tie, card, advice = tables.Tie, tables.ScoreCard, tables.Recommendation
    for few in slices(sorted(who)):
        counts["tie"] += _count(session, tie, or_(col(tie.a).in_(few), col(tie.b).in_(few)))
        counts["score_card"] += _count(session, card, col(card.person_id).in_(few))
        about = or_(col(advice.colleague_id).in_(few), col(advice.contact_id).in_(few))
        counts["recommendation"] += _count(session, advice, about)


def _count(session: Session, table: type[SQLModel], which: Any) -> int:  # noqa: ANN401 - a condition of SQLAlchemy's
    return session.exec(select(func.count()).select_from(table).where(which)).one()
