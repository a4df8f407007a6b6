"""Two kinds of influencers: who spreads the word, and who moves a decision."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from app.engine.interactions import Interactions
from app.engine.topology.graph import Graph
from app.engine.topology.positions import Positions
from app.engine.weights import DAY_S, Flags, Floats, Ints

Kind = Literal["awareness", "conversion"]
AWARENESS, CONVERSION = KINDS = ("awareness", "conversion")  # type: tuple[Kind, Kind]

PORTFOLIO: Final = 50
LEEWAY: Final = 3
"""A portfolio is half of one kind and half of the other, give or take this many."""

IN_REACH: Final = 4
"""A portfolio is chosen from so many times as many as it holds of each list."""

TOUCH_DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class Influencer:
    """Somebody on one of the lists.

    Attributes:
        rank: From 1 on, in the own list.
        value: What the list is sorted by; comparable within a list only.
        community: Where they are at home.
    """

    person: int
    kind: Kind
    rank: int
    value: float
    community: int


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The few to look after.

    Attributes:
        members: The awareness influencers first, each kind in the order in which it was chosen.
        communities: How many communities they know somebody in.
        of_communities: How many there are.
    """

    members: tuple[Influencer, ...]
    communities: int
    of_communities: int


def awareness(found: Positions) -> Floats:
    """Betweenness x participation, (n,): on the way between many, of many worlds."""
    return np.nan_to_num(found.betweenness.share * found.participation)


def conversion(found: Positions) -> Floats:
    """Closeness inside the community x inward share x points of all ties, (n,).

    Points are added up and not averaged: by the mean a stranger with one strong tie stands above
    whoever is close to a whole team (of 80 planted people the first 80 were 17 by the mean, 80 by
    the sum), and closeness counts ties, not their strength, which is a factor of its own.
    """
    total = found.graph.summed(found.points[found.graph.edges])
    return found.closeness * found.inward * total


def influencers(found: Positions) -> list[Influencer]:
    """Everybody outside who influences at all, on the list where they stand higher; by list, rank.

    Of those who stand equally high on both the rarer gift, awareness, decides.
    """
    values = dict(zip(KINDS, (awareness(found), conversion(found)), strict=True))
    ranks = {kind: _ranks(value, ~found.is_colleague) for kind, value in values.items()}
    is_aware = ranks[AWARENESS] <= ranks[CONVERSION]
    listed: list[Influencer] = []
    for kind, is_here in ((AWARENESS, is_aware), (CONVERSION, ~is_aware)):
        nodes = np.flatnonzero(is_here & (ranks[kind] < len(found) + 1))
        nodes = nodes[np.argsort(ranks[kind][nodes], kind="stable")]
        for rank, node in enumerate(nodes.tolist(), 1):
            person, home = int(found.graph.people[node]), int(found.community[node])
            listed.append(Influencer(person, kind, rank, float(values[kind][node]), home))
    return listed


def _ranks(values: Floats, counts: Flags) -> Ints:
    """Ranks from 1 on; beyond all others where it does not count or is nothing, (n,)."""
    ranks = np.full(len(values), len(values) + 1, dtype=np.int64)
    nodes = np.flatnonzero(counts & (values > 0))
    order = nodes[np.lexsort((nodes, -values[nodes]))]
    ranks[order] = np.arange(1, len(order) + 1)
    return ranks


def portfolio(
    found: Positions, listed: Collection[Influencer], *, size: int = PORTFOLIO
) -> Portfolio:
    """Choose whom to look after, as `choose` does, by everybody's place."""
    home = dict(zip(found.graph.people.tolist(), found.community.tolist(), strict=True))
    near = reach(found.graph, listed, home)
    return choose(listed, near, size=size, of_communities=len(found.communities))


