"""Communities by modularity: people move to where they know more than chance would have it."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from app.engine.compressed import changes
from app.engine.topology.graph import Graph
from app.engine.weights import Floats, Ints

BATCHES = 16
"""So many groups move one after the other, each at once: in one go, two would change places."""

FEW, TRIES = 200, 5
"""Of so few nodes each moves by itself, and of so many tries the best counts."""

COARSE = 0.2
"""When fewer of the nodes than this moved in a round, the next level can begin."""

SETTLED = 0.005
"""When fewer than this moved in a round, or joined on a level, that is all."""

MOST_ROUNDS = 50
LEAST_GAIN = 1e-9
INT32 = 2**31


def louvain(graph: Graph, *, resolution: float, seed: int) -> Ints:
    """Give each node the number of its community, (n,), numbers without gaps; ties count as one.

    Whole groups at once take a small part of the time that one after the other takes. In the end
    everybody looks around once more: a level left early costs less than is won back here.

    Args:
        graph: The ties.
        resolution: The higher, the smaller the communities; 1 is modularity itself.
        seed: Decides in which order people are looked at.

    Source:
        Blondel et al. (2008), Fast unfolding of communities in large networks,
        10.1088/1742-5468/2008/10/P10008; for groups at once Staudt & Meyerhenke (2016),
        Engineering parallel algorithms for community detection in massive networks,
        10.1109/TPDS.2015.2390633, which has the last look around too.
    """
    if not len(graph.a):
        return np.arange(len(graph))
    rng = np.random.default_rng(seed)
    weights = graph.matrix(np.ones(len(graph.a)))
    if len(graph) > FEW:
        return _parted(weights, resolution, rng)
    tries = [_parted(weights, resolution, rng) for _ in range(TRIES)]
    return max(tries, key=lambda label: modularity(graph, label, resolution=resolution))


def modularity(graph: Graph, label: Ints, *, resolution: float = 1.0) -> float:
    """The share of ties inside communities, less that which chance would put there.

    Source:
        Newman & Girvan (2004), Finding and evaluating community structure in networks,
        10.1103/PhysRevE.69.026113; the resolution is that of Reichardt & Bornholdt (2006),
        10.1103/PhysRevE.74.016110.
    """
    pull = np.bincount(label, weights=graph.degree) / (2 * len(graph.a))
    inside = float(np.mean(label[graph.a] == label[graph.b]))
    return inside - resolution * float(pull @ pull)


def _parted(weights: csr_array, resolution: float, rng: np.random.Generator) -> Ints:
    """Let nodes move, then what they have become, until nothing moves; then nodes again, (n,)."""
    size = weights.shape[0]
    label, level = np.arange(size), weights
    while True:
        places = level.shape[0]
        moved = COARSE if places > FEW else SETTLED
        found = _settled(_state(level, resolution, np.arange(places)), moved, rng)
        label = found[label]
        if places - (found.max() + 1) <= SETTLED * places:
            return _settled(_state(weights, resolution, label), SETTLED, rng)
        level = _joined(level, found)


def _joined(weights: csr_array, label: Ints) -> csr_array:
    """The ties between communities, those inside on the diagonal."""
    size, places = len(label), int(label.max()) + 1
    into = csr_array((np.ones(size), label, np.arange(size + 1)), shape=(size, places))
    ties = (weights.data, label[weights.indices], weights.indptr)
    return csr_array(into.T @ csr_array(ties, shape=(size, places)))


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """Where nodes are while they move; `label` and `total` change.

    Attributes:
        weights: Of the ties between nodes, without loops.
        is_plain: Each of them is one.
        pull: What a node weighs, loops included, (n,).
        scale: The weight that chance puts between two, over the product of theirs.
        label: The community of each node, (n,).
        total: What the nodes of each community weigh, (n,).
    """

    weights: csr_array
    is_plain: bool
    pull: Floats
    scale: float
    label: Ints
    total: Floats

    def move(self, nodes: Ints) -> Ints:
        """Move each of these to where it gains most, of equals the lowest; give whoever wakes."""
        row, place, inside = self._known(self.weights[nodes])
        pull, own = self.pull[nodes], self.label[nodes]
        gain = inside - self.scale * pull[row] * self.total[place]
        stay = -self.scale * pull * (self.total[own] - pull)
        at_home = np.flatnonzero(place == own[row])
        stay[row[at_home]] += inside[at_home]
        gain[at_home] = -np.inf
        best = stay + LEAST_GAIN
        np.maximum.at(best, row, gain)
        at = np.flatnonzero(gain == best[row])
        at = at[changes(row[at])]
        return self._gone(nodes[row[at]], place[at])

    def _known(self, rows: csr_array) -> tuple[Ints, Ints, Floats]:
        """In which communities each row knows somebody, and how much of its ties is there."""
        bits = len(self.label).bit_length()
        first = np.arange(rows.shape[0]) << bits
        if rows.shape[0] << bits < INT32:  # sorted in half the time
            first = first.astype(np.int32)
        keys = np.repeat(first, np.diff(rows.indptr))
        keys += self.label[rows.indices].astype(keys.dtype)
        if self.is_plain:
            keys.sort()
            begins = np.flatnonzero(changes(keys))
            inside = np.append(begins[1:], len(keys)) - begins.astype(np.float64)
        else:
            order = np.argsort(keys)
            keys = keys[order]
            begins = np.flatnonzero(changes(keys))
            inside = np.add.reduceat(rows.data[order], begins) if len(begins) else rows.data
        found = keys[begins].astype(np.int64)
        return found >> bits, found & (1 << bits) - 1, inside

    def _gone(self, nodes: Ints, to: Ints) -> Ints:
        np.subtract.at(self.total, self.label[nodes], self.pull[nodes])
        np.add.at(self.total, to, self.pull[nodes])
        self.label[nodes] = to
        rows = self.weights[nodes]
        near = rows.indices.astype(np.int64)
        woken: Ints = near[self.label[near] != np.repeat(to, np.diff(rows.indptr))]
        return woken


def _settled(state: _State, moved: float, rng: np.random.Generator) -> Ints:
    """Move nodes until hardly any gains by it; number where they are without gaps, (n,)."""
    size = len(state.label)
    batches = BATCHES if size > FEW else size
    awake = np.arange(size)
    for _ in range(MOST_ROUNDS):
        before = state.label.copy()
        wakes = np.zeros(size, dtype=np.bool_)
        for few in np.array_split(rng.permutation(awake), max(1, min(batches, len(awake)))):
            wakes[state.move(np.sort(few))] = True
        if np.count_nonzero(state.label != before) <= moved * size:
            break
        awake = np.flatnonzero(wakes)
    is_used = np.zeros(size, dtype=np.bool_)
    is_used[state.label] = True
    numbers: Ints = (np.cumsum(is_used) - 1)[state.label]
    return numbers


def _state(weights: csr_array, resolution: float, label: Ints) -> _State:
    pull = np.asarray(weights.sum(axis=1), dtype=np.float64)
    bare = _without_loops(weights) if weights.diagonal().any() else weights
    return _State(
        weights=bare,
        is_plain=bool((bare.data == 1).all()),
        pull=pull,
        scale=resolution / float(pull.sum()),
        label=label.copy(),
        total=np.bincount(label, weights=pull, minlength=len(pull)).astype(np.float64),
    )


def _without_loops(weights: csr_array) -> csr_array:
    ties = weights.tocoo()
    one, other = ties.coords[0], ties.coords[1]
    kept = one != other
    return csr_array((ties.data[kept], (one[kept], other[kept])), shape=weights.shape)
