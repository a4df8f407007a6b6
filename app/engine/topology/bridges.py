"""Ties that open another world: whom they join, and who would be cut off without them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from app.engine.topology.breaks import spans
from app.engine.topology.positions import Positions
from app.engine.weights import Flags, Ints

LEAST_SIDE = 3
"""Fewer people than this are no world."""

RING = 3
"""The span of a tie that is one of four in a ring."""

MOST_APART = 0.5
"""On planted companies 0.1 of the ties are of two without acquaintance in common, in the demo's
record of 146 mailboxes 0.97."""

NAMES_AT_MOST = 255


@dataclass(frozen=True, slots=True)
class Bridge:
    """A firm tie between two communities whose two people have no acquaintance in common.

    Attributes:
        row: Of the scores.
        a: The lower person number.
        b: The higher one.
        community_a: The community of a, which is the far side for b.
        community_b: The same the other way round.
        span: Ties on the shortest way round, at least 3; None where there is no other way.
        cut_off: People on the smaller side who would be cut off; 0 where there is another way.
        points: Strength as shown.
    """

    row: int
    a: int
    b: int
    community_a: int
    community_b: int
    span: int | None
    cut_off: int
    points: float


@dataclass(frozen=True, slots=True)
class StrongTies:
    """What becomes here of Granovetter's claim that no strong tie is a bridge.

    Attributes:
        strong: Strong ties among the firm ones.
        bridges: How many of them are bridges all the same.
        expected: How many would be if strength had nothing to do with it.
        exceptions: Their rows, the strongest first.
    """

    strong: int
    bridges: int
    expected: float
    exceptions: tuple[int, ...]


def bridges(found: Positions) -> list[Bridge]:
    """The bridges, those first without whom most people are cut off, then the widest spans.

    Where the records hardly show who knows each other, as of a few mailboxes or of contacts only,
    to have no acquaintance in common is no news: four in a ring are what three who know each other
    are elsewhere, and the way round must be longer than `RING` (of 3,742 ties in the demo's record
    1,391 would be bridges, 25 are). Empty where the health check does not allow to call anything
    so: see `Positions.health`.

    Source:
        Granovetter (1973), The strength of weak ties, 10.1086/225469: a local bridge of span n is
        a tie whose ends are n apart without it.
    """
    graph = found.graph
    edges = np.flatnonzero(_joins_worlds(found))
    span = spans(graph, edges)
    far = span > (RING if _hardly_shows(found) else RING - 1)
    listed = [
        _bridge(found, edge, around)
        for edge, around in zip(edges[far].tolist(), span[far].tolist(), strict=True)
    ]
    return sorted(listed, key=lambda one: (-one.cut_off, -(one.span or 0), one.a, one.b))


def _hardly_shows(found: Positions) -> bool:
    """Whether most ties, of people who have several, are of two without acquaintance in common."""
    degree = found.graph.degree
    several = np.minimum(degree[found.graph.a], degree[found.graph.b]) > 1
    return bool(np.mean(found.holes.shared[several] == 0) > MOST_APART) if several.any() else True


def _joins_worlds(found: Positions) -> Flags:
    graph, label = found.graph, found.community
    if not found.health.is_sound:
        return np.zeros(len(graph.a), dtype=np.bool_)
    sizes = np.bincount(label, minlength=1)[label]
    large = np.minimum(sizes[graph.a], sizes[graph.b]) >= LEAST_SIDE
    is_between: Flags = label[graph.a] != label[graph.b]
    joins: Flags = is_between & (found.holes.shared == 0) & large
    return joins


def _bridge(found: Positions, edge: int, span: float) -> Bridge:
    graph = found.graph
    a, b = int(graph.a[edge]), int(graph.b[edge])
    return Bridge(
        row=int(graph.rows[edge]),
        a=int(graph.people[a]),
        b=int(graph.people[b]),
        community_a=int(found.community[a]),
        community_b=int(found.community[b]),
        span=int(span) if np.isfinite(span) else None,
        cut_off=int(found.breaks.cut_off[edge]),
        points=float(found.points[edge]),
    )


def far_sides(found: Positions, listed: Iterable[Bridge]) -> dict[int, str]:
    """Name for whoever holds a bridge what it leads to, the strongest first."""
    seen: dict[int, dict[str, None]] = {}
    for one in sorted(listed, key=lambda one: (-one.points, one.a, one.b)):
        for person, far in ((one.a, one.community_b), (one.b, one.community_a)):
            seen.setdefault(person, {})[found.communities[far].name] = None
    return {person: _list(list(names)) for person, names in seen.items()}


def _list(names: list[str]) -> str:
    told = "; ".join(names)
    return told if len(told) <= NAMES_AT_MOST else f"{told[: NAMES_AT_MOST - 1]}…"


def strong_ties(found: Positions, listed: Iterable[Bridge]) -> StrongTies:
    """Test the claim on these records; the exceptions are worth more than the rule.

    Source:
        Granovetter (1973), 10.1086/225469.
    """
    rows: Ints = np.array(sorted(one.row for one in listed), dtype=np.int64)
    shown = found.scores.shown
    *_, strong_from = found.scores.cuts
    is_strong = found.points >= strong_from
    exceptions = rows[shown[rows] >= strong_from]
    strong, firm = int(is_strong.sum()), max(len(is_strong), 1)
    order = np.lexsort((exceptions, -shown[exceptions]))
    return StrongTies(
        strong=strong,
        bridges=len(exceptions),
        expected=strong * len(rows) / firm,
        exceptions=tuple(exceptions[order].tolist()),
    )
