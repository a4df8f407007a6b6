"""The firm part of the network as compressed rows, and whom two people both know."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import networkx as nx
import numpy as np
from scipy.sparse import csr_array

from app.engine.compressed import both_ways, is_sorted, numbered, spans
from app.engine.scores import Scores
from app.engine.weights import Flags, Floats, Ints

CHUNK = 1_000_000
"""Neighbours looked up at once; bounds the memory used, whatever the size of a hub."""

LEAST_STRENGTH = 1e-6
"""A tie that has all but lapsed is long, and not endless."""


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """An undirected graph without loops; each of m edges stands in the rows of both its ends.

    Attributes:
        people: Person numbers, sorted, (n,); nodes are places in it.
        a: The lower node of each edge, (m,), edges sorted by (a, b).
        b: The higher node of each edge, (m,).
        strength: Of each edge, above 0, (m,).
        rows: The tie behind each edge, a row of the scores, (m,).
        starts: Where each node's slots begin, and the end, (n + 1,).
        neighbours: The node at the other end of each slot, sorted within a row, (2m,).
        edges: The edge of each slot, (2m,).
    """

    people: Ints
    a: Ints
    b: Ints
    strength: Floats
    rows: Ints
    starts: Ints
    neighbours: Ints
    edges: Ints

    def __len__(self) -> int:
        return len(self.people)

    @property
    def degree(self) -> Ints:
        """How many ties each node has, (n,)."""
        return np.diff(self.starts)

    @property
    def lengths(self) -> Floats:
        """1 / strength of each edge, (m,): strong ties are short."""
        return 1 / self.strength

    def of(self, node: int) -> Ints:
        """The neighbours of a node, sorted."""
        return self.neighbours[self.starts[node] : self.starts[node + 1]]

    def of_person(self, person: int) -> Ints:
        """The neighbours of a person; nobody for whoever is not in the graph."""
        place = int(np.searchsorted(self.people, person))
        is_here = place < len(self) and self.people[place] == person
        return self.of(place) if is_here else self.neighbours[:0]

    def slots(self, nodes: Ints) -> Ints:
        """The slots of some nodes, one node after the other."""
        return spans(self.starts[nodes], self.starts[nodes + 1])

    def owners(self) -> Ints:
        """The node in whose row each slot stands, (2m,)."""
        return np.repeat(np.arange(len(self)), self.degree)

    def summed(self, per_slot: Floats) -> Floats:
        """Sum numbers of slots by the node in whose row they stand, (n,)."""
        found = np.bincount(self.owners(), weights=per_slot, minlength=len(self))
        return np.asarray(found, dtype=np.float64)

    def matrix(self, per_edge: Floats) -> csr_array:
        """The graph as a symmetric sparse matrix of numbers per edge, (n, n)."""
        size = (len(self), len(self))
        return csr_array((per_edge[self.edges], self.neighbours, self.starts), shape=size)


def firm(scores: Scores, *, without: Collection[int] = ()) -> Graph:
    """The regular ties: within a year and the caps five messages, both ways, or two talks.

    Cap, then threshold, then topology: a few large meetings join what is apart, and turn the
    relation of strength and overlap around (`Ties.is_regular`). An address that is no person's
    acquaints nobody: those `without` are left out.
    """
    nobody = np.array(sorted(without), dtype=np.int64)
    is_person = ~(np.isin(scores.ties.a, nobody) | np.isin(scores.ties.b, nobody))
    rows = np.flatnonzero(scores.ties.is_regular & is_person)
    return link(scores.ties.a[rows], scores.ties.b[rows], scores.strength[rows], rows=rows)


def acquainted(scores: Scores, threshold: float) -> Graph:
    """Whoever has enough volume in small mails and meetings, as `overlap` counts neighbours."""
    rows = np.flatnonzero(scores.ties.small_volume >= threshold)
    return link(scores.ties.a[rows], scores.ties.b[rows], scores.strength[rows], rows=rows)


def link(a: Ints, b: Ints, strength: Floats, *, rows: Ints | None = None) -> Graph:
    """Make a graph of pairs of person numbers, each pair once and nobody with themself."""
    people, one, other = numbered(a, b)
    low, high = np.minimum(one, other), np.maximum(one, other)
    order = np.arange(len(a)) if is_sorted(low, high) else np.lexsort((high, low))
    low, high = low[order], high[order]
    starts, neighbours, edges = both_ways(low, high, len(people))
    return Graph(
        people=people,
        a=low,
        b=high,
        strength=np.maximum(strength[order], LEAST_STRENGTH),
        rows=(np.arange(len(a)) if rows is None else rows)[order],
        starts=starts,
        neighbours=neighbours,
        edges=edges,
    )


def keep(graph: Graph, kept: Flags) -> Graph:
    """The same people, with some of the edges only; `kept` is (m,)."""
    of_slot = kept[graph.edges]
    number = np.cumsum(kept) - 1
    counted = np.concatenate([[0], np.cumsum(of_slot)])
    return Graph(
        people=graph.people,
        a=graph.a[kept],
        b=graph.b[kept],
        strength=graph.strength[kept],
        rows=graph.rows[kept],
        starts=counted[graph.starts],
        neighbours=graph.neighbours[of_slot],
        edges=number[graph.edges[of_slot]],
    )


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """Some people whom the two ends of pairs both know; one row for each (pair, third)."""

    pair: Ints
    from_a: Ints  # the slot that leads from the pair's a to the third
    from_b: Ints


def shared(graph: Graph, a: Ints, b: Ints) -> Iterator[Shared]:
    """Find the common neighbours of pairs of nodes, some pairs at a time.

    The shorter of the two lists is walked, so that a hub costs nothing.
    """
    degree, size = graph.degree, len(graph)
    if not len(graph.neighbours):
        return
    keys = graph.owners() * size + graph.neighbours
    is_a_short = degree[a] <= degree[b]
    short, other = np.where(is_a_short, a, b), np.where(is_a_short, b, a)
    steps = np.cumsum(degree[short])
    if not len(steps):
        return
    cuts = np.unique(np.searchsorted(steps, np.arange(CHUNK, steps[-1] + CHUNK, CHUNK)))
    for pairs in np.split(np.arange(len(a)), cuts):
        lengths = degree[short[pairs]]
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        walked = np.repeat(graph.starts[short[pairs]], lengths) + within
        sought = np.repeat(other[pairs], lengths) * size + graph.neighbours[walked]
        place = np.minimum(np.searchsorted(keys, sought), len(keys) - 1)
        is_shared = keys[place] == sought
        pair = np.repeat(pairs, lengths)[is_shared]
        walked, place = walked[is_shared], place[is_shared]
        by_a = is_a_short[pair]
        yield Shared(pair, np.where(by_a, walked, place), np.where(by_a, place, walked))


@dataclass(frozen=True, slots=True, eq=False)
class Triangles:
    """Some threes of people who all know each other, each once: u, v and w; (n,) each."""

    u_v: Ints  # the slot that leads from u to v
    u_w: Ints
    v_w: Ints


def triangles(graph: Graph) -> Iterator[Triangles]:
    """Find everybody who knows two who know each other, some at a time.

    Of the two ends of a tie the one with fewer ties is asked for the third, so that a hub costs
    nothing and nobody is found twice.

    Source:
        Chiba & Nishizeki (1985), Arboricity and subgraph listing algorithms, 10.1137/0214017.
    """
    size, degree = len(graph), graph.degree
    rank = np.empty(size, dtype=np.int64)
    rank[np.argsort(degree, kind="stable")] = np.arange(size)
    owners, others = rank[graph.owners()], rank[graph.neighbours]
    ahead = np.flatnonzero(owners < others)
    keys = owners[ahead] * size + others[ahead]
    order = np.argsort(keys, kind="stable")
    keys, slots = keys[order], ahead[order]
    froms, tos = keys // max(size, 1), keys % max(size, 1)
    ends = np.searchsorted(froms, froms, side="right")
    steps = ends - np.arange(len(keys)) - 1
    is_near = _Sieve.of(keys)
    for few in _parts(steps, max(CHUNK, len(keys))):
        first, second = _pairs_after(few, steps[few])
        sought = tos[first] * size + tos[second]
        likely = is_near.maybe(sought)
        first, second, sought = first[likely], second[likely], sought[likely]
        third = np.minimum(np.searchsorted(keys, sought), len(keys) - 1)
        known = keys[third] == sought
        yield Triangles(slots[first[known]], slots[second[known]], slots[third[known]])


def _parts(steps: Ints, at_once: int) -> list[Ints]:
    """Rows whose steps are about so many together."""
    total = np.cumsum(steps)
    if not len(total) or not total[-1]:
        return []
    cuts = np.unique(np.searchsorted(total, np.arange(at_once, total[-1] + at_once, at_once)))
    return np.split(np.arange(len(steps)), cuts)


def _pairs_after(rows: Ints, steps: Ints) -> tuple[Ints, Ints]:
    """Each row with each of so many rows after it."""
    begins = np.cumsum(steps) - steps
    first = np.repeat(rows, steps)
    return first, first + 1 + np.arange(len(first)) - np.repeat(begins, steps)


@dataclass(frozen=True, slots=True, eq=False)
class _Sieve:
    """Which numbers are surely not among some others: most, without looking them up."""

    marks: Flags
    shift: np.uint64

    @classmethod
    def of(cls, keys: Ints) -> "_Sieve":
        """A sieve for these numbers, eight marks for each."""
        bits = max(3, (8 * max(len(keys), 1)).bit_length())
        sieve = cls(np.zeros(1 << bits, dtype=np.bool_), np.uint64(64 - bits))
        sieve.marks[sieve.place(keys)] = True
        return sieve

    def place(self, keys: Ints) -> Ints:
        """Where a number leaves its mark."""
        mixed = keys.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        return (mixed >> self.shift).astype(np.int64)

    def maybe(self, keys: Ints) -> Ints:
        """The places of those that may be among them."""
        return np.flatnonzero(self.marks[self.place(keys)])


def mutual(graph: Graph, a: Ints, b: Ints) -> Ints:
    """How many people the two of each pair of nodes both know, (n_pairs,)."""
    found = np.zeros(len(a), dtype=np.int64)
    for some in shared(graph, a, b):
        found += np.bincount(some.pair, minlength=len(a))
    return found


def to_networkx(graph: Graph) -> "nx.Graph[int]":
    """Give the graph to other programs: person numbers; `strength`, and `distance` = 1 / it."""
    made: nx.Graph[int] = nx.Graph()
    made.add_nodes_from(graph.people.tolist())
    ends = (graph.people[graph.a].tolist(), graph.people[graph.b].tolist())
    for a, b, strength in zip(*ends, graph.strength.tolist(), strict=True):
        made.add_edge(a, b, strength=strength, distance=1 / strength)
    return made
