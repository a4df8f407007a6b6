"""Erasing a person on request, with a certificate; and noting that somebody objected."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session

from app.errors import NotFound, Unreadable
from app.pipeline.exclusions import Kind, normal
from app.pipeline.mailboxes import canonical, spellings
from app.store import (
    audit,
    erasures,
    lookups,
    networks,
    people,
    reading,
    suppression,
    tables,
    wiping,
)
from app.store.audit import Actor
from app.store.blanking import names
from app.store.suppression import Act, Hashing

__all__ = [
    "Subject",
    "are_erasures",
    "certificate",
    "certificates",
    "erase",
    "lift",
    "object_",
    "objections",
    "preview",
    "subject",
]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom somebody wants to erase.

    Attributes:
        called: Their name, or an address where they have none.
    """

    id: int
    called: str
    addresses: Sequence[str]
    is_colleague: bool


def subject(session: Session, person_id: int) -> Subject:
    """Whom an erasure would be of; one who is excluded, too.

    Raises:
        NotFound: If there is no such person.
    """
    person = _person(session, person_id)
    addresses = sorted(people.addresses_of(session, {person_id}).get(person_id, ()))
    called = person.name.strip() or next(iter(addresses), f"person {person_id}")
    return Subject(person_id, called, addresses, person.is_colleague)


def preview(session: Session, person_id: int) -> dict[str, int]:
    """Count what would be erased of a person, by table; nothing is changed.

    Raises:
        NotFound: If there is no such person.
    """
    _person(session, person_id)
    return dict(wiping.count(session, {person_id}, canonical, spellings))


def erase(session: Session, person_id: int, *, actor: Actor, reference: str = "") -> tables.Erasure:
    """Erase a person, and keep them out: of all their addresses and records a hash stays.

    Scores follow with the next scoring, and empty fields with the next write-back. Commits nothing.

    Raises:
        NotFound: If there is no such person.
        Unreadable: If the reference names them.
    """
    _person(session, person_id)
    return _erase(session, {person_id}, (), actor=actor, reference=reference)


def object_(session: Session, address: str, *, actor: Actor) -> tables.Erasure | None:
    """Note that whoever has an address objects; who is there with it is erased. Commits nothing.

    Returns:
        The erasure; None if nobody was there.

    Raises:
        Unreadable: If it is no address.
    """
    plain = normal(Kind.ADDRESS, address).value
    who = people.with_address(session, lambda one: canonical(one) == plain)
    if who:
        return _erase(session, who, {plain}, actor=actor, reference="")
    act = Act(secrets.token_hex(8), actor.name, datetime.now(UTC))
    digest = Hashing.of(session).address(plain)
    suppression.suppress(session, act, {digest}, are_addresses=True)
    audit.keep(session, actor, "objection.noted", act.name)
    return None


def lift(session: Session, address: str, *, actor: Actor) -> None:
    """Take back that somebody objected; the CRMs are read anew for them. Commits nothing.

    Raises:
        NotFound: If nobody with this address has objected.
        Unreadable: If it is no address.
    """
    digest = Hashing.of(session).address(normal(Kind.ADDRESS, address).value)
    act = suppression.act_of(session, {digest})
    if act is None:
        raise NotFound("Nobody with this address has objected.")
    suppression.lift(session, act.name)
    reading.start_over(session)
    networks.forget(session)
    audit.keep(session, actor, "objection.lifted", act.name)


def objections(session: Session) -> Sequence[tuple[str, str, datetime, int]]:
    """All objections, the latest first: name, author, time, and of how many addresses."""
    return suppression.acts(session)


def are_erasures(session: Session, acts: Collection[str]) -> set[str]:
    """Those of these objections of which there is a certificate, by name."""
    return erasures.named(session, acts)


def certificates(session: Session) -> Sequence[tables.Erasure]:
    """All erasures, the latest first, as far as they have come."""
    erasures.settle(session, at=datetime.now(UTC))
    return erasures.every(session)


def certificate(session: Session, erasure_id: str) -> tables.Erasure:
    """One erasure, as far as it has come.

    Raises:
        NotFound: If there is none of this name.
    """
    erasures.settle(session, at=datetime.now(UTC))
    return erasures.get(session, erasure_id)


def _person(session: Session, person_id: int) -> tables.Person:
    """Find a person; one who is excluded can be erased too."""
    return session.get(tables.Person, person_id) or lookups.person(session, person_id)


def _erase(
    session: Session,
    who: Collection[int],
    also: Collection[str],
    *,
    actor: Actor,
    reference: str,
) -> tables.Erasure:
    of = people.addresses_of(session, who)
    addresses = {canonical(one) for listed in of.values() for one in listed} | set(also)
    called = {one for one in people.names_of(session, who).values() if one}
    if names(reference, called | addresses):
        raise Unreadable("Leave the person's name out of the reference: it is kept.")
    at, hashing = datetime.now(UTC), Hashing.of(session)
    act = Act(secrets.token_hex(8), actor.name, at)
    records = people.records_behind(session, who)
    suppression.suppress(session, act, {hashing.address(a) for a in addresses}, are_addresses=True)
    digests = {hashing.record(*one) for one in records}
    suppression.suppress(session, act, digests, are_addresses=False)
    counts, blanked = wiping.wipe(session, who, canonical)
    row = tables.Erasure(
        id=act.name,
        author=actor.name,
        reference=reference,
        asked_at=at,
        suppressed=len(addresses) + len(digests),
        counts=dict(counts),
        fields=wiping.fields_of(session, blanked),
        confirmed={},
        waiting=blanked,
        scored=sorted(who),
    )
    session.add(row)
    session.flush()
    audit.keep(session, actor, "person.erased", row.id, after={"counts": row.counts})
    return row