def reach(
    graph: Graph, listed: Collection[Influencer], home: Mapping[int, int]
) -> dict[int, frozenset[int]]:
    """The communities in which each of these is at home or knows somebody.

    Args:
        graph: Who knows whom.
        listed: Whose reach is asked for.
        home: The community of everybody who has one.
    """
    found: dict[int, frozenset[int]] = {}
    for one in listed:
        near = graph.people[graph.of_person(one.person)].tolist()
        found[one.person] = frozenset([one.community, *(home[who] for who in near if who in home)])
    return found


def choose(
    listed: Collection[Influencer],
    reach: Mapping[int, frozenset[int]],
    *,
    size: int = PORTFOLIO,
    of_communities: int,
) -> Portfolio:
    """Choose whom to look after: half of each kind, reaching as many communities as can be.

    One after the other, whoever reaches most communities that nobody chosen before reaches; of
    equals who ranks higher. A kind of which there are too few is made up for by the other, within
    `LEEWAY`.
    """
    half = size // 2
    kinds = {kind: [one for one in listed if one.kind == kind] for kind in KINDS}
    short = {kind: max(half - len(few), 0) for kind, few in kinds.items()}
    covered: set[int] = set()
    members: list[Influencer] = []
    for kind, other in ((AWARENESS, CONVERSION), (CONVERSION, AWARENESS)):
        room = half + (size % 2 if kind == AWARENESS else 0) + min(short[other], LEEWAY)
        members += _choose(kinds[kind][: IN_REACH * room], room, reach, covered)
    return Portfolio(tuple(members), len(covered), of_communities)


def _choose(
    candidates: list[Influencer],
    room: int,
    reach: Mapping[int, frozenset[int]],
    covered: set[int],
) -> list[Influencer]:
    left, chosen = list(candidates), list[Influencer]()
    while left and len(chosen) < room:
        best = max(left, key=lambda one: (len(reach[one.person] - covered), -one.rank))
        left.remove(best)
        chosen.append(best)
        covered |= reach[best.person]
    return chosen


def focus_share(
    interactions: Interactions, members: Collection[int], *, colleagues: Ints, as_of_s: int
) -> float | None:
    """The share of our contacts with outsiders in 90 days that went to these people, 0 to 1.

    None if there were no contacts at all.
    """
    is_recent = (interactions.at_s <= as_of_s) & (interactions.at_s > as_of_s - TOUCH_DAYS * DAY_S)
    ours = np.isin(interactions.source, colleagues), np.isin(interactions.target, colleagues)
    outward = is_recent & (ours[0] != ours[1])
    outside = np.where(ours[0], interactions.target, interactions.source)[outward]
    wanted = np.array(sorted(members), dtype=np.int64)
    return float(np.isin(outside, wanted).mean()) if len(outside) else None


@dataclass(frozen=True, slots=True)
class Majority:
    """How common a view seems to be in a segment, and how common it is.

    Attributes:
        members: People of the segment who know anybody.
        convinced: The share of them who hold it, 0 to 1.
        see: The share who see a majority of those they know hold it, 0 to 1.
    """

    members: int
    convinced: float
    see: float


def majority(graph: Graph, segment: Collection[int], advocates: Collection[int]) -> Majority:
    """Tell who of a segment would think that most people hold a view.

    Ask before and after adding somebody to the advocates: a few whom many know can make a
    majority for all of them. Ties that lead out of the segment count as well.

    Source:
        Lerman, Yan & Wu (2016), The "majority illusion" in social networks,
        10.1371/journal.pone.0147617.
    """
    holds = np.isin(graph.people, sorted(advocates)).astype(np.float64)
    nodes = np.isin(graph.people, sorted(segment)) & (graph.degree > 0)
    convinced = graph.summed(holds[graph.neighbours])[nodes]
    known = int(nodes.sum())
    if not known:
        return Majority(0, 0.0, 0.0)
    see = float(np.mean(convinced * 2 > graph.degree[nodes]))
    return Majority(known, float(holds[nodes].mean()), see)
