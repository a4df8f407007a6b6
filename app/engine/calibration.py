"""Calibration: is 70 per cent 70 per cent? The curve of `alive`, fitted on a company's own past.

Walk-forward: the past is cut every 90 days; at each cut a curve is fitted to what was known by then
and asked about the 90 days that follow, of which it knows nothing. No randomness, and a fixed
number of steps: the same past gives the same curve.
"""

import dataclasses
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine.alive import DEFAULT_CURVE, HORIZON_DAYS, Curve, came, evidence
from app.engine.cells import Cells, gather
from app.engine.interactions import Interactions, left_out
from app.engine.overlap import overlap
from app.engine.strength import strength
from app.engine.ties import Ties, fold_cells
from app.engine.weights import DAY_S, DEFAULT, Flags, Floats, Weights

CUTS: Final = 4
"""How many times 90 days the fit looks back: a year."""

ENOUGH: Final = 100
"""So many ties must have come alive, and so many not, before a company has a curve of its own."""

BINS: Final = 10
STEPS: Final = 25
PRIOR: Final = 10.0
"""How hard the default curve holds a fitted one back; a few hundred ties outweigh it."""

DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Bin:
    """Ties of which about the same was said: how many, what was said, and what share came true."""

    ties: int
    said: float
    came: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How true the chances were that were said of some ties.

    Attributes:
        ties: How many.
        base_rate: The share of them that came alive.
        brier: Mean squared distance from what came; the lower, the better.
        base_brier: The same of saying the base rate of every tie.
        error: Expected calibration error: mean distance of said and came over the bins.
        bins: At most ten of equal size, the lowest chance first.
    """

    ties: int
    base_rate: float
    brier: float
    base_brier: float
    error: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """A company's curve, and how it and the default one did on pasts that they had not seen.

    Attributes:
        curve: To be used; the default one unless `is_own`.
        is_own: Whether there was enough of a past and the own curve was no worse than the default.
        came: Ties that came alive in the past that was looked at.
        lapsed: Ties that did not.
        own: What curves fitted to the past alone said of the next 90 days; None where there was
            never enough to fit one.
        default: What the default curve said of the same ties, or of all where `own` is None.
    """

    curve: Curve
    is_own: bool
    came: int
    lapsed: int
    own: Calibration | None
    default: Calibration


@dataclass(frozen=True, slots=True, eq=False)
class _Past:
    ties: Ties
    strength: Floats
    came: Flags


def calibration_of(said: Floats, came: Flags) -> Calibration:
    """Compare what was said of ties with what came; `said` and `came` are (n,), all 0 if n is 0."""
    order = np.argsort(said, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    bins = tuple(Bin(len(p), float(said[p].mean()), float(came[p].mean())) for p in parts)
    n = max(len(said), 1)
    base_rate = float(came.sum()) / n
    return Calibration(
        ties=len(said),
        base_rate=base_rate,
        brier=float(((said - came) ** 2).sum()) / n,
        base_brier=base_rate * (1 - base_rate),
        error=sum(one.ties * abs(one.said - one.came) for one in bins) / n,
        bins=bins,
    )


def fit_alive(interactions: Interactions, *, as_of_s: int, weights: Weights = DEFAULT) -> Fit:
    """Fit the curve of `alive` to a company's past year, and test it walk-forward.

    Args:
        interactions: All there are, in any order; those after `as_of_s` are ignored.
        as_of_s: Seconds since 1970 (UTC).
        weights: The constants of the model.

    Returns:
        The default curve until 100 ties came alive and 100 did not (`ENOUGH`), and where a fitted
        one did worse than it on pasts that neither had seen.
    """
    kept, _ = left_out(interactions, as_of_s=as_of_s)
    cells = gather(kept, cut_s=as_of_s % DAY_S, weights=weights)
    return fit_cells(cells, as_of_s=as_of_s, weights=weights)


def fit_cells(cells: Cells, *, as_of_s: int, weights: Weights = DEFAULT) -> Fit:
    """The same of day cells, whose cut is the time of day of `as_of_s`."""
    pasts = _pasts(cells.until(as_of_s), as_of_s, weights)
    own = [(past, _fitted(pasts[:index])) for index, past in enumerate(pasts)]
    tested = [(past, curve) for past, curve in own if curve is not None]
    default = _calibrated([(past, DEFAULT_CURVE) for past, _ in tested or own])
    forward = _calibrated(tested) if tested else None
    curve = _fitted(pasts) if forward and forward.brier <= default.brier else None
    came = sum(int(past.came.sum()) for past in pasts)
    return Fit(
        curve=curve or DEFAULT_CURVE,
        is_own=curve is not None,
        came=came,
        lapsed=sum(len(past.came) for past in pasts) - came,
        own=forward,
        default=default,
    )


def _pasts(cells: Cells, as_of_s: int, weights: Weights) -> list[_Past]:
    """The ties as they stood at each cut, the oldest first, and what came of them."""
    pasts = []
    for ago in range(CUTS, 0, -1):
        cut_s = as_of_s - ago * HORIZON_DAYS * DAY_S
        ties = fold_cells(cells, as_of_s=cut_s, weights=weights)
        if len(ties):
            found = strength(ties, overlap(ties, weights=weights), weights)
            pasts.append(_Past(ties, found, came(cells, ties)))
    return pasts


def _calibrated(pairs: list[tuple[_Past, Curve]]) -> Calibration:
    said = [curve.chance(past.ties, past.strength) for past, curve in pairs]
    came = [past.came for past, _ in pairs]
    none = np.zeros(0)
    return calibration_of(np.concatenate([none, *said]), np.concatenate([none, *came]) > 0)


def _fitted(pasts: list[_Past]) -> Curve | None:
    """Fit one curve to several pasts; None where there is not enough of them."""
    came = np.concatenate([np.zeros(0, dtype=np.bool_), *(past.came for past in pasts)])
    if min(int(came.sum()), int((~came).sum())) < ENOUGH:
        return None
    return fit_curve(np.concatenate([evidence(p.ties, p.strength) for p in pasts]), came)


def fit_curve(known: Floats, came: Flags) -> Curve:
    """Fit ln(odds) = known @ curve by maximum likelihood, held back by the default curve.

    Newton's method in a fixed number of steps, none longer than 1; slopes end at 0 or above, and
    numbers are rounded so that a person can recompute a chance.

    Args:
        known: What `evidence` gives, (n, 4).
        came: What came of it, (n,).
    """
    start = np.array(dataclasses.astuple(DEFAULT_CURVE))
    found = start.copy()
    for _ in range(STEPS):
        said = 1 / (1 + np.exp(-(known @ found)))
        slope = (known * (came - said)[:, None]).sum(axis=0) - PRIOR * (found - start)
        spread = known * (said * (1 - said))[:, None]
        bend = np.stack([(spread * column[:, None]).sum(axis=0) for column in known.T])
        found += np.clip(np.linalg.solve(bend + PRIOR * np.eye(len(start)), slope), -1, 1)
    level, per_strength, per_pace, one_way = np.round(found, DECIMALS).tolist()
    return Curve(level, max(per_strength, 0.0), max(per_pace, 0.0), min(one_way, 0.0))
