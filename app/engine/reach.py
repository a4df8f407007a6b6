"""The best routes of many askers to many people, found in one pass."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from app.engine.network import Network
from app.engine.paths import FARTHEST, NONE, TEAM_COST, Start
from app.engine.weights import Floats, Ints

BY_TEAM: Final = 3
"""Of the ways over the team to somebody so many are kept: one may lead over the asker, and one
over whom the asker wants to reach."""


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """Whom askers reach over others, and how; the same as the first of `find_routes` for each.

    Attributes:
        askers: Person numbers, as given, (n_askers,).
        targets: Person numbers, sorted, (n_targets,).
        chance: Of the best route; 0 where none is warm, (n_askers, n_targets).
        introducer: Whom to ask first; -1 where there is no route, (n_askers, n_targets).
    """

    askers: Ints
    targets: Ints
    chance: npt.NDArray[np.float32]
    introducer: Ints


@dataclass(slots=True, eq=False)
class _Two:
    """The cheapest ways to each node over two different introducers, (2, n)."""

    cost: Floats
    over: Ints

    def offer(self, nodes: Ints, cost: Floats, over: Ints) -> None:
        """Take ways into account, at most one to each of these nodes."""
        best, other = self.cost[0, nodes], self.cost[1, nodes]
        first, second = self.over[0, nodes], self.over[1, nodes]
        wins = (cost < best) | ((cost == best) & (over < first))
        moves = wins & (first != over)  # the best one so far is the second best now
        next_ = ~wins & (first != over)
        next_ &= (second == over) | (cost < other) | ((cost == other) & (over < second))
        self.cost[1, nodes] = np.where(moves, best, np.where(next_, np.minimum(cost, other), other))
        self.over[1, nodes] = np.where(moves, first, np.where(next_, over, second))
        self.cost[0, nodes] = np.where(wins, cost, best)
        self.over[0, nodes] = np.where(wins, over, first)


def reach(network: Network, *, askers: Sequence[int], targets: Iterable[int]) -> Reach:
    """Find for each asker the best introduction to each target, at most three legs.

    What leads over the team is looked for once for all colleagues; of each asker only their own
    ties are added. Ends that nobody knows cost nothing.

    Args:
        network: As built from the scores.
        askers: In any order.
        targets: Contacts, in any order; who has no tie is left out.
    """
    goals = network.nodes(targets)
    team = _over_team(network)
    ends = _ends(network, goals)
    found = [_of(network, asker, team, ends, goals) for asker in askers]
    size = (len(askers), len(goals))
    return Reach(
        askers=np.array(askers, dtype=np.int64),
        targets=network.people[goals],
        chance=np.array([chance for chance, _ in found], dtype=np.float32).reshape(size),
        introducer=np.array([over for _, over in found], dtype=np.int64).reshape(size),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Ends:
    """The last legs: who knows whom of the targets, one target's after another's, (n_legs,).

    Attributes:
        linked: The places of the targets that anybody knows, (n_linked,).
        starts: Where the legs of each of these begin, (n_linked,).
        whose: Which of these each leg ends at, (n_legs,).
        goal: The node where it ends, (n_legs,).
    """

    near: Ints
    cost: Floats
    linked: Ints
    starts: Ints
    whose: Ints
    goal: Ints

    def best(self, total: Floats, over: Ints) -> tuple[Floats, Ints]:
        """The least total for each target that is linked, and the lowest `over` that has it."""
        if not len(self.linked):
            return total, over
        least = np.minimum.reduceat(total, self.starts)
        highest = np.iinfo(np.int64).max
        is_least = total == least[self.whose]
        return least, np.minimum.reduceat(np.where(is_least, over, highest), self.starts)


def _ends(network: Network, goals: Ints) -> _Ends:
    slots, place = network.slots_of(goals)
    linked, starts, whose = np.unique(place, return_index=True, return_inverse=True)
    near, cost = network.neighbours[slots], network.costs[slots]
    return _Ends(near, cost, linked, starts, whose, goals[place])


def _over_team(network: Network) -> tuple[Floats, Ints]:
    """The cheapest ways of two legs to everybody over colleagues, (BY_TEAM, n) each."""
    size = len(network.people)
    cost, over = np.full((BY_TEAM, size), np.inf), np.full((BY_TEAM, size), NONE, dtype=np.int64)
    colleagues = np.flatnonzero(network.is_colleague)
    slots, whose = network.slots_of(colleagues)
    node, through = network.neighbours[slots], TEAM_COST + network.costs[slots]
    order = np.lexsort((colleagues[whose], through, node))
    node, through, whose = node[order], through[order], colleagues[whose][order]
    rank = np.arange(len(node)) - np.searchsorted(node, node)
    for place in range(BY_TEAM):
        rows = rank == place
        cost[place, node[rows]], over[place, node[rows]] = through[rows], whose[rows]
    return cost, over


def _of(
    network: Network, asker: int, team: tuple[Floats, Ints], ends: _Ends, goals: Ints
) -> tuple[Floats, Ints]:
    """The chance of the best route of one asker to each goal, and over whom."""
    ways = _in_two_legs(network, asker, team)
    total, over = ways.cost[0, ends.near], ways.over[0, ends.near]
    # Who is to be reached introduces nobody to themself.
    rows = np.flatnonzero(over == ends.goal)
    total[rows], over[rows] = ways.cost[1, ends.near[rows]], ways.over[1, ends.near[rows]]
    total += ends.cost
    least, best = ends.best(total, over)
    warm = least <= FARTHEST
    reached = ends.linked[warm]
    chance, introducer = np.zeros(len(goals)), np.full(len(goals), NONE, dtype=np.int64)
    chance[reached], introducer[reached] = np.exp(-least[warm]), network.people[best[warm]]
    own = np.searchsorted(network.people[goals], asker)
    if own < len(goals) and network.people[goals[own]] == asker:
        chance[own], introducer[own] = 0.0, NONE
    return chance, introducer


def _in_two_legs(network: Network, asker: int, team: tuple[Floats, Ints]) -> _Two:
    """The cheapest ways of an asker to everybody, of one leg or two, past the asker."""
    size = len(network.people)
    start, own = Start(network, asker), network.node(asker)
    ways = _of_team(team, own) if start.is_colleague else _none(size)
    edges = slice(0, 0) if own is None else network.edges_of(own)
    known = network.neighbours[edges]
    first = start.costs(known)
    slots, whose = network.slots_of(known)
    _offer_all(ways, network.neighbours[slots], first[whose] + network.costs[slots], known[whose])
    near = np.union1d(known, np.flatnonzero(network.is_colleague)) if start.is_colleague else known
    ways.offer(near, start.costs(near), near)
    if own is not None:
        ways.cost[:, own] = np.inf
    return ways


def _of_team(team: tuple[Floats, Ints], own: int | None) -> _Two:
    """The two best ways over the team that do not lead over the asker."""
    cost, over = team
    if own is None:
        return _Two(cost[:2].copy(), over[:2].copy())
    # From the asker's own place on, the next one is taken.
    rows = np.arange(2)[:, None] + np.cumsum(over == own, axis=0)[:2]
    return _Two(np.take_along_axis(cost, rows, 0), np.take_along_axis(over, rows, 0))


def _none(size: int) -> _Two:
    return _Two(np.full((2, size), np.inf), np.full((2, size), NONE, dtype=np.int64))


def _offer_all(ways: _Two, nodes: Ints, cost: Floats, over: Ints) -> None:
    """Offer the two best of several ways to each node."""
    order = np.lexsort((over, cost, nodes))
    nodes, cost, over = nodes[order], cost[order], over[order]
    rank = np.arange(len(nodes)) - np.searchsorted(nodes, nodes)
    for place in range(2):
        rows = rank == place
        ways.offer(nodes[rows], cost[rows], over[rows])
