"""The scene of somebody or of an account, with what the store knows of who is on it."""

from collections.abc import Callable, Collection, Sequence

from sqlmodel import Session

from app.engine import Scores
from app.pictures.drawing import MOST_PEOPLE, account_scene, circle, ego_scene
from app.pictures.scene import Known, Scene
from app.store import lookups, networks, people, tables

Seen = Callable[[Collection[int]], Collection[int]]
"""Gives those of some people who may be shown."""


def everybody(people: Collection[int]) -> Collection[int]:
    """Show everybody."""
    return people


def person_picture(
    session: Session, scores: Scores, person_id: int, *, seen: Seen = everybody
) -> Scene:
    """The ego network of a person.

    Args:
        session: To ask.
        scores: All ties.
        person_id: Whose network.
        seen: Who of those around may be shown.

    Raises:
        NotFound: If there is no such person.
    """
    lookups.person(session, person_id)
    bridges = networks.bridges_of(session, [person_id])
    around = circle(scores, [person_id], first={end for one in bridges for end in (one.a, one.b)})
    shown = set(seen(around))
    around = _there(session, [one for one in around if one in shown])
    known = _known(session, [person_id, *around[:MOST_PEOPLE]], bridges, {person_id})
    return ego_scene(scores, person_id, around, known)


def account_picture(
    session: Session, scores: Scores, account_id: int, *, seen: Seen = everybody
) -> Scene:
    """The map of an account.

    Args:
        session: To ask.
        scores: All ties.
        account_id: Which.
        seen: Who of its people, and of those who know them, may be shown.

    Raises:
        NotFound: If there is no such account.
    """
    ours = set(scores.colleagues.tolist())
    members = set(seen(lookups.at_account(session, account_id) - ours))
    name = lookups.account_name(session, account_id)
    around = [one for one in circle(scores, members) if one in ours]
    shown = set(seen(around))
    around = _there(session, [one for one in around if one in shown])
    bridges = networks.bridges_of(session, members)
    known = _known(session, [*members, *around[:MOST_PEOPLE]], bridges, ours)
    return account_scene(scores, members, name, known, around=around)


def _there(session: Session, people_: Sequence[int]) -> list[int]:
    """Those who are in the store: somebody may have been erased since the ties were read."""
    found = lookups.named(session, people_)
    return [one for one in people_ if one in found]


def _known(
    session: Session,
    who: Collection[int],
    bridges: Collection[tables.Bridge],
    near: Collection[int],
) -> Known:
    """What is known of some people; a bridge is called by its side that is not `near`."""
    names = networks.community_names(session)
    return Known(
        names={one: found.name for one, found in lookups.named(session, who).items()},
        accounts=people.accounts_of(session, who),
        titles=people.titles_of(session, who),
        bridges={
            (one.a, one.b): names.get(one.community_b if one.a in near else one.community_a, "")
            for one in bridges
        },
    )
