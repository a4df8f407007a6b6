"""The day's network: one replaces the last, whole."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, or_
from sqlmodel import Session, SQLModel, col, select

from app.errors import NotFound, NotReady
from app.store import tables
from app.store.database import insert, slices

IN_FORCE = 1

PARTS: tuple[type[SQLModel], ...] = (
    tables.Community,
    tables.Position,
    tables.Bridge,
    tables.Influencer,
    tables.WeakTie,
    tables.SeenIntroduction,
    tables.Link,
)
"""What is replaced together with the network."""

Rows = Mapping[type[SQLModel], Sequence[Mapping[str, Any]]]


def replace(session: Session, network: tables.Network, rows: Rows) -> None:
    """Put a new network in the place of the last: all of it or, if this fails, none."""
    every: tuple[type[SQLModel], ...] = (tables.Network, *PARTS)
    for table in every:
        session.connection().execute(delete(table))
    for table in PARTS:
        insert(session, table, rows[table])
    insert(session, tables.Network, [network.model_dump()])


def forget(session: Session) -> None:
    """Take the network back, whole; the next scoring finds it anew."""
    every: tuple[type[SQLModel], ...] = (tables.Network, *PARTS)
    for table in every:
        session.connection().execute(delete(table))
    session.expire_all()


def last(session: Session) -> tables.Network | None:
    """The network in force; None before the first."""
    return session.get(tables.Network, IN_FORCE)


def network(session: Session) -> tables.Network:
    """The network in force.

    Raises:
        NotReady: If none was ever found.
    """
    found = last(session)
    if found is None:
        raise NotReady("The network is not found yet: it is with the first scores of a day.")
    return found


def position(session: Session, person_id: int) -> tables.Position:
    """The place of a person.

    Raises:
        NotFound: If they have no firm tie.
    """
    found = session.get(tables.Position, person_id)
    if found is None:
        raise NotFound(f"Person {person_id} has no firm tie, and so no place in the network.")
    return found


def members(session: Session) -> dict[int, int]:
    """The community of everybody who has one."""
    place = tables.Position
    return dict(session.exec(select(place.person_id, place.community)).all())


def communities(session: Session, *, after: int, limit: int) -> Sequence[tables.Community]:
    """Communities behind a number, in the order of their numbers."""
    community = tables.Community
    query = select(community).where(community.number > after).order_by(col(community.number))
    return session.exec(query.limit(limit)).all()


def community_names(session: Session) -> dict[int, str]:
    """What communities are called, by number."""
    community = tables.Community
    return {one.number: one.name for one in session.exec(select(community))}


def bridges(
    session: Session, *, limit: int, person_id: int | None = None
) -> Sequence[tables.Bridge]:
    """Bridges, those first without whom most people are cut off; of one person if given."""
    bridge = tables.Bridge
    query = select(bridge)
    if person_id is not None:
        query = query.where(or_(col(bridge.a) == person_id, col(bridge.b) == person_id))
    return session.exec(query.order_by(col(bridge.place)).limit(limit)).all()


def bridges_of(session: Session, people: Collection[int]) -> list[tables.Bridge]:
    """The bridges that any of these people hold, in the order of their places."""
    bridge = tables.Bridge
    found: dict[int, tables.Bridge] = {}
    for few in slices(sorted(people)):
        query = select(bridge).where(or_(col(bridge.a).in_(few), col(bridge.b).in_(few)))
        found.update({one.place: one for one in session.exec(query)})
    return [found[place] for place in sorted(found)]


def influencers(
    session: Session, *, limit: int, kind: str, is_chosen: bool = False
) -> Sequence[tables.Influencer]:
    """One of the lists, by rank; of the portfolio alone if asked for."""
    influencer = tables.Influencer
    query = select(influencer).where(influencer.kind == kind)
    if is_chosen:
        query = query.where(col(influencer.is_chosen))
    return session.exec(query.order_by(col(influencer.place)).limit(limit)).all()


def listed(session: Session, kinds: Collection[str]) -> Sequence[tables.Influencer]:
    """All that is kept of some lists, by list and rank."""
    influencer = tables.Influencer
    query = select(influencer).where(col(influencer.kind).in_(sorted(kinds)))
    return session.exec(query.order_by(col(influencer.kind), col(influencer.place))).all()


def weak_ties(
    session: Session, *, limit: int, colleague_id: int | None = None
) -> Sequence[tables.WeakTie]:
    """This week's lists, the best opportunities first; of one colleague in their own order."""
    tie = tables.WeakTie
    if colleague_id is not None:
        mine = select(tie).where(tie.colleague_id == colleague_id).order_by(col(tie.place))
        return session.exec(mine.limit(limit)).all()
    ranked = (col(tie.opportunity).desc(), col(tie.colleague_id), col(tie.place))
    return session.exec(select(tie).order_by(*ranked).limit(limit)).all()


def links(session: Session, people: Collection[int]) -> Sequence[tables.Link]:
    """The connections on LinkedIn of some people with colleagues, by person and colleague."""
    link = tables.Link
    query = select(link).order_by(col(link.person_id), col(link.colleague_id))
    return [
        one
        for few in slices(sorted(people))
        for one in session.exec(query.where(col(link.person_id).in_(few)))
    ]


def links_of(session: Session, colleague: int) -> int:
    """How many people a colleague is connected with on LinkedIn, as far as we were shown."""
    link = tables.Link
    query = select(func.count()).select_from(link).where(link.colleague_id == colleague)
    return session.exec(query).one()


def industries(session: Session) -> dict[int, str]:
    """The industries that accounts are in, by their numbers."""
    account = tables.Account
    query = select(account.id, account.industry).where(col(account.industry).is_not(None))
    return {number: industry for number, industry in session.exec(query) if number and industry}


def account_names(session: Session) -> dict[int, str]:
    """What accounts are called, by their numbers."""
    account = tables.Account
    query = select(account.id, account.name).where(account.name != "")
    return {number: name for number, name in session.exec(query) if number}
