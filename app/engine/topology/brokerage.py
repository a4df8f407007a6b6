"""What one colleague's own network is good for, told to that colleague: finding, or closing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from app.engine.interactions import Interactions
from app.engine.scores import Scores
from app.engine.strength import BANDS
from app.engine.ties import ONE_WAY
from app.engine.weights import DAY_S, Flags, Ints

QUARTER_DAYS: Final = 90
QUARTERS: Final = 4

DENSE: Final = 0.5
"""From this share of the possible ties among one's acquaintances a network is dense: assumed."""

UNREDUNDANT: Final = 0.7
"""From this share of one's ties that lead to different people one may be a finder: assumed."""

FINDER_WORLDS: Final = 3

Kind = Literal["finder", "closer", "between"]


@dataclass(frozen=True, slots=True)
class Quarter:
    """Ties that began in 90 days: all, and those with people outside one's own community."""

    new: int
    outside: int


@dataclass(frozen=True, slots=True)
class Effort:
    """Where a colleague's contacts of 90 days went, and what their ties ask for.

    Attributes:
        contacts: With anybody.
        by_band: The same by the band of the tie as it is now, of all `BANDS`.
        needed: What the moderate and strong ties take in 90 days, each by its own rhythm.
    """

    contacts: int
    by_band: Mapping[str, int]
    needed: float


def kind(*, degree: int, effective_size: float, density: float | None, worlds: int) -> Kind:
    """Whether a network is good for finding or for closing; `between` where it is neither.

    Source:
        Ustuner & Godes (2006), Better Sales Networks, Harvard Business Review 84 (7/8), 102-112:
        sparse networks bring access, dense ones coordinate. The cuts are assumed.
    """
    if density is not None and density >= DENSE:
        return "closer"
    if worlds >= FINDER_WORLDS and effective_size >= UNREDUNDANT * degree:
        return "finder"
    return "between"


def quarters(scores: Scores, person: int, community: Mapping[int, int]) -> tuple[Quarter, ...]:
    """New ties of each of the last quarters, the latest first.

    A tie counts from its first contact, if it is personal and was ever answered. Whose community
    is not known is outside.
    """
    rows = scores.rows_of(person)
    ties, own = scores.ties, community.get(person)
    rows = rows[ties.is_personal[rows] & (ties.two_way[rows] != ONE_WAY)]
    others = np.where(ties.a[rows] == person, ties.b[rows], ties.a[rows]).tolist()
    outside = np.array([own is None or community.get(one) != own for one in others], dtype=np.bool_)
    quarter = (ties.as_of_s - ties.first_s[rows]) // (QUARTER_DAYS * DAY_S)
    return tuple(
        Quarter(int((quarter == back).sum()), int((outside & (quarter == back)).sum()))
        for back in range(QUARTERS)
    )


def effort(scores: Scores, met: Interactions, person: int) -> Effort:
    """Count a colleague's contacts of the last 90 days, and what their ties would take."""
    rows = scores.rows_of(person)
    ties = scores.ties
    others = np.where(ties.a[rows] == person, ties.b[rows], ties.a[rows])
    order = np.argsort(others)
    with_ = _with(met, person, ties.as_of_s)
    place = np.minimum(np.searchsorted(others[order], with_), max(len(others) - 1, 0))
    is_tie: Flags = others[order][place] == with_ if len(others) else np.zeros(0, dtype=np.bool_)
    bands = scores.band[rows[order][place[is_tie]]] if len(others) else np.zeros(0, dtype=np.int8)
    counts = np.bincount(bands, minlength=len(BANDS)).tolist()
    worth = rows[scores.shown[rows] >= scores.cuts[1]]
    rhythm = np.maximum(ties.gap_days[worth], 1.0)
    return Effort(
        contacts=sum(counts),
        by_band=dict(zip(BANDS, counts, strict=True)),
        needed=float(np.nansum(QUARTER_DAYS / rhythm)),
    )


def _with(met: Interactions, person: int, as_of_s: int) -> Ints:
    """With whom each contact of the last 90 days was."""
    is_recent = (met.at_s <= as_of_s) & (met.at_s > as_of_s - QUARTER_DAYS * DAY_S)
    is_own = is_recent & ((met.source == person) | (met.target == person))
    found: Ints = np.where(met.source == person, met.target, met.source)[is_own]
    return found
