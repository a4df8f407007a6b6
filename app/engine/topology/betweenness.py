"""Betweenness: on how many of the shortest ways between others somebody lies.

Exact for up to `EXACT` people; above, from as many ways as `SOURCES` people chosen by a fixed seed
have to all others, with the error that this leaves.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse.csgraph import dijkstra

from app.engine.compressed import spans
from app.engine.topology.graph import Graph
from app.engine.weights import Floats, Ints

EXACT: Final = 10_000
SOURCES: Final = 1_024
SEED: Final = 20_260_101

NODES_AT_ONCE = 100_000
"""So many nodes, each counted once per source, have their ways followed together."""

TIES_AT_ONCE = 65_536
"""Ties looked at together, counted so too: as many as the cache of a processor holds."""

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
    total, matrix = np.zeros(size), graph.matrix(lengths)
    at_once = max(1, NODES_AT_ONCE // size)
    for few in np.split(chosen, range(at_once, len(chosen), at_once)):
        distance = dijkstra(matrix, indices=few)
        total += _through(_ahead(graph, lengths, distance), few, distance.shape)
    share = total / len(chosen) * size / ((size - 1) * (size - 2))
    return Betweenness(share, len(chosen), 0.0 if is_exact else _error(size, len(chosen)))


def _chosen(size: int, sources: int, seed: int) -> Ints:
    return np.sort(np.random.default_rng(seed).choice(size, sources, replace=False))


def _error(size: int, sources: int) -> float:
    """Hoeffding: what one source adds to a share lies between 0 and n / (n - 1)."""
    return float(np.sqrt(np.log(2 / (1 - CERTAINTY)) / (2 * sources)) * size / (size - 1))


@dataclass(frozen=True, slots=True, eq=False)
class _Ahead:
    """The ties that lead on, on a shortest way from each of some sources, sorted by `here`.

    Nodes are numbered on from source to source, so that all ways are one graph without circles.

    Attributes:
        here: From which node each leads, (t,).
        there: To which, (t,).
        starts: Where the ties that lead on from each node begin, and the end, (sources * n + 1,).
    """

    here: Ints
    there: Ints
    starts: Ints

    def of(self, nodes: Ints) -> Ints:
        """The ties that lead on from some nodes, one node after the other."""
        return spans(self.starts[nodes], self.starts[nodes + 1])


def _ahead(graph: Graph, lengths: Floats, distance: Floats) -> _Ahead:
    """Find the ties that lead on from how far each node is from each source, (sources, n)."""
    at_once = max(1, TIES_AT_ONCE // len(distance))
    most = 2 * TOLERANCE * float(distance.max(initial=0.0, where=np.isfinite(distance)))
    parts = (slice(first, first + at_once) for first in range(0, len(lengths) + 1, at_once))
    found = [_leading(graph, lengths, distance, ties, most) for ties in parts]
    pairs = np.sort(np.concatenate(found))
    here = pairs // distance.size
    starts = np.concatenate([[0], np.cumsum(np.bincount(here, minlength=distance.size))])
    return _Ahead(here, pairs - here * distance.size, starts)


def _leading(graph: Graph, lengths: Floats, distance: Floats, ties: slice, most: float) -> Ints:
    """Those of some ties that are on a shortest way, as one number: from where, and to where.

    Few have a slack of `most` or less, and only they are looked at closely.
    """
    a, b = graph.a[ties], graph.b[ties]
    with np.errstate(invalid="ignore"):  # from nowhere to nowhere
        slack = np.abs(distance[:, a] - distance[:, b])
        np.subtract(lengths[ties], slack, out=slack)
    source, tie = np.divmod(np.flatnonzero(slack <= most), max(len(a), 1))
    begins = source * distance.shape[1]
    to_a, to_b = distance.take(begins + a[tie]), distance.take(begins + b[tie])
    near, far = np.minimum(to_a, to_b), np.maximum(to_a, to_b)
    # The first condition keeps what is rounded from going in circles.
    leads = (near < far) & (near + lengths[ties][tie] - far <= TOLERANCE * far)
    is_a_near = to_a < to_b
    here = begins + np.where(is_a_near, a[tie], b[tie])
    there = begins + np.where(is_a_near, b[tie], a[tie])
    pairs: Ints = (here * distance.size + there)[leads]
    return pairs


def _through(ahead: _Ahead, sources: Ints, shape: tuple[int, int]) -> Floats:
    """Sum over sources what of the ways to all others goes through each node, (n,).

    Each tie is gone along twice: away from the source, to count the ways to every node, and back,
    with what lies behind.
    """
    begins = np.arange(len(sources)) * shape[1] + sources
    ways = np.zeros(shape[0] * shape[1])
    ways[begins] = 1.0
    rounds = []
    for ties in _outward(ahead):
        np.add.at(ways, ahead.there[ties], ways[ahead.here[ties]])
        rounds.append(ties)
    behind = np.zeros(len(ways))
    for ties in reversed(rounds):
        here, there = ahead.here[ties], ahead.there[ties]
        np.add.at(behind, here, ways[here] / np.maximum(ways[there], 1) * (1 + behind[there]))
    behind[begins] = 0.0
    return np.asarray(behind.reshape(shape).sum(axis=0))


def _outward(ahead: _Ahead) -> Iterator[Ints]:
    """The ties in rounds: none leads on from a node before all have led there."""
    size = len(ahead.starts) - 1
    awaited = np.bincount(ahead.there, minlength=size)
    place = np.empty(size, dtype=np.int64)
    front = np.flatnonzero((awaited == 0) & (np.diff(ahead.starts) > 0))
    while len(ties := ahead.of(front)):
        yield ties
        reached = ahead.there[ties]
        np.subtract.at(awaited, reached, 1)
        reached = reached[awaited[reached] == 0]
        place[reached] = np.arange(len(reached))
        front = reached[place[reached] == np.arange(len(reached))]  # each once
