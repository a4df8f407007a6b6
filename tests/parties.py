"""Who is in an activity that we keep, as far as their records are there."""

from collections.abc import Mapping

from sqlmodel import Session

from app.store import tables
from app.store.identity import survivors


def parties(
    session: Session, activity: tables.Activity, there: Mapping[str, tables.Profile]
) -> frozenset[str]:
    """Give who took part: by record, instead of somebody merged away who lives on, or by address.

    Args:
        session: Nothing is changed.
        activity: What they took part in.
        there: The profiles of the connection that are not deleted, by their ids.
    """
    ids = {one: one for _, one, _ in activity.participants if one is not None}
    ends = survivors(session, activity.connection_id, ids).values()
    written = {address for _, _, address in activity.participants if address is not None}
    owners = (one for one, profile in there.items() if not written.isdisjoint(profile.addresses))
    return frozenset(ends).intersection(there) | frozenset(owners)
