"""Where everything stands: people on an ellipse, their names outside of it."""

import math
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.pictures.scene import Dot, Group, Scene

ROW, HEADING, GAP = 34, 26, 10
NAME_PX, NOTE_PX, HEADING_PX, TITLE_PX = 14, 11.5, 12, 18
AWAY = 14
"""From a dot to the beginning of its name."""

MARGIN, TOP, FOOT_ROW = 18, 54, 17
HALF_WIDTH, LEAST_HEIGHT = 250, 130
ROUND = 0.62
"""Half the height of the ellipse, of what is written beside it: its ends are cut off."""

NAME_AT_MOST, NOTE_AT_MOST, HEADING_AT_MOST = 28, 48, 34
EM, WIDE_EM = 0.58, 1.0
"""How wide a letter is, of its height: more than that of common typefaces."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a dot stands; `side` is -1 at the left, 1 at the right, 0 in the middle."""

    dot: Dot
    x: float
    y: float
    side: int


@dataclass(frozen=True, slots=True)
class Sign:
    """A heading, at the foot of its text."""

    text: str
    x: float
    y: float
    side: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Where all is; x to the right, y downwards, in pixels; `foot` of the height is for words."""

    width: float
    height: float
    middle: tuple[float, float]
    spots: tuple[Spot, ...]
    signs: tuple[Sign, ...]
    foot: int


@dataclass(frozen=True, slots=True)
class Box:
    """What a text covers."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        """Whether two texts are written over each other."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def place(scene: Scene) -> Plan:
    """Find a place for everything: the names of one side are rows, so no two overlap."""
    left_px, right_px = (_widest(side) for side in (scene.left, scene.right))
    inner = max(_tall(scene.left), _tall(scene.right), LEAST_HEIGHT)
    middle = (MARGIN + left_px + AWAY + HALF_WIDTH, TOP + inner / 2)
    spots: list[Spot] = [Spot(scene.centre, *middle, 0)] if scene.centre else []
    signs: list[Sign] = []
    for side, groups in ((-1, scene.left), (1, scene.right)):
        for item, y in _rows(groups, TOP + (inner - _tall(groups)) / 2):
            x = middle[0] + side * _bulge(y - middle[1], inner)
            if isinstance(item, Dot):
                spots.append(Spot(item, x, y, side))
            else:
                signs.append(Sign(item, x + side * AWAY, y, side))
    width = math.ceil(left_px + right_px + 2 * (MARGIN + AWAY + HALF_WIDTH))
    below = FOOT_ROW * len(foot(scene, width)) + MARGIN
    return Plan(
        width=width,
        height=math.ceil(TOP + inner + MARGIN) + below,
        middle=middle,
        spots=tuple(spots),
        signs=tuple(signs),
        foot=below,
    )


def boxes(plan: Plan) -> Iterator[Box]:
    """What every name with its note, and every heading, covers."""
    for spot in plan.spots:
        wide = max(
            text_px(cut(spot.dot.name, NAME_AT_MOST), NAME_PX),
            text_px(cut(spot.dot.note, NOTE_AT_MOST), NOTE_PX),
        )
        yield _box(spot.x + spot.side * AWAY, wide, spot.side, (spot.y - 14, spot.y + 17))
    for sign in plan.signs:
        wide = text_px(cut(sign.text, HEADING_AT_MOST), HEADING_PX)
        yield _box(sign.x, wide, sign.side, (sign.y - HEADING_PX, sign.y + 3))


def foot(scene: Scene, width: float) -> list[str]:
    """The summary in lines that fit."""
    fits = int((width - 2 * MARGIN) / (NOTE_PX * EM))
    return textwrap.wrap(scene.summary, fits)


def text_px(text: str, size: float) -> float:
    """How wide a text is at most, near enough."""
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in text)
    return size * (EM * (len(text) - wide) + WIDE_EM * wide)


def cut(text: str, at_most: int) -> str:
    """Shorten a text; wide letters count twice."""
    length = 0
    for place_, one in enumerate(text):
        length += 2 if unicodedata.east_asian_width(one) in "WF" else 1
        if length > at_most:
            return text[: max(place_ - 1, 1)].rstrip() + "…"
    return text


def _box(x: float, wide: float, side: int, tall: tuple[float, float]) -> Box:
    left = x - wide / 2 if side == 0 else x - wide if side < 0 else x
    return Box(left, tall[0], left + wide, tall[1])


def _rows(groups: Sequence[Group], top: float) -> Iterator[tuple[Dot | str, float]]:
    """Each heading at its foot, and each dot at its middle, from the top down."""
    y = top
    for group in groups:
        if group.heading:
            yield group.heading, y + HEADING - 8
            y += HEADING
        for dot in group.dots:
            yield dot, y + ROW / 2
            y += ROW
        y += GAP


def _tall(groups: Sequence[Group]) -> float:
    heights = (ROW * len(group.dots) + (HEADING if group.heading else 0) + GAP for group in groups)
    return sum(heights)


def _bulge(off: float, inner: float) -> float:
    """How far the ellipse is from the middle, so far above or below it."""
    return HALF_WIDTH * math.sqrt(max(1 - (off / (ROUND * inner)) ** 2, 0.0))


def _widest(groups: Sequence[Group]) -> float:
    texts = [
        *((cut(group.heading, HEADING_AT_MOST), HEADING_PX) for group in groups),
        *((cut(dot.name, NAME_AT_MOST), NAME_PX) for group in groups for dot in group.dots),
        *((cut(dot.note, NOTE_AT_MOST), NOTE_PX) for group in groups for dot in group.dots),
    ]
    return max((text_px(*text) for text in texts), default=0.0)
