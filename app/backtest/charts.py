"""Plots as SVG: no script, no font, no colour of their own (``style.css`` has them, twice)."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.backtest.markup import Markup, el, joined
from app.backtest.measures import Estimate

WIDTH: Final = 340.0
LEFT, RIGHT, TOP, BOTTOM = 38.0, 8.0, 10.0, 34.0
HEIGHT: Final = 240.0
BAR: Final = 34.0
GAP: Final = 9.0
MARK: Final = 4.0
SPAN: Final = "whisker s0"
EDGES: Final = (0.1, 0.2, 0.5, 1.0)
"""Where a plot of chances may end, so that few and small ones are not all in a corner."""


@dataclass(frozen=True, slots=True)
class Series:
    """One ranking in a plot: what it is called, its look (0 to 3), a number per place or None."""

    title: str
    look: int
    values: Sequence[Estimate | None]


@dataclass(frozen=True, slots=True)
class _Scale:
    """From a number to a place in the picture."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(max(share, 0), 1) * (self.end - self.start)


def areas(title: str, places: Sequence[str], series: Sequence[Series], axis: str) -> Markup:
    """Areas under the curve with their intervals, series beside each other at each place."""
    known = [one.low for each in series for one in each.values if one is not None]
    low = min(0.5, math.floor(10 * max(min(known, default=0.5), 0)) / 10)
    y = _Scale(low, 1.0, HEIGHT - BOTTOM, TOP)
    step = (WIDTH - LEFT - RIGHT) / max(len(places), 1)
    tenths = [n / 10 for n in range(round(low * 10), 11)]
    return _picture(
        title,
        HEIGHT,
        *(_rule(y(one), f"{one:.1f}", is_strong=one == 0.5) for one in tenths),  # noqa: PLR2004  guessing
        *_under(places, step),
        _axis_name(axis),
        *(
            _estimate(one, each.look, LEFT + step * (place + 0.5) + _aside(number, series), y)
            for number, each in enumerate(series)
            for place, one in enumerate(each.values)
            if one is not None
        ),
    )


def reliability(title: str, curves: Sequence[tuple[int, Sequence[tuple[float, float]]]]) -> Markup:
    """What was said (across) and what came (up), 0 to 1, by look; on the diagonal both agree."""
    size = WIDTH - LEFT - RIGHT
    height = size + TOP + BOTTOM
    most = max((end for _, points in curves for point in points for end in point), default=1.0)
    edge = next((one for one in EDGES if one >= most), 1.0)
    x = _Scale(0, edge, LEFT, WIDTH - RIGHT)
    y = _Scale(0, edge, height - BOTTOM, TOP)
    fifths = [n * edge / 5 for n in range(6)]
    return _picture(
        title,
        height,
        *(_rule(y(one), f"{100 * one:.0f} %") for one in fifths),
        *(
            _text(f"{100 * one:.0f} %", x(one), height - 19, "end" if one == edge else "middle")
            for one in fifths
        ),
        _axis_name("said (across), came (up)", height),
        el("line", x1=x(0), y1=y(0), x2=x(edge), y2=y(edge), class_="diagonal"),
        *(
            joined(
                el("polyline", points=_points(x, y, points), class_=f"line s{look}"),
                *(_mark(look, x(said), y(came)) for said, came in points),
            )
            for look, points in curves
        ),
    )


def bars(title: str, rows: Sequence[tuple[str, int, float, str]], *, rule: float) -> Markup:
    """Bars across: what, look, length, and the length in words; each is cut by a line at `rule`."""
    x = _Scale(0, max([rule, *(length for _, _, length, _ in rows)]) * 1.1, 0, WIDTH)
    tops = [TOP + n * BAR for n in range(len(rows))]
    return _picture(
        title,
        len(rows) * BAR + TOP,
        *(
            joined(
                _text(f"{what}: {words}", 0, top + 8, "start"),
                el("rect", x=0, y=top + 13, width=x(length), height=10, class_=f"s{look}"),
                el("line", x1=x(rule), x2=x(rule), y1=top + 11, y2=top + 25, class_="cut"),
            )
            for top, (what, look, length, words) in zip(tops, rows, strict=True)
        ),
    )


