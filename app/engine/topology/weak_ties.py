"""Weak ties worth an hour: who may answer, and what they open."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from app.engine.strength import BANDS
from app.engine.ties import ONE_WAY
from app.engine.topology.graph import acquainted, mutual
from app.engine.topology.positions import NOWHERE, Positions
from app.engine.weights import DEFAULT, Floats, Ints, Weights

WEAK: Final = BANDS.index("weak")

LEAST_CHANCE: Final = 0.02
"""Who is less likely than this to answer is no tie any more."""

A_WEEK: Final = 5
"""Names on a colleague's list."""

IN_REACH: Final = 4
"""A list is chosen from so many times as many as are on it."""

ENOUGH_MUTUAL: Final = 10
"""Beyond so many acquaintances in common a tie opens less and less."""

NO_MUTUAL: Final = 0.5
"""What is left of an opportunity where nobody is known to both."""

MOST_OPENED: Final = 5

WorldT = TypeVar("WorldT", int, str)


@dataclass(frozen=True, slots=True)
class WeakTie:
    """A weak tie of a colleague on this week's list.

    Attributes:
        row: Of the scores.
        place: From 1 on, in the colleague's own list.
        opportunity: What the list is chosen by, 0 to 1.
        mutual: Acquaintances in common.
        accounts: Where the colleague knows nobody else, by name.
        communities: In which the colleague knows nobody else, by number.
    """

    colleague: int
    contact: int
    row: int
    place: int
    opportunity: float
    mutual: int
    accounts: tuple[str, ...]
    communities: tuple[int, ...]


def opportunity(overlap: Floats, chance: Floats, shared: Ints) -> Floats:
    """(1 - overlap) x chance of an answer, less at both ends of acquaintances in common, (n,).

    The value of a weak tie is an inverted U: it falls beyond about ten of them, and is low where
    nobody can vouch. How low (`NO_MUTUAL`) is assumed.

    Source:
        Rajkumar et al. (2022), A causal test of the strength of weak ties, 10.1126/science.abl4476.
    """
    damped = np.where(shared > 0, np.minimum(1, ENOUGH_MUTUAL / np.maximum(shared, 1)), NO_MUTUAL)
    return (1 - overlap) * chance * damped


def weak_ties(
    found: Positions,
    *,
    accounts: Mapping[int, str],
    without: Collection[int] = (),
    weights: Weights = DEFAULT,
) -> list[WeakTie]:
    """Choose for each colleague whom to write to this week: of as many worlds as can be.

    Args:
        found: Everybody's place.
        accounts: The account of each contact, by name.
        without: Addresses that are no person's.
        weights: As the scores were made with.
    """
    rows = _candidates(found, without)
    scores, ties = found.scores, found.scores.ties
    shared = _mutual(found, rows, weights)
    values = opportunity(scores.overlap[rows], scores.alive[rows], shared)
    is_a = scores.is_colleague(ties.a[rows])
    ours = np.where(is_a, ties.a[rows], ties.b[rows])
    theirs = np.where(is_a, ties.b[rows], ties.a[rows])
    order = np.lexsort((rows, -values, ours))
    worlds = _Worlds(found, homes(found), accounts)
    listed: list[WeakTie] = []
    for own in np.split(order, np.flatnonzero(np.diff(ours[order])) + 1) if len(order) else []:
        few = [(int(theirs[i]), int(i)) for i in own[: A_WEEK * IN_REACH].tolist()]
        colleague = int(ours[own[0]])
        for place, (contact, i) in enumerate(_diverse(few, worlds), 1):
            opens = worlds.opened(colleague, contact)
            listed.append(
                WeakTie(
                    colleague=colleague,
                    contact=contact,
                    row=int(rows[i]),
                    place=place,
                    opportunity=float(values[i]),
                    mutual=int(shared[i]),
                    accounts=opens[0],
                    communities=opens[1],
                )
            )
    return listed


