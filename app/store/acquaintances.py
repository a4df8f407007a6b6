"""Who knows whom, as the pages that explore it ask: a few rows by key, never a whole table."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, or_, select

from app.store import tables
from app.store.cards import Card
from app.store.database import slices
from connectors import PersonKind


@dataclass(frozen=True, slots=True)
class Work:
    """What somebody is, and where, as their records say it."""

    title: str = ""
    account: str = ""
    account_id: int | None = None


@dataclass(frozen=True, slots=True)
class Best:
    """Somebody's strongest tie with the other side."""

    strength: float
    other: int
    points: int
    band: str


def of_person(session: Session, person_id: int) -> Sequence[tables.Tie]:
    """A person's ties with the other side: ours with a contact, a contact's with us; best first."""
    tie = tables.Tie
    query = select(tie).where(
        or_(col(tie.a) == person_id, col(tie.b) == person_id), col(tie.is_outward)
    )
    return session.exec(query.order_by(col(tie.strength).desc(), col(tie.a), col(tie.b))).all()


def outward(session: Session, people: Collection[int]) -> list[tables.Tie]:
    """Every tie of these people with the other side, the strongest first."""
    tie = tables.Tie
    found: dict[tuple[int, int], tables.Tie] = {}
    for few in slices(sorted(people)):
        for end in (tie.a, tie.b):
            query = select(tie).where(col(end).in_(few), col(tie.is_outward))
            found.update({(one.a, one.b): one for one in session.exec(query)})
    return sorted(found.values(), key=lambda one: (-one.strength, one.a, one.b))


def best_of(session: Session, people: Collection[int]) -> dict[int, Best]:
    """The strongest tie of each of these people with the other side; of those who have one."""
    tie = tables.Tie
    found: dict[int, Best] = {}
    columns = (tie.strength, tie.a, tie.b, tie.points, tie.band)
    for few in slices(sorted(people)):
        for end in (0, 1):
            query = select_columns(*map(col, columns)).where(
                col((tie.a, tie.b)[end]).in_(few), col(tie.is_outward)
            )
            for strength, a, b, points, band in session.execute(query):
                own, other = ((a, b), (b, a))[end]
                if own not in found or found[own].strength < strength:
                    found[own] = Best(strength, other, points, band)
    return found


def strongest(session: Session, *, after: int, limit: int) -> list[tuple[int, int]]:
    """The pairs of the strongest ties with somebody outside, without so many of the first."""
    tie = tables.Tie
    query = select(tie.a, tie.b).where(col(tie.is_outward))
    ranked = query.order_by(col(tie.strength).desc(), col(tie.a), col(tie.b))
    return [(a, b) for a, b in session.exec(ranked.offset(after).limit(limit))]


def some(session: Session, people: Collection[int]) -> dict[int, tables.Person]:
    """Some people, by number."""
    person = tables.Person
    found: dict[int, tables.Person] = {}
    for few in slices(sorted(people)):
        rows = session.exec(select(person).where(col(person.id).in_(few)))
        found.update({one.id or 0: one for one in rows})
    return found


def cards(session: Session, people: Collection[int]) -> dict[int, Card]:
    """The cards of those who have one, by person."""
    card = tables.ScoreCard
    found: dict[int, Card] = {}
    for few in slices(sorted(people)):
        query = select(card.person_id, card.body).where(col(card.person_id).in_(few))
        told = ((person, body) for person, body in session.exec(query) if body is not None)
        found.update({person: Card.model_validate_json(body) for person, body in told})
    return found


def work_of(session: Session, people: Collection[int]) -> dict[int, Work]:
    """What people are and where; of several records the first that says it."""
    profile, account = tables.Profile, tables.Account
    found: dict[int, Work] = {}
    for few in slices(sorted(people)):
        query = (
            select(profile.person_id, profile.title, account.name, account.id)
            .outerjoin(
                account,
                (col(account.connection_id) == col(profile.connection_id))
                & (col(account.external_id) == col(profile.account_id)),
            )
            .where(~col(profile.is_deleted), col(profile.person_id).in_(few))
            .order_by(col(profile.connection_id), col(profile.external_id))
        )
        for person, title, name, number in session.exec(query):
            last = found.get(person or 0, Work())
            found[person or 0] = Work(
                last.title or title or "",
                last.account or name or "",
                last.account_id if last.account else number,
            )
    return found


def accounts(session: Session, numbers: Iterable[int]) -> dict[int, tables.Account]:
    """Some accounts, by number."""
    account = tables.Account
    found: dict[int, tables.Account] = {}
    for few in slices(sorted(set(numbers))):
        rows = session.exec(select(account).where(col(account.id).in_(few)))
        found.update({one.id or 0: one for one in rows})
    return found


def members(session: Session, account_ids: Collection[int]) -> dict[int, set[int]]:
    """The people with a record at each of these accounts, our own left out."""
    profile, account, person = tables.Profile, tables.Account, tables.Person
    found: dict[int, set[int]] = {number: set() for number in account_ids}
    for few in slices(sorted(account_ids)):
        query = (
            select(account.id, profile.person_id)
            .where(
                col(account.id).in_(few),
                profile.connection_id == account.connection_id,
                profile.account_id == account.external_id,
                ~col(profile.is_deleted),
                profile.person_id == person.id,
                ~col(person.is_colleague),
            )
            .distinct()
        )
        for number, who in session.exec(query):
            found[number or 0].add(who or 0)
    return found


def colleagues(session: Session) -> list[tuple[int, str]]:
    """Our own people by name: those who are users of a CRM and have not left."""
    person, profile = tables.Person, tables.Profile
    query = (
        select(person.id, person.name)
        .where(
            profile.kind == PersonKind.COLLEAGUE.value,
            profile.person_id == person.id,
            ~col(profile.is_deleted),
            profile.is_active,
            person.is_colleague,
        )
        .distinct()
        .order_by(func.lower(person.name), col(person.id))
    )
    return [(number or 0, name) for number, name in session.exec(query)]


def open_deals(session: Session, account_id: int) -> Sequence[tables.Deal]:
    """The open deals of an account, the next to close first."""
    deal, account = tables.Deal, tables.Account
    query = (
        select(deal)
        .where(
            account.id == account_id,
            deal.connection_id == account.connection_id,
            deal.account_id == account.external_id,
            ~col(deal.is_closed),
            ~col(deal.is_deleted),
        )
        .order_by(col(deal.closes_on).is_(None), col(deal.closes_on), col(deal.external_id))
    )
    return session.exec(query).all()


def people_of(session: Session, connection_id: int, records: Collection[str]) -> dict[str, int]:
    """Who some records of a connection are; those who are nobody yet are left out."""
    profile = tables.Profile
    found: dict[str, int] = {}
    for few in slices(sorted(records)):
        query = select(profile.external_id, profile.person_id).where(
            profile.connection_id == connection_id, col(profile.external_id).in_(few)
        )
        found.update({one: person for one, person in session.exec(query) if person is not None})
    return found
