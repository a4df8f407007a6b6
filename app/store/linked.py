"""What colleagues' lists of connections on LinkedIn say, as records: who of us knows whom."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.store import tables
from app.store.database import slices

Key = tuple[int, str]
"""A record of a connection: its number, and the external id."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A record that is on lists of connections.

    Attributes:
        person: Who it is.
        company: What the list calls where they work; "" where it does not say.
        has_address: It can be known by an address.
        by: The colleagues, by record, whose list it is on, and since when.
    """

    connection_id: int
    person: int
    name: str
    company: str
    has_address: bool
    by: Mapping[str, date]


def listed(session: Session) -> list[Listed]:
    """Everybody who is on a colleague's list, by record; nobody who is left out."""
    profile, person, account = tables.Profile, tables.Person, tables.Account
    query = (
        select(profile, account.name)
        .join(person, col(person.id) == col(profile.person_id))
        .outerjoin(
            account,
            (col(account.connection_id) == col(profile.connection_id))
            & (col(account.external_id) == col(profile.account_id)),
        )
        .where(col(profile.linked) != [], ~col(profile.is_deleted), person.left_out == "")
        .order_by(col(profile.connection_id), col(profile.external_id))
    )
    return [
        Listed(
            row.connection_id,
            row.person_id or 0,
            row.name,
            company or "",
            has_address=bool(row.addresses),
            by={record: date.fromisoformat(day) for record, day in row.linked},
        )
        for row, company in session.exec(query)
    ]


def staff(session: Session, companies: Collection[str]) -> Iterator[tuple[str, str, int]]:
    """The contacts at accounts of some names, in whatever case: company, name, and who it is.

    Records that are on a list themselves and have no address say nothing new, and are left out.
    """
    profile, person, account = tables.Profile, tables.Person, tables.Account
    query = (
        select(account.name, profile)
        .join(
            profile,
            (col(account.connection_id) == col(profile.connection_id))
            & (col(account.external_id) == col(profile.account_id)),
        )
        .join(person, col(person.id) == col(profile.person_id))
        .where(~col(profile.is_deleted), ~col(account.is_deleted), person.left_out == "")
        .where(~col(person.is_colleague))
    )
    for few in slices(sorted({name.lower() for name in companies})):
        for company, row in session.exec(query.where(func.lower(account.name).in_(few))):
            if row.addresses or not row.linked:
                yield company, row.name, row.person_id or 0
