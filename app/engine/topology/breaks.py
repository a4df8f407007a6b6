"""Bridges: the ties without which the network falls apart, or the way round is long."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import connected_components

from app.engine.topology.forest import Forest, forest
from app.engine.topology.graph import Graph, keep
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


def breaks(graph: Graph) -> Breaks:
    """Find bridges and articulation points, and how many people hang on each bridge.

    An edge of a tree is a bridge if no other edge leaves what hangs on it. Edges on one circle
    belong together; a node whose edges do not all belong together is an articulation point. This
    takes whole levels of the tree at once, where a search by depth goes step by step.

    Source:
        Tarjan & Vishkin (1985), An efficient parallel biconnectivity algorithm, 10.1137/0214061.
    """
    if not len(graph):
        return Breaks(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_))
    tree = forest(graph)
    lowest, highest = _reached(graph, tree)
    is_root = tree.edge < 0
    hangs = ~is_root & (lowest >= tree.first) & (highest <= tree.last)
    others = tree.size[tree.root] - tree.size
    cut_off = np.zeros(len(graph.a), dtype=np.int64)
    cut_off[tree.edge[hangs]] = np.minimum(tree.size, others)[hangs]
    leaves = (lowest < tree.first[tree.parent]) | (highest > tree.last[tree.parent])
    together = np.zeros(len(graph.a), dtype=np.bool_)
    together[tree.edge[leaves & ~is_root[tree.parent]]] = True
    return Breaks(cut_off, _articulations(graph, tree, together | _across(graph, tree)))


def _reached(graph: Graph, tree: Forest) -> tuple[Ints, Ints]:
    """The lowest and the highest number next to anybody who hangs on a place, (n,) each.

    The way up to a node's own parent does not count, and oneself does.
    """
    number, parent = _by_node(tree, tree.first), _by_node(tree, tree.nodes[tree.parent])
    owners = graph.owners()
    met = number[np.where(graph.neighbours == parent[owners], owners, graph.neighbours)]
    lowest, highest = number.copy(), number.copy()
    some = np.flatnonzero(graph.degree)
    if len(some):
        lowest[some] = np.minimum.reduceat(met, graph.starts[some])
        highest[some] = np.maximum.reduceat(met, graph.starts[some])
    lowest, highest = np.minimum(lowest, number), np.maximum(highest, number)
    lowest, highest = lowest[tree.nodes], highest[tree.nodes]
    for begin, end in zip(tree.levels[-2:0:-1], tree.levels[:1:-1], strict=True):
        np.minimum.at(lowest, tree.parent[begin:end], lowest[begin:end])
        np.maximum.at(highest, tree.parent[begin:end], highest[begin:end])
    return lowest, highest


def _by_node(tree: Forest, per_place: Ints) -> Ints:
    found = np.empty(len(per_place), dtype=np.int64)
    found[tree.nodes] = per_place
    return found


def _across(graph: Graph, tree: Forest) -> Flags:
    """The edges between two of whom neither hangs on the other, (m,)."""
    first, last = _by_node(tree, tree.first), _by_node(tree, tree.last)
    a, b = first[graph.a], first[graph.b]
    across: Flags = np.maximum(a, b) > np.where(a < b, last[graph.a], last[graph.b])
    return across


def _articulations(graph: Graph, tree: Forest, together: Flags) -> Flags:
    """Who holds edges that do not belong together, each edge standing for its lower end, (n,)."""
    part = keep(graph, together)
    label = connected_components(part.matrix(np.ones(len(part.a))), connection="strong")[1][
        tree.nodes
    ]
    is_root = tree.edge < 0
    below = np.flatnonzero(~is_root)
    own = label.copy()
    own[tree.parent[below[::-1]]] = np.where(
        is_root[tree.parent[below]], label[below], own[tree.parent[below]]
    )[::-1]
    found = np.zeros(len(graph), dtype=np.bool_)
    found[tree.nodes[tree.parent[below[label[below] != own[tree.parent[below]]]]]] = True
    return found


def spans(graph: Graph, edges: Ints) -> Floats:
    """The length of the way round each of these edges, (n,), in ties.

    Two where the ends have a common neighbour; from three on it is a local bridge of that span;
    infinite where there is no way round, or only one longer than `MOST_SPAN`.

    Source:
        Granovetter (1973), The strength of weak ties, 10.1086/225469.
    """
    rows = _Rows(graph)
    return np.array([_span(rows, int(graph.a[e]), int(graph.b[e])) for e in edges.tolist()])


class _Rows(dict[int, set[int]]):
    """The neighbours of nodes, looked up once."""

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self._graph = graph

    def __missing__(self, node: int) -> set[int]:
        self[node] = found = set(self._graph.of(node).tolist())
        return found


def _span(rows: _Rows, a: int, b: int) -> float:
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
