"""Ways of two and three legs from somebody to others, searched from the far end."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from app.engine.network import Network
from app.engine.weights import Flags, Floats, Ints

LEAST_WARM = 0.05
"""A route less likely than this is none."""

TEAM_PROBABILITY = 0.5
"""The chance that a colleague one has no measured tie with passes a request on: assumed."""

FARTHEST = -float(np.log(LEAST_WARM))
TEAM_COST = -float(np.log(TEAM_PROBABILITY))

NONE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Ways to the nearest goal, one row for each pair of introducer and middle; n rows.

    Attributes:
        introducer: The node that is asked first, (n,).
        middle: The node between that and the goal; `NONE` on a way of two legs, (n,).
        goal: Where it ends, (n,).
        first: Cost of the first leg, (n,).
        cost: Of all legs, at most `FARTHEST`, (n,).
    """

    introducer: Ints
    middle: Ints
    goal: Ints
    first: Floats
    cost: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """Where ways begin: an asker, and what the first leg costs."""

    network: Network
    asker: int

    def costs(self, nodes: Ints) -> Floats:
        """What it costs the asker to reach each of these nodes in one leg, (n,)."""
        network, own = self.network, self.network.node(self.asker)
        costs = np.full(len(nodes), np.inf)
        if self.is_colleague:
            costs[network.is_colleague[nodes]] = TEAM_COST
        if own is not None:
            edges = network.edges_of(own)
            near = network.neighbours[edges]
            place = np.minimum(np.searchsorted(near, nodes), max(len(near) - 1, 0))
            if len(near):
                known = near[place] == nodes
                measured = network.costs[edges][place[known]]
                costs[known] = np.minimum(costs[known], measured)
            costs[nodes == own] = np.inf
        return costs

    @property
    def is_colleague(self) -> bool:
        """Whether the asker is one of our own."""
        colleagues = self.network.scores.colleagues
        place = int(np.searchsorted(colleagues, self.asker))
        return place < len(colleagues) and int(colleagues[place]) == self.asker


def paths(start: Start, goals: Ints, *, never: Collection[int] = ()) -> Paths:
    """Find every way of at most three legs that is likely enough, past the asker and the goals.

    Only the neighbours of the goals and theirs are looked at, so that it costs the same in a
    network of a million people as in a small one.

    Args:
        start: Who asks.
        goals: Nodes, sorted.
        never: Nodes that no way leads over.
    """
    network = start.network
    own = network.nodes([start.asker]).tolist()
    closed = np.array(sorted({*never, *goals.tolist(), *own}), dtype=np.int64)
    last, goal, to_goal = _last_legs(network, goals, closed)
    slots, whose = network.slots_of(last)
    before, cost = network.neighbours[slots], network.costs[slots] + to_goal[whose]
    is_open = (cost <= FARTHEST) & ~_among(before, closed)
    before, whose, cost = before[is_open], whose[is_open], cost[is_open]
    introducer = np.concatenate([last, before])
    first = start.costs(introducer)
    total = first + np.concatenate([to_goal, cost])
    warm = total <= FARTHEST
    return Paths(
        introducer=introducer[warm],
        middle=np.concatenate([np.full(len(last), NONE), last[whose]])[warm],
        goal=np.concatenate([goal, goal[whose]])[warm],
        first=first[warm],
        cost=total[warm],
    )


def _last_legs(network: Network, goals: Ints, closed: Ints) -> tuple[Ints, Ints, Floats]:
    """Everybody who knows a goal: who, the goal that is nearest to them, and what it costs."""
    slots, whose = network.slots_of(goals)
    last, cost = network.neighbours[slots], network.costs[slots]
    is_open = (cost <= FARTHEST) & ~_among(last, closed)
    last, goal, cost = last[is_open], goals[whose[is_open]], cost[is_open]
    order = np.lexsort((goal, cost, last))
    last, goal, cost = last[order], goal[order], cost[order]
    last, nearest = np.unique(last, return_index=True)
    return last, goal[nearest], cost[nearest]


def _among(nodes: Ints, closed: Ints) -> Flags:
    """Which nodes are among some few that are sorted."""
    if not len(closed):
        return np.zeros(len(nodes), dtype=np.bool_)
    place = np.minimum(np.searchsorted(closed, nodes), len(closed) - 1)
    found: Flags = closed[place] == nodes
    return found
