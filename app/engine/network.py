"""The network the ties form, built once per scoring and asked many times.

Everybody who has a tie is a node. Ties of a colleague are edges as they are; a tie between two
contacts is one only if it is regular (`Ties.is_regular`): mass mail and one large meeting acquaint
nobody. `to_networkx` is the face for people and other programs.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import networkx as nx
import numpy as np

from app.engine.compressed import both_ways, numbered
from app.engine.scores import Scores
from app.engine.weights import Flags, Floats, Ints

LEAST_PROBABILITY = 0.01
"""A tie less likely to be alive than this is no edge."""


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """An undirected graph as compressed rows; each edge stands in the row of both its ends.

    Attributes:
        scores: What it was built from.
        people: Person numbers, sorted, (n,); nodes are places in it.
        starts: Where each node's edges begin, and the end, (n + 1,).
        neighbours: The node at the other end, sorted within a row, (2 n_edges,).
        rows: The tie behind each edge, a row of `scores`, (2 n_edges,).
        costs: -ln of the chance that the tie is alive, above 0, (2 n_edges,).
        is_colleague: Which nodes are our own people, (n,).
    """

    scores: Scores
    people: Ints
    starts: Ints
    neighbours: Ints
    rows: Ints
    costs: Floats
    is_colleague: Flags

    def node(self, person: int) -> int | None:
        """The node of a person, None for somebody without ties."""
        place = int(np.searchsorted(self.people, person))
        return place if place < len(self.people) and self.people[place] == person else None

    def edges_of(self, node: int) -> slice:
        """Where a node's edges stand."""
        return slice(int(self.starts[node]), int(self.starts[node + 1]))

    def nodes(self, people: Iterable[int]) -> Ints:
        """The nodes of some people, sorted; of those who have one."""
        sought = np.array(sorted(set(people)), dtype=np.int64)
        place = np.searchsorted(self.people, sought)
        place, sought = place[place < len(self.people)], sought[place < len(self.people)]
        found: Ints = place[self.people[place] == sought]
        return found

    def slots_of(self, nodes: Ints) -> tuple[Ints, Ints]:
        """The edges of some nodes, one node's after another's, and whose each is, as a place."""
        lengths = self.starts[nodes + 1] - self.starts[nodes]
        begins = np.cumsum(lengths) - lengths
        whose = np.repeat(np.arange(len(nodes)), lengths)
        return np.arange(len(whose)) + (self.starts[nodes] - begins)[whose], whose


def build(scores: Scores) -> Network:
    """Make the network of scored ties."""
    ties = scores.ties
    people, a, b = numbered(ties.a, ties.b)
    touches_colleague = scores.is_colleague(ties.a) | scores.is_colleague(ties.b)
    is_edge = (touches_colleague | ties.is_regular) & (scores.alive >= LEAST_PROBABILITY)
    rows = np.flatnonzero(is_edge)
    starts, neighbours, edges = both_ways(a[rows], b[rows], len(people))
    edge_rows = rows[edges]
    return Network(
        scores=scores,
        people=people,
        starts=starts,
        neighbours=neighbours,
        rows=edge_rows,
        costs=(-np.log(scores.alive[rows]))[edges],
        is_colleague=scores.is_colleague(people),
    )


def to_networkx(network: Network) -> "nx.Graph[int]":
    """Give the network as a networkx graph: nodes are person numbers, sorted.

    Nodes carry `is_colleague`; edges `strength`, `distance` (1 / strength, for betweenness),
    `probability` and `cost` (-ln probability, for shortest paths).
    """
    graph: nx.Graph[int] = nx.Graph()
    scores, people = network.scores, network.people
    for person, is_colleague in zip(
        people.tolist(), scores.is_colleague(people).tolist(), strict=True
    ):
        graph.add_node(person, is_colleague=is_colleague)
    for row in np.unique(network.rows).tolist():
        strength, probability = float(scores.strength[row]), float(scores.alive[row])
        graph.add_edge(
            int(scores.ties.a[row]),
            int(scores.ties.b[row]),
            strength=strength,
            distance=1 / strength,
            probability=probability,
            cost=-float(np.log(probability)),
        )
    return graph
