"""Structural holes: how many of somebody's ties lead to people who do not know each other.

Source:
    Burt (1992), Structural Holes, Harvard University Press; Borgatti (1997), Structural holes:
    Unpacking Burt's redundancy measures, Connections 20 (1), 35-38.
"""

from dataclasses import dataclass

import numpy as np

from app.engine.topology.graph import Graph, triangles
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
    both, indirect = _third(graph, share)
    per_slot = (share + indirect) ** 2
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


def _third(graph: Graph, share: Floats) -> tuple[Ints, Floats]:
    """How many know both ends of each edge, (m,), and the attention over them, per slot, (2m,)."""
    slots = len(graph.neighbours)
    back, both, indirect = _reversed(graph), np.zeros(len(graph.a)), np.zeros(slots)
    for some in triangles(graph):
        u_v, u_w, v_w = some.u_v, some.u_w, some.v_w
        v_u, w_u, w_v = back[u_v], back[u_w], back[v_w]
        both += np.bincount(graph.edges[np.concatenate([u_v, u_w, v_w])], minlength=len(both))
        # From one to the other over the third, and the same way back.
        ways = np.concatenate([u_v, v_u, u_w, w_u, v_w, w_v])
        begin, end = (u_w, v_w, u_v, w_v, v_u, w_u), (w_v, w_u, v_w, v_u, u_w, u_v)
        over = np.concatenate(
            [share[one] * share[two] for one, two in zip(begin, end, strict=True)]
        )
        indirect += np.bincount(ways, weights=over, minlength=slots)
    return both.astype(np.int64), indirect


def _reversed(graph: Graph) -> Ints:
    """The slot of the same edge at its other end, (2m,)."""
    order = np.argsort(graph.edges, kind="stable").reshape(-1, 2)
    back = np.empty(len(graph.neighbours), dtype=np.int64)
    back[order[:, 0]], back[order[:, 1]] = order[:, 1], order[:, 0]
    return back
