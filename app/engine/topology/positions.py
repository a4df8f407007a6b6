"""Everybody's place in the network, found once a day and kept."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from app.engine.scores import Scores
from app.engine.topology.betweenness import Betweenness, betweenness
from app.engine.topology.breaks import Breaks, breaks
from app.engine.topology.closeness import closeness, inward
from app.engine.topology.communities import (
    Homes,
    communities,
    keep_numbers,
    named,
    participation,
    worlds,
)
from app.engine.topology.cores import core_numbers
from app.engine.topology.graph import Graph, firm
from app.engine.topology.health import Health, health
from app.engine.topology.holes import Holes, holes
from app.engine.weights import Flags, Floats, Ints

NOWHERE: Final = -1


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of people beside their ties.

    Attributes:
        accounts: The name of the account of each person who has one.
        industries: The industry of the account of each person, where it is known.
        names: What colleagues are called, for communities of no account.
        mailboxes: Addresses that are no person's.
        before: The community of each person as it was told last; empty the first time.
    """

    accounts: Mapping[int, str] = field(default_factory=dict)
    industries: Mapping[int, str] = field(default_factory=dict)
    names: Mapping[int, str] = field(default_factory=dict)
    mailboxes: Collection[int] = ()
    before: Mapping[int, int] = field(default_factory=dict)


ALONE: Final = Surroundings()
"""Nothing is known."""


@dataclass(frozen=True, slots=True)
class Community:
    """People who hang together.

    Attributes:
        number: The same from run to run.
        name: The accounts that most of its people are at, else the industries, else who is in the
            middle.
        people: How many there are.
        colleagues: How many of them are our own.
        ties: Firm ties inside.
        leaving: Firm ties that lead out of it.
    """

    number: int
    name: str
    people: int
    colleagues: int
    ties: int
    leaving: int


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """Everybody's place among the firm ties; every array has one number per node of `graph`.

    Attributes:
        community: Its number, the same from run to run.
        communities: All of them, by number.
        health: Whether ties may be called bridges.
        holes: Overlap, effective size, constraint and density.
        breaks: Bridges in the strict sense and articulation points.
        betweenness: Who lies between others, by ways of length 1 / strength.
        closeness: How near one is to one's own community, by ways counted in ties.
        inward: The share of strength that stays in the own community, 0 to 1.
        participation: How evenly ties are spread over communities, 0 to below 1.
        worlds: In how many communities one knows somebody, the own included.
        core: The largest k of a k-core one is in.
        is_colleague: Our own people.
    """

    scores: Scores
    graph: Graph
    community: Ints
    communities: Mapping[int, Community]
    health: Health
    holes: Holes
    breaks: Breaks
    betweenness: Betweenness
    closeness: Floats
    inward: Floats
    participation: Floats
    worlds: Ints
    core: Ints
    is_colleague: Flags

    def __len__(self) -> int:
        return len(self.graph)

    @property
    def points(self) -> Floats:
        """Strength as shown of each edge, 0 to 100, (m,)."""
        return self.scores.shown[self.graph.rows]

    def node(self, person: int) -> int | None:
        """The node of a person; None for whoever has no firm tie."""
        people = self.graph.people
        place = int(np.searchsorted(people, person))
        return place if place < len(people) and people[place] == person else None


def positions(scores: Scores, around: Surroundings = ALONE) -> Positions:
    """Measure the firm part of a network.

    Args:
        scores: All ties, as they are now.
        around: What is known of people beside their ties.
    """
    graph = firm(scores, without=around.mailboxes)
    is_colleague = scores.is_colleague(graph.people)
    found = communities(graph, homes=_homes(scores, graph, around))
    label = _numbered(graph, found, around)
    gaps = holes(graph)
    return Positions(
        scores=scores,
        graph=graph,
        community=label,
        communities=_told(graph, label, is_colleague, around),
        health=health(graph, gaps.overlap, scores.overlap[graph.rows]),
        holes=gaps,
        breaks=breaks(graph),
        betweenness=betweenness(graph, graph.lengths),
        closeness=closeness(graph, found),
        inward=inward(graph, found),
        participation=participation(graph, found),
        worlds=worlds(graph, found),
        core=core_numbers(graph),
        is_colleague=is_colleague,
    )


def _homes(scores: Scores, graph: Graph, around: Surroundings) -> Homes:
    """The account of everybody, and which nodes know anybody there."""
    number = {name: number for number, name in enumerate(sorted(set(around.accounts.values())))}
    at = (around.accounts.get(person) for person in scores.people.tolist())
    places = np.array([NOWHERE if one is None else number[one] for one in at], dtype=np.int64)
    rows = np.flatnonzero(scores.ties.is_personal)
    a, b = scores.ties.a[rows], scores.ties.b[rows]
    people, others = np.concatenate([a, b]), np.concatenate([b, a])
    place = places[np.searchsorted(scores.people, people)]
    seen = np.isin(others, graph.people) & (place != NOWHERE)
    return Homes(
        places=places[np.searchsorted(scores.people, graph.people)],
        known_place=place[seen],
        known_by=np.searchsorted(graph.people, others[seen]),
    )


def _numbered(graph: Graph, found: Ints, around: Surroundings) -> Ints:
    now = dict(zip(graph.people.tolist(), found.tolist(), strict=True))
    number = keep_numbers(now, around.before)
    kept = np.array([number[one] for one in range(len(number))], dtype=np.int64)
    return kept[found]


def _told(
    graph: Graph, label: Ints, is_colleague: Flags, around: Surroundings
) -> dict[int, Community]:
    """Describe every community."""
    inside = label[graph.a] == label[graph.b]
    size = int(label.max(initial=-1)) + 1
    ties = np.bincount(label[graph.a[inside]], minlength=size)
    out = np.concatenate([label[graph.a[~inside]], label[graph.b[~inside]]])
    leaving = np.bincount(out, minlength=size)
    order = np.argsort(label, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(label[order])) + 1) if len(order) else []
    return {
        (number := int(label[nodes[0]])): Community(
            number=number,
            name=_name(graph, nodes, is_colleague, around),
            people=len(nodes),
            colleagues=int(is_colleague[nodes].sum()),
            ties=int(ties[number]),
            leaving=int(leaving[number]),
        )
        for nodes in groups
    }


def _name(graph: Graph, nodes: Ints, is_colleague: Flags, around: Surroundings) -> str:
    """Name a community by its accounts, or by the colleague with the most ties."""
    people = graph.people[nodes]
    places = [around.accounts.get(person) for person in people.tolist()]
    trades = [around.industries.get(person) for person in people.tolist()]
    own = nodes[is_colleague[nodes]]
    if not len(own):
        return named(places, "a contact", industries=trades)
    middle = int(graph.people[own[np.argmax(graph.degree[own])]])
    return named(places, around.names.get(middle, "a colleague"), industries=trades)