def _candidates(found: Positions, without: Collection[int]) -> Ints:
    """Weak ties between us and others that may be two-way, and are of people.

    Below the band of weak ties are those of long ago, which Granovetter's weak ties often are.
    """
    scores, ties = found.scores, found.scores.ties
    rows = scores.outward_rows
    nobody = np.array(sorted(without), dtype=np.int64)
    is_weak = (scores.band[rows] <= WEAK) & (scores.alive[rows] >= LEAST_CHANCE)
    is_weak &= ties.is_personal[rows] & (ties.two_way[rows] != ONE_WAY)
    is_person = ~(np.isin(ties.a[rows], nobody) | np.isin(ties.b[rows], nobody))
    chosen: Ints = rows[is_weak & is_person]
    return chosen


def _mutual(found: Positions, rows: Ints, weights: Weights) -> Ints:
    graph = acquainted(found.scores, weights.edge_threshold)
    a, b = found.scores.ties.a[rows], found.scores.ties.b[rows]
    known = np.isin(a, graph.people) & np.isin(b, graph.people)
    shared = np.zeros(len(rows), dtype=np.int64)
    ends = (np.searchsorted(graph.people, end[known]) for end in (a, b))
    shared[known] = mutual(graph, *ends)
    return shared


def homes(found: Positions) -> dict[int, int]:
    """The community of everybody who has a personal tie to anybody who has one.

    Who has no firm tie is where their strongest other tie leads.
    """
    at = dict(zip(found.graph.people.tolist(), found.community.tolist(), strict=True))
    scores = found.scores
    rows = np.flatnonzero(scores.ties.is_personal)
    settled = dict(at)
    for row in rows[np.lexsort((rows, -scores.strength[rows]))].tolist():
        a, b = int(scores.ties.a[row]), int(scores.ties.b[row])
        for one, other in ((a, b), (b, a)):
            if one not in settled and other in at:
                settled[one] = at[other]
    return settled


@dataclass(frozen=True, slots=True, eq=False)
class _Worlds:
    """Where people are at home, and what leads where."""

    found: Positions
    homes: Mapping[int, int]
    accounts: Mapping[int, str]

    def of(self, contact: int) -> tuple[int, str]:
        return self.homes.get(contact, NOWHERE), self.accounts.get(contact, "")

    def beyond(self, contact: int, colleague: int) -> Iterator[tuple[int, str]]:
        """The worlds of a contact and of those whom they know."""
        yield self.of(contact)
        graph, node = self.found.graph, self.found.node(contact)
        if node is not None:
            near = graph.people[graph.of(node)].tolist()
            yield from (self.of(person) for person in near if person != colleague)

    def opened(self, colleague: int, contact: int) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """Accounts and communities that the colleague reaches through this contact alone."""
        scores = self.found.scores
        rows = scores.rows_of(colleague)
        rows = rows[scores.ties.is_personal[rows]]
        ends = scores.ties.a[rows] + scores.ties.b[rows] - colleague
        others = [self.of(one) for one in ends.tolist() if one != contact]
        known = {self.homes.get(colleague, NOWHERE), *(home for home, _ in others), NOWHERE}
        at = {"", *(account for _, account in others)}
        there = list(self.beyond(contact, colleague))
        accounts = Counter(account for _, account in there if account not in at)
        communities = Counter(home for home, _ in there if home not in known)
        return _most(accounts), _most(communities)


def _most(counted: Counter[WorldT]) -> tuple[WorldT, ...]:
    ranked = sorted(counted.items(), key=lambda one: (-one[1], str(one[0])))
    return tuple(one for one, _ in ranked[:MOST_OPENED])


def _diverse(few: list[tuple[int, int]], worlds: _Worlds) -> Iterator[tuple[int, int]]:
    """One after the other whoever is of another community, then of another account, then best."""
    left, met, at = list(few), set[int](), set[str]()
    for _ in range(min(A_WEEK, len(few))):
        best = max(left, key=lambda one: _news(worlds.of(one[0]), met, at))
        left.remove(best)
        home, account = worlds.of(best[0])
        met.add(home)
        at.add(account)
        yield best


def _news(world: tuple[int, str], met: set[int], at: set[str]) -> tuple[bool, bool]:
    home, account = world
    return home != NOWHERE and home not in met, bool(account) and account not in at
