"""What people say that ties are worth: with author, reason, and an end."""

from datetime import datetime

from sqlmodel import Session, col, or_, select

from app.errors import NotFound
from app.store import tables

Pair = tuple[int, int]


def put(session: Session, override: tables.Override) -> None:
    """Say what a tie is worth, in the place of what was said before.

    Raises:
        NotFound: If one of the two people does not exist.
    """
    for person in (override.a, override.b):
        found = session.get(tables.Person, person)
        if found is None or found.left_out:
            raise NotFound(f"There is no person {person}.")
    session.merge(override)
    session.flush()


def remove(session: Session, one: int, other: int) -> None:
    """Take back what was said of a tie.

    Raises:
        NotFound: If nothing was.
    """
    found = session.get(tables.Override, (min(one, other), max(one, other)))
    if found is None:
        raise NotFound(f"The tie of persons {one} and {other} is not overridden.")
    session.delete(found)


def in_force(session: Session, *, at: datetime) -> dict[Pair, tables.Override]:
    """What holds at a moment, by pair (a < b); what has expired ends by itself.

    What was said of somebody whom an exclusion leaves out waits until it is lifted.
    """
    row, person = tables.Override, tables.Person
    out = select(person.id).where(person.left_out != "")
    query = (
        select(row)
        .where(col(row.expires_at) > at, col(row.a).not_in(out), col(row.b).not_in(out))
        .order_by(col(row.a), col(row.b))
    )
    return {(found.a, found.b): found for found in session.exec(query)}


def of_tie(session: Session, one: int, other: int, *, at: datetime) -> tables.Override | None:
    """What holds of one tie at a moment; None if nothing does."""
    found = session.get(tables.Override, (min(one, other), max(one, other)))
    return found if found and found.expires_at > at else None


def hand_on(session: Session, person: int, heir: int) -> None:
    """Have what was said of a person be said of whoever they turned out to be."""
    row = tables.Override
    query = select(row).where(or_(col(row.a) == person, col(row.b) == person))
    for found in session.exec(query).all():
        other = found.b if found.a == person else found.a
        a, b = min(heir, other), max(heir, other)
        said = found.model_dump(exclude={"a", "b"})
        session.delete(found)
        session.flush()
        if a != b and session.get(row, (a, b)) is None:
            session.add(row(a=a, b=b, **said))
            session.flush()
