"""What advice can follow from beside the scores: who works where and as what, and the deals."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from app.engine import Company, Deal, Involved, Scores
from app.store import tables
from connectors import PersonKind

Key = tuple[int, str]
"""A record of a connection: its number, and the external id."""


def company(session: Session, scores: Scores, *, nobodys: Collection[str]) -> Company:
    """All that rules may look at.

    Args:
        session: Nothing is changed.
        scores: Of the same moment.
        nobodys: Domains that tell no organisation, because everybody may have an address there.
    """
    account_of = account_numbers(session, nobodys=nobodys)
    people = _People(session, account_of)
    return Company(
        scores=scores,
        account_of=people.accounts,
        titles=people.titles,
        deals=tuple(_deals(session, account_of, people.of_record)),
        left=frozenset(people.left - people.here),
    )


def account_numbers(session: Session, *, nobodys: Collection[str]) -> dict[Key, int]:
    """The number of each account; records with the same domain are one organisation."""
    account = tables.Account
    query = (
        select(account.id, account.domain, account.connection_id, account.external_id)
        .where(~col(account.is_deleted))
        .order_by(col(account.id))
    )
    of_domain: dict[str, int] = {}
    found: dict[Key, int] = {}
    for own, domain, connection_id, external_id in session.exec(query):
        number = own or 0
        if domain and domain not in nobodys:
            number = of_domain.setdefault(domain, number)
        found[connection_id, external_id] = number
    return found


class _People:
    """Whose each record is, and what the records tell: of several, the first that says it.

    Who is excluded is nobody.
    """

    def __init__(self, session: Session, account_of: Mapping[Key, int]) -> None:
        self.of_record: dict[Key, int] = {}
        self.accounts: dict[int, int] = {}
        self.titles: dict[int, str] = {}
        self.here: set[int] = set()
        self.left: set[int] = set()
        profile, person_ = tables.Profile, tables.Person
        query = (
            select_columns(
                col(profile.connection_id),
                col(profile.external_id),
                col(profile.person_id),
                col(profile.account_id),
                col(profile.title),
                col(profile.kind),
                col(profile.is_active),
            )
            .join(person_, col(person_.id) == col(profile.person_id))
            .where(~col(profile.is_deleted), col(person_.left_out) == "")
            .order_by(col(profile.connection_id), col(profile.external_id))
        )
        for at, external_id, person, account, title, kind, is_active in session.execute(query):
            self.of_record[at, external_id] = person
            if (number := account_of.get((at, account))) is not None:
                self.accounts.setdefault(person, number)
            if title:
                self.titles.setdefault(person, title)
            if kind == PersonKind.COLLEAGUE.value:
                (self.here if is_active else self.left).add(person)


def _deals(
    session: Session, account_of: Mapping[Key, int], of_record: Mapping[Key, int]
) -> Iterator[Deal]:
    deal = tables.Deal
    query = select(deal).where(~col(deal.is_deleted))
    for row in session.exec(query.order_by(col(deal.connection_id), col(deal.external_id))):
        at = row.connection_id
        yield Deal(
            key=(at, row.external_id),
            stage=row.stage,
            is_open=not row.is_closed,
            is_won=row.is_won,
            account=account_of.get((at, row.account_id or "")),
            owner=of_record.get((at, row.owner_id or "")),
            opened_s=int(row.created_at.timestamp()),
            stages=tuple((stage, _seconds(moment)) for stage, moment in row.stages),
            involved=tuple(_involved(row.contacts, at, of_record)),
        )


def _involved(
    contacts: list[list[Any]], connection_id: int, of_record: Mapping[Key, int]
) -> list[Involved]:
    """Who takes part; of a person's several records the first counts."""
    found: dict[int, Involved] = {}
    for external_id, role, is_primary in contacts:
        person = of_record.get((connection_id, external_id))
        if person is not None:
            found.setdefault(person, Involved(person, role, is_primary))
    return [found[person] for person in sorted(found)]


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())
