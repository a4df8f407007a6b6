"""Why a score is what it is: the parts of one tie's strength, event by event, summing to it.

The rule, to be recomputed by hand: strength = core x factor, where factor is breadth x liveness x
(1 + overlap). Of the core, what the two directions make together is shared out over their days in
proportion to each day's decayed ln(1 + volume); a day without direction keeps its own. Within a
day, each event gets the part that its volume is of the day's.
"""

from dataclasses import dataclass

import numpy as np

from app.engine import strength as tell
from app.engine.cells import FROM_A, FROM_B, NOT_KNOWN
from app.engine.interactions import Interactions, clean, days, volumes
from app.engine.scores import Scores
from app.engine.weights import CHANNELS, DAY_S, DEFAULT, Floats, Weights

WEEK_DAYS = 7
MONDAY = 3
"""1 January 1970 was so many days after a Monday."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one event adds.

    Attributes:
        at_s: Seconds since 1970 (UTC).
        channel: One of `CHANNELS`.
        source: Who wrote or called; None where the record does not say.
        recipients: As given, at least 1.
        strength: Its part of the tie's strength, not below 0.
    """

    at_s: int
    channel: str
    source: int | None
    recipients: int
    strength: float


@dataclass(frozen=True, slots=True)
class Contributions:
    """The parts of one tie's strength, the newest event first, and the factors beside them.

    Attributes:
        core: What the decayed sums make together.
        breadth: ln(1 + weeks in touch).
        liveness: 0 to 1.
        overlap: Neighbourhood overlap, 0 to 1; it multiplies as 1 + overlap.
    """

    events: tuple[Contribution, ...]
    strength: float
    core: float
    breadth: float
    liveness: float
    overlap: float

    def by_channel(self) -> dict[str, float]:
        """The strength that each channel makes, for those present, in the order of `CHANNELS`."""
        summed = dict.fromkeys(CHANNELS, 0.0)
        for event in self.events:
            summed[event.channel] += event.strength
        present = {event.channel for event in self.events}
        return {channel: summed[channel] for channel in CHANNELS if channel in present}

    def by_day(self) -> dict[int, float]:
        """The strength that each day since 1970 (UTC) makes, the newest first."""
        summed: dict[int, float] = {}
        for event in self.events:
            day = event.at_s // DAY_S
            summed[day] = summed.get(day, 0.0) + event.strength
        return summed

    def by_week(self) -> dict[int, float]:
        """The strength that each week makes, by its Monday (days since 1970), the newest first."""
        summed: dict[int, float] = {}
        for day, strength in self.by_day().items():
            monday = day - (day + MONDAY) % WEEK_DAYS
            summed[monday] = summed.get(monday, 0.0) + strength
        return summed


def explain(
    interactions: Interactions,
    scores: Scores,
    pair: tuple[int, int],
    *,
    weights: Weights = DEFAULT,
) -> Contributions | None:
    """Split the strength of one tie into what its events add.

    Args:
        interactions: Those of the pair at least; others are passed over.
        scores: What these interactions gave, with the same weights.
        pair: Two people, in any order.
        weights: The constants of the model.

    Returns:
        Parts that sum to the tie's strength to 1e-9, or None if the two never met.
    """
    row = scores.ties.find(*pair)
    if row is None:
        return None
    kept = between(interactions, scores, pair)
    volume = volumes(kept, weights)
    core = float(tell.core(scores.ties.sums[:, [row]], weights)[0])
    strength = float(scores.strength[row])
    of_event = _of_events(kept, volume, scores.as_of_s, weights)
    of_event = of_event * (strength / max(float(of_event.sum()), tell.LEAST))
    order = np.lexsort((volume, kept.source, kept.channel, -kept.at_s))
    return Contributions(
        events=tuple(_contribution(kept, int(place), float(of_event[place])) for place in order),
        strength=strength,
        core=core,
        breadth=float(tell.breadth(scores.ties.weeks[[row]])[0]),
        liveness=float(tell.liveness(scores.ties, weights)[row]),
        overlap=float(scores.overlap[row]),
    )


def between(interactions: Interactions, scores: Scores, pair: tuple[int, int]) -> Interactions:
    """The contacts of two people that count, up to the moment of the scores."""
    a, b = pair
    there = (interactions.source == a) & (interactions.target == b)
    back = (interactions.source == b) & (interactions.target == a)
    kept, _ = clean(interactions.where(there | back), as_of_s=scores.as_of_s)
    return kept


def _of_events(kept: Interactions, volume: Floats, as_of_s: int, weights: Weights) -> Floats:
    """Each event's part of the core, (n,): of its day and direction, by volume."""
    way = np.where(kept.is_directed, np.where(kept.source > kept.target, FROM_B, FROM_A), NOT_KNOWN)
    cells, cell = np.unique(np.stack([days(kept.at_s), way]), axis=1, return_inverse=True)
    day, way = cells
    whole = np.bincount(cell.ravel(), weights=volume, minlength=len(day))
    left = np.log1p(whole) * weights.decay((as_of_s - day * DAY_S) / DAY_S)
    is_directed = way != NOT_KNOWN
    sums = np.array([[left[way == one].sum()] for one in (FROM_A, FROM_B)] + [[0.0]])
    together = float(tell.core(sums, weights)[0])
    directed = left * (together / max(float(sums.sum()), tell.LEAST))
    of_cell = np.where(is_directed, directed, left)
    return (of_cell / np.maximum(whole, tell.LEAST))[cell.ravel()] * volume


def _contribution(kept: Interactions, place: int, strength: float) -> Contribution:
    return Contribution(
        at_s=int(kept.at_s[place]),
        channel=CHANNELS[kept.channel[place]],
        source=int(kept.source[place]) if kept.is_directed[place] else None,
        recipients=int(kept.recipients[place]),
        strength=strength,
    )
