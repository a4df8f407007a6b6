"""Who is who: whose every record, address and name is, and how one person becomes two or one."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, func, insert, update
from sqlmodel import Session, col, select

from app.errors import NotFound
from app.store import favours, overrides, retention, tables
from app.store.database import slices, upsert
from connectors import PersonKind

LONGEST_CHAIN = 50
"""Merges of merges that are followed; a circle of them ends there."""


class Face(NamedTuple):
    """What a person is called, whether they are a colleague, and who is behind them."""

    name: str
    is_colleague: bool
    mailbox: str = ""


class Shown(NamedTuple):
    """What a record shows of its person."""

    name: str
    kind: str
    addresses: tuple[str, ...]


def unresolved(session: Session, limit: int, *, is_merged: bool) -> Sequence[tables.Profile]:
    """Profiles whose person is not settled: those that live on, or those merged into others."""
    profile = tables.Profile
    merged_into = col(profile.merged_into)
    return session.exec(
        select(profile)
        .where(
            ~col(profile.is_resolved),
            ~col(profile.is_out),
            merged_into.is_not(None) if is_merged else merged_into.is_(None),
        )
        .order_by(col(profile.connection_id), col(profile.external_id))
        .limit(limit)
    ).all()


def count_unresolved(session: Session) -> int:
    """How many profiles there are whose person is not settled."""
    profile = tables.Profile
    is_open = (~col(profile.is_resolved), ~col(profile.is_out))
    query = select(func.count()).select_from(profile).where(*is_open)
    return session.exec(query).one()


def survivors(session: Session, connection_id: int, merged: Mapping[str, str]) -> dict[str, str]:
    """The record at the end of each chain of merges, by the record at its beginning.

    Args:
        session: Nothing is changed.
        connection_id: Whose records they are.
        merged: The record that each was merged into.
    """
    profile = tables.Profile
    ends = dict(merged)
    for _ in range(LONGEST_CHAIN):
        onward: dict[str, str] = {}
        for few in slices(sorted(set(ends.values()))):
            query = select(profile.external_id, profile.merged_into).where(
                profile.connection_id == connection_id,
                col(profile.external_id).in_(few),
                col(profile.merged_into).is_not(None),
            )
            onward.update({e: into for e, into in session.exec(query) if into is not None})
        if not onward:
            break
        ends = {first: onward.get(end, end) for first, end in ends.items()}
    return ends


def settle(session: Session, people: Mapping[tuple[int, str], tuple[int, str]]) -> None:
    """Say whose each profile is and why, by connection and external id."""
    rows = [
        {
            "connection_id": connection_id,
            "external_id": external_id,
            "person_id": person,
            "joined_because": reason,
            "is_resolved": True,
        }
        for (connection_id, external_id), (person, reason) in sorted(people.items())
    ]
    if rows:
        session.execute(update(tables.Profile), rows)


def expect(session: Session, people: Mapping[tuple[int, str], int], *, at: datetime) -> None:
    """Make room for contacts that an activity names and the CRM has not shown yet."""
    rows = [
        {
            "connection_id": connection_id,
            "external_id": external_id,
            "kind": PersonKind.CONTACT.value,
            "name": "",
            "addresses": [],
            "is_active": True,
            "is_deleted": False,
            "is_seen": False,
            "modified_at": at,
            "person_id": person_id,
            "is_resolved": True,
        }
        for (connection_id, external_id), person_id in people.items()
    ]
    upsert(session, tables.Profile, rows, compared=())


def of_profiles(
    session: Session, connection_id: int, external_ids: Collection[str]
) -> dict[str, int]:
    """The people behind records of one connection; records not yet resolved are left out."""
    profile = tables.Profile
    found: dict[str, int] = {}
    for few in slices(sorted(external_ids)):
        query = select(profile.external_id, profile.person_id).where(
            profile.connection_id == connection_id,
            col(profile.external_id).in_(few),
            col(profile.person_id).is_not(None),
        )
        found.update((e, p) for e, p in session.exec(query) if p is not None)
    return found


def out(session: Session, connection_id: int, external_ids: Collection[str]) -> set[str]:
    """Those of these records behind which nobody may stand: their people objected."""
    profile = tables.Profile
    found: set[str] = set()
    for few in slices(sorted(external_ids)):
        query = select(profile.external_id).where(
            profile.connection_id == connection_id,
            col(profile.external_id).in_(few),
            col(profile.is_out),
        )
        found.update(session.exec(query).all())
    return found


def owners(session: Session, keys: Collection[str]) -> dict[str, int]:
    """Whose each known key is: an address, or a name at a company."""
    claim = tables.Claim
    found: dict[str, int] = {}
    for few in slices(sorted(keys)):
        query = select(claim.key, claim.person_id).where(col(claim.key).in_(few))
        found.update(session.exec(query).all())
    return found


def add(session: Session, newcomers: Sequence[Face]) -> list[int]:
    """Add people; gives their ids in the same order."""
    if not newcomers:
        return []
    rows = [face._asdict() for face in newcomers]
    adding = insert(tables.Person).returning(col(tables.Person.id), sort_by_parameter_order=True)
    return [int(found or 0) for found in session.connection().execute(adding, rows).scalars()]


def records_of(session: Session, person_ids: Collection[int]) -> dict[int, list[Shown]]:
    """All live records that people have, by person: a colleague's own first, then the oldest."""
    profile = tables.Profile
    is_ours = col(profile.kind) == PersonKind.COLLEAGUE.value
    found: dict[int, list[Shown]] = {}
    for few in slices(sorted(person_ids)):
        query = (
            select(profile.person_id, profile.name, profile.kind, profile.addresses)
            .where(
                col(profile.person_id).in_(few),
                ~col(profile.is_deleted),
                col(profile.is_seen),
            )
            .order_by(is_ours.desc(), col(profile.connection_id), col(profile.external_id))
        )
        for person, name, kind, addresses in session.exec(query):
            found.setdefault(person or 0, []).append(Shown(name, kind, tuple(addresses)))
    return found


