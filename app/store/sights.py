"""What has to be known of people and accounts to say who may see them."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlmodel import Session, col, or_, select

from app.store import tables
from app.store.database import slices
from connectors import PersonKind, Target


@dataclass(frozen=True, slots=True, order=True)
class Record:
    """A record of a CRM: `target` is one of `connectors.Target`."""

    connection_id: int
    target: str
    external_id: str


@dataclass(slots=True)
class Face:
    """A person's records, and the connections that one of ours is a user of."""

    is_colleague: bool
    records: list[Record] = field(default_factory=list)
    connections: set[int] = field(default_factory=set)


def colleague(session: Session, email: str) -> tuple[int, dict[int, str]] | None:
    """Which colleague has this address, and which user of each connection they are."""
    claim = session.get(tables.Claim, email.strip().lower())
    person = session.get(tables.Person, claim.person_id) if claim else None
    if person is None or person.id is None or not person.is_colleague:
        return None
    profile = tables.Profile
    query = select(profile.connection_id, profile.external_id).where(
        profile.person_id == person.id,
        profile.kind == PersonKind.COLLEAGUE.value,
        ~col(profile.is_deleted),
        profile.is_active,
    )
    logins = dict(session.exec(query.order_by(profile.external_id)).all())
    return (person.id, logins) if logins else None


def faces(session: Session, people: Collection[int]) -> dict[int, Face]:
    """The records of some people; those who do not exist are left out."""
    person, profile = tables.Person, tables.Profile
    found: dict[int, Face] = {}
    for few in slices(sorted(set(people))):
        ours = select(person.id, person.is_colleague).where(col(person.id).in_(few))
        found.update({one or 0: Face(is_ours) for one, is_ours in session.exec(ours)})
        query = select(
            profile.person_id, profile.connection_id, profile.external_id, profile.kind
        ).where(col(profile.person_id).in_(few), ~col(profile.is_deleted))
        for one, connection_id, external_id, kind in session.exec(query):
            face = found[one or 0]
            if kind == PersonKind.COLLEAGUE.value:
                face.connections.add(connection_id)
            else:
                face.records.append(Record(connection_id, Target(kind).value, external_id))
    return found


def acquainted(session: Session, colleague_id: int, people: Collection[int]) -> set[int]:
    """Those of these people with whom a colleague has a tie."""
    tie = tables.Tie
    found: set[int] = set()
    for few in slices(sorted(set(people))):
        query = select(tie.a, tie.b).where(
            or_(
                (col(tie.a) == colleague_id) & col(tie.b).in_(few),
                (col(tie.b) == colleague_id) & col(tie.a).in_(few),
            )
        )
        found |= {end for pair in session.exec(query) for end in pair}
    return found - {colleague_id}


def accounts(session: Session, numbers: Collection[int]) -> dict[int, Record]:
    """The records of some accounts, by number."""
    account = tables.Account
    found: dict[int, Record] = {}
    for few in slices(sorted(set(numbers))):
        query = select(account.id, account.connection_id, account.external_id)
        for number, at, external_id in session.exec(query.where(col(account.id).in_(few))):
            found[number or 0] = Record(at, Target.ACCOUNT.value, external_id)
    return found
