"""Who is who: one person for all their CRM records and addresses."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, delete, func, insert, not_, or_, update
from sqlmodel import Session, col, select

from app.errors import NotFound
from app.store import favours, overrides, retention, tables
from app.store.database import slices, upsert
from app.store.spelled import ANY, Spelled, may_hold
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


def names_of(session: Session, person_ids: Collection[int]) -> dict[int, str]:
    """What people are called."""
    person = tables.Person
    found: dict[int, str] = {}
    for few in slices(sorted(person_ids)):
        query = select(person.id, person.name).where(col(person.id).in_(few))
        found.update({i: name for i, name in session.exec(query) if i is not None})
    return found


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


def colleagues_connections(session: Session) -> dict[int, set[int]]:
    """The connections in which each colleague has a record of their own."""
    profile = tables.Profile
    query = select(profile.person_id, profile.connection_id).where(
        profile.kind == PersonKind.COLLEAGUE.value, ~col(profile.is_deleted)
    )
    found: dict[int, set[int]] = {}
    for person, connection_id in session.exec(query):
        found.setdefault(person or 0, set()).add(connection_id)
    return found


def behind(session: Session, mailboxes: Collection[str]) -> set[int]:
    """The people who are none, but a mailbox of one of these kinds."""
    person = tables.Person
    query = select(person.id).where(col(person.mailbox).in_(sorted(mailboxes)))
    return {one for one in session.exec(query) if one is not None}


def with_address(session: Session, is_it: Callable[[str], bool]) -> set[int]:
    """Everybody with an address that is told so; looks at every address there is."""
    return {person for person, address in every_address(session) if is_it(address)}


def every_address(
    session: Session, spellings: Collection[Spelled] = (ANY,)
) -> Iterator[tuple[int, str]]:
    """Each address that somebody has, as a record has it or as an activity named it.

    Args:
        session: Nothing is changed.
        spellings: Those that are spelled so; others may be among them.
    """
    profile, claim = tables.Profile, tables.Claim
    records = select(profile.person_id, profile.addresses).where(
        col(profile.person_id).is_not(None), ~col(profile.is_deleted)
    )
    strangers = select(claim.person_id, claim.key).where(~col(claim.key).contains(" @"))
    if ANY not in spellings:
        records = records.where(may_hold(profile.addresses, spellings))
        strangers = strangers.where(may_hold(claim.key, spellings))
    for person, listed in session.exec(records):
        yield from ((person or 0, address) for address in listed)
    yield from session.exec(strangers).all()


def addresses_of(session: Session, person_ids: Collection[int]) -> dict[int, set[str]]:
    """The addresses of some people, by person."""
    profile, claim = tables.Profile, tables.Claim
    found: dict[int, set[str]] = {}
    for few in slices(sorted(person_ids)):
        records = select(profile.person_id, profile.addresses).where(
            col(profile.person_id).in_(few), ~col(profile.is_deleted)
        )
        for person, listed in session.exec(records):
            found.setdefault(person or 0, set()).update(listed)
        known = select(claim.person_id, claim.key).where(
            col(claim.person_id).in_(few), ~col(claim.key).contains(" @")
        )
        for person, key in session.exec(known):
            found.setdefault(person, set()).add(key)
    return found


def records_behind(session: Session, person_ids: Collection[int]) -> set[tuple[int, str]]:
    """All records that some people have, deleted ones too, by connection and external id."""
    profile = tables.Profile
    found: set[tuple[int, str]] = set()
    for few in slices(sorted(person_ids)):
        query = select(profile.connection_id, profile.external_id)
        found.update(session.exec(query.where(col(profile.person_id).in_(few))).all())
    return found


def left_out(session: Session, person_ids: Collection[int] | None = None) -> dict[int, str]:
    """Those who are left out, and what with them: of some people, or of all."""
    person = tables.Person
    query = select(person.id, person.left_out).where(person.left_out != "")
    parts = [None] if person_ids is None else slices(sorted(person_ids))
    return {
        one: what
        for few in parts
        for one, what in session.exec(
            query if few is None else query.where(col(person.id).in_(few))
        )
        if one is not None
    }


def leave_out(session: Session, people: Mapping[int, str]) -> None:
    """Say who is left out from now on, and who no more."""
    rows = [{"id": person, "left_out": what} for person, what in sorted(people.items())]
    if rows:
        session.execute(update(tables.Person), rows)


def nobodies(session: Session) -> set[int]:
    """The people who are none, but a mailbox of whatever kind."""
    person = tables.Person
    query = select(person.id).where(person.mailbox != "")
    return {one for one in session.exec(query) if one is not None}


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


def ours(session: Session) -> list[int]:
    """Who is a colleague; sorted."""
    person = tables.Person
    query = select(person.id).where(col(person.is_colleague), person.left_out == "")
    return sorted(one for one in session.exec(query) if one is not None)


def departed(session: Session) -> set[int]:
    """People who are no more, or are not to be: nothing is scored of them.

    Their records are deleted, or they were colleagues and have left, or an exclusion leaves them
    out.
    """
    profile = tables.Profile
    has_left = and_(
        col(profile.kind) == PersonKind.COLLEAGUE.value, col(profile.is_active).is_(False)
    )
    is_gone = or_(col(profile.is_deleted).is_(True), has_left)
    known = select(profile.person_id).where(col(profile.person_id).is_not(None))
    here = set(session.exec(known.where(not_(is_gone))))
    gone = {p for p in session.exec(known.where(is_gone)) if p} - here
    return gone | left_out(session).keys()


def named(session: Session) -> dict[int, tuple[str, bool]]:
    """Everybody's name, and whether they are a colleague, by person id."""
    person = tables.Person
    query = select(person.id, person.name, person.is_colleague).order_by(col(person.id))
    return {i: (name, ours) for i, name, ours in session.exec(query) if i is not None}


