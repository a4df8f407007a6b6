"""A scene as SVG: presentation attributes for a page, a style element of its own for a file."""

from collections.abc import Callable, Iterator, Mapping
from html import escape

from app.pictures.places import (
    AWAY,
    FOOT_ROW,
    HEADING_AT_MOST,
    HEADING_PX,
    MARGIN,
    NAME_AT_MOST,
    NAME_PX,
    NOTE_AT_MOST,
    NOTE_PX,
    TITLE_PX,
    TOP,
    Box,
    Plan,
    Spot,
    cut,
    foot,
    place,
    text_px,
)
from app.pictures.scene import Kind, Line, Scene

LIGHT = {"outward": "#2f6fb5", "inward": "#17805f", "outside": "#b3620a", "bridge": "#8336a8"}
DARK = {"outward": "#6fb0f2", "inward": "#4fc9a5", "outside": "#eaa751", "bridge": "#c08ae0"}
INK, GROUND, INK_DARK, GROUND_DARK = "#1c2127", "#ffffff", "#e7eaed", "#14181d"

DASHES: Mapping[Kind, str] = {"outward": "none", "inward": "0.1 9", "outside": "9 6"}

THIN, THICK, FAINT = 1.0, 6.5, 2
"""Widths of a tie of 0 and of 100 points; below so many points it is history, and faint."""

SEEN_AT = (0.72, 0.58, 0.44, 0.8, 0.3, 0.2)
"""Where on its line the mark of a bridge may stand, the best place first."""

BRIDGE = "bridge"

PULLED, BENT, LEAST_BENT = 0.55, 0.6, 26
"""How far a tie across is drawn inwards; and one on a side, of how far its two are apart."""


def _rules(colours: Mapping[str, str], ink: str, ground: str) -> str:
    lines = [f".tl-whole{{color:{ink}}}.tl-ground{{fill:{ground}}}.tl-on{{fill:{ground}}}"]
    for name, colour in colours.items():
        lines.append(f".tl-{name}{{stroke:{colour}}}.tl-{name}-dot{{fill:{colour}}}")
        lines.append(f".tl-{name}-ring{{stroke:{colour}}}")
    return "".join(lines)


PALETTE = (
    _rules(LIGHT, INK, GROUND)
    + f"@media (prefers-color-scheme: dark){{{_rules(DARK, INK_DARK, GROUND_DARK)}}}"
)
"""The style sheet: colours for light and dark, by class."""

Links = Callable[[int], str]
"""Gives the address that a person's name leads to."""


def paint(scene: Scene, *, is_whole: bool = True, links: Links | None = None) -> str:
    """Give the picture as SVG.

    Args:
        scene: What to show.
        is_whole: By itself, with a title, a ground and colours for light and dark; otherwise to be
            put into a page, with its text in the colour of the page's.
        links: Where people's names lead; nowhere if None.
    """
    plan = place(scene)
    spots = {spot.dot.person: spot for spot in plan.spots}
    parts = [
        _opening(scene, plan, is_whole=is_whole, role="group" if links else "img"),
        *(_line(line, spots, plan) for line in scene.lines),
        *_marks(scene, spots),
        *(_heading(sign.text, sign.x, sign.y, sign.side) for sign in plan.signs),
        *(_person(spot, links) for spot in plan.spots),
        *(_foot(scene, plan) if is_whole else ()),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _opening(scene: Scene, plan: Plan, *, is_whole: bool, role: str) -> str:
    """The beginning; a picture that holds links is a group, because an image holds nothing."""
    title, summary = _text(scene.title), _text(scene.summary)
    top = 0 if is_whole else TOP - MARGIN
    height = plan.height if is_whole else plan.height - plan.foot - top
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="tl-picture{" tl-whole" * is_whole}" '
        f'viewBox="0 {top} {plan.width} {height}" width="{plan.width}" height="{height}" '
        f'role="{role}" aria-label="{title}" font-family="system-ui, sans-serif"'
    )
    told = f"<title>{title}</title>\n<desc>{summary}</desc>"
    if not is_whole:
        return f"{head}>\n{told}"
    ground = f'<rect class="tl-ground" width="100%" height="100%" fill="{GROUND}"/>'
    shown = _words(title, MARGIN, MARGIN + TITLE_PX, TITLE_PX, ' font-weight="600"')
    return f'{head} color="{INK}">\n{told}\n<style>{PALETTE}</style>\n{ground}\n{shown}'


def _foot(scene: Scene, plan: Plan) -> Iterator[str]:
    """The summary, below the picture, in as many lines as there is room for in its height."""
    for number, text in enumerate(foot(scene, plan.width)):
        y = plan.height - plan.foot + (number + 1) * FOOT_ROW
        yield _words(_text(text), MARGIN, y, NOTE_PX, ' fill-opacity="0.75"')


def _line(line: Line, spots: Mapping[int, Spot], plan: Plan) -> str:
    a, b = spots[line.a], spots[line.b]
    width = THIN + (THICK - THIN) * line.points / 100
    is_faint = line.points < FAINT
    told = f"{a.dot.name} and {b.dot.name}: {line.points} of 100, last in touch "
    told += f"{line.last_days} days ago" + (f"; bridge to {line.bridge}" if line.bridge else "")
    return (
        f'<path class="tl-tie tl-{line.kind}" d="{_path(line, a, b, plan)}" fill="none" '
        f'stroke="{LIGHT[line.kind]}" stroke-width="{width:.1f}" '
        f'stroke-opacity="{0.5 if is_faint else 0.85}" '
        f'stroke-linecap="{"butt" if line.kind == "outside" else "round"}" '
        f'stroke-dasharray="{DASHES[line.kind]}">'
        f"<title>{_text(told)}</title></path>"
    )


