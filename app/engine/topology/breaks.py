"""Bridges: the ties without which the network falls apart, or the way round is long."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from app.engine.topology.graph import Graph
from app.engine.weights import Flags, Floats, Ints

MOST_SPAN = 12
"""Ways round longer than this are not followed further."""


@dataclass(frozen=True, slots=True, eq=False)
class Breaks:
    """Where a graph breaks.

    Attributes:
        cut_off: How many people lose the greater rest if an edge goes, (m,); 0 if nobody does.
        is_articulation: Whether the graph falls apart without a node, (n,).
    """

    cut_off: Ints
    is_articulation: Flags

    @property
    def is_bridge(self) -> Flags:
        """Whether an edge is the only way between its ends, (m,)."""
        return self.cut_off > 0


@dataclass(slots=True)
class _Search:
    """A depth-first search; lists, because it takes one step after the other."""

    found: list[int]
    low: list[int]
    below: list[int]
    cut_off: list[int]
    is_articulation: list[bool]
    time: int = 0


def breaks(graph: Graph) -> Breaks:
    """Find bridges and articulation points, and how many people hang on each bridge.

    Source:
        Tarjan (1972), Depth-first search and linear graph algorithms, 10.1137/0201010.
    """
    size = len(graph)
    search = _Search([-1] * size, [0] * size, [1] * size, [0] * len(graph.a), [False] * size)
    rows = _rows(graph)
    for root in range(size):
        if search.found[root] < 0:
            _descend(search, rows, root)
    return Breaks(
        np.array(search.cut_off, dtype=np.int64), np.array(search.is_articulation, dtype=np.bool_)
    )


def _rows(graph: Graph) -> list[list[tuple[int, int]]]:
    slots = list(zip(graph.neighbours.tolist(), graph.edges.tolist(), strict=True))
    starts = graph.starts.tolist()
    return [slots[start:end] for start, end in pairwise(starts)]


def _descend(search: _Search, rows: list[list[tuple[int, int]]], root: int) -> None:
    """Search one component; its bridges get the size of the smaller side."""
    found, low, below = search.found, search.low, search.below
    bridges: list[tuple[int, int]] = []
    first = search.time
    found[root] = low[root] = search.time
    path = [(root, -1, iter(rows[root]))]
    branches = 0
    while path:
        node, by, ahead = path[-1]
        for other, edge in ahead:
            if found[other] < 0:
                search.time += 1
                found[other] = low[other] = search.time
                path.append((other, edge, iter(rows[other])))
                break
            if edge != by:
                low[node] = min(low[node], found[other])
        else:
            path.pop()
            if not path:
                break
            parent = path[-1][0]
            below[parent] += below[node]
            low[parent] = min(low[parent], low[node])
            branches += parent == root
            if low[node] >= found[parent] and parent != root:
                search.is_articulation[parent] = True
            if low[node] > found[parent]:
                bridges.append((by, below[node]))
    search.is_articulation[root] = branches > 1
    search.time += 1
    total = search.time - first
    for edge, size in bridges:
        search.cut_off[edge] = min(size, total - size)


def spans(graph: Graph, edges: Ints) -> Floats:
    """The length of the way round each of these edges, (n,), in ties.

    Two where the ends have a common neighbour; from three on it is a local bridge of that span;
    infinite where there is no way round, or only one longer than `MOST_SPAN`.

    Source:
        Granovetter (1973), The strength of weak ties, 10.1086/225469.
    """
    rows = [set(graph.of(node).tolist()) for node in range(len(graph))] if len(edges) else []
    return np.array([_span(rows, int(graph.a[e]), int(graph.b[e])) for e in edges.tolist()])


def _span(rows: list[set[int]], a: int, b: int) -> float:
    """Search from both ends in turn, always from the smaller front."""
    here, there = rows[a] - {b}, rows[b] - {a}
    near, far = here | {a}, there | {b}
    for span in range(2, MOST_SPAN + 1):
        if not here.isdisjoint(there):
            return float(span)
        if len(here) > len(there):
            here, there, near, far = there, here, far, near
        here = {other for node in here for other in rows[node]} - near
        near |= here
    return np.inf
