"""What is true of the planted company: for tests and benchmarks to hold scores against.

One JSON object::

    {"people": 400, "seed": 1, "until": "...", "communities": [one per team, ...]}

told team by team, so that a company of a million people needs no more memory than one of a
hundred. Ids are those of the world file; where a record is told of with its CRM, the file of that
CRM has it, and the file of everything at once may not.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from app.demo.deals import OPEN_STAGES, deals
from app.demo.identities import CRMS, Identities, identify
from app.demo.people import Kept, Part, account_form, is_account_twice
from app.demo.teams import (
    MAILBOX,
    NAMESAKES,
    Company,
    Kind,
    Team,
    Tie,
    account_again,
    account_id,
    machine_id,
    plan,
)
from connectors import Deal, ExternalId

ACCOUNT_FORMS = ("same domain", "parent domain", "same name, no domain")


def communities(company: Company, teams: range | None = None) -> Iterator[dict[str, Any]]:
    """Tell of each team, or of some, what is planted in it, as JSON would hold it.

    Pairs are [colleague, contact]; an introduction is [colleague, contact, introducer, days before
    the end]; `moved` is [old record, new record]; `left` has at most one colleague, and the days.
    `persons` are all who have several records: each record as [CRM, id], and what they have in
    common beside the name (`identities.By`). `look_alikes` are records of different persons.
    """
    for number in teams or range(company.teams):
        team = plan(company, number)
        who = identify(company, team)
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
            "machine_mailbox": machine_id(number),
            "bulk_sender": team.bulk,
            "leads": sorted(team.leads),
            "moved": list(team.moved),
            "left": [[team.left, team.left_days]] if team.left else [],
            "in_both_crms": sorted(team.shared),
            "persons": _persons(company, team, who),
            "look_alikes": _look_alikes(team, who),
            "accounts_twice": _accounts_twice(number),
            "deals": [_deal(company, deal) for deal in deals(company, team)],
        }


def head(company: Company) -> str:
    """Give how the JSON begins, before the communities."""
    told = {"people": company.people, "seed": company.seed, "until": company.until.isoformat()}
    return json.dumps(told)[:-1] + ', "communities": ['


def _pair(tie: Tie) -> list[str]:
    return [tie.colleague, tie.contact]


def _persons(company: Company, team: Team, who: Identities) -> list[dict[str, Any]]:
    """Tell which records over all CRMs are one person, of those who have several."""
    found: dict[ExternalId, list[tuple[str, Kept]]] = {}
    for crm in CRMS:
        for kept in Part(team, who, crm, company.until).people():
            found.setdefault(kept.person, []).append((crm, kept))
    return [
        {
            "records": [[crm, kept.record.id] for crm, kept in several],
            "by": sorted({kept.by.value for _, kept in several if kept.by}),
        }
        for several in found.values()
        if len(several) > 1
    ]


def _look_alikes(team: Team, who: Identities) -> list[dict[str, Any]]:
    """Tell who could be taken for one person, and is not."""
    one, other = NAMESAKES
    is_near = team.accounts_of[one] == team.accounts_of[other]
    found = [_alike(team, NAMESAKES, "same name and account" if is_near else "same name")]
    if who.desks:
        found.append(_alike(team, (MAILBOX, *who.desks), "shared mailbox"))
    return found


def _alike(team: Team, indices: Iterable[int], why: str) -> dict[str, Any]:
    return {"records": [team.contacts[index] for index in indices], "why": why}


def _accounts_twice(team: int) -> list[dict[str, Any]]:
    if not is_account_twice(team):
        return []
    records = [account_id(team, 0), account_again(team)]
    return [{"records": records, "by": ACCOUNT_FORMS[account_form(team)]}]


def _deal(company: Company, deal: Deal) -> dict[str, Any]:
    outcome = None if deal.stage in OPEN_STAGES else "won" if deal.is_won else "lost"
    return {
        "id": deal.id,
        "account": deal.account_id,
        "owner": deal.owner_id,
        "contacts": [one.person_id for one in deal.contacts],
        "stage": deal.stage,
        "outcome": outcome,
        "amount": deal.amount,
        "opened_days": _days(company, deal, 0),
        "closed_days": _days(company, deal, -1) if outcome else None,
    }


def _days(company: Company, deal: Deal, change: int) -> float:
    return round((company.until - deal.stages[change].at) / timedelta(days=1), 1)
