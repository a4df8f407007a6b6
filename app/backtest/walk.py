"""Where a history is cut, what was known at each cut-off, and what came of it."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine import Interactions, Ties, Weights, came_alive, fold
from app.engine import strength as tell
from app.engine.alive import HORIZON_DAYS
from app.engine.overlap import overlap
from app.engine.weights import DAY_S, Flags, Floats, Ints

HORIZONS_DAYS: Final = (30, 60, 90, 180)
"""How far ahead a ranking is asked about. What is shown is made for `HORIZON_DAYS`."""

MOST: Final = 8
"""Cut-offs looked at: two years, for a company is not what it was before."""

FEWEST_CUT_OFFS: Final = 2
"""With fewer nobody knows whether it was always so."""

STEP_DAYS: Final = HORIZON_DAYS
PAST_DAYS: Final = 90
"""So much must be known before a cut-off."""

RECENT_DAYS: Final = 90
"""Who was in touch so lately is asked about apart: of old ties anybody can tell that they rest."""


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """What was known at a cut-off, and what came.

    Attributes:
        as_of_s: The cut-off, seconds since 1970 (UTC).
        known: What had happened by then.
        ties: The same, by pair.
        came: By horizon in days, of which pairs personal two-way contact came, (n_ties,); only
            horizons that have passed.
    """

    as_of_s: int
    known: Interactions
    ties: Ties
    came: dict[int, Flags]


def last_second(interactions: Interactions, until_s: int) -> int | None:
    """The last second (UTC) of the day of the last contact up to a moment; None if there is none.

    What is recorded of days to come has not happened.
    """
    been = interactions.at_s[interactions.at_s <= until_s]
    return int(been.max()) // DAY_S * DAY_S + DAY_S - 1 if len(been) else None


def allowed(interactions: Interactions, as_of_s: int) -> int:
    """How many cut-offs a history allows, with 90 days before each and 90 after."""
    if not len(interactions):
        return 0
    days = (as_of_s - int(interactions.at_s.min())) / DAY_S
    return max(0, int((days - PAST_DAYS) // STEP_DAYS))


def cut_offs(interactions: Interactions, as_of_s: int) -> list[int]:
    """The moments to cut at, the oldest first; the last one is 90 days ago."""
    count = min(MOST, allowed(interactions, as_of_s))
    return [as_of_s - ago * STEP_DAYS * DAY_S for ago in range(count, 0, -1)]


def past(interactions: Interactions, cut_s: int, *, until_s: int, weights: Weights) -> Past:
    """Cut a history.

    Args:
        interactions: All there are.
        cut_s: Where, seconds since 1970 (UTC).
        until_s: The end of the history: what lies beyond is not known to have come or not.
        weights: The constants of the model.
    """
    known = interactions.where(interactions.at_s <= cut_s)
    ties = fold(known, as_of_s=cut_s, weights=weights)
    horizons = [days for days in HORIZONS_DAYS if cut_s + days * DAY_S <= until_s]
    came = {days: came_alive(interactions, ties, weights, horizon_days=days) for days in horizons}
    return Past(cut_s, known, ties, came)


def strength_at(past: Past, weights: Weights) -> Floats:
    """The strength of each tie at a cut-off, (n_ties,)."""
    ties = fold(past.known, as_of_s=past.as_of_s, weights=weights)
    return tell.strength(ties, overlap(ties, weights=weights), weights)


def strength_without(past: Past, channel: int, weights: Weights) -> Floats:
    """The same had one channel not been recorded, (n_ties,); pairs known by it alone have 0."""
    left = past.known.where(past.known.channel != channel)
    ties = fold(left, as_of_s=past.as_of_s, weights=weights)
    found = np.zeros(len(past.ties))
    found[_rows(past.ties, ties)] = tell.strength(ties, overlap(ties, weights=weights), weights)
    return found


def _rows(all_ties: Ties, some: Ties) -> Ints:
    """The rows of some ties among all; both are sorted by (a, b)."""
    people = np.unique(np.concatenate([all_ties.a, all_ties.b]))
    keys, sought = (
        np.searchsorted(people, ties.a) * len(people) + np.searchsorted(people, ties.b)
        for ties in (all_ties, some)
    )
    return np.searchsorted(keys, sought)
