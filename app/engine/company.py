"""A company at one moment: its scores and what else is known that advice can follow from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from app.engine.network import Network, build
from app.engine.scores import Scores

DealKey = tuple[int, str]
"""What a deal is called: the number of its connection, and its id there."""


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
    def members(self) -> Mapping[int, tuple[int, ...]]:
        """The people at each account, sorted."""
        found: dict[int, list[int]] = {}
        for person, account in sorted(self.account_of.items()):
            found.setdefault(account, []).append(person)
        return {account: tuple(people) for account, people in found.items()}

    @cached_property
    def open_deals(self) -> tuple[Deal, ...]:
        """The deals that are neither won nor lost yet."""
        return tuple(deal for deal in self.deals if deal.is_open)