def set_apart(
    session: Session, connection_id: int, external_id: str, *, is_apart: bool
) -> tables.Profile:
    """Say that a record is nobody else, or no more; the next run acts on it.

    Raises:
        NotFound: If there is no such record.
    """
    profile = session.get(tables.Profile, (connection_id, external_id))
    if profile is None:
        raise NotFound(f"Connection {connection_id} has no record {external_id} of a person.")
    profile.is_apart, profile.is_resolved = is_apart, False
    session.add(profile)
    return profile


def show(session: Session, people: Mapping[int, Face]) -> None:
    """Say what people are called, whether they are colleagues, and who is behind them."""
    rows = [{"id": person, **face._asdict()} for person, face in sorted(people.items())]
    if rows:
        session.execute(update(tables.Person), rows)


def colleagues_addresses(session: Session) -> list[str]:
    """The main addresses of all colleagues who are there."""
    profile = tables.Profile
    query = select(profile.addresses).where(
        profile.kind == PersonKind.COLLEAGUE.value, ~col(profile.is_deleted)
    )
    return [addresses[0] for addresses in session.exec(query) if addresses]


def mates(session: Session, person_ids: Collection[int]) -> dict[int, set[tuple[int, str]]]:
    """The live records that people have, by connection and external id."""
    profile = tables.Profile
    found: dict[int, set[tuple[int, str]]] = {}
    for few in slices(sorted(person_ids)):
        query = select(profile.person_id, profile.connection_id, profile.external_id).where(
            col(profile.person_id).in_(few), ~col(profile.is_deleted)
        )
        for person, connection_id, external_id in session.exec(query):
            found.setdefault(person or 0, set()).add((connection_id, external_id))
    return found


def release(
    session: Session,
    person_ids: Collection[int],
    known_by: Callable[[str, Sequence[str]], set[str]],
) -> None:
    """Take from people what none of their live records is known by any more."""
    claim, profile = tables.Claim, tables.Profile
    for few in slices(sorted(person_ids)):
        records = select(profile.name, profile.addresses).where(
            col(profile.person_id).in_(few), ~col(profile.is_deleted)
        )
        held = {key for name, listed in session.exec(records) for key in known_by(name, listed)}
        owned = select(claim.key).where(col(claim.person_id).in_(few))
        for gone in slices(sorted(set(session.exec(owned)) - held)):
            session.connection().execute(delete(claim).where(col(claim.key).in_(gone)))


def own(session: Session, owners: Mapping[str, int]) -> None:
    """Give keys to people; a key that has an owner keeps them."""
    rows = [{"key": key, "person_id": person} for key, person in owners.items()]
    upsert(session, tables.Claim, rows, compared=())


def give(session: Session, heirs: Mapping[int, int]) -> None:
    """Give all that some people are known by to others, and have their records settled again."""
    claim, profile = tables.Claim, tables.Profile
    for person, heir in sorted(heirs.items()):
        changes = update(claim).where(col(claim.person_id) == person).values(person_id=heir)
        session.connection().execute(changes)
        session.connection().execute(
            update(profile).where(col(profile.person_id) == person).values(is_resolved=False)
        )
        overrides.hand_on(session, person, heir)
        retention.hand_on(session, person, heir)
        favours.hand_on(session, person, heir)


def forget_strangers(session: Session) -> None:
    """Forget people who have no record any more and never met anybody who has."""
    person, profile, met = tables.Person, tables.Profile, tables.Interaction
    session.connection().execute(
        delete(person).where(
            col(person.id).not_in(
                select(profile.person_id).where(col(profile.person_id).is_not(None))
            ),
            col(person.id).not_in(select(met.source)),
            col(person.id).not_in(select(met.target)),
            col(person.id).not_in(select(tables.Past.source)),
            col(person.id).not_in(select(tables.Past.target)),
        )
    )
