"""Histories for the tests of the engine: written by hand, drawn at random, and a slow reference."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import geometric_mean

import numpy as np
from hypothesis import strategies as st

from app.engine import CHANNELS, Interactions

DAY = 86_400
NOW = 20_000 * DAY + 43_200
"""Noon of some day."""

NOBODY = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Event:
    """One contact, so many days ago."""

    source: int
    target: int
    days_ago: float = 1.0
    channel: str = "email"
    recipients: int = 1
    duration_s: float = 0.0
    is_directed: bool = True

    @property
    def at_s(self) -> int:
        return NOW - round(self.days_ago * DAY)


def columns(events: Sequence[Event]) -> Interactions:
    return Interactions(
        source=np.array([e.source for e in events], dtype=np.int64),
        target=np.array([e.target for e in events], dtype=np.int64),
        at_s=np.array([e.at_s for e in events], dtype=np.int64),
        channel=np.array([CHANNELS.index(e.channel) for e in events], dtype=np.int8),
        recipients=np.array([e.recipients for e in events], dtype=np.int32),
        duration_s=np.array([e.duration_s for e in events], dtype=np.float64),
        is_directed=np.array([e.is_directed for e in events], dtype=np.bool_),
    )


def exchange(a: int, b: int, days_ago: Sequence[float]) -> list[Event]:
    """A mail each way on each of these days."""
    return [e for d in days_ago for e in (Event(a, b, d), Event(b, a, d))]


def events(people: int = 6) -> st.SearchStrategy[Event]:
    return st.builds(
        Event,
        source=st.integers(0, people - 1),
        target=st.integers(0, people - 1),
        days_ago=st.floats(-2, 900),
        channel=st.sampled_from(CHANNELS),
        recipients=st.integers(-1, 40),
        duration_s=st.sampled_from([0.0, -5.0, 30.0, 600.0, 5400.0, 1e6, math.nan, math.inf]),
        is_directed=st.booleans(),
    )


def reference(history: Sequence[Event]) -> dict[tuple[int, int], tuple[float, float]]:
    """Strength and risk of each pair, from the published formulas alone, in plain Python."""
    valid = [e for e in history if e.source != e.target and e.at_s <= NOW]
    seen: dict[int, int] = {}
    by_pair: dict[tuple[int, int], list[Event]] = defaultdict(list)
    for e in valid:
        for person in (e.source, e.target):
            seen[person] = max(seen.get(person, e.at_s), e.at_s)
        by_pair[min(e.source, e.target), max(e.source, e.target)].append(e)
    circles = _circles(by_pair)
    return {pair: _reference_of(pair, theirs, seen, circles) for pair, theirs in by_pair.items()}


def _volume(e: Event) -> float:
    weight = {"call": 2.0, "meeting": 3.0}.get(e.channel, 1.0)
    recipients = max(e.recipients, 1)
    if e.channel not in {"call", "meeting"}:
        half = 1.0 if e.is_directed else 0.5
        return half * weight / math.sqrt(recipients) * min(1, 8 / recipients) ** 0.5
    unknown = 0.5 if e.channel == "call" else 30.0
    is_known = math.isfinite(e.duration_s) and e.duration_s > 0
    minutes = max(min(e.duration_s / 60, 480), 1) if is_known else unknown
    group = recipients + 1
    return weight * minutes / math.sqrt(group) * min(1, 12 / group) ** 4


def _circles(by_pair: dict[tuple[int, int], list[Event]]) -> dict[int, set[int]]:
    circles: dict[int, set[int]] = defaultdict(set)
    for (a, b), theirs in by_pair.items():
        caps = {"call": 11, "meeting": 11}
        if sum(_volume(e) for e in theirs if e.recipients <= caps.get(e.channel, 8)) >= 0.3:
            circles[a].add(b)
            circles[b].add(a)
    return circles


def _reference_of(
    pair: tuple[int, int], theirs: list[Event], seen: dict[int, int], circles: dict[int, set[int]]
) -> tuple[float, float]:
    a, b = pair
    cells: dict[tuple[int, int], float] = defaultdict(float)
    for e in theirs:
        directed = e.is_directed and e.channel != "meeting"
        cells[(e.source == a) if directed else 2, e.at_s // DAY] += _volume(e)
    sums = [0.0, 0.0, 0.0]
    for (way, day), volume in cells.items():
        age = (NOW - day * DAY) / DAY
        kernel = ((1.5, 0.493), (6, 0.332), (24, 0.115), (96, 0.0265), (480, 0.0109))
        sums[way] += math.log(1 + volume) * sum(w * 0.5 ** (age / h) for h, w in kernel)
    core = math.sqrt((sums[0] + 0.5) * (sums[1] + 0.5)) - 0.5 + sums[2]
    active = sorted({e.at_s // DAY for e in theirs})
    gaps = [later - earlier for earlier, later in pairwise(active)]
    weeks = sum(
        min(gap, 7) / 7 * (1.0 if NOW // DAY - day < 182 else 0.25)
        for day, gap in zip(active, [*gaps, 7], strict=True)
    )
    live = 0.5 ** ((NOW - min(seen[a], seen[b])) / DAY / 21)
    shared = circles[a] & circles[b]
    either = (circles[a] | circles[b]) - {a, b}
    overlap = len(shared) / max(len(either), 1)
    strength = core * math.log(1 + weeks) * live * (1 + overlap)
    silence = (NOW - max(e.at_s for e in theirs)) / DAY
    rhythm = max(geometric_mean(gaps), 1) if gaps else 30.0
    frequency = sum(0.5 ** ((NOW - day * DAY) / DAY / 30) for day in active)
    hold = _ln(strength) + (_ln(frequency) - _ln(core)) / 2
    return strength, 0.5 * math.log(1 + silence / rhythm) - hold


def _ln(amount: float) -> float:
    return math.log(max(amount, 1e-12))
