"""Routes: who can introduce a colleague to somebody, leg by leg."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from app.engine.network import Network
from app.engine.scores import Scores
from app.engine.weights import Floats, Ints

MOST_LEGS = 3

LEAST_WARM = 0.05
"""A route less likely than this is none."""

TEAM_PROBABILITY = 0.5
"""The chance that a colleague one has no measured tie with passes a request on: assumed."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One step of a route.

    Attributes:
        probability: Chance that the tie is alive, above 0 to 1.
        kind: "measured", or "team" where only a common employer is known.
        strength: Not below 0; None for a team leg.
        points: Strength as shown, 0 to 100; None for a team leg.
        last_s: Last contact, seconds since 1970 (UTC); None if there was none.
    """

    source: int
    target: int
    probability: float
    kind: Literal["measured", "team"]
    strength: float | None = None
    points: float | None = None
    last_s: int | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """A way from a colleague to somebody, over at least one other person.

    Attributes:
        legs: Two or three, from the asker to the target.
        probability: The product of the legs'.
        direct: The asker's own tie with this target, to compare; None if there is none.
    """

    legs: tuple[Leg, ...]
    probability: float
    direct: Leg | None

    @property
    def target(self) -> int:
        """Whom the route leads to."""
        return self.legs[-1].target

    @property
    def introducer(self) -> int:
        """Whom to ask first."""
        return self.legs[0].target

    @property
    def weakest(self) -> Leg:
        """The leg most likely to fail, the earlier of equals."""
        return min(self.legs, key=lambda leg: leg.probability)


def find_routes(network: Network, *, asker: int, targets: Iterable[int], k: int = 3) -> list[Route]:
    """Find the best introductions to any of these people.

    A route has at most three legs; its probability is the product of theirs, and the best is found
    exactly. Each route begins with another introducer, so that they are really different. The
    first leg may be a team leg if the asker is a colleague; a measured tie that is better wins.

    Args:
        network: As built from the scores.
        asker: Who wants to be introduced.
        targets: Whom to: one person, or everybody at an account.
        k: How many routes at most.

    Returns:
        The best first; of equals the introducer with the lower number. Empty if
        there is none more likely than `LEAST_WARM`.
    """
    goals = _nodes(network, set(targets) - {asker})
    own = network.node(asker)
    first = _first_legs(network, asker, own)
    reach = _reach(network, goals, own)
    total = first + reach[-1]
    total[goals] = np.inf
    order = np.argsort(total, kind="stable")[: max(k, 0)]
    limit = -np.log(LEAST_WARM)
    return [_route(network, asker, int(node), reach) for node in order if total[node] <= limit]


def best_introduction(scores: Scores, asker: int, target: int) -> Route | None:
    """Find the best route of two legs to one person, looking at the target's own ties only.

    The same first leg, chances and limit as `find_routes`, without a network: for many targets at
    once. Of equals the introducer with the lower number; None if nobody can introduce.
    """
    ties, found = scores.ties, None
    rows = scores.rows_of(target)
    firm = scores.is_colleague(np.where(ties.a[rows] == target, ties.b[rows], ties.a[rows]))
    for row in np.sort(rows[firm | ties.is_regular[rows]]).tolist():
        last = _leg(scores, target, row)
        first = None if last.target == asker else _to_introducer(scores, asker, last.target)
        if first is None or first.probability * last.probability < LEAST_WARM:
            continue
        if found is None or first.probability * last.probability > found.probability:
            legs = (first, replace(last, source=last.target, target=target))
            found = Route(legs, first.probability * last.probability, None)
    own = ties.find(asker, target)
    return found and replace(found, direct=None if own is None else _leg(scores, asker, own))


def _to_introducer(scores: Scores, asker: int, person: int) -> Leg | None:
    row = scores.ties.find(asker, person)
    measured = None if row is None else _leg(scores, asker, row)
    is_team = bool(scores.is_colleague(np.array([asker, person])).all())
    if is_team and (measured is None or measured.probability < TEAM_PROBABILITY):
        return Leg(asker, person, TEAM_PROBABILITY, "team")
    return measured


def _nodes(network: Network, people: Iterable[int]) -> Ints:
    found = (network.node(person) for person in sorted(people))
    return np.array([node for node in found if node is not None], dtype=np.int64)


def _first_legs(network: Network, asker: int, own: int | None) -> Floats:
    """What it costs the asker to reach each node in one leg, (n,)."""
    costs = np.full(len(network.people), np.inf)
    if asker in network.scores.colleagues:
        costs[network.scores.is_colleague(network.people)] = -np.log(TEAM_PROBABILITY)
    if own is not None:
        edges = network.edges_of(own)
        near = network.neighbours[edges]
        costs[near] = np.minimum(costs[near], network.costs[edges])
        costs[own] = np.inf
    return costs


def _reach(network: Network, goals: Ints, own: int | None) -> list[Floats]:
    """Least costs from each node to the nearest goal in at most 0, 1, 2 legs, past the asker."""
    distance = np.full(len(network.people), np.inf)
    distance[goals] = 0.0
    reach = [distance]
    for _ in range(MOST_LEGS - 1):
        distance = np.minimum(distance, network.nearest(distance))
        if own is not None:
            distance[own] = np.inf
        reach.append(distance)
    return reach


def _route(network: Network, asker: int, node: int, reach: list[Floats]) -> Route:
    legs = [_first_leg(network, asker, node)]
    for step in range(MOST_LEGS - 1, 0, -1):
        if reach[step - 1][node] <= reach[step][node]:
            continue
        edges = network.edges_of(node)
        through = network.costs[edges] + reach[step - 1][network.neighbours[edges]]
        edge = edges.start + int(np.argmin(through))
        legs.append(_measured(network, int(network.people[node]), int(network.rows[edge])))
        node = int(network.neighbours[edge])
    probability = float(np.prod([leg.probability for leg in legs]))
    return Route(tuple(legs), probability, _direct(network, asker, legs[-1].target))


def _first_leg(network: Network, asker: int, node: int) -> Leg:
    person = int(network.people[node])
    measured = _direct(network, asker, person)
    is_team = asker in network.scores.colleagues and person in network.scores.colleagues
    if is_team and (measured is None or measured.probability < TEAM_PROBABILITY):
        return Leg(asker, person, TEAM_PROBABILITY, "team")
    if measured is None:
        raise ValueError("A route begins with a tie or a team.")
    return measured


def _direct(network: Network, asker: int, person: int) -> Leg | None:
    row = network.scores.ties.find(asker, person)
    return None if row is None else _measured(network, asker, row)


def _measured(network: Network, person: int, row: int) -> Leg:
    return _leg(network.scores, person, row)


def _leg(scores: Scores, person: int, row: int) -> Leg:
    a, b = int(scores.ties.a[row]), int(scores.ties.b[row])
    return Leg(
        source=person,
        target=b if a == person else a,
        probability=float(scores.alive[row]),
        kind="measured",
        strength=float(scores.strength[row]),
        points=float(scores.shown[row]),
        last_s=int(scores.ties.last_s[row]),
    )
