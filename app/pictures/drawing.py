"""Who is on a picture, and in what words: an ego network, or an account as we know it."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from app.engine import Scores
from app.engine.weights import DAY_S
from app.pictures.scene import Dot, Group, Kind, Known, Line, Scene
from app.pictures.words import LEAST_POINTS, account_summary, ego_summary, name_of, standing

MOST_PEOPLE = 40
"""So many are readable at a glance; the strongest ties come first."""

MOST_LINES = 150
"""Of ties among the people around somebody; the strongest."""

LEAST_GROUP = 2
UNEVEN = 4
"""One side may be longer than the other by so many people; otherwise a group is divided."""

OURS, ELSEWHERE = "Our colleagues", "Others"


def circle(scores: Scores, people: Iterable[int], *, first: Collection[int] = ()) -> list[int]:
    """Who is around some people, nearest first: their personal ties, the strongest first.

    Args:
        scores: All ties.
        people: One person, or everybody at an account; they are not in the answer.
        first: Whom to put first if they are around: the far ends of bridges.
    """
    inside = sorted(set(people))
    best: dict[int, float] = {}
    for person in inside:
        for row in _personal(scores, person):
            other = _other(scores, person, row)
            best[other] = max(best.get(other, 0.0), float(scores.shown[row]))
    around = (other for other in best if other not in set(inside))
    return sorted(around, key=lambda other: (other not in first, -best[other], other))


def ego_scene(scores: Scores, person: int, around: Sequence[int], known: Known) -> Scene:
    """The picture of one person: whom they know, and who of those knows whom.

    Args:
        scores: All ties.
        person: Whose network.
        around: As from `circle`; the first `MOST_PEOPLE - 1` are shown.
        known: What these people are called.
    """
    shown = list(around[: MOST_PEOPLE - 1])
    name = name_of(known, person)
    dots = [_dot(scores, other, known, _note(scores, known, person, other)) for other in shown]
    everybody = [person, *shown]
    lines = _lines(scores, everybody, known)
    spokes = [line for line in lines if person in (line.a, line.b)]
    among = _live(line for line in lines if person not in (line.a, line.b))
    left, right = _sides(_groups(dots, known))
    return Scene(
        title=f"Whom {name} knows",
        summary=ego_summary(known, person, len(around), spokes, among),
        centre=_dot(scores, person, known),
        left=left,
        right=right,
        lines=(*among[-MOST_LINES:], *_weakest_first(spokes)),
    )


def account_scene(
    scores: Scores, members: Collection[int], account: str, known: Known, *, around: Sequence[int]
) -> Scene:
    """The map of an account: its people at the right, those of ours who know them at the left.

    Args:
        scores: All ties.
        members: Everybody at the account.
        account: What it is called.
        known: What people are called.
        around: As from `circle`; colleagues among them are shown.
    """
    ours = [one for one in around if scores.is_colleague(np.array([one]))[0]]
    ours = ours[: MOST_PEOPLE // 2]
    ties = _lines(scores, [*members, *ours], known)
    best = _best(ties, ours)
    place = {one: number for number, one in enumerate(ours)}

    def rank(member: int) -> tuple[int, int, int]:
        points, whose = best.get(member, (-1, None))
        return -points, place.get(whose, len(ours)) if whose else len(ours), member

    theirs = sorted(members, key=rank)[: MOST_PEOPLE - len(ours)]
    shown = {*ours, *theirs}
    across = [line for line in ties if line.kind == "outward" and {line.a, line.b} <= shown]
    beside = _live(o for o in ties if o.kind != "outward" and {o.a, o.b} <= shown)
    lines = (*beside[-MOST_LINES:], *_weakest_first(across))
    there = tuple(_member(scores, o, known, best[o][1] if o in best else None) for o in theirs)
    here = [_dot(scores, one, known) for one in ours]
    here.sort(key=lambda dot: _middle(dot.person, theirs, across))
    return Scene(
        title=f"Who knows whom at {account}",
        summary=account_summary(account, len(members), there, across, beside),
        centre=None,
        left=(Group(OURS, tuple(here)),) if here else (),
        right=(Group(account, there),) if there else (),
        lines=lines,
    )


def _personal(scores: Scores, person: int) -> list[int]:
    rows = scores.rows_of(person)
    found: list[int] = rows[scores.ties.is_personal[rows]].tolist()
    return found


def _other(scores: Scores, person: int, row: int) -> int:
    a, b = int(scores.ties.a[row]), int(scores.ties.b[row])
    return b if a == person else a


def _lines(scores: Scores, people: Sequence[int], known: Known) -> list[Line]:
    """Every personal tie among these people."""
    inside = set(people)
    rows = {row for one in people for row in _personal(scores, one)}
    return [
        _line(scores, row, known)
        for row in sorted(rows)
        if {int(scores.ties.a[row]), int(scores.ties.b[row])} <= inside
    ]


def _live(lines: Iterable[Line]) -> list[Line]:
    """Those that are more than history, the strongest last."""
    return _weakest_first(line for line in lines if line.points >= LEAST_POINTS)


def _line(scores: Scores, row: int, known: Known) -> Line:
    a, b = int(scores.ties.a[row]), int(scores.ties.b[row])
    ours = int(scores.is_colleague(np.array([a, b])).sum())
    kinds: tuple[Kind, ...] = ("outside", "outward", "inward")
    days = (scores.as_of_s - int(scores.ties.last_s[row])) // DAY_S
    points = round(float(scores.shown[row]))
    return Line(a, b, kinds[ours], points, days, known.bridges.get((a, b)))


def _weakest_first(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line.points, line.a, line.b))


def _best(lines: Iterable[Line], ours: Collection[int]) -> dict[int, tuple[int, int]]:
    """The best tie with one of ours that everybody has: its points, and whose it is."""
    found: dict[int, tuple[int, int]] = {}
    for line in _weakest_first(line for line in lines if line.kind == "outward"):
        colleague, member = (line.a, line.b) if line.a in ours else (line.b, line.a)
        found[member] = (line.points, colleague)
    return found


def _dot(scores: Scores, person: int, known: Known, note: str = "") -> Dot:
    is_ours = bool(scores.is_colleague(np.array([person]))[0])
    return Dot(person, name_of(known, person), note, is_colleague=is_ours)


def _note(scores: Scores, known: Known, person: int, other: int) -> str:
    """What there is to say of a tie beside the name of one of its people."""
    tie = scores.between(person, other)
    bridge = known.bridges.get((min(person, other), max(person, other)))
    told = ["" if tie is None else standing(tie), f"bridge to {bridge}" if bridge else ""]
    return ", ".join(filter(None, told))


def _member(scores: Scores, person: int, known: Known, best: int | None) -> Dot:
    """Somebody at an account, with their title and our best tie with them."""
    tie = "nobody of ours knows them" if best is None else _note(scores, known, best, person)
    note = ", ".join(filter(None, [known.titles.get(person, ""), tie]))
    return Dot(person, name_of(known, person), note, is_reached=best is not None)


def _middle(person: int, theirs: Sequence[int], lines: Iterable[Line]) -> tuple[float, int]:
    """Where those whom a colleague knows stand on average, so that few lines cross."""
    place = {one: number for number, one in enumerate(theirs)}
    ends = [
        (place[other], line.points)
        for line in lines
        if line.kind == "outward" and person in (line.a, line.b)
        for other in (line.a, line.b)
        if other in place
    ]
    weight = sum(points + 1 for _, points in ends)
    return (sum(at * (points + 1) for at, points in ends) / max(weight, 1), person)


def _groups(dots: Sequence[Dot], known: Known) -> list[Group]:
    """Colleagues, then the accounts, the largest first; those who are alone at theirs last."""
    at: dict[str, list[Dot]] = {}
    for dot in dots:
        at.setdefault(OURS if dot.is_colleague else known.accounts.get(dot.person, ""), []).append(
            dot
        )
    ours = at.pop(OURS, [])
    together = [(name, them) for name, them in at.items() if name and len(them) >= LEAST_GROUP]
    together.sort(key=lambda group: (-len(group[1]), group[0]))
    told = {name for name, _ in together}
    alone = [
        Dot(dot.person, dot.name, ", ".join(filter(None, [dot.note, name])))
        for dot, name in ((d, known.accounts.get(d.person, "")) for d in dots if not d.is_colleague)
        if name not in told
    ]
    groups = [Group(OURS, tuple(ours)), *(Group(name, tuple(them)) for name, them in together)]
    rest = Group(ELSEWHERE if together or ours else "", tuple(alone))
    return [group for group in (*groups, rest) if group.dots]


def _sides(groups: Sequence[Group]) -> tuple[tuple[Group, ...], tuple[Group, ...]]:
    """Put each group on the shorter side, and divide the largest if that is not even."""
    left: list[Group] = []
    right: list[Group] = []
    for group in sorted(groups, key=lambda one: -len(one.dots)):
        (left if _length(left) < _length(right) else right).append(group)
    for long, short in ((right, left), (left, right)):
        over = (_length(long) - _length(short)) // 2
        if over * 2 > UNEVEN:
            largest = max(long, key=lambda one: len(one.dots))
            kept = len(largest.dots) - over
            if kept > 0:
                long[long.index(largest)] = Group(largest.heading, largest.dots[:kept])
                short.append(Group(largest.heading, largest.dots[kept:]))
    return tuple(left), tuple(right)


def _length(groups: Iterable[Group]) -> int:
    return sum(len(group.dots) for group in groups)
