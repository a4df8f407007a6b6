"""The lists of exclusions: shown, tried, changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from app.errors import NotFound, Unreadable
from app.pipeline.exclusions import SUGGESTED, Kind, LeftOut, Rules, normal, spelled
from app.pipeline.leaving_out import suggest
from app.pipeline.mailboxes import canonical
from app.store import audit, exclusions, identity, lookups, people, resolving, tables
from app.store.audit import Actor
from app.store.spelled import Spelled

__all__ = [
    "SUGGESTED",
    "Kind",
    "Reach",
    "Wanted",
    "add",
    "change",
    "colleague_with",
    "lift",
    "listed",
    "own",
    "own_lists",
    "preview",
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A rule as an admin or a colleague wants it.

    Attributes:
        colleague_id: Whose own list it is for; None for the company's.
        takes_activity: Whatever one of them took part in is to be left out whole.
    """

    kind: Kind
    value: str
    takes_activity: bool = False
    is_on: bool = True
    colleague_id: int | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """What would go if a rule held: people, what passed between them and others, and their ties."""

    people: int
    interactions: int
    ties: int


def listed(session: Session, *, colleague_id: int | None = None) -> Sequence[tables.Exclusion]:
    """The rules of one list, the oldest first; commits nothing.

    Raises:
        NotFound: If there is no such colleague.
    """
    suggest(session)
    if colleague_id is not None:
        lookups.person(session, colleague_id)
    return exclusions.every(session, colleague_id=colleague_id)


def own_lists(session: Session) -> dict[int, int]:
    """How many rules there are on each colleague's own list, of those who have one."""
    return exclusions.own_lists(session)


def colleague_with(session: Session, address: str) -> tables.Person | None:
    """The colleague who has an address, in any spelling; None if nobody or somebody else has."""
    found = identity.owners(session, {canonical(address)})
    person = session.get(tables.Person, next(iter(found.values()), 0))
    return person if person and person.is_colleague and not person.left_out else None


def own(session: Session, exclusion_id: int, colleague_id: int) -> tables.Exclusion:
    """A rule of a colleague's own list.

    Raises:
        NotFound: If it is on another list, or on none.
    """
    row = exclusions.get(session, exclusion_id)
    if row.colleague_id != colleague_id:
        raise NotFound(f"There is no exclusion {exclusion_id}.")
    return row


def add(session: Session, wanted: Wanted, *, actor: Actor, reason: str) -> tables.Exclusion:
    """Put a rule on its list; the next run acts on it. Commits nothing.

    Raises:
        Conflict: If it stands there already.
        NotFound: If there is no such colleague.
        Unreadable: If it is no rule.
    """
    suggest(session)
    if wanted.colleague_id is not None:
        _check_colleague(session, wanted.colleague_id)
    rule = normal(wanted.kind, wanted.value, takes_activity=wanted.takes_activity)
    row = tables.Exclusion(
        colleague_id=wanted.colleague_id,
        kind=rule.kind.value,
        value=rule.value,
        takes_activity=rule.takes_activity,
        is_on=wanted.is_on,
        reason=reason,
        author=actor.name,
        set_at=datetime.now(UTC),
    )
    exclusions.add(session, row)
    audit.keep(session, actor, "exclusion.added", str(row.id), after=_told(row))
    return row


def change(
    session: Session, exclusion_id: int, *, is_on: bool, takes_activity: bool, actor: Actor
) -> tables.Exclusion:
    """Switch a rule on or off, or have it take more or less; the next run acts on it.

    Raises:
        NotFound: If there is no such rule.
    """
    row = exclusions.get(session, exclusion_id)
    before = _told(row)
    row.is_on, row.takes_activity = is_on, takes_activity
    row.author, row.set_at, row.is_settled = actor.name, datetime.now(UTC), False
    session.add(row)
    session.flush()
    audit.keep(session, actor, "exclusion.changed", str(row.id), before=before, after=_told(row))
    return row


def lift(session: Session, exclusion_id: int, *, actor: Actor) -> None:
    """Take a rule away; the next run brings back what it left out.

    Raises:
        NotFound: If there is no such rule.
    """
    row = exclusions.get(session, exclusion_id)
    row.is_lifted, row.is_settled = True, False
    session.add(row)
    session.flush()
    audit.keep(session, actor, "exclusion.lifted", str(row.id), before=_told(row))


def preview(session: Session, wanted: Wanted) -> Reach:
    """Count what would go if a rule held, of what is there now; nothing is changed.

    Raises:
        NotFound: If there is no such colleague.
        Unreadable: If it is no rule.
    """
    rule = normal(wanted.kind, wanted.value, takes_activity=wanted.takes_activity)
    if wanted.colleague_id is not None:
        _check_colleague(session, wanted.colleague_id)
    rules, of = Rules([rule]), dict[int, LeftOut]()
    spellings = [Spelled(*one) for one in spelled(rule)]
    for person, address in people.every_address(session, spellings):
        of[person] = max(of.get(person, LeftOut.NOTHING), rules.of(address))
    out = {one for one, what in of.items() if what} - people.left_out(session).keys()
    out.discard(wanted.colleague_id or 0)
    gone = resolving.lost(
        session, out, colleague_id=wanted.colleague_id, is_whole=wanted.takes_activity
    )
    return Reach(len(out), gone.interactions, gone.ties)


def _told(row: tables.Exclusion) -> dict[str, Any]:
    """What the audit log tells of a rule: nobody's address."""
    is_somebodys = row.kind in (Kind.ADDRESS.value, Kind.COLLEAGUE.value)
    return {
        "kind": row.kind,
        "value": "" if is_somebodys else row.value,
        "colleague": row.colleague_id,
        "takes_activity": row.takes_activity,
        "is_on": row.is_on,
    }


def _check_colleague(session: Session, person_id: int) -> None:
    if not lookups.person(session, person_id).is_colleague:
        raise Unreadable("Only a colleague has a list of their own.")
