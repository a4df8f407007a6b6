"""Structural holes: how many of somebody's ties lead to people who do not know each other.

Source:
    Burt (1992), Structural Holes, Harvard University Press; Borgatti (1997), Structural holes:
    Unpacking Burt's redundancy measures, Connections 20 (1), 35-38.
"""

from dataclasses import dataclass

import numpy as np

from app.engine.topology.graph import Graph, shared
from app.engine.weights import Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Holes:
    """What the ego network of each node is like; nan where it is not defined.

    Attributes:
        shared: People whom both ends of each edge know, (m,).
        overlap: The same over all whom either knows, 0 to 1, (m,).
        effective_size: Ties less the average number of ties among those they lead to, (n,).
        constraint: How far all one's attention leads back to one person, (n,).
        density: Share of the possible ties among the neighbours that exist, (n,); nan below two.
    """

    shared: Ints
    overlap: Floats
    effective_size: Floats
    constraint: Floats
    density: Floats


def holes(graph: Graph) -> Holes:
    """Find the structural holes of a graph.

    Overlap, effective size and density count ties; constraint takes their strength, as Burt has
    it: sum over j of (p_ij + sum over q of p_iq p_qj) ^ 2, where p is the share of strength.
    """
    degree = graph.degree
    share = graph.strength[graph.edges] / np.repeat(_total(graph), degree)
    to_a, to_b = _slots(graph)
    both = np.zeros(len(graph.a), dtype=np.int64)
    indirect = np.zeros((2, len(graph.a)))  # of a in b, and of b in a
    back = _reversed(graph, to_a, to_b)
    for some in shared(graph, graph.a, graph.b):
        both += np.bincount(some.pair, minlength=len(both))
        a_q, b_q = some.from_a, some.from_b
        indirect[0] += _by(some.pair, share[a_q] * share[back[b_q]], len(both))
        indirect[1] += _by(some.pair, share[b_q] * share[back[a_q]], len(both))
    per_slot = np.empty(len(graph.neighbours))
    per_slot[to_b] = (share[to_b] + indirect[0]) ** 2
    per_slot[to_a] = (share[to_a] + indirect[1]) ** 2
    twice_among = graph.summed(both[graph.edges].astype(np.float64))
    either = degree[graph.a] + degree[graph.b] - 2 - both
    with np.errstate(invalid="ignore", divide="ignore"):
        return Holes(
            shared=both,
            overlap=both / np.maximum(either, 1),
            effective_size=degree - twice_among / degree,
            constraint=np.where(degree > 0, graph.summed(per_slot), np.nan),
            density=twice_among / (degree * (degree - 1)),
        )


def _total(graph: Graph) -> Floats:
    return graph.summed(graph.strength[graph.edges])


def _slots(graph: Graph) -> tuple[Ints, Ints]:
    """The slots of each edge: in the row of b, leading to a; and in the row of a, (m,) each."""
    order = np.argsort(graph.edges, kind="stable").reshape(-1, 2).T
    return order[1], order[0]


def _reversed(graph: Graph, to_a: Ints, to_b: Ints) -> Ints:
    """The slot of the same edge at its other end, (2m,)."""
    back = np.empty(len(graph.neighbours), dtype=np.int64)
    back[to_a], back[to_b] = to_b, to_a
    return back


def _by(group: Ints, amount: Floats, groups: int) -> Floats:
    return np.asarray(np.bincount(group, weights=amount, minlength=groups), dtype=np.float64)