def accounts_of(session: Session, person_ids: Collection[int]) -> dict[int, str]:
    """The name of the account each person works at; one of them for somebody with several."""
    profile, account = tables.Profile, tables.Account
    found: dict[int, str] = {}
    for few in slices(sorted(person_ids)):
        query = (
            select(profile.person_id, account.name)
            .where(
                profile.connection_id == account.connection_id,
                profile.account_id == account.external_id,
                ~col(profile.is_deleted),
                col(profile.person_id).in_(few),
            )
            .order_by(col(profile.person_id), col(account.id).desc())
        )
        found.update({p: name for p, name in session.exec(query) if p is not None})
    return found


def titles_of(session: Session, person_ids: Collection[int]) -> dict[int, str]:
    """What people are at work, in their own words, where a CRM says it; the first that does."""
    profile = tables.Profile
    found: dict[int, str] = {}
    for few in slices(sorted(person_ids)):
        query = (
            select(profile.person_id, profile.title)
            .where(~col(profile.is_deleted), col(profile.person_id).in_(few))
            .order_by(col(profile.connection_id).desc(), col(profile.external_id).desc())
        )
        found.update({p: title for p, title in session.exec(query) if p is not None and title})
    return found


def at_accounts(session: Session) -> dict[str, list[int]]:
    """The people at each account, by its name; for as many accounts as a page can show."""
    profile, account, who = tables.Profile, tables.Account, tables.Person
    query = (
        select(account.name, profile.person_id)
        .join(who, col(who.id) == col(profile.person_id))
        .where(
            who.left_out == "",
            profile.connection_id == account.connection_id,
            profile.account_id == account.external_id,
            ~col(profile.is_deleted),
        )
        .order_by(account.name, col(profile.person_id))
    )
    found: dict[str, list[int]] = {}
    for name, person in session.exec(query):
        if person is not None:
            found.setdefault(name, []).append(person)
    return found
