"""Ties by points, as SVG: `console.css` has its style, and a text says what it is."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from markupsafe import Markup

from app.engine import BANDS
from app.engine.strength import Cuts

WIDTH, HEIGHT = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 44, 16, 26, 40
RULES: Final = 4
"""Lines across, about."""

MOST_POINTS: Final = 100


def draw(before: Sequence[int], after: Sequence[int], *, width: int, cuts: Cuts) -> Markup:
    """Ties by points: filled bars for what would be, an outline for what is.

    Args:
        before: Counts, from 0 points up.
        after: The same.
        width: Of a bar, in points.
        cuts: Where bands would begin.
    """
    most = max([1, *before, *after])
    step = _step(most)
    top = math.ceil(most / step) * step
    parts = [
        *_rules(top, step),
        *_cuts(cuts),
        *_bars(after, top, width),
        _outline(before, top, width),
    ]
    parts += [_text(_x(points), HEIGHT - BOTTOM + 16, str(points)) for points in range(0, 101, 20)]
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, "points"))
    label = "How many ties have how many points, now and with the weights that are tried."
    return Markup(
        '<svg class="histogram" viewBox="0 0 {} {}" role="img" aria-label="{} '
        'The table below has the numbers.">{}</svg>'
    ).format(WIDTH, HEIGHT, label, Markup().join(parts))


def _step(most: int) -> int:
    """From one line across to the next: 1, 2 or 5 times a power of ten."""
    rough = max(most / RULES, 1)
    power = 10 ** math.floor(math.log10(rough))
    return int(next(n * power for n in (1, 2, 5, 10) if n * power >= rough))


def _x(points: float) -> float:
    return LEFT + points / MOST_POINTS * (WIDTH - LEFT - RIGHT)


def _y(count: float, top: int) -> float:
    return HEIGHT - BOTTOM - count / top * (HEIGHT - TOP - BOTTOM)


def _rules(top: int, step: int) -> Iterator[Markup]:
    for count in range(0, top + 1, step):
        y = _y(count, top)
        yield Markup('<line class="rule" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>').format(
            LEFT, WIDTH - RIGHT, y, y
        )
        yield _text(LEFT - 6, y + 4, f"{count:,}", anchor="end")


def _cuts(cuts: Cuts) -> Iterator[Markup]:
    """Where the bands begin, with their names."""
    for cut, name in zip(cuts, BANDS[1:], strict=True):
        x = _x(cut)
        yield Markup('<line class="cut" x1="{:.1f}" x2="{:.1f}" y1="{}" y2="{}"/>').format(
            x, x, 6, HEIGHT - BOTTOM
        )
        yield _text(x + 4, 16, name, anchor="start")


def _bars(counts: Sequence[int], top: int, width: int) -> Iterator[Markup]:
    for place, count in enumerate(counts):
        if count:
            left, right, y = _x(place * width), _x((place + 1) * width), _y(count, top)
            yield Markup(
                '<rect class="after" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>'
            ).format(left + 2, y, right - left - 4, HEIGHT - BOTTOM - y)


def _outline(counts: Sequence[int], top: int, width: int) -> Markup:
    corners = [
        f"{_x(edge):.1f},{_y(count, top):.1f}"
        for place, count in enumerate(counts)
        for edge in (place * width, (place + 1) * width)
    ]
    return Markup('<polyline class="before" points="{}"/>').format(" ".join(corners))


def _text(x: float, y: float, words: str, *, anchor: str = "middle") -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        x, y, anchor, words
    )
