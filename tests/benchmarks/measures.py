"""How good a ranking of ties was, once it is known what became of them."""

import numpy as np

from app.backtest.measures import FEWEST, auc
from app.engine import Interactions, Ties
from app.engine.weights import DAY_S, Flags, Floats, Ints

ESTABLISHED_DAYS, ESTABLISHED_WITHIN_DAYS = 5, 180


def hit_at_1(ties: Ties, score: Floats, volume: Floats) -> float:
    """Share of people whose first tie is the one with the most volume to come; nan without any.

    Asked are those with at least five ties of which any has a future.
    """
    people, ends = np.unique(np.concatenate([ties.a, ties.b]), return_inverse=True)
    score, volume = np.tile(score, 2), np.tile(volume, 2)
    order = np.lexsort((-score, ends))
    starts = np.flatnonzero(np.diff(ends[order], prepend=-1))
    most = np.maximum.reduceat(volume[order], starts)
    asked = (np.bincount(ends, minlength=len(people)) >= FEWEST) & (most > 0)
    hits = volume[order][starts] == most
    return float(hits[asked].mean()) if asked.any() else float("nan")


def established(interactions: Interactions, ties: Ties) -> Flags:
    """Ties with contact on five of the last 180 days, (n_ties,): those one can lose."""
    recent = interactions.at_s > ties.as_of_s - ESTABLISHED_WITHIN_DAYS * DAY_S
    low = np.minimum(interactions.source, interactions.target)[recent]
    high = np.maximum(interactions.source, interactions.target)[recent]
    day = interactions.at_s[recent] // DAY_S
    met = np.unique(np.stack([low, high, day]), axis=1)
    size = int(max(ties.a.max(), ties.b.max())) + 1
    row: Ints = np.searchsorted(ties.a * size + ties.b, met[0] * size + met[1])
    return np.bincount(row, minlength=len(ties))[: len(ties)] >= ESTABLISHED_DAYS


def lapsing(risk: Floats, lapsed: Flags) -> tuple[float, float]:
    """AUC of a ranking by risk, and what share of its first tenth lapsed; nan with too few."""
    area = auc(lapsed, risk)
    first = np.argsort(-risk, kind="stable")[: max(1, round(len(risk) / 10))]
    return area, float(lapsed[first].mean()) if np.isfinite(area) else float("nan")
