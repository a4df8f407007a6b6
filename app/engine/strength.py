"""From a tie's sums to the numbers people see: strength, importance, risk, points, band, status.

Every function takes whole columns and gives a column, (n_ties,), in the order of the ties.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from app.engine.cells import FROM_A, FROM_B, NOT_KNOWN
from app.engine.ties import ONE_WAY, Ties
from app.engine.weights import DEFAULT, MOST_POINTS, Flags, Floats, Ints, Weights

Indexes = npt.NDArray[np.int8]
Cuts = tuple[float, float, float]

BANDS: Final = ("none", "weak", "moderate", "strong")
BAND_CUTS: Final = DEFAULT.cuts
"""Where weak, moderate and strong begin by default, in points shown.

By the default curve, of two people who are in touch with somebody every third day, a tie at the
edge of moderate is as likely as not to be alive next quarter, one at the edge of strong is so in
three cases of four.
"""

HALF_SHOWN: Final = 1.0
"""The strength that is shown as 50."""

STATUSES: Final = ("active", "cooling", "off_radar", "dormant")
ACTIVE, COOLING, OFF_RADAR, DORMANT = range(len(STATUSES))
COOLING_RHYTHMS, OFF_RADAR_RHYTHMS = 3.0, 8.0
COOLING_DAYS, OFF_RADAR_DAYS, DORMANT_DAYS, FORGOTTEN_DAYS = 14.0, 30.0, 365.0, 1095.0
UNKNOWN_RHYTHM_DAYS = 30.0

CONFIDENT_DAYS = 4.0
"""Active days after which half of the confidence is earned."""

LEAST = 1e-12
"""Stands for nothing where a logarithm is taken."""


def core(sums: Floats, weights: Weights = DEFAULT) -> Floats:
    """Smoothed geometric mean of the two directions, plus what has none; `sums` is (3, n)."""
    smoothing = weights.smoothing
    both = np.sqrt((sums[FROM_A] + smoothing) * (sums[FROM_B] + smoothing)) - smoothing
    return np.asarray(both + sums[NOT_KNOWN], dtype=np.float64)


def breadth(weeks: Floats) -> Floats:
    """ln(1 + weeks in touch)."""
    return np.log1p(weeks)


def liveness(ties: Ties, weights: Weights = DEFAULT) -> Floats:
    """2^(-silence / half-life) of the quieter endpoint, whose silence is towards anyone; 0 to 1."""
    silence_days: Floats = ties.unseen_days.max(axis=0)
    return np.exp2(silence_days / -weights.liveness_half_life_days)


def strength(ties: Ties, overlap: Floats, weights: Weights = DEFAULT) -> Floats:
    """Tie strength: core x breadth x liveness x (1 + overlap), not below 0."""
    return core(ties.sums, weights) * breadth(ties.weeks) * liveness(ties, weights) * (1 + overlap)


def strength_then(ties: Ties, overlap: Floats, weights: Weights = DEFAULT) -> Floats:
    """The strength a tie had on the day of its last contact, when both were alive."""
    return core(ties.sums_then, weights) * breadth(ties.weeks_then) * (1 + overlap)


def attention(ties: Ties) -> tuple[Ints, Floats]:
    """Everybody who has a tie, sorted, and the attention of all ties of each, (n_people,)."""
    people, ends = np.unique(np.concatenate([ties.a, ties.b]), return_inverse=True)
    twice = np.concatenate([ties.attention, ties.attention])
    return people, np.bincount(ends, weights=twice, minlength=len(people)).astype(np.float64)


def importance(ties: Ties, everybodys: tuple[Ints, Floats] | None = None) -> Floats:
    """Geometric mean of the shares that a tie has of its two people's attention, 0 to 1.

    Args:
        ties: All ties, or some.
        everybodys: What `attention` gives for all ties, where only some are asked for.
    """
    people, summed = everybodys or attention(ties)
    of_a, of_b = (
        np.maximum(summed[np.searchsorted(people, end)], LEAST) for end in (ties.a, ties.b)
    )
    both: Floats = np.sqrt(of_a * of_b)
    return ties.attention / both


def rhythm_days(ties: Ties) -> Floats:
    """The pair's usual days from contact to contact, at least 1; a stated guess with one day."""
    return np.where(np.isnan(ties.gap_days), UNKNOWN_RHYTHM_DAYS, np.maximum(ties.gap_days, 1.0))


def risk(ties: Ties, strength: Floats, weights: Weights = DEFAULT) -> Floats:
    """How much there is to fear that a tie lapses: 1/2 ln(1 + silence / rhythm) - ln(hold).

    Hold is strength * sqrt(frequency / core): whether two people will be in touch at all is told by
    the days on which they were as much as by what passed on them, and who wrote.
    """
    silence = ties.silence_days / rhythm_days(ties)
    hold = _ln(strength) + 0.5 * (_ln(ties.frequency) - _ln(core(ties.sums, weights)))
    return 0.5 * np.log1p(silence) - hold


def _ln(amount: Floats) -> Floats:
    return np.log(np.maximum(amount, LEAST))


def shown(strength: Floats, two_way: Indexes, weights: Weights = DEFAULT) -> Floats:
    """Points from 0 to below 100 by 100 s / (s + 1): the same strength is the same number always.

    A pair that was never two-way, where that is known, stays below moderate.
    """
    points = MOST_POINTS * strength / (strength + HALF_SHOWN)
    _, moderate, _ = weights.cuts
    return np.where(two_way == ONE_WAY, np.minimum(points, moderate - 1), points)


def band(points: Floats, cuts: Cuts = BAND_CUTS) -> Indexes:
    """Index into `BANDS` by where these begin."""
    return np.searchsorted(cuts, points, side="right").astype(np.int8)


def status(ties: Ties) -> Indexes:
    """Index into `STATUSES`: silence against the pair's own rhythm (3 and 8 times), or a year."""
    silence, rhythm = ties.silence_days, rhythm_days(ties)
    is_cooling = silence >= np.maximum(COOLING_RHYTHMS * rhythm, COOLING_DAYS)
    is_off_radar = silence >= np.maximum(OFF_RADAR_RHYTHMS * rhythm, OFF_RADAR_DAYS)
    found = np.select(
        [silence >= DORMANT_DAYS, is_off_radar, is_cooling], [DORMANT, OFF_RADAR, COOLING], ACTIVE
    )
    return found.astype(np.int8)


def is_dormant_strong(ties: Ties, points_then: Floats, cuts: Cuts = BAND_CUTS) -> Flags:
    """Whether a tie was strong when last in touch and has been silent for one to three years."""
    silence = ties.silence_days
    was_strong = points_then >= cuts[-1]
    return was_strong & (silence >= DORMANT_DAYS) & (silence < FORGOTTEN_DAYS)


def confidence(active_days: Ints) -> Floats:
    """How far to trust the score, 0 to 1, from the amount of evidence: d / (d + 4) active days."""
    return active_days / (active_days + CONFIDENT_DAYS)
