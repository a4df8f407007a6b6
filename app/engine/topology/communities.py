"""Communities: who hangs together, what they are called, and who takes part in several."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.engine.topology.graph import Graph
from app.engine.topology.louvain import louvain
from app.engine.weights import Floats, Ints

SEED: Final = 20_260_101
TIES_IN_SIGHT: Final = 600
"""As if the company had no more ties than this: see `communities`."""

MOST_NAMES = 2
LEAST_SHARE = 0.2
NAME_AT_MOST = 120


@dataclass(frozen=True, slots=True, eq=False)
class Homes:
    """At which account people are, as numbers, and who knows anybody there, however little.

    Attributes:
        places: The account of each node, (n,), -1 where none is known.
        known_place: The account of one end of a tie, (k,).
        known_by: The node at its other end, (k,).
    """

    places: Ints
    known_place: Ints
    known_by: Ints


def communities(graph: Graph, *, homes: Homes | None = None, seed: int = SEED) -> Ints:
    """Give each node the number of its community, (n,), 0 being the largest.

    Modularity alone joins groups that hang together by one tie as soon as the company is large
    (with 3,000 planted people 61 teams became 50, with 6,000 people 121 became 73). So its
    resolution is that of a company of `TIES_IN_SIGHT` ties. Ties count, not their strength: a
    strong tie says nothing about whom else somebody knows. Nobody is left alone who knows anybody,
    and who knows as many in one community as in another belongs where the people of their account
    are known: by their ties alone, somebody between two colleagues of ours is at home with either.

    Args:
        graph: The ties.
        homes: Where everybody works, if it is known.
        seed: Decides in which order people are looked at.

    Source:
        Blondel et al. (2008), Fast unfolding of communities in large networks,
        10.1088/1742-5468/2008/10/P10008; Fortunato & Barthelemy (2007), Resolution limit in
        community detection, 10.1073/pnas.0605965104; Reichardt & Bornholdt (2006), Statistical
        mechanics of community detection, 10.1103/PhysRevE.74.016110.
    """
    resolution = max(1.0, len(graph.a) / TIES_IN_SIGHT)
    label = louvain(graph, resolution=resolution, seed=seed)
    label = _joined(graph, label)
    return by_size(label if homes is None else _at_home(graph, label, homes))


def _joined(graph: Graph, label: Ints) -> Ints:
    """Take those who are alone into the community that they know the most people of."""
    alone = np.flatnonzero((np.bincount(label)[label] == 1) & (graph.degree > 0))
    joined = label.copy()
    for node in alone.tolist():
        near, known = np.unique(label[graph.of(node)], return_counts=True)
        joined[node] = near[np.argmax(known)]
    return joined


def _at_home(graph: Graph, label: Ints, homes: Homes) -> Ints:
    """Let the account decide where the ties do not."""
    known_by = zip(homes.known_place.tolist(), label[homes.known_by].tolist(), strict=True)
    there = Counter(known_by)
    settled = label.copy()
    for node in _undecided(graph, label, homes.places).tolist():
        near, known = np.unique(label[graph.of(node)], return_counts=True)
        own, place = int(label[node]), int(homes.places[node])
        most = near[known == known.max()].tolist()
        settled[node] = max(most, key=lambda one: (there[place, one], one == own, -one))
    return settled


def _undecided(graph: Graph, label: Ints, places: Ints) -> Ints:
    """Whoever has an account and ties into another community."""
    leaves = label[graph.a] != label[graph.b]
    ends = np.unique(np.concatenate([graph.a[leaves], graph.b[leaves]]))
    found: Ints = ends[places[ends] >= 0]
    return found


def by_size(label: Ints) -> Ints:
    """Number communities by their size; of equals the one with the lower first node."""
    _, first, inverse, sizes = np.unique(
        label, return_index=True, return_inverse=True, return_counts=True
    )
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.lexsort((first, -sizes))] = np.arange(len(first))
    return rank[inverse]


def keep_numbers(now: Mapping[int, int], before: Mapping[int, int]) -> dict[int, int]:
    """Let communities keep the numbers that they had, so that they mean the same from run to run.

    Args:
        now: The community of each person.
        before: The same as it was told last; empty the first time.

    Returns:
        The number that each community of now gets: that of the one before with which it has the
        most people in common, for each pair in the order of that; a new one beyond all others if
        nothing is left.
    """
    both = Counter((now[person], before[person]) for person in now.keys() & before.keys())
    number: dict[int, int] = {}
    taken: set[int] = set()
    for (new, old), _ in sorted(both.items(), key=lambda one: (-one[1], one[0])):
        if new not in number and old not in taken:
            number[new] = old
            taken.add(old)
    following = max(before.values(), default=-1) + 1
    for new in sorted(set(now.values()) - number.keys()):
        number[new] = following
        following += 1
    return number


def named(
    places: Sequence[str | None], around: str, *, industries: Sequence[str | None] = ()
) -> str:
    """Name a community by the accounts or industries that at least a fifth of its people are at.

    Args:
        places: The account of each of its people, where one is known.
        around: Who is in the middle, for a community of no account and no industry.
        industries: The industry of each, where it is known, for a community of many accounts.
    """
    common = _common(places) or _common(industries)
    name = " and ".join(common) or f"around {around}"
    return name if len(name) <= NAME_AT_MOST else f"{name[: NAME_AT_MOST - 1]}…"


def _common(places: Sequence[str | None]) -> list[str]:
    """What at least a fifth of those have of whom it is known, the most common first."""
    known = Counter(place for place in places if place)
    most = sorted(known.items(), key=lambda one: (-one[1], one[0]))[:MOST_NAMES]
    return [place for place, people in most if people >= LEAST_SHARE * known.total()]


def participation(graph: Graph, label: Ints) -> Floats:
    """How evenly somebody's ties are spread over communities, (n,): 0 all in one, below 1.

    1 - sum over communities of (ties into it / all ties) ^ 2; nan without ties.

    Source:
        Guimera & Amaral (2005), Functional cartography of complex metabolic networks,
        10.1038/nature03288.
    """
    worlds = int(label.max(initial=-1)) + 1
    pairs, ties = np.unique(graph.owners() * worlds + label[graph.neighbours], return_counts=True)
    squares = np.bincount(pairs // max(worlds, 1), weights=ties**2.0, minlength=len(graph))
    degree = graph.degree.astype(np.float64)
    with np.errstate(invalid="ignore"):
        return np.asarray(1 - squares / degree**2, dtype=np.float64)


def worlds(graph: Graph, label: Ints) -> Ints:
    """In how many communities each node knows somebody, its own included, (n,)."""
    size = int(label.max(initial=-1)) + 1
    nodes = np.arange(len(graph))
    into = np.concatenate([graph.owners() * size + label[graph.neighbours], nodes * size + label])
    return np.bincount(np.unique(into) // max(size, 1), minlength=len(graph))
