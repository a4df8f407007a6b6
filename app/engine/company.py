"""A company at one moment: its scores and what else is known that advice can follow from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

import numpy as np

from app.engine.network import Network, build
from app.engine.scores import Scores, Tie

DealKey = tuple[int, str]
"""What a deal is called: the number of its connection, and its id there."""

MOST_AROUND = 20
"""So many people of a deal and its account are looked at: those on the deal come first."""


@dataclass(frozen=True, slots=True)
class Involved:
    """Somebody's part in a deal; `role` in the CRM's own words, None where nobody said."""

    person: int
    role: str | None = None
    is_primary: bool = False


@dataclass(frozen=True, slots=True)
class Deal:
    """Something that is sold, or is to be.

    Attributes:
        account: The number of its account, as in `Company.account_of`; None without one.
        owner: The colleague who has it, None where the CRM says nobody we know.
        stages: The stages that it came into, the oldest first, each with seconds since 1970.
        involved: Sorted by person; one entry for each.
    """

    key: DealKey
    stage: str
    is_open: bool
    is_won: bool = False
    account: int | None = None
    owner: int | None = None
    opened_s: int = 0
    stages: tuple[tuple[str, int], ...] = ()
    involved: tuple[Involved, ...] = ()


@dataclass(frozen=True, eq=False)
class Company:
    """All that a rule may look at.

    Attributes:
        account_of: The number of the account that each person works at, where known. Records of
            one organisation in two CRMs have one number.
        titles: What people are at work, in their own words, where known.
        deals: Sorted by key.
        left: Colleagues who have left; they have no ties any more.
    """

    scores: Scores
    account_of: Mapping[int, int] = field(default_factory=dict)
    titles: Mapping[int, str] = field(default_factory=dict)
    deals: tuple[Deal, ...] = ()
    left: frozenset[int] = frozenset()

    @cached_property
    def network(self) -> Network:
        """The network of the ties; built when first asked for."""
        return build(self.scores)

    @cached_property
    def ours(self) -> frozenset[int]:
        """Our own people, those who have left included."""
        return frozenset(self.scores.colleagues.tolist()) | self.left

    @cached_property
    def members(self) -> Mapping[int, tuple[int, ...]]:
        """The people at each account, sorted."""
        found: dict[int, list[int]] = {}
        for person, account in sorted(self.account_of.items()):
            found.setdefault(account, []).append(person)
        return {account: tuple(people) for account, people in found.items()}

    def around(self, deal: Deal) -> tuple[int, ...]:
        """Whom a deal is about: the people on it, then those at its account; none of ours."""
        on_it = [one.person for one in deal.involved]
        there = self.members.get(deal.account, ()) if deal.account is not None else ()
        outside = (p for p in dict.fromkeys([*on_it, *there]) if p not in self.ours)
        return tuple(islice(outside, MOST_AROUND))

    def ties_around(self, deal: Deal) -> list[Tie]:
        """Our ties with whom an open deal is about, as our side sees them, the strongest first."""
        found = [tie for person in self.around(deal) for tie in self.ties_with(person)]
        return sorted(found, key=lambda tie: (-tie.points, tie.person, tie.other))

    def ties_with(self, person: int) -> tuple[Tie, ...]:
        """Our ties with somebody around an open deal, in order of the rows; crowds left out."""
        return self._around_deals.get(person, ())

    @cached_property
    def _around_deals(self) -> Mapping[int, tuple[Tie, ...]]:
        """The ties with everybody around open deals: columns first, there may be many."""
        sought = sorted({person for deal in self.open_deals for person in self.around(deal)})
        ties, rows = self.scores.ties, self.scores.outward_rows
        is_a = self.scores.is_colleague(ties.a[rows])
        contacts = np.where(is_a, ties.b[rows], ties.a[rows])
        found: dict[int, tuple[Tie, ...]] = {}
        kept = np.isin(contacts, np.array(sought, dtype=np.int64)) & ties.is_personal[rows]
        ours = np.where(is_a, ties.a[rows], ties.b[rows])
        for row, person, contact in zip(
            rows[kept].tolist(), ours[kept].tolist(), contacts[kept].tolist(), strict=True
        ):
            found[contact] = (*found.get(contact, ()), self.scores.seen_by(person, row))
        return found

    @cached_property
    def open_deals(self) -> tuple[Deal, ...]:
        """The deals that are neither won nor lost yet."""
        return tuple(deal for deal in self.deals if deal.is_open)
