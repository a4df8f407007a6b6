"""What is true of the planted company: for tests and benchmarks to hold scores against.

One JSON object::

    {"people": 400, "seed": 1, "until": "...", "communities": [one per team, ...]}

written team by team, so that a company of a million people needs no more memory than one of a
hundred. Ids are those of the world file. `deals` are made here alone, and are in no record.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from app.demo.teams import ACCOUNTS, Company, Kind, Team, Tie, account_id, plan

STAGES = ("qualification", "proposal", "negotiation", "won", "lost")
STAGE_SHARES = (0.2, 0.2, 0.1, 0.3, 0.2)
_IS_OPEN = frozenset(STAGES[:3])
MOST_DEALS = 3


def communities(company: Company) -> Iterator[dict[str, Any]]:
    """Tell of each team what is planted in it, as JSON would hold it.

    Pairs are [colleague, contact]; an introduction is [colleague, contact, introducer, days before
    the end]; `moved` is [old record, new record]; `left` has at most one colleague, and the days.
    """
    for number in range(company.teams):
        team = plan(company, number)
        yield {
            "number": number,
            "members": [*team.colleagues, *team.contacts, team.moved[1]],
            "bridge": _pair(team.bridge) if team.bridge else None,
            "awareness": team.reach,
            "conversion": team.inside,
            "peers": [[team.inside, peer] for peer in team.peers],
            **{kind.value: [_pair(tie) for tie in team.ties if tie.kind is kind] for kind in Kind},
            "introductions": [
                [one.colleague, one.contact, one.introducer, one.days] for one in team.introductions
            ],
            "shared_mailbox": team.mailbox,
            "bulk_sender": team.bulk,
            "moved": list(team.moved),
            "left": [[team.left, team.left_days]] if team.left else [],
            "in_both_crms": sorted(team.shared),
            "deals": _deals(company, team),
        }


def write(company: Company, file: Path) -> None:
    """Write the truth to a file."""
    head = {"people": company.people, "seed": company.seed, "until": company.until.isoformat()}
    with file.open("w", encoding="utf-8") as out:
        out.write(json.dumps(head)[:-1] + ', "communities": [')
        for number, community in enumerate(communities(company)):
            out.write((",\n" if number else "\n") + json.dumps(community))
        out.write("\n]}\n")


def _pair(tie: Tie) -> list[str]:
    return [tie.colleague, tie.contact]


def _deals(company: Company, team: Team) -> list[dict[str, Any]]:
    """Draw deals: those with more people involved are won more often."""
    rng = np.random.default_rng([company.seed, team.number, 2])
    found: list[dict[str, Any]] = []
    for account in range(ACCOUNTS):
        known = {
            tie.contact: tie.colleague
            for tie in team.ties
            if tie.kind is Kind.ACTIVE and _account_of(team, tie) == account
        }
        for _ in range(int(rng.integers(0, MOST_DEALS)) if known else 0):
            contacts = sorted(known)[: int(rng.integers(1, 4))]
            found.append(_deal(rng, team, account, len(found), contacts, known[contacts[0]]))
    return found


def _deal(
    rng: np.random.Generator, team: Team, account: int, number: int, contacts: list[Any], owner: str
) -> dict[str, Any]:
    lift = np.array([1.0, 1.0, 1.0, float(len(contacts)), 1.0]) * STAGE_SHARES
    stage = STAGES[int(rng.choice(len(STAGES), p=lift / lift.sum()))]
    opened = float(rng.uniform(30, 500))
    is_open = stage in _IS_OPEN
    return {
        "id": f"deal-{team.number}-{number}",
        "account": account_id(team.number, account),
        "owner": owner,
        "contacts": contacts,
        "stage": stage,
        "outcome": None if is_open else stage,
        "amount": int(rng.lognormal(9.5, 1.0)),
        "opened_days": round(opened, 1),
        "closed_days": None if is_open else round(opened * float(rng.uniform(0.1, 0.8)), 1),
    }


def _account_of(team: Team, tie: Tie) -> int | None:
    if tie.contact not in team.contacts:
        return None
    return team.accounts_of[team.contacts.index(tie.contact)]
