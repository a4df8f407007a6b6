"""When people are in touch: heavy-tailed gaps, office hours, working weeks, replies in hours.

Source of the shapes: gaps and reply times are log-normal, as measured on mail again and again
(for one, Stouffer, Malmgren & Amaral 2006, arXiv:physics/0605027).
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

DAY_S = 86_400.0
GAP_SPREAD, REPLY_SPREAD = 0.8, 1.2
"""Of the logarithms: one gap in six is more than twice the usual one."""

REPLY_S, LONGEST_REPLY_S = 3 * 3600.0, 3 * DAY_S
OPENS_S, CLOSES_S = 8 * 3600.0, 18 * 3600.0
WORKS_AT_WEEKENDS = 0.08
MOST_CONTACTS = 400
_FRIDAY = 4
_EPOCH_WEEKDAY = 3  # 1 January 1970 was a Thursday


def ages(
    rng: np.random.Generator, *, first_days: float, last_days: float, every_days: float
) -> Floats:
    """Draw when a pair is in touch, as days ago, the latest first.

    Args:
        rng: Chance.
        first_days: About when they met, days ago.
        last_days: When they were last in touch, days ago.
        every_days: The median gap.
    """
    most = min(int(3 * (first_days - last_days) / every_days) + 2, MOST_CONTACTS)
    gaps = rng.lognormal(np.log(every_days), GAP_SPREAD, most)
    found = last_days + np.concatenate([[0.0], np.cumsum(gaps)])
    return found[found <= max(first_days, last_days)]


def at_work(rng: np.random.Generator, until_s: float, days: Floats) -> Floats:
    """Put moments that lie days ago into working hours, in seconds since 1970; later never."""
    day = np.floor((until_s - days * DAY_S) / DAY_S)
    weekday = (day + _EPOCH_WEEKDAY) % 7
    is_free = (weekday > _FRIDAY) & (rng.random(len(days)) > WORKS_AT_WEEKENDS)
    day -= np.where(is_free, weekday - _FRIDAY, 0)
    hours = OPENS_S + (CLOSES_S - OPENS_S) * rng.beta(2.0, 2.0, len(days))
    return np.minimum(day * DAY_S + np.floor(hours), until_s - 1)


def replied(rng: np.random.Generator, until_s: float, at_s: Floats) -> Floats:
    """Draw when messages are answered, if they are."""
    waits = np.minimum(rng.lognormal(np.log(REPLY_S), REPLY_SPREAD, len(at_s)), LONGEST_REPLY_S)
    return np.minimum(at_s + np.ceil(waits), until_s)
