"""What the API asks: people and accounts page by page, one card as it is kept, what is counted."""

import contextlib
import re
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Engine, PoolProxiedConnection, exists, func, or_, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from app import engine
from app.errors import NotFound, NotReady
from app.store import asked, connections, interactions, scores, tables, weights
from app.store import people as everybody
from app.store.cards import Named
from app.store.database import slices

_DOMAIN = re.compile(r"@?([\w-]+(?:\.[\w-]+)+)")

_CARD = "SELECT body FROM score_card WHERE person_id = "
_CARDS = {"sqlite": f"{_CARD}?", "postgresql": f"{_CARD}%s"}


@dataclass(frozen=True, slots=True)
class PeopleSought:
    """Which people to list; what is None or empty does not narrow the list.

    Attributes:
        search: The beginning of a word of their name, an address, or a domain.
        account_id: Only those with a record at this account.
        takes_excluded: Those who are left out, too.
    """

    search: str = ""
    account_id: int | None = None
    is_colleague: bool | None = None
    takes_excluded: bool = False


def answers(database: Engine) -> bool:
    """Whether the database answers anything at all."""
    try:
        with database.connect() as connection:
            return connection.scalar(select(1)) == 1
    except SQLAlchemyError:
        return False


def card_body(database: Engine, person_id: int) -> str | None:
    """One person's scores, as the JSON document of `cards.Card`; None if there are none.

    The read that every page view of a CRM makes: straight through the driver, because a session
    takes several times as long as the query (`tests/benchmarks/api.py`).

    Raises:
        NotReady: If the database does not answer.
    """
    try:
        with contextlib.closing(database.raw_connection()) as connection:
            row = _only_row(connection, _CARDS[database.dialect.name], person_id)
    except database.dialect.loaded_dbapi.Error as error:
        raise NotReady("The database does not answer: try again in a moment.") from error
    return str(row[0]) if row and row[0] is not None else None


def _only_row(connection: PoolProxiedConnection, query: str, key: int) -> tuple[Any, ...] | None:
    """Read one row without a transaction: on PostgreSQL its begin and end cost as much again."""
    driver: Any = connection.driver_connection
    has_autocommit = not isinstance(driver, sqlite3.Connection)  # which reads without one anyway
    try:
        if has_autocommit:
            driver.autocommit = True
        row: tuple[Any, ...] | None = driver.execute(query, (key,)).fetchone()
        if has_autocommit:
            driver.autocommit = False
    except BaseException:
        connection.invalidate()  # nobody else may get it as it is
        raise
    return row


def refold(
    session: Session, snapshot: tables.Snapshot
) -> tuple[engine.Interactions, engine.Scores, engine.Weights]:
    """The contacts that the snapshot follows from, its scores with their sums, and its weights."""
    met = interactions.every(session, until_s=int(snapshot.scored_at.timestamp()))
    ours = [person for person, (_, is_ours) in everybody.named(session).items() if is_ours]
    colleagues = np.array(ours, dtype=np.int64)
    as_of_s = int(snapshot.as_of.timestamp())
    known = weights.of_version(session, snapshot.weights)
    curve = scores.read_fit(snapshot).curve
    found = engine.score(met, as_of_s=as_of_s, colleagues=colleagues, weights=known, curve=curve)
    return met, found, known


def people(
    session: Session, sought: PeopleSought, *, after: int, limit: int
) -> Sequence[tables.Person]:
    """People behind an id, in the order of their ids."""
    person = tables.Person
    query = select(person).where(col(person.id) > after)
    if not sought.takes_excluded:
        query = query.where(person.left_out == "")
    if sought.search:
        query = query.where(_is_found(sought.search))
    if sought.account_id is not None:
        query = query.where(_works_at(sought.account_id))
    if sought.is_colleague is not None:
        query = query.where(col(person.is_colleague) == sought.is_colleague)
    return session.exec(query.order_by(col(person.id)).limit(limit)).all()


