"""Routes: who can introduce a colleague to somebody, leg by leg."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

import numpy as np

from app.engine.network import Network
from app.engine.paths import LEAST_WARM, NONE, TEAM_PROBABILITY, Paths, Start, paths
from app.engine.scores import Scores, Tie
from app.engine.weights import Ints

Order = Literal["chance", "known", "favour"]
"""What the routes are sorted by: the chance of the whole; how well the asker knows the introducer;
how much the introducer owes the asker. Of equals the more likely comes first."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One step of a route.

    Attributes:
        probability: Chance that the tie is alive, above 0 to 1.
        kind: "measured", or "team" where only a common employer is known.
        strength: Not below 0; None for a team leg.
        points: Strength as shown, 0 to 100; None for a team leg.
        last_s: Last contact, seconds since 1970 (UTC); None if there was none.
        tie: The tie as its source sees it, with all its evidence; None for a team leg.
    """

    source: int
    target: int
    probability: float
    kind: Literal["measured", "team"]
    strength: float | None = None
    points: float | None = None
    last_s: int | None = None
    tie: Tie | None = None

    @classmethod
    def of(cls, tie: Tie) -> "Leg":
        """Make a leg of a tie as its source sees it."""
        return cls(
            source=tie.person,
            target=tie.other,
            probability=tie.alive,
            kind="measured",
            strength=tie.strength,
            points=tie.points,
            last_s=tie.last_s,
            tie=tie,
        )


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


@dataclass(frozen=True, slots=True)
class Wishes:
    """Which routes are wanted.

    Attributes:
        order: What to sort by.
        owed: How much each person owes the asker, any number; who is left out owes nothing.
        busy: Who is not to be asked first, because they were asked often enough.
        nobody: Who can be no part of a route: addresses that are no person's.
    """

    order: Order = "chance"
    owed: Mapping[int, float] = field(default_factory=dict)
    busy: Collection[int] = ()
    nobody: Collection[int] = ()


ANY: Final = Wishes()
"""The most likely ones, whomever they lead over."""


def find_routes(
    network: Network,
    *,
    asker: int,
    targets: Iterable[int],
    k: int = 3,
    wishes: Wishes = ANY,
) -> list[Route]:
    """Find the best introductions to any of these people.

    A route has at most three legs; its probability is the product of theirs, and the best is found
    exactly. Nobody is on two routes, but for the asker and the targets, so that they are really
    different. The first leg may be a team leg if the asker is a colleague; a measured tie that is
    better wins.

    Args:
        network: As built from the scores.
        asker: Who wants to be introduced.
        targets: Whom to: one person, or everybody at an account.
        k: How many routes at most.
        wishes: What to sort by, and who is not to be asked.

    Returns:
        The best first; of equals the shorter, then the introducer with the lower number. Empty if
        there is none more likely than `LEAST_WARM`.
    """
    start = Start(network, asker)
    goals = network.nodes(set(targets) - {asker})
    found = paths(start, goals, never=network.nodes(wishes.nobody).tolist())
    busy = set(network.nodes(wishes.busy).tolist())
    used: set[int] = set()
    routes: list[Route] = []
    for row in _order(network, found, wishes).tolist():
        if len(routes) >= k:
            break
        over = {int(found.introducer[row]), int(found.middle[row])} - {NONE}
        if used.isdisjoint(over) and int(found.introducer[row]) not in busy:
            routes.append(_route(network, asker, found, row))
            used |= over
    return routes


def best_introduction(scores: Scores, asker: int, target: int) -> Route | None:
    """Find the best route of two legs to one person, looking at the target's own ties only.

    The same first leg, chances and limit as `find_routes`, without a network: for many targets at
    once. Of equals the introducer with the lower number; None if nobody can introduce.
    """
    ties, best, over = scores.ties, 0.0, None
    rows = scores.rows_of(target)
    others = np.where(ties.a[rows] == target, ties.b[rows], ties.a[rows])
    is_open = (scores.is_colleague(others) | ties.is_regular[rows]) & (others != asker)
    order = np.argsort(rows[is_open])
    for row, other in zip(
        rows[is_open][order].tolist(), others[is_open][order].tolist(), strict=True
    ):
        chance = first_chance(scores, asker, other) * float(scores.alive[row])
        if chance >= LEAST_WARM and chance > best:
            best, over = chance, other
    if over is None:
        return None
    legs = (_first_leg(scores, asker, over), _known(scores, over, target))
    return Route(legs, best, _direct(scores, asker, target))


def first_chance(scores: Scores, asker: int, person: int) -> float:
    """How likely somebody passes on what the asker asks; 0 where they do not know each other."""
    row = scores.ties.find(asker, person)
    measured = 0.0 if row is None else float(scores.alive[row])
    is_team = bool(scores.is_colleague(np.array([asker, person])).all())
    return max(measured, TEAM_PROBABILITY) if is_team else measured


def _order(network: Network, found: Paths, wishes: Wishes) -> Ints:
    """The rows in the order that is wanted."""
    people = network.people[found.introducer]
    keys = (found.middle, people, found.middle != NONE, found.cost)
    if wishes.order == "known":
        return np.lexsort((*keys, found.first))
    if wishes.order == "favour":
        unique, whose = np.unique(people, return_inverse=True)
        owed = np.array([wishes.owed.get(one, 0.0) for one in unique.tolist()])
        return np.lexsort((*keys, -owed[whose] if len(unique) else found.cost))
    return np.lexsort(keys)


def _route(network: Network, asker: int, found: Paths, row: int) -> Route:
    nodes = [found.introducer[row], found.middle[row], found.goal[row]]
    stops = [int(network.people[node]) for node in nodes if node != NONE]
    legs = [_first_leg(network.scores, asker, stops[0])]
    legs += [_known(network.scores, *pair) for pair in pairwise(stops)]
    probability = float(np.prod([leg.probability for leg in legs]))
    return Route(tuple(legs), probability, _direct(network.scores, asker, stops[-1]))


def _known(scores: Scores, source: int, target: int) -> Leg:
    row = scores.ties.find(source, target)
    if row is None:
        raise ValueError("An edge is a tie.")
    return Leg.of(scores.seen_by(source, row))


def _first_leg(scores: Scores, asker: int, person: int) -> Leg:
    measured = _direct(scores, asker, person)
    if measured is not None and measured.probability >= first_chance(scores, asker, person):
        return measured
    return Leg(asker, person, TEAM_PROBABILITY, "team")


def _direct(scores: Scores, asker: int, person: int) -> Leg | None:
    row = scores.ties.find(asker, person)
    return None if row is None else Leg.of(scores.seen_by(asker, row))
