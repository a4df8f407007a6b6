"""Betweenness: on how many of the shortest ways between others somebody lies.

Exact for up to `EXACT` people; above, from as many ways as `SOURCES` people chosen by a fixed seed
have to all others, with the error that this leaves.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csc_array, csr_array
from scipy.sparse.csgraph import dijkstra

from app.engine.topology.graph import Graph
from app.engine.weights import Floats, Ints

EXACT: Final = 10_000
SOURCES: Final = 1_024
SEED: Final = 20_260_101

AT_ONCE = 2_000_000
"""Slots looked at together; bounds the memory used."""

TOLERANCE = 1e-12
"""Ways whose lengths differ by less, in proportion, are equally long."""

CERTAINTY: Final = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Betweenness:
    """How much each node lies between others.

    Attributes:
        share: Of the shortest ways between all pairs of others, those through each node, 0 to 1,
            (n,); of several equally short ways each is a part.
        sources: From how many nodes the ways were followed: all, where it is exact.
        error: Half-width of the interval that holds any one node's true share in `CERTAINTY` of
            all choices of sources; 0 where it is exact.
    """

    share: Floats
    sources: int
    error: float


def betweenness(
    graph: Graph, lengths: Floats, *, exact: int = EXACT, sources: int = SOURCES, seed: int = SEED
) -> Betweenness:
    """Find betweenness.

    Args:
        graph: The ties.
        lengths: Of each edge, above 0, (m,).
        exact: Up to how many nodes to follow the ways from all.
        sources: From how many otherwise.
        seed: Decides from which.

    Source:
        Freeman (1977), A set of measures of centrality based on betweenness, 10.2307/3033543;
        Brandes (2001), A faster algorithm for betweenness centrality,
        10.1080/0022250X.2001.9990249; for the error Hoeffding (1963),
        Probability inequalities for sums of bounded random variables,
        10.1080/01621459.1963.10500830.
    """
    size = len(graph)
    if size < 3:  # noqa: PLR2004 - nobody can lie between two others
        return Betweenness(np.zeros(size), size, 0.0)
    is_exact = size <= max(exact, sources)
    chosen = np.arange(size) if is_exact else _chosen(size, sources, seed)
    total = np.zeros(size)
    at_once = max(1, AT_ONCE // max(len(graph.neighbours), size))
    for few in np.split(chosen, range(at_once, len(chosen), at_once)):
        total += _through(graph, lengths, few)
    share = total / len(chosen) * size / ((size - 1) * (size - 2))
    return Betweenness(share, len(chosen), 0.0 if is_exact else _error(size, len(chosen)))


def _chosen(size: int, sources: int, seed: int) -> Ints:
    return np.sort(np.random.default_rng(seed).choice(size, sources, replace=False))


def _error(size: int, sources: int) -> float:
    """Hoeffding: what one source adds to a share lies between 0 and n / (n - 1)."""
    return float(np.sqrt(np.log(2 / (1 - CERTAINTY)) / (2 * sources)) * size / (size - 1))


def _through(graph: Graph, lengths: Floats, sources: Ints) -> Floats:
    """Sum over sources what of the ways to all others goes through each node, (n,).

    The shortest ways from all sources are one graph without circles, in which sums run along as
    often as its longest way has ties: few times, and over whole arrays.
    """
    size, per_slot = len(graph), lengths[graph.edges]
    ahead = _ahead(graph, dijkstra(graph.matrix(lengths), indices=sources), per_slot)
    begins = np.zeros(len(sources) * size)
    begins[np.arange(len(sources)) * size + sources] = 1.0
    ways = _carried(ahead.T, begins)
    at_end = np.where(ways > 0, 1 / np.where(ways > 0, ways, 1), 0.0)
    through = (ways * (_carried(ahead, at_end) - at_end)).reshape(len(sources), size)
    through[np.arange(len(sources)), sources] = 0.0
    return np.asarray(through.sum(axis=0))


def _ahead(graph: Graph, distance: Floats, per_slot: Floats) -> csr_array:
    """The ties that lead on, on a shortest way from each source, one source after the other."""
    count, size = distance.shape
    owners = graph.owners()
    here, there = distance[:, owners], distance[:, graph.neighbours]
    with np.errstate(invalid="ignore"):  # from nowhere to nowhere
        # The first condition keeps what is rounded from going in circles.
        leads = (here < there) & (here + per_slot - there <= TOLERANCE * there)
    row, slot = np.nonzero(leads)
    per_node = np.bincount(row * size + owners[slot], minlength=count * size)
    return csr_array(
        (
            np.ones(len(row)),
            row * size + graph.neighbours[slot],
            np.concatenate([[0], np.cumsum(per_node)]),
        ),
        shape=(count * size, count * size),
    )


def _carried(step: csr_array | csc_array, begins: Floats) -> Floats:
    """What has come to each node when everything has been carried along all ties."""
    total, front = begins.copy(), begins
    while front.any():
        front = step @ front
        total += front
    return total
