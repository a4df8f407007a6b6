"""Where the records stand that custom fields are written to: contacts, leads, accounts, deals."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, exists, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from app.store import tables
from app.store.database import slices
from connectors import PersonKind

_IS_SOMEBODY = (
    col(tables.Profile.kind).in_([PersonKind.CONTACT.value, PersonKind.LEAD.value]),
    col(tables.Profile.is_seen),
)


class Standing(NamedTuple):
    """A record of a person, and that person's card: JSON as `cards.Card`, None without a tie.

    Attributes:
        influencer: awareness or conversion; "" or None for everybody else.
        bridge_to: What their bridges lead to; "" or None without one.
        is_left_out: Nothing is shown of them, and nobody counts them.
    """

    external_id: str
    account_id: str | None
    is_deleted: bool
    card: str | None
    title: str | None
    influencer: str | None
    bridge_to: str | None
    is_left_out: bool = False


class Place(NamedTuple):
    """What a `Standing` follows from, without the card itself: where two agree, nothing changed.

    Attributes:
        kind: contact or lead.
        changed_seq: The snapshot that changed the card last; None for nobody's.
    """

    kind: str
    account_id: str | None
    is_deleted: bool
    person_id: int | None
    changed_seq: int | None
    title: str | None
    influencer: str | None
    bridge_to: str | None
    is_left_out: bool


class DealRow(NamedTuple):
    """A record of a deal; `contacts` are the external ids of the people on it."""

    external_id: str
    account_id: str | None
    is_deleted: bool
    is_closed: bool
    stage: str
    contacts: tuple[str, ...]
    stages: tuple[str, ...]


def of_people(
    session: Session, connection_id: int, kind: PersonKind, *, after: str, limit: int
) -> list[Standing]:
    """The contacts or leads of a connection behind an external id, in the order of their ids."""
    profile = tables.Profile
    query = (
        _standings(connection_id)
        .where(col(profile.kind) == kind.value, col(profile.external_id) > after)
        .order_by(col(profile.external_id))
        .limit(limit)
    )
    return [Standing._make(row) for row in session.connection().execute(query)]


def of_these(
    session: Session, connection_id: int, external_ids: Sequence[str]
) -> Iterator[Standing]:
    """Some contacts and leads of a connection, in the order in which they are asked for."""
    for few in slices(external_ids):
        query = _standings(connection_id).where(col(tables.Profile.external_id).in_(few))
        rows = {row[0]: row for row in session.connection().execute(query)}
        yield from (Standing._make(rows[one]) for one in few if one in rows)


def places(session: Session, connection_id: int) -> dict[str, Place]:
    """All contacts of a connection and then its leads, each in the order of their ids."""
    profile, card, place = tables.Profile, tables.ScoreCard, tables.Position
    query = (
        select_columns(
            col(profile.external_id),
            col(profile.kind),
            col(profile.account_id),
            col(profile.is_deleted),
            col(profile.person_id),
            col(card.changed_seq),
            col(profile.title),
            col(place.influencer),
            col(place.bridge_to),
            _is_left_out(),
        )
        .outerjoin(card, col(card.person_id) == col(profile.person_id))
        .outerjoin(place, col(place.person_id) == col(profile.person_id))
        .where(col(profile.connection_id) == connection_id, *_IS_SOMEBODY)
        .order_by(col(profile.kind), col(profile.external_id))
    )
    return {row[0]: Place._make(row[1:]) for row in session.connection().execute(query)}


def _standings(connection_id: int) -> Select[*tuple[Any, ...]]:
    profile, card, place = tables.Profile, tables.ScoreCard, tables.Position
    return (
        select_columns(
            col(profile.external_id),
            col(profile.account_id),
            col(profile.is_deleted),
            col(card.body),
            col(profile.title),
            col(place.influencer),
            col(place.bridge_to),
            _is_left_out(),
        )
        .outerjoin(card, col(card.person_id) == col(profile.person_id))
        .outerjoin(place, col(place.person_id) == col(profile.person_id))
        .where(col(profile.connection_id) == connection_id, *_IS_SOMEBODY)
    )


def _is_left_out() -> ColumnElement[bool]:
    """Whether somebody stands behind a record whom an exclusion leaves out."""
    profile, person = tables.Profile, tables.Person
    who = exists().where(col(person.id) == col(profile.person_id), col(person.left_out) != "")
    return or_(col(profile.is_out), who.correlate(profile))


def of_accounts(
    session: Session, connection_id: int, *, after: str, limit: int
) -> Sequence[tuple[str, bool]]:
    """The accounts of a connection behind an external id, and whether they are deleted."""
    account = tables.Account
    query = (
        select(account.external_id, account.is_deleted)
        .where(account.connection_id == connection_id, account.external_id > after)
        .order_by(account.external_id)
        .limit(limit)
    )
    return [(e, d) for e, d in session.exec(query)]


def accounts(session: Session, connection_id: int) -> dict[str, bool]:
    """All accounts of a connection, and whether they are deleted."""
    account = tables.Account
    query = select(account.external_id, account.is_deleted)
    return dict(session.exec(query.where(account.connection_id == connection_id)).all())


def homes(session: Session, connection_id: int, external_ids: Sequence[str]) -> dict[str, str]:
    """The accounts that records of people and deals hang on, where they do."""
    found: dict[str, str] = {}
    for table in (tables.Profile, tables.Deal):
        for few in slices(external_ids):
            query = select_columns(col(table.external_id), col(table.account_id)).where(
                col(table.connection_id) == connection_id,
                col(table.external_id).in_(few),
            )
            rows = session.connection().execute(query)
            found.update((one, home) for one, home in rows if home is not None)
    return found


def of_deals(session: Session, connection_id: int, *, after: str, limit: int) -> Sequence[DealRow]:
    """The deals of a connection behind an external id, in the order of their ids."""
    deal = tables.Deal
    query = (
        select_columns(
            col(deal.external_id),
            col(deal.account_id),
            col(deal.is_deleted),
            col(deal.is_closed),
            col(deal.stage),
            col(deal.contacts),
            col(deal.stages),
        )
        .where(col(deal.connection_id) == connection_id, col(deal.external_id) > after)
        .order_by(col(deal.external_id))
        .limit(limit)
    )
    return [
        DealRow(
            external_id,
            account_id,
            is_deleted,
            is_closed,
            stage,
            tuple(one[0] for one in contacts),
            tuple(one[0] for one in stages),
        )
        for external_id, account_id, is_deleted, is_closed, stage, contacts, stages in (
            session.connection().execute(query)
        )
    ]


def every_deal(session: Session, connection_id: int, *, page: int) -> Iterator[Sequence[DealRow]]:
    """All deals of a connection, page by page."""
    after = ""
    while rows := of_deals(session, connection_id, after=after, limit=page):
        yield rows
        after = rows[-1].external_id


def advice_on_deals(session: Session, connection_id: int) -> dict[str, tuple[str, str]]:
    """What is recommended for each deal: the rule, and to whom and why; the most pressing."""
    row, person = tables.Recommendation, tables.Person
    query = (
        select(row, person.name)
        .join(person, col(person.id) == col(row.colleague_id))
        .where(row.deal_connection_id == connection_id)
        .order_by(col(row.priority), col(row.rule), col(row.contact_id))
    )
    return {
        one.deal_id or "": (one.rule, f"{name}: {one.reason}") for one, name in session.exec(query)
    }
