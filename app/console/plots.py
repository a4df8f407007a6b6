"""Plots as SVG, drawn here: contact week by week, and the course of a tie. Colours are in the CSS.

Every plot has a title and a description, and a table beside it says the same in words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from markupsafe import Markup

from app.engine import BANDS, CHANNELS, Interactions, Scores
from app.engine.strength import Cuts

WEEKS = 104
WEEK_S, WEEK = 7 * 86_400, timedelta(weeks=1)
DAY_S = 86_400

WIDE, LEFT, RIGHT = 720, 66, 8
LANE, FOOT, HALF = 54, 22, 23
HIGH, TOP = 190, 8

OUT, BACK, UNSAID = "out", "back", "unsaid"
WAYS = (OUT, BACK, UNSAID)


@dataclass(frozen=True, slots=True)
class Weeks:
    """Contacts by week, channel and way: from us, from them, and where nobody says from whom.

    Attributes:
        begin: The first day of the first week.
        counts: For each channel that there is, and each of `WAYS`, contacts of each week.
    """

    begin: date
    counts: Mapping[str, Mapping[str, Sequence[int]]]

    @property
    def total(self) -> int:
        """All contacts."""
        return sum(sum(week) for ways in self.counts.values() for week in ways.values())

    @property
    def quarters(self) -> list[tuple[date, dict[str, dict[str, int]]]]:
        """The same in pieces of 13 weeks, the newest first: for a table."""
        told = []
        for first in range(WEEKS - 13, -1, -13):
            of = {
                channel: {way: sum(week[first : first + 13]) for way, week in ways.items()}
                for channel, ways in self.counts.items()
            }
            told.append((self.begin + first * WEEK, of))
        return told


def weeks_of(met: Interactions, scores: Scores, person: int) -> Weeks:
    """Count a person's contacts across the border between us and everybody else, week by week."""
    end_s = scores.as_of_s
    is_theirs = (met.source == person) | (met.target == person)
    kept = met.where(is_theirs & (met.at_s <= end_s))
    kept = kept.where(scores.is_colleague(kept.source) != scores.is_colleague(kept.target))
    is_ours = scores.is_colleague(kept.source)
    week = WEEKS - 1 - (end_s - 1 - kept.at_s) // WEEK_S
    way = np.where(~kept.is_directed, 2, np.where(is_ours, 0, 1))
    counts: dict[str, dict[str, list[int]]] = {}
    for number, channel in enumerate(CHANNELS):
        for place, name in enumerate(WAYS):
            mine = (kept.channel == number) & (way == place) & (week >= 0)
            if mine.any():
                ways = counts.setdefault(channel, {one: [0] * WEEKS for one in WAYS})
                ways[name] = np.bincount(week[mine], minlength=WEEKS).tolist()
    begin = date(1970, 1, 1) + timedelta(days=end_s // DAY_S - 7 * WEEKS)
    return Weeks(begin, counts)


def draw_weeks(weeks: Weeks) -> Markup:
    """Draw a lane for each channel: up is from us, down from them, about the middle unsaid."""
    lanes = list(weeks.counts)
    height = TOP + LANE * len(lanes) + FOOT
    step = (WIDE - LEFT - RIGHT) / WEEKS
    parts = [_opening("Contacts by week", _in_words(weeks), height), *_years(weeks, step, height)]
    for number, channel in enumerate(lanes):
        middle = TOP + LANE * number + LANE / 2
        parts += _lane(channel, weeks.counts[channel], middle, step)
    return Markup("\n".join([*parts, "</svg>"]))  # noqa: S704 - numbers, and words of ours


def draw_course(points: Sequence[float], days: Sequence[int], as_of: date, *, cuts: Cuts) -> Markup:
    """Draw the points of a tie over time; the lines across are where bands begin."""
    longest = max(days)
    height = TOP + HIGH + FOOT
    told = f"{points[0]:.0f} of 100 now, {points[-1]:.0f} of 100 {longest} days ago."

    def at(ago: float, value: float) -> tuple[float, float]:
        x = LEFT + (WIDE - LEFT - RIGHT) * (1 - ago / longest)
        return x, TOP + HIGH * (1 - value / 100)

    parts = [_opening("Strength over time", told, height)]
    for cut, band in zip((0.0, *cuts), BANDS, strict=True):
        _, y = at(0, cut)
        if cut != cuts[0]:  # what is none is too little to be seen
            parts.append(_rule(y))
            name = band if cut else BANDS[1]
            parts.append(f'<text class="plot-text" x="{LEFT - 8}" y="{y:.1f}" {_END}>{name}</text>')
    for month in _months(as_of, longest):
        x, _ = at((as_of - month).days, 0)
        parts.append(_tick(x, height, f"{month:%b %Y}"))
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(at, days, points))
    parts.append(f'<polyline class="plot-line" points="{line}" fill="none"/>')
    x, y = at(days[0], points[0])
    parts.append(f'<circle class="plot-dot" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
    return Markup("\n".join([*parts, "</svg>"]))  # noqa: S704 - numbers, and words of ours


_END = 'text-anchor="end"'


def _opening(title: str, told: str, height: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 {WIDE} {height:g}" '
        f'width="{WIDE}" height="{height:g}" role="img" aria-label="{title}. {told}">'
    )


def _in_words(weeks: Weeks) -> str:
    told = []
    for channel, ways in weeks.counts.items():
        out, back, unsaid = (sum(ways[way]) for way in WAYS)
        told.append(f"{channel}: {out} from us, {back} from them, {unsaid} either way")
    return f"In two years, {'; '.join(told) or 'none'}."


def _lane(channel: str, ways: Mapping[str, Sequence[int]], middle: float, step: float) -> list[str]:
    halves = [one / 2 for one in ways[UNSAID]]
    ups = [one + half for one, half in zip(ways[OUT], halves, strict=True)]
    downs = [one + half for one, half in zip(ways[BACK], halves, strict=True)]
    most = max(*ups, *downs, 1)
    label = f'<text class="plot-text" x="0" y="{middle + 4:.1f}">{channel}</text>'
    bars = [label, _rule(middle)]
    for week, (up, down) in enumerate(zip(ups, downs, strict=True)):
        if up or down:
            top, tall = middle - HALF * up / most, HALF * (up + down) / most
            bars.append(
                f'<rect class="plot-bar plot-{channel}" x="{LEFT + week * step + 0.5:.1f}" '
                f'y="{top:.1f}" width="{step - 1:.1f}" height="{tall:.1f}"/>'
            )
    return bars


def _years(weeks: Weeks, step: float, height: float) -> list[str]:
    end = weeks.begin + WEEKS * WEEK
    return [
        _tick(LEFT + (month - weeks.begin).days / 7 * step, height, f"{month:%b %Y}")
        for month in _months(end, WEEKS * 7)
    ]


def _months(end: date, days: int) -> list[date]:
    """The first days of quarters within so many days before the end."""
    begin = end - timedelta(days=days)
    every = (date(year, month, 1) for year in range(begin.year, end.year + 1) for month in (1, 7))
    return [one for one in every if begin + timedelta(days=20) <= one < end - timedelta(days=20)]


def _tick(x: float, height: float, text: str) -> str:
    return (
        f'<path class="plot-rule" d="M{x:.1f} {TOP}V{height - FOOT + 4:g}"/>'
        f'<text class="plot-text" x="{x:.1f}" y="{height - 4:g}" text-anchor="middle">{text}</text>'
    )


def _rule(y: float) -> str:
    return f'<path class="plot-rule" d="M{LEFT} {y:.1f}H{WIDE - RIGHT}"/>'