def gains(title: str, rows: Sequence[tuple[str, Estimate]]) -> Markup:
    """Gains with their intervals about a line of no gain, one below the other."""
    ends = [0.0, *(end for _, one in rows for end in (one.low, one.high))]
    spread = max(ends) - min(ends) or 1.0
    x = _Scale(min(ends) - spread / 20, max(ends) + spread / 20, 0, WIDTH)
    height = len(rows) * BAR + TOP
    tops = [TOP + n * BAR for n in range(len(rows))]
    return _picture(
        title,
        height,
        el("line", x1=x(0), x2=x(0), y1=TOP, y2=height, class_="strong"),
        *(
            joined(
                _text(what, 0, top + 8, "start"),
                el("line", x1=x(one.low), x2=x(one.high), y1=top + 18, y2=top + 18, class_=SPAN),
                _mark(0, x(one.value), top + 18),
            )
            for top, (what, one) in zip(tops, rows, strict=True)
        ),
    )


def legend(entries: Sequence[tuple[str, int]]) -> Markup:
    """What each mark stands for."""
    return el(
        "ul",
        *(
            el(
                "li",
                el("svg", _mark(look, 7, 7), view_box="0 0 14 14", aria_hidden="true"),
                title,
            )
            for title, look in entries
        ),
        class_="legend",
    )


def _picture(title: str, height: float, *parts: Markup) -> Markup:
    """An image that says what it is; its numbers stand in the table beside it."""
    return el(
        "svg",
        *parts,
        view_box=f"0 0 {WIDTH:.0f} {height:.0f}",
        role="img",
        aria_label=f"{title}. The table has the same numbers.",
    )


def _rule(y: float, label: str, *, is_strong: bool = False) -> Markup:
    line = el(
        "line",
        x1=LEFT,
        x2=WIDTH - RIGHT,
        y1=y,
        y2=y,
        class_="strong" if is_strong else "rule",
    )
    return joined(line, _text(label, LEFT - 5, y + 3.5, "end"))


def _under(places: Sequence[str], step: float) -> Iterator[Markup]:
    """The names of places; every second one where there are many."""
    skipped = 1 + (len(places) > 5)  # noqa: PLR2004  so many fit
    for number, place in enumerate(places):
        if (len(places) - 1 - number) % skipped == 0:
            yield _text(place, LEFT + step * (number + 0.5), HEIGHT - 19, "middle")


def _axis_name(words: str, height: float = HEIGHT) -> Markup:
    return _text(words, (LEFT + WIDTH - RIGHT) / 2, height - 4, "middle")


def _aside(number: int, series: Sequence[Series]) -> float:
    return (number - (len(series) - 1) / 2) * GAP


def _estimate(one: Estimate, look: int, x: float, y: _Scale) -> Markup:
    ends = {"y1": y(one.low), "y2": y(one.high)}
    return joined(
        el("line", x1=x, x2=x, class_=f"whisker s{look}", **ends), _mark(look, x, y(one.value))
    )


def _mark(look: int, x: float, y: float) -> Markup:
    """A shape for each look, so that colour is never needed to tell them apart."""
    shapes: dict[int, list[tuple[float, float]]] = {
        0: [(-1, -1), (1, -1), (1, 1), (-1, 1)],
        1: [(0, -1.4), (1.4, 0), (0, 1.4), (-1.4, 0)],
        2: [(0, -1.3), (1.3, 1), (-1.3, 1)],
    }
    if look not in shapes:
        return el("circle", cx=x, cy=y, r=MARK, class_=f"mark s{look}")
    corners = " ".join(f"{x + dx * MARK:.2f},{y + dy * MARK:.2f}" for dx, dy in shapes[look])
    return el("polygon", points=corners, class_=f"mark s{look}")


def _points(x: _Scale, y: _Scale, points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x(said):.2f},{y(came):.2f}" for said, came in points)


def _text(words: str, x: float, y: float, anchor: str) -> Markup:
    return el("text", words, x=x, y=y, text_anchor=anchor)