def person(session: Session, person_id: int) -> tables.Person:
    """Find a person.

    Raises:
        NotFound: If there is none with this id, or they are left out.
    """
    found = session.get(tables.Person, person_id)
    if found is None or found.left_out:
        raise NotFound(f"There is no person {person_id}.")
    return found


def person_of(session: Session, connection_id: int, external_id: str) -> tables.Person | None:
    """The person that a record of a CRM is; None if it is nobody's."""
    person, profile = tables.Person, tables.Profile
    query = (
        select(person)
        .join(profile, col(profile.person_id) == col(person.id))
        .where(profile.connection_id == connection_id, profile.external_id == external_id)
    )
    return session.exec(query).first()


def named(session: Session, person_ids: Collection[int]) -> dict[int, Named]:
    """The names of some people, by id; not of those who do not exist or are excluded."""
    person = tables.Person
    found: dict[int, Named] = {}
    for few in slices(sorted(set(person_ids))):
        query = select(person).where(col(person.id).in_(few), person.left_out == "")
        found.update({row.id: _named(row) for row in session.exec(query) if row.id is not None})
    return found


def addresses(session: Session, person_id: int) -> Sequence[str]:
    """A person's addresses, in alphabetical order."""
    claim = tables.Claim
    query = select(claim.key).where(claim.person_id == person_id, ~col(claim.key).contains(" @"))
    return session.exec(query.order_by(claim.key)).all()


def coverage(session: Session, person_id: int) -> Sequence[tables.Coverage]:
    """What reaches us of a colleague, by channel; empty for anybody else."""
    row = tables.Coverage
    query = select(row).where(row.person_id == person_id)
    return session.exec(query.order_by(row.channel)).all()


def profiles(
    session: Session, person_id: int
) -> list[tuple[tables.Profile, tables.Connection, tables.Account | None]]:
    """The records that are this person: each with its connection and, where it has one, account."""
    profile, connection, account = tables.Profile, tables.Connection, tables.Account
    query = (
        select(profile, connection, account)
        .join(connection, col(connection.id) == col(profile.connection_id))
        .outerjoin(
            account,
            (col(account.connection_id) == col(profile.connection_id))
            & (col(account.external_id) == col(profile.account_id)),
        )
        .where(col(profile.person_id) == person_id, ~col(profile.is_deleted))
        .order_by(col(profile.connection_id), col(profile.external_id))
    )
    return [(p, c, a) for p, c, a in session.exec(query)]


def accounts(session: Session, search: str, *, after: int, limit: int) -> Sequence[tables.Account]:
    """Accounts behind an id whose name has a word that begins so, or with this domain."""
    account = tables.Account
    query = select(account).where(col(account.id) > after, ~col(account.is_deleted))
    if search:
        by_domain = _DOMAIN.fullmatch(search)
        found = _has_word(col(account.name), search)
        if by_domain:
            found = or_(found, col(account.domain) == by_domain[1].lower())
        query = query.where(found)
    return session.exec(query.order_by(col(account.id)).limit(limit)).all()


def at_account(session: Session, account_id: int) -> set[int]:
    """The people with a record at an account.

    Raises:
        NotFound: If there is no such account.
    """
    found = session.get(tables.Account, account_id)
    if found is None:
        raise NotFound(f"There is no account {account_id}.")
    profile, person = tables.Profile, tables.Person
    query = (
        select(profile.person_id)
        .join(person, col(person.id) == col(profile.person_id))
        .where(
            profile.connection_id == found.connection_id,
            profile.account_id == found.external_id,
            ~col(profile.is_deleted),
            person.left_out == "",
        )
    )
    return {one for one in session.exec(query) if one is not None}


def titled(session: Session, person_ids: Collection[int], role: str) -> set[int]:
    """Those of some people whose title, in any record, has all the words of a role."""
    profile = tables.Profile
    sought, found = _words(role), set()
    for few in slices(sorted(person_ids)):
        query = select(profile.person_id, profile.title).where(
            col(profile.person_id).in_(few), ~col(profile.is_deleted)
        )
        found |= {p for p, title in session.exec(query) if p and sought <= _words(title or "")}
    return found


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def account_name(session: Session, account_id: int) -> str:
    """What an account is called: its name, or where it has none its domain.

    Raises:
        NotFound: If there is no such account.
    """
    found = session.get(tables.Account, account_id)
    if found is None:
        raise NotFound(f"There is no account {account_id}.")
    return found.name or found.domain or f"Account {account_id}"


