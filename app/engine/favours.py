"""Who owes whom a favour: introductions and help, given and received, forgotten in time."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.engine.weights import DAY_S

HALF_LIFE_DAYS: Final = 180.0
"""After half a year a favour counts for half: assumed."""

INTRODUCTION, HELP = 1.0, 0.5
"""What favours are worth: assumed."""


@dataclass(frozen=True, slots=True)
class Favour:
    """Something that one person did for another; `at_s` in seconds since 1970 (UTC)."""

    giver: int
    receiver: int
    at_s: int
    worth: float


def owed(favours: Iterable[Favour], *, person: int, as_of_s: int) -> dict[int, float]:
    """How much each of the others owes a person; below 0 where it is the person who owes.

    A favour is worth half after `HALF_LIFE_DAYS`; those after `as_of_s` do not count.

    Returns:
        By person number, sorted; whoever is not in it has neither given nor received.
    """
    found: dict[int, float] = {}
    for one in sorted(favours, key=lambda one: (one.at_s, one.giver, one.receiver, one.worth)):
        if one.at_s > as_of_s or one.giver == one.receiver:
            continue
        left = one.worth * 2 ** (-(as_of_s - one.at_s) / DAY_S / HALF_LIFE_DAYS)
        if one.giver == person:
            found[one.receiver] = found.get(one.receiver, 0.0) + left
        elif one.receiver == person:
            found[one.giver] = found.get(one.giver, 0.0) - left
    return dict(sorted(found.items()))
