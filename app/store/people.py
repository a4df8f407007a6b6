"""What is known of people, once it is settled who is who."""

from collections.abc import Callable, Collection, Iterator, Mapping

from sqlalchemy import and_, not_, or_, update
from sqlmodel import Session, col, select

from app.store import tables
from app.store.database import slices
from app.store.spelled import ANY, Spelled, may_hold
from connectors import PersonKind


def names_of(session: Session, person_ids: Collection[int]) -> dict[int, str]:
    """What people are called."""
    person = tables.Person
    found: dict[int, str] = {}
    for few in slices(sorted(person_ids)):
        query = select(person.id, person.name).where(col(person.id).in_(few))
        found.update({i: name for i, name in session.exec(query) if i is not None})
    return found


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
