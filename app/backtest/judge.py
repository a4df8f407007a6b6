"""One cut-off: rank the pairs by what was known, and see what became of those ranked first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.backtest.findings import COUNT, PROPOSED, RECENCY, TIELINE
from app.backtest.measures import Area, Lift, area, less, lift
from app.backtest.walk import RECENT_DAYS, Past, strength_at, strength_without
from app.engine import Weights
from app.engine.alive import HORIZON_DAYS
from app.engine.weights import Flags, Floats

FEWEST: Final = 20
"""A cut-off with fewer pairs of either kind has no say: it would weigh as much as a full one."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What was asked of some pairs at a cut-off: how many, how many came, how well it was told.

    Attributes:
        areas: By what was ranked by; empty where too few pairs came, or did not.
    """

    pairs: int
    came: int
    areas: dict[str, Area]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A cut-off, with all that was asked there.

    Attributes:
        by_horizon: By days ahead.
        recent: 90 days ahead, of pairs that were in touch lately.
        lifts: 90 days ahead, by what was ranked by; empty where `by_horizon` has no areas.
        gains: By channel, what it adds to the area 90 days ahead; empty in the same case.
    """

    as_of_s: int
    by_horizon: dict[int, Asked]
    recent: Asked
    lifts: dict[str, Lift]
    gains: dict[int, Area]


def judge(
    past: Past, *, weights: Weights, proposed: Weights | None, channels: Sequence[int]
) -> Judged:
    """Judge the scores of one cut-off.

    Args:
        past: What was known there, and what came.
        weights: The constants of the model as they are.
        proposed: Others, to compare with.
        channels: Those to leave out, one at a time.
    """
    scores = dict(_scores(past, weights, proposed))
    came = past.came[HORIZON_DAYS]
    recent = past.ties.silence_days <= RECENT_DAYS
    quarter = _ask(past, scores, came)
    gains = {}
    for channel in channels if quarter.areas else ():
        without = area(past.ties.a, past.ties.b, came, strength_without(past, channel, weights))
        if without:
            gains[channel] = less(quarter.areas[TIELINE], without)
    return Judged(
        as_of_s=past.as_of_s,
        by_horizon={days: _ask(past, scores, one) for days, one in past.came.items()},
        recent=_ask(past, scores, came, recent),
        lifts={by: lift(came, score) for by, score in scores.items()} if quarter.areas else {},
        gains=gains,
    )


def _scores(past: Past, weights: Weights, proposed: Weights | None) -> Iterator[tuple[str, Floats]]:
    yield TIELINE, strength_at(past, weights)
    if proposed is not None:
        yield PROPOSED, strength_at(past, proposed)
    yield COUNT, past.ties.contacts.sum(axis=0).astype(np.float64)
    yield RECENCY, -past.ties.silence_days


def _ask(past: Past, scores: dict[str, Floats], came: Flags, of: Flags | None = None) -> Asked:
    of = np.ones(len(came), dtype=np.bool_) if of is None else of
    a, b = past.ties.a[of], past.ties.b[of]
    found = {by: area(a, b, came[of], score[of], fewest=FEWEST) for by, score in scores.items()}
    return Asked(
        pairs=int(of.sum()),
        came=int(came[of].sum()),
        areas={by: one for by, one in found.items() if one is not None},
    )
