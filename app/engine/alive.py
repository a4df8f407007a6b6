"""Alive: the chance of personal two-way contact within the next 90 days, and whether it came.

    ln(odds) = level + per_strength * ln(strength + 0.02) + per_pace * ln(pace + 0.01)
             + one_way, where the pair is known to have been one-way

Pace is that of the quieter of the two: on what share of recent days they were in touch with anyone.
Strength alone promises too much where nobody is busy and too little where everybody is. The
default curve is for every company; `calibration` finds a company's own in its past.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine.cells import FROM_A, FROM_B, NOT_KNOWN, Cells, gather, halves
from app.engine.compressed import find
from app.engine.interactions import Interactions, left_out
from app.engine.ties import ONE_WAY, Ties
from app.engine.weights import DAY_S, DEFAULT, Flags, Floats, Ints, Weights

HORIZON_DAYS: Final = 90
UNSAID_DAYS: Final = 2

LEAST_STRENGTH: Final = 0.02
LEAST_PACE: Final = 0.01
"""Added so that a chance ends above 0: those who ever met may meet again."""

ONE_WAY_CHANCE: Final = 0.3
"""What a one-way pair has at most: of those of some strength 12 to 42 per cent came alive."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve from strength and pace to a chance.

    Attributes:
        level: ln(odds) where the logarithms are 0.
        per_strength: Not below 0: another contact must never lower a chance.
        per_pace: Not below 0.
        one_way: Not above 0.
    """

    level: float
    per_strength: float
    per_pace: float
    one_way: float

    def chance(self, ties: Ties, strength: Floats) -> Floats:
        """Chance of each tie, (n_ties,), 0 to 1.

        A pair that was never two-way, where that is known, has at most `ONE_WAY_CHANCE`.
        """
        # Column by column: a product of matrices would round a tie by how many there are beside it.
        _, log_strength, log_pace, is_one_way = evidence(ties, strength).T
        odds: Floats = self.level + self.per_strength * log_strength + self.per_pace * log_pace
        odds = odds + self.one_way * is_one_way
        chance: Floats = 1 / (1 + np.exp(-odds))
        return np.where(ties.two_way == ONE_WAY, np.minimum(chance, ONE_WAY_CHANCE), chance)


DEFAULT_CURVE: Final = Curve(level=1.25, per_strength=0.85, per_pace=0.33, one_way=-0.55)
"""Rounded from 1.233, 0.859, 0.334 and -0.563.

``python -m tests.benchmarks.alive --events mfg.csv:120,150,180 enron_pw.csv:690,780,870,960,1050
enron_184.csv:690,780,870,960,1050 enron_ext.csv:300,390,480,570,660`` fits it with equal weight to
four corporate mail records (``docs/model.md`` says which) and prints expected calibration errors of
.027, .022, .024 and .011.
"""


def evidence(ties: Ties, strength: Floats) -> Floats:
    """What a curve weighs, (n_ties, 4): 1, the two logarithms, and 1 for one-way ties."""
    quieter: Floats = ties.pace.min(axis=0)
    logs = np.log(strength + LEAST_STRENGTH), np.log(quieter + LEAST_PACE)
    return np.stack([np.ones(len(ties)), *logs, ties.two_way == ONE_WAY], axis=1)


def came_alive(
    interactions: Interactions,
    ties: Ties,
    weights: Weights = DEFAULT,
    *,
    horizon_days: int = HORIZON_DAYS,
) -> Flags:
    """Tell of which ties personal two-way contact came within the horizon, (n_ties,).

    That is, in no crowd: messages both ways; a meeting or an answered call; or, where the record
    does not say who wrote, messages on two days.

    Args:
        interactions: All there are; only those within the horizon after `ties.as_of_s` count.
        ties: As they stood before.
        weights: The constants of the model.
        horizon_days: How far to look ahead.
    """
    kept, _ = left_out(interactions, as_of_s=ties.as_of_s + horizon_days * DAY_S)
    cells = gather(
        kept.where(kept.at_s > ties.as_of_s), cut_s=ties.as_of_s % DAY_S, weights=weights
    )
    return came(cells, ties, horizon_days=horizon_days)


def came(cells: Cells, ties: Ties, *, horizon_days: int = HORIZON_DAYS) -> Flags:
    """The same of day cells, (n_ties,), whose cut is the time of day of `ties.as_of_s`."""
    first, last = halves(ties.as_of_s), halves(ties.as_of_s + horizon_days * DAY_S)
    later = cells.where((cells.half > first) & (cells.half <= last) & (cells.small > 0))
    row = find(ties.a, ties.b, later.a, later.b)
    later, row = later.where(row >= 0), row[row >= 0]
    there, back = (_any(row, later.way == way, ties) for way in (FROM_A, FROM_B))
    is_unsaid = later.way == NOT_KNOWN
    days = np.unique(np.stack([row[is_unsaid], later.day[is_unsaid]]), axis=1)
    twice = np.bincount(days[0], minlength=len(ties)) >= UNSAID_DAYS
    return (there & back) | _any(row, later.spoken > 0, ties) | twice


def _any(row: Ints, counts: Flags, ties: Ties) -> Flags:
    return np.asarray(np.bincount(row[counts], minlength=len(ties)) > 0, dtype=np.bool_)