def _path(line: Line, a: Spot, b: Spot, plan: Plan) -> str:
    """A spoke, or a tie of ours across, is straight; others bend inwards, and touch no name."""
    begin, end = f"M{a.x:.1f} {a.y:.1f}", f"{b.x:.1f} {b.y:.1f}"
    if 0 in (a.side, b.side) or (line.kind == "outward" and a.side != b.side):
        return f"{begin}L{end}"
    x, y = (a.x + b.x) / 2, (a.y + b.y) / 2
    if a.side == b.side:
        bent = min(max(LEAST_BENT, BENT * abs(a.y - b.y)), 2 * abs(plan.middle[0] - x))
        return f"{begin}Q{x - a.side * bent:.1f} {y:.1f} {end}"
    x, y = (
        one * (1 - PULLED) + middle * PULLED
        for one, middle in ((x, plan.middle[0]), (y, plan.middle[1]))
    )
    return f"{begin}Q{x:.1f} {y:.1f} {end}"


def _marks(scene: Scene, spots: Mapping[int, Spot]) -> Iterator[str]:
    """A word on the line of each bridge, no two over each other; what it leads to is in a note."""
    taken: list[Box] = []
    half = text_px(BRIDGE, NOTE_PX) / 2 + 7
    for line in scene.lines:
        if line.bridge is None:
            continue
        a, b = spots[line.a], spots[line.b]
        inner, outer = (a, b) if a.side == 0 or (b.side != 0 and a.dot.is_colleague) else (b, a)
        tried = [
            Box(x - half, y - 9, x + half, y + 9)
            for x, y in (
                (inner.x + (outer.x - inner.x) * t, inner.y + (outer.y - inner.y) * t)
                for t in SEEN_AT
            )
        ]
        free = (box for box in tried if not any(box.overlaps(other) for other in taken))
        box = next(free, tried[0])
        taken.append(box)
        yield _pill(box, BRIDGE, "bridge", NOTE_PX)


def _pill(box: Box, text: str, name: str, size: float) -> str:
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2 + size * 0.35
    return (
        f'<rect class="tl-{name}-dot" x="{box.left:.1f}" y="{box.top:.1f}" '
        f'width="{box.right - box.left:.1f}" height="{box.bottom - box.top:.1f}" '
        f'rx="{(box.bottom - box.top) / 2:.1f}" fill="{LIGHT[name]}"/>'
        f'<text class="tl-on" x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="600" '
        f'text-anchor="middle" fill="{GROUND}">{_text(text)}</text>'
    )


def _heading(text: str, x: float, y: float, side: int) -> str:
    shown = _text(cut(text, HEADING_AT_MOST))
    return _words(shown, x, y, HEADING_PX, f' font-weight="700"{_anchor(side)} fill-opacity="0.75"')


def _person(spot: Spot, links: Links | None) -> str:
    dot = spot.dot
    kind = "inward" if dot.is_colleague else "outward"
    name = cut(dot.name, NAME_AT_MOST)
    if spot.side == 0:
        half = text_px(name, NAME_PX) / 2 + 14
        box = Box(spot.x - half, spot.y - 17, spot.x + half, spot.y + 17)
        return _linked(_pill(box, name, kind, NAME_PX), dot.person, links)
    x = spot.x + spot.side * AWAY
    base = spot.y - 1 if dot.note else spot.y + 5
    words = _words(_text(name), x, base, NAME_PX, _anchor(spot.side))
    if dot.note:
        note = _text(cut(dot.note, NOTE_AT_MOST))
        words += _words(note, x, base + 14, NOTE_PX, f'{_anchor(spot.side)} fill-opacity="0.75"')
    return _linked(_shape(spot, kind) + words, dot.person, links)


def _shape(spot: Spot, kind: str) -> str:
    """A square for a colleague, a circle for a contact; hollow where no tie leads."""
    fill = f'class="tl-{kind}-dot" fill="{LIGHT[kind]}"'
    if not spot.dot.is_reached:
        fill = f'class="tl-{kind}-ring" fill="none" stroke="{LIGHT[kind]}" stroke-width="1.5"'
    if spot.dot.is_colleague:
        left, top = spot.x - 6, spot.y - 6
        return f'<rect {fill} x="{left:.1f}" y="{top:.1f}" width="12" height="12" rx="2"/>'
    return f'<circle {fill} cx="{spot.x:.1f}" cy="{spot.y:.1f}" r="6.5"/>'


def _linked(shown: str, person: int, links: Links | None) -> str:
    return f'<a href="{_text(links(person))}">{shown}</a>' if links else f"<g>{shown}</g>"


def _words(text: str, x: float, y: float, size: float, more: str = "") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="currentColor"{more}>{text}</text>'
    )


def _anchor(side: int) -> str:
    return ' text-anchor="end"' if side < 0 else ""


def _text(text: str) -> str:
    """Text as XML may hold it: some letters it may not at all."""
    return escape("".join(one for one in text if one.isprintable()))
