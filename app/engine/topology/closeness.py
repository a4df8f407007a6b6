"""Closeness inside the community: how near somebody is to those they belong to."""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from app.engine.topology.graph import Graph, keep
from app.engine.weights import Floats, Ints

AT_ONCE = 4_000_000
"""Distances found together; bounds the memory used."""


def closeness(graph: Graph, lengths: Floats, label: Ints) -> Floats:
    """Find how close each node is to its own community by ways that do not leave it, (n,).

    (reached / others) * (reached / sum of the distances to those reached); 0 for who reaches
    nobody there. Over the whole network the same people are close as lie between others.

    Args:
        graph: The ties.
        lengths: Of each edge, above 0, (m,).
        label: The community of each node, (n,).

    Source:
        Wasserman & Faust (1994), Social network analysis, 10.1017/CBO9780511815478, for groups
        that do not hang together altogether; Freeman (1978), Centrality in social networks:
        Conceptual clarification, 10.1016/0378-8733(78)90021-7.
    """
    is_inside = label[graph.a] == label[graph.b]
    inside = keep(graph, is_inside)
    matrix = inside.matrix(lengths[is_inside])
    found = np.zeros(len(graph))
    order = np.argsort(label, kind="stable")
    for nodes in np.split(order, np.flatnonzero(np.diff(label[order])) + 1):
        if len(nodes) > 1:
            found[nodes] = _close(matrix[nodes][:, nodes])
    return found


def _close(matrix: csr_array) -> Floats:
    others = matrix.shape[0] - 1
    found = np.zeros(others + 1)
    at_once = max(1, AT_ONCE // (others + 1))
    for begin in range(0, others + 1, at_once):
        nodes = np.arange(begin, min(begin + at_once, others + 1))
        distance = dijkstra(matrix, indices=nodes)
        is_reached = np.isfinite(distance)
        total = np.where(is_reached, distance, 0.0).sum(axis=1)
        reached = is_reached.sum(axis=1) - 1
        found[nodes] = reached / others * reached / np.where(reached > 0, total, 1)
    return found


def inward(graph: Graph, label: Ints) -> Floats:
    """The share of each node's strength that stays in its own community, 0 to 1, (n,)."""
    strength = graph.strength[graph.edges]
    stays = label[graph.owners()] == label[graph.neighbours]
    total = graph.summed(strength)
    return np.asarray(graph.summed(strength * stays) / np.where(total > 0, total, 1))
