"""What a team sells: deals on the way, won and lost; more people involved, more often won."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from app.demo import names
from app.demo.teams import ACCOUNTS, Company, Kind, Team, account_id
from connectors import Deal, DealContact, ExternalId, StageChange

OPEN_STAGES = ("Qualification", "Proposal", "Negotiation")
WON, LOST = "Closed Won", "Closed Lost"
_ENDS = (*OPEN_STAGES, WON, LOST)
_SHARES = (0.2, 0.2, 0.1, 0.3, 0.2)
_ROLES = ("Decision Maker", "Influencer", "Evaluator")
MOST_DEALS, MOST_INVOLVED = 2, 3
WITHOUT_AMOUNT, WITHOUT_ROLE = 0.08, 0.2
_GOODS = ("Renewal", "Pilot", "Licences", "Rollout", "Support")


def deals(company: Company, team: Team) -> Iterator[Deal]:
    """Draw up to two deals for each account where a colleague has live ties."""
    rng = np.random.default_rng([company.seed, team.number, 2])
    count = 0
    for account in range(ACCOUNTS):
        known = _known(team, account)
        for _ in range(int(rng.integers(0, MOST_DEALS + 1)) if known else 0):
            involved = sorted(known)[: int(rng.integers(1, MOST_INVOLVED + 1))]
            owner = known[involved[0]]
            yield _Draft(company, team, rng).deal(count, account, owner, involved)
            count += 1


def _known(team: Team, account: int) -> dict[ExternalId, ExternalId]:
    """Who at an account is in touch with which colleague."""
    at = dict(zip(team.contacts, team.accounts_of, strict=True))
    return {
        tie.contact: tie.colleague
        for tie in team.ties
        if tie.kind is Kind.ACTIVE and at.get(tie.contact) == account
    }


class _Draft:
    """Draws one deal after the other."""

    def __init__(self, company: Company, team: Team, rng: np.random.Generator) -> None:
        self._company = company
        self._team = team
        self._rng = rng

    def deal(
        self, number: int, account: int, owner: ExternalId, involved: list[ExternalId]
    ) -> Deal:
        rng, team = self._rng, self._team
        lift = np.array([1.0, 1.0, 1.0, float(len(involved)), 1.0]) * _SHARES
        stage = _ENDS[int(rng.choice(len(_ENDS), p=lift / lift.sum()))]
        stages = self._stages(stage)
        is_closed = stage not in OPEN_STAGES
        closes = stages[-1].at if is_closed else self._company.until + self._days(5, 90)
        amount = float(round(rng.lognormal(9.5, 1.0), -2))
        customer = names.account_name(team.number * ACCOUNTS + account)[0]
        return Deal(
            ExternalId(f"deal-{team.number}-{number}"),
            f"{customer}: {_GOODS[number % len(_GOODS)]}",
            stage,
            is_closed=is_closed,
            is_won=stage == WON,
            account_id=account_id(team.number, account),
            owner_id=owner,
            amount=None if rng.random() < WITHOUT_AMOUNT else amount,
            created_at=stages[0].at,
            closes_on=closes.date(),
            contacts=tuple(self._contacts(involved)),
            stages=stages,
            modified_at=stages[-1].at,
        )

    def _stages(self, end: str) -> tuple[StageChange, ...]:
        """Draw the way to where a deal stands: stage by stage, to the end or to a loss anywhere."""
        passed = OPEN_STAGES.index(end) if end in OPEN_STAGES else len(OPEN_STAGES)
        if end == LOST:
            passed = int(self._rng.integers(1, len(OPEN_STAGES) + 1))
        way = (*OPEN_STAGES[:passed], end)
        opened = float(self._rng.uniform(30, 500))
        over = opened * float(self._rng.uniform(0.1, 0.8))
        days = [opened, *sorted(self._rng.uniform(over, opened, len(way) - 1), reverse=True)]
        until = self._company.until.replace(microsecond=0)
        ats = [until - timedelta(minutes=round(24 * 60 * float(ago))) for ago in days]
        return tuple(StageChange(stage, at) for stage, at in zip(way, ats, strict=True))

    def _contacts(self, involved: list[ExternalId]) -> Iterator[DealContact]:
        for index, contact in enumerate(involved):
            role = None if self._rng.random() < WITHOUT_ROLE else _ROLES[index]
            yield DealContact(contact, role, is_primary=index == 0)

    def _days(self, least: float, most: float) -> timedelta:
        return timedelta(days=float(self._rng.uniform(least, most)))
