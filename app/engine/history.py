"""A tie's course: what it gained in a month (trend), and how much of it lasts (depth).

Both say in the points that are shown what the same model would have said earlier, so that they can
be recomputed by scoring the same contacts as of then.

    trend    = points now - points 30 days ago
    depth    = mean of the points 90, 180, 270 and 360 days ago
    momentum = points now - depth
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from app.engine.interactions import Interactions
from app.engine.scores import Scores, assess
from app.engine.ties import fold
from app.engine.weights import DAY_S, DEFAULT, Floats, Weights

TREND_DAYS: Final = 30
DEPTH_DAYS: Final = (90, 180, 270, 360)
"""Where depth looks: beyond the last quarter, once in each of the four before."""


def points_ago(
    interactions: Interactions, scores: Scores, *, days: int, weights: Weights = DEFAULT
) -> Floats:
    """Points that each tie had so many days ago, (n_ties,), 0 to 100; 0 before the first contact.

    Args:
        interactions: What the scores were made from.
        scores: As they are now, with the same weights.
        days: How far to look back.
        weights: The constants of the model.
    """
    past = fold(interactions, as_of_s=scores.as_of_s - days * DAY_S, weights=weights)
    before = assess(past, colleagues=scores.colleagues, weights=weights)
    points = np.zeros(len(scores))
    keys, past_keys = (
        np.searchsorted(scores.people, ties.a) * len(scores.people)
        + np.searchsorted(scores.people, ties.b)
        for ties in (scores.ties, past)
    )
    points[np.searchsorted(keys, past_keys)] = before.shown
    return points


def course(
    interactions: Interactions,
    scores: Scores,
    pair: tuple[int, int],
    *,
    days: Sequence[int],
    weights: Weights = DEFAULT,
) -> list[float]:
    """Points that one tie had so many days ago, each 0 to 100; 0 before the first contact.

    The same as `points_ago`, from the contacts of the two alone: a tie follows from nothing else.

    Args:
        interactions: Those of the two people with anybody at least; others are passed over.
        scores: As they are now, with the same weights.
        pair: Two people, in any order.
        days: How far to look back, each.
        weights: The constants of the model.
    """
    theirs = np.isin(interactions.source, pair) | np.isin(interactions.target, pair)
    kept = interactions.where(theirs)
    found = []
    for ago in days:
        past = fold(kept, as_of_s=scores.as_of_s - ago * DAY_S, weights=weights)
        row = past.find(*pair)
        before = assess(past, colleagues=scores.colleagues, weights=weights)
        found.append(0.0 if row is None else float(before.shown[row]))
    return found


def trend(
    interactions: Interactions,
    scores: Scores,
    *,
    days: int = TREND_DAYS,
    weights: Weights = DEFAULT,
) -> Floats:
    """Points gained in the last days, (n_ties,), -100 to 100; a new tie gains all it has."""
    return scores.shown - points_ago(interactions, scores, days=days, weights=weights)


def depth(interactions: Interactions, scores: Scores, *, weights: Weights = DEFAULT) -> Floats:
    """Points that a tie had on average in the year before the last quarter, (n_ties,), 0 to 100."""
    found = [points_ago(interactions, scores, days=days, weights=weights) for days in DEPTH_DAYS]
    return np.asarray(np.mean(found, axis=0), dtype=np.float64)
