"""Neighbourhood overlap: how many of the people two people know do both know?"""

from dataclasses import dataclass

import numpy as np

from app.engine.ties import Ties
from app.engine.weights import DEFAULT, Flags, Floats, Ints, Weights

CHUNK = 1_000_000
"""Neighbours looked up at once; bounds the memory used, whatever the size of a hub."""

PLACE_BITS = 32


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Who is acquainted with whom; each pair stands in it both ways.

    Attributes:
        people: Person numbers, sorted, (n_people,); among them everybody who has an edge.
        keys: Place of the one in `people` * 2^32 + place of the other, sorted, (2 n_edges,).
    """

    people: Ints
    keys: Ints

    @classmethod
    def of(cls, ties: Ties, weights: Weights) -> "Edges":
        """The edges that ties make."""
        people = np.unique(np.concatenate([ties.a, ties.b]))
        is_edge = are_edges(ties, weights)
        empty = cls(people, np.zeros(0, dtype=np.int64))
        return cls(people, np.sort(empty.both_ways(ties.a[is_edge], ties.b[is_edge])))

    def both_ways(self, a: Ints, b: Ints) -> Ints:
        """The keys of pairs of people who are in `people`, (2 n_pairs,)."""
        one, other = np.searchsorted(self.people, a), np.searchsorted(self.people, b)
        return np.concatenate([(one << PLACE_BITS) + other, (other << PLACE_BITS) + one])

    def among(self, people: Ints) -> "Edges":
        """The same edges, and room for people without any; all that are here are among them."""
        place = np.searchsorted(people, self.people)
        one, other = place[self.keys >> PLACE_BITS], place[self.keys & ((1 << PLACE_BITS) - 1)]
        return Edges(people, (one << PLACE_BITS) + other)

    def changed(self, less: Ints, more: Ints) -> "Edges":
        """The same without some keys, which are there, and with others, which are not."""
        keys = np.delete(self.keys, np.searchsorted(self.keys, less))
        more = np.sort(more)
        return Edges(self.people, np.insert(keys, np.searchsorted(keys, more), more))


def are_edges(ties: Ties, weights: Weights) -> Flags:
    """Which ties are acquaintances, (n_ties,)."""
    return ties.small_volume >= weights.edge_threshold


def overlap(ties: Ties, *, weights: Weights = DEFAULT, edges: Edges | None = None) -> Floats:
    """Give the neighbourhood overlap of every tie.

    Neighbours are those with whom a person has enough volume in small mails and meetings
    (`Weights.edge_threshold`, `mail_cap`, `talk_cap`), so that a newsletter makes nobody
    acquainted. The two people themselves count for neither.

    Args:
        ties: All ties, or some.
        weights: The constants of the model.
        edges: Those that all ties make, where only some are asked for.

    Returns:
        Shared neighbours over all neighbours of either, 0 to 1, (n_ties,); 0 without any.

    Source:
        Onnela et al. (2007), 10.1073/pnas.0610245104.
    """
    edges = edges or Edges.of(ties, weights)
    a, b = np.searchsorted(edges.people, ties.a), np.searchsorted(edges.people, ties.b)
    begin_a, degree_a = _neighbours(edges, a)
    begin_b, degree_b = _neighbours(edges, b)
    is_a_shorter = degree_a <= degree_b
    shared = _shared(
        edges.keys,
        np.where(is_a_shorter, begin_a, begin_b),
        np.where(is_a_shorter, degree_a, degree_b),
        np.where(is_a_shorter, b, a),
    )
    either = degree_a + degree_b - 2 * are_edges(ties, weights) - shared
    return shared / np.maximum(either, 1)


def _neighbours(edges: Edges, places: Ints) -> tuple[Ints, Ints]:
    """Where the edges of some people begin, and how many there are."""
    if len(places) < len(edges.people):
        begin = np.searchsorted(edges.keys, places << PLACE_BITS)
        return begin, np.searchsorted(edges.keys, (places + 1) << PLACE_BITS) - begin
    everybodys = np.searchsorted(edges.keys, np.arange(len(edges.people) + 1) << PLACE_BITS)
    return everybodys[places], everybodys[places + 1] - everybodys[places]


def _shared(keys: Ints, begin: Ints, degree: Ints, other: Ints) -> Ints:
    """Count common neighbours, walking the shorter of the two lists: a hub costs nothing.

    Args:
        keys: As in `Edges`.
        begin: Where the shorter list begins, (n,).
        degree: How long it is, (n,).
        other: The place of the person with the longer list, (n,).
    """
    shared = np.zeros(len(other), dtype=np.int64)
    if not len(keys) or not len(other):
        return shared
    steps = np.cumsum(degree)
    cuts = np.unique(np.searchsorted(steps, np.arange(CHUNK, steps[-1] + CHUNK, CHUNK)))
    for rows in np.split(np.arange(len(other)), cuts):
        lengths = degree[rows]
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        neighbour = keys[np.repeat(begin[rows], lengths) + within] & ((1 << PLACE_BITS) - 1)
        sought = (np.repeat(other[rows], lengths) << PLACE_BITS) + neighbour
        place = np.minimum(np.searchsorted(keys, sought), len(keys) - 1)
        is_shared = keys[place] == sought
        shared[rows] = np.bincount(
            np.repeat(np.arange(len(rows)), lengths), weights=is_shared, minlength=len(rows)
        ).astype(np.int64)
    return shared