def kept(session: Session, connection_id: int) -> Mapping[str, int]:
    """How many records of each kind a connection has given that are not deleted."""
    profile, account, activity = tables.Profile, tables.Account, tables.Activity
    people = (
        select(profile.kind, func.count())
        .where(profile.connection_id == connection_id, profile.is_seen, ~col(profile.is_deleted))
        .group_by(profile.kind)
    )
    activities = (
        select(activity.channel, func.count())
        .where(activity.connection_id == connection_id, ~col(activity.is_deleted))
        .group_by(activity.channel)
    )
    accounts = (
        select(func.count())
        .select_from(account)
        .where(account.connection_id == connection_id, ~col(account.is_deleted))
    )
    counted = [*session.exec(people), ("account", session.exec(accounts).one())]
    return dict(sorted([*counted, *session.exec(activities)]))


def malformed(session: Session, connection_id: int) -> dict[str, int]:
    """How many rows of each stream of a connection could not be read."""
    row = tables.Malformed
    query = select(row.stream, func.count()).where(row.connection_id == connection_id)
    return dict(session.exec(query.group_by(row.stream)).all())


def is_held_long(session: Session, lease: str, *, at: datetime) -> bool:
    """Whether somebody holds a lease who will not give it back in a moment."""
    held = session.get(tables.Lease, lease)
    is_held = held is not None and bool(held.holder) and held.expires_at > at
    return is_held and held is not None and not held.holder.startswith(connections.BRIEFLY)


def end_orphans(session: Session, *, at: datetime, reason: str) -> int:
    """Mark runs as failed that nobody is at any more; gives how many. What was asked for, waits.

    Only for whoever has just got the right to run alone: whatever is still running then, is not.
    """
    run = tables.Run
    session.connection().execute(
        update(run)
        .where(col(run.status) == "running", col(run.stage).in_((asked.PLAN, asked.UNDO)))
        .values(status=asked.ASKED, reason=reason)
    )
    ended = session.connection().execute(
        update(run)
        .where(col(run.status) == "running")
        .values(status="failed", reason=reason, ended_at=at)
    )
    return ended.rowcount


def _named(person: tables.Person) -> Named:
    assert person.id is not None  # noqa: S101 - a stored row has its id
    return Named(id=person.id, name=person.name, is_colleague=person.is_colleague)


def _is_found(search: str) -> ColumnElement[bool]:
    person, claim = tables.Person, tables.Claim
    found = _has_word(col(person.name), search)
    theirs = col(claim.person_id) == col(person.id)
    if domain := _DOMAIN.fullmatch(search):
        ends = col(claim.key).endswith(f"@{domain[1].lower()}", autoescape=True)
        return or_(found, exists().where(theirs, ends))
    if "@" in search:
        return or_(found, exists().where(theirs, col(claim.key) == search.lower()))
    return found


def _has_word(name: Mapped[str], search: str) -> ColumnElement[bool]:
    """Whether a name, or a later word of it, begins so; SQLite lowers ASCII letters only."""
    lowered = search.lower()
    return or_(
        name.startswith(search, autoescape=True),
        func.lower(name).startswith(lowered, autoescape=True),
        func.lower(name).contains(f" {lowered}", autoescape=True),
    )


def _works_at(account_id: int) -> ColumnElement[bool]:
    person, profile, account = tables.Person, tables.Profile, tables.Account
    return exists().where(
        col(profile.person_id) == col(person.id),
        ~col(profile.is_deleted),
        col(profile.connection_id) == col(account.connection_id),
        col(profile.account_id) == col(account.external_id),
        col(account.id) == account_id,
    )
