"""What the custom fields of a connection's records follow from, and what of it changed since.

Cards are most of it, and stay in the store: which snapshot changed one last tells enough. So
whoever looks again soon reads the cards of the few who changed, and of those who share an account
or a deal with them; of everybody else a short row is read and compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session

from app.engine.deals import stage_order
from app.pipeline.fields import Column
from app.store import standings
from app.store.standings import DealRow, Place
from connectors import Target

PAGE = 2_000

Columns = Mapping[Target, Sequence[Column[Any]]]
"""The custom fields that are written, by kind of record."""


@dataclass(frozen=True, slots=True)
class News:
    """The records that may have to show something else, by external id.

    Attributes:
        homes: The accounts of which everybody has to be looked at.
        on_deals: The people on those of the deals that are open.
    """

    people: frozenset[str]
    accounts: Sequence[str]
    deals: Sequence[str]
    homes: frozenset[str]
    on_deals: frozenset[str]


@dataclass(frozen=True, slots=True)
class Look:
    """All records of a connection at one moment.

    Attributes:
        columns: The fields that were written, by kind of record.
        people: Contacts and then leads, in the order of their ids.
        accounts: Whether each is deleted; none if they have no field.
        deals: The same of deals.
        advised: What is recommended for deals, and why.
        order: The stages that deals pass, in their order.
    """

    columns: Mapping[Target, tuple[str, ...]]
    people: Mapping[str, Place]
    accounts: Mapping[str, bool] = field(default_factory=dict)
    deals: Mapping[str, DealRow] = field(default_factory=dict)
    advised: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    order: Sequence[str] = ()

    @classmethod
    def of(cls, session: Session, connection_id: int, columns: Columns) -> "Look":
        """Look at everything; whatever changes from now on is seen the next time."""
        deals: dict[str, DealRow] = {}
        if Target.DEAL in columns:
            for page in standings.every_deal(session, connection_id, page=PAGE):
                deals |= {row.external_id: row for row in page}
        has_accounts = Target.ACCOUNT in columns
        closed = {row.stage for row in deals.values() if row.is_closed}
        return cls(
            columns={target: tuple(one.name for one in columns[target]) for target in columns},
            people=standings.places(session, connection_id),
            accounts=standings.accounts(session, connection_id) if has_accounts else {},
            deals=deals,
            advised=standings.advice_on_deals(session, connection_id) if deals else {},
            order=stage_order([row.stages for row in deals.values()], closed),
        )

    def __len__(self) -> int:
        """How many records there are that have fields."""
        kinds = {target.value for target in self.columns}
        people = sum(not one.is_deleted and one.kind in kinds for one in self.people.values())
        accounts = sum(not is_deleted for is_deleted in self.accounts.values())
        return people + accounts + sum(not row.is_deleted for row in self.deals.values())

    def since(self, before: "Look") -> News:
        """What changed, and whose people did."""
        people = _unlike(self.people, before.people)
        both = (self.people, before.people)
        homes = (at[one].account_id for one in people for at in both if one in at)
        touched = set(filter(None, homes))
        advised = _unlike(self.advised, before.advised)
        changed = _unlike(self.deals, before.deals)
        deals = [
            one
            for one, row in self.deals.items()
            if self.order != before.order
            or one in changed
            or one in advised
            or row.account_id in touched
            or not people.isdisjoint(row.contacts)
        ]
        accounts = _unlike(self.accounts, before.accounts)
        rows = [self.deals[one] for one in deals if not self.deals[one].is_closed]
        return News(
            people=frozenset(people & self.people.keys()),
            accounts=[one for one in self.accounts if one in touched or one in accounts],
            deals=deals,
            homes=frozenset({*touched, *accounts, *(row.account_id or "" for row in rows)}),
            on_deals=frozenset(one for row in rows for one in row.contacts),
        )

    def needed(self, news: News) -> list[str]:
        """The people whose cards tell what changed, in the order of `people`."""
        named = news.people | news.on_deals
        return [
            one
            for one, place in self.people.items()
            if one in named or (place.account_id and place.account_id in news.homes)
        ]


def _unlike(now: Mapping[str, object], before: Mapping[str, object]) -> set[str]:
    return {one for one in now.keys() | before.keys() if now.get(one) != before.get(one)}
