"""The exclusions: the company's list, and each colleague's own."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from app.errors import Conflict, NotFound
from app.store import tables

ROW = 1

BY_DEFAULT = "Tieline"
"""Who put on the list what we suggest, and when."""
SUGGESTED_AT = datetime(1970, 1, 1, tzinfo=UTC)


def state(session: Session) -> tables.Privacy:
    """What holds for all; the row is made when it is first asked for."""
    found = session.get(tables.Privacy, ROW, populate_existing=True)
    if found is None:
        found = tables.Privacy(id=ROW)
        session.add(found)
        session.flush()
    return found


def every(session: Session, *, colleague_id: int | None = None) -> Sequence[tables.Exclusion]:
    """The rules of one list that nobody has taken away, the oldest first."""
    row = tables.Exclusion
    of_list = row.colleague_id == colleague_id
    query = select(row).where(of_list, ~col(row.is_lifted)).order_by(col(row.id))
    return session.exec(query).all()


def own_lists(session: Session) -> dict[int, int]:
    """How many rules there are on each colleague's own list, of those who have one."""
    row = tables.Exclusion
    query = select(row.colleague_id, func.count()).where(
        col(row.colleague_id).is_not(None), ~col(row.is_lifted)
    )
    found = session.exec(query.group_by(col(row.colleague_id))).all()
    return {colleague_id: count for colleague_id, count in found if colleague_id is not None}


def holding(session: Session) -> Sequence[tables.Exclusion]:
    """The rules of all lists that hold now."""
    row = tables.Exclusion
    query = select(row).where(col(row.is_on), ~col(row.is_lifted))
    return session.exec(query.order_by(col(row.id))).all()


def unsettled(session: Session) -> Sequence[tables.Exclusion]:
    """The rules that came, changed or went since a run last looked."""
    row = tables.Exclusion
    return session.exec(select(row).where(~col(row.is_settled)).order_by(col(row.id))).all()


def settle(session: Session) -> None:
    """Say that the store accounts for all rules, and forget those that were taken away."""
    row, connection = tables.Exclusion, session.connection()
    connection.execute(delete(row).where(col(row.is_lifted)))
    connection.execute(update(row).where(~col(row.is_settled)).values(is_settled=True))
    session.expire_all()


def add(session: Session, exclusion: tables.Exclusion) -> tables.Exclusion:
    """Put a rule on its list.

    Raises:
        Conflict: If the same stands there already.
    """
    known = every(session, colleague_id=exclusion.colleague_id)
    if any((one.kind, one.value) == (exclusion.kind, exclusion.value) for one in known):
        raise Conflict("The same exclusion is on the list already.")
    session.add(exclusion)
    session.flush()
    return exclusion


def get(session: Session, exclusion_id: int) -> tables.Exclusion:
    """One rule.

    Raises:
        NotFound: If there is none with this id, or it was taken away.
    """
    found = session.get(tables.Exclusion, exclusion_id, populate_existing=True)
    if found is None or found.is_lifted:
        raise NotFound(f"There is no exclusion {exclusion_id}.")
    return found
