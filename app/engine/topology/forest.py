"""A tree for each part of the network that hangs together, found level by level."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse.csgraph import connected_components

from app.engine.topology.graph import Graph
from app.engine.weights import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """The shortest ways from one node of each component; arrays are of places, (n,).

    Attributes:
        nodes: The node at each place, in the order of breadth: all roots, then who is next to one.
        parent: The place of whom a node was met by; its own for a root.
        edge: The edge to the parent; -1 for a root.
        levels: Where each level begins, and the end.
        size: How many hang on a place, itself included.
        first: A number of each place in the order of depth: those who hang on a place have the
            numbers from `first` on, up to `last`.
        root: The place of the root.
    """

    nodes: Ints
    parent: Ints
    edge: Ints
    levels: list[int]
    size: Ints
    first: Ints
    root: Ints

    @property
    def last(self) -> Ints:
        """The highest number of those who hang on a place."""
        return self.first + self.size - 1


def forest(graph: Graph) -> Forest:
    """Search the graph by breadth from the first node of each component; n is above 0."""
    nodes, parent, edge, levels = _levels(graph)
    size, root = np.ones(len(nodes), dtype=np.int64), np.arange(len(nodes))
    first = np.zeros(len(nodes), dtype=np.int64)
    for begin, end in zip(levels[-2:0:-1], levels[:1:-1], strict=True):
        np.add.at(size, parent[begin:end], size[begin:end])
    roots = size[: levels[1]]
    first[: levels[1]] = np.cumsum(roots) - roots
    for begin, end in pairwise(levels[1:]):
        above = parent[begin:end]
        root[begin:end] = root[above]
        before = np.cumsum(size[begin:end]) - size[begin:end]
        oldest = np.searchsorted(above, above)  # parents stand in order
        first[begin:end] = first[above] + 1 + before - before[oldest]
    return Forest(nodes, parent, edge, levels, size, first, root)


def _levels(graph: Graph) -> tuple[Ints, Ints, Ints, list[int]]:
    """Nodes, parents and edges as of a `Forest`, and where its levels begin."""
    owners = graph.owners()
    label = connected_components(graph.matrix(np.ones(len(graph.a))), connection="strong")[1]
    roots = np.unique(label, return_index=True)[1].astype(np.int64)
    place = np.full(len(graph), -1, dtype=np.int64)
    place[roots] = np.arange(len(roots))
    number = np.empty(len(graph), dtype=np.int64)
    nodes, edges, parents = [roots], [np.full(len(roots), -1)], [np.arange(len(roots))]
    levels = [0, len(roots)]
    while levels[-1] < len(graph):
        slots = graph.slots(nodes[-1])
        slots = slots[place[graph.neighbours[slots]] < 0]
        met = graph.neighbours[slots]
        number[met[::-1]] = np.arange(len(slots))[::-1]  # who meets a node first has it
        slots = slots[number[met] == np.arange(len(slots))]
        nodes.append(graph.neighbours[slots])
        edges.append(graph.edges[slots])
        parents.append(place[owners[slots]])
        place[nodes[-1]] = np.arange(levels[-1], levels[-1] + len(slots))
        levels.append(levels[-1] + len(slots))
    return np.concatenate(nodes), np.concatenate(parents), np.concatenate(edges), levels
