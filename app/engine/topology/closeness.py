"""Closeness inside the community: how near somebody is to those they belong to."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.engine.compressed import spans
from app.engine.topology.graph import Graph
from app.engine.weights import Floats, Ints

Bits = NDArray[np.uint64]

BITS = 64
"""People whose ways are followed at the same time, each a bit of one number."""


def closeness(graph: Graph, label: Ints) -> Floats:
    """Find how close each node is to its own community by ways that do not leave it, (n,).

    (reached / others) * (reached / sum of the distances to those reached), distances counted in
    ties; 0 for who reaches nobody there. Over the whole network the same people are close as lie
    between others.

    Args:
        graph: The ties.
        label: The community of each node, (n,).

    Source:
        Wasserman & Faust (1994), Social network analysis, 10.1017/CBO9780511815478, for groups
        that do not hang together altogether; Freeman (1978), Centrality in social networks:
        Conceptual clarification, 10.1016/0378-8733(78)90021-7; for all ways at once Then et al.
        (2014), The more the merrier: Efficient multi-source graph traversal,
        10.14778/2735496.2735507.
    """
    inside, (number, size) = _inside(graph, label), _members(label)
    degree = np.diff(inside.starts)
    reached, total = np.zeros((2, len(graph)), dtype=np.int64)
    for begin in range(0, int(size.max(initial=0)), BITS):
        nodes = np.flatnonzero((size > begin) & (degree > 0))
        if len(nodes):
            is_one = (number[nodes] >= begin) & (number[nodes] < begin + BITS)
            bits = np.where(is_one, number[nodes] - begin, 0).astype(np.uint64)
            seeds = np.where(is_one, np.uint64(1) << bits, np.uint64(0))
            found = _spread(inside, nodes, seeds)
            reached[nodes] += found[0]
            total[nodes] += found[1]
    others = np.maximum(size - 1, 1)
    return reached / others * reached / np.maximum(total, 1)


@dataclass(frozen=True, slots=True, eq=False)
class _Inside:
    """Whom each node knows in its own community, one node after the other.

    Attributes:
        starts: Where those of each begin, and the end, (n + 1,).
        neighbours: Nodes.
    """

    starts: Ints
    neighbours: Ints


def _inside(graph: Graph, label: Ints) -> _Inside:
    stays = np.repeat(label, graph.degree) == label[graph.neighbours]
    counted = np.zeros(len(stays) + 1, dtype=np.int64)
    np.cumsum(stays, out=counted[1:])
    return _Inside(counted[graph.starts], graph.neighbours[stays])


def _members(label: Ints) -> tuple[Ints, Ints]:
    """The number of each node among those of its community, and how many those are, (n,) each."""
    size = np.bincount(label)
    order = np.argsort(label, kind="stable")
    number = np.empty(len(label), dtype=np.int64)
    number[order] = np.arange(len(label)) - (np.cumsum(size) - size)[label[order]]
    return number, size[label]


def _spread(inside: _Inside, nodes: Ints, seeds: Bits) -> tuple[Ints, Ints]:
    """Whom each node is reached by: how many, and over how many ties together, (n_nodes,) each."""
    begins, ends = inside.starts[nodes], inside.starts[nodes + 1]
    place = np.zeros(len(inside.starts) - 1, dtype=np.int64)
    place[nodes] = np.arange(len(nodes))
    near = place[inside.neighbours[spans(begins, ends)]]
    starts = np.cumsum(ends - begins) - (ends - begins)
    reached, total = np.zeros((2, len(nodes)), dtype=np.int64)
    seen, steps = seeds, 0
    while True:
        new = np.bitwise_or.reduceat(seen[near], starts) & ~seen
        count, steps = np.bitwise_count(new), steps + 1
        if not count.any():
            return reached, total
        reached += count
        total += steps * count.astype(np.int64)
        seen = seen | new


def inward(graph: Graph, label: Ints) -> Floats:
    """The share of each node's strength that stays in its own community, 0 to 1, (n,)."""
    strength = graph.strength[graph.edges]
    stays = label[graph.owners()] == label[graph.neighbours]
    total = graph.summed(strength)
    return np.asarray(graph.summed(strength * stays) / np.where(total > 0, total, 1))
