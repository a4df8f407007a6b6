"""A sales company whose truth is known: records to fill CRMs with, for 100 to 1,000,000 people.

Read `teams` (what is planted), `identities` and `people` (who is who), `exchanges` and `rhythm`
(how it happens), `deals`, `truth` (what is told of it), and `saving` (how it gets into files).
Everything streams: accounts, then people, then deals and activities, team by team, and the same
company gives the same records.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from app.demo.deals import deals
from app.demo.exchanges import CHIEF, NEWSLETTER, activities
from app.demo.identities import identify
from app.demo.people import OURS, Part
from app.demo.teams import Company, plan
from connectors import Person, PersonKind, Record

BEGUN_DAYS = 1600.0


def world(company: Company, crm: str | None = None) -> Iterator[Record]:
    """Give the company's records: accounts, then people, then deals and activities.

    Args:
        company: Which.
        crm: Only what this CRM holds: every colleague, every other team's contacts and accounts,
            and the contacts that both CRMs hold, as duplicates; None for everything once.
    """
    for records in PASSES:
        yield from records(company, crm, range(company.teams))


def accounts(company: Company, crm: str | None, teams: range) -> Iterator[Record]:
    """Give the accounts of some teams."""
    for part in _parts(company, crm, teams):
        yield from part.accounts()


def people(company: Company, crm: str | None, teams: range) -> Iterator[Record]:
    """Give the people of some teams; those of no team come with the first one."""
    if 0 in teams:
        begun, kind = _begun(company), PersonKind.COLLEAGUE
        chief, news = (f"chief@{OURS}",), (f"news@{OURS}",)
        yield Person(CHIEF, kind, "Ada Chief", chief, "CEO", modified_at=begun)
        yield Person(NEWSLETTER, kind, "Our Newsletter", news, modified_at=begun)
    for part in _parts(company, crm, teams):
        yield from (kept.record for kept in part.people())


def happenings(company: Company, crm: str | None, teams: range) -> Iterator[Record]:
    """Give the deals and activities of some teams."""
    for part in _parts(company, crm, teams):
        if part.is_home:
            yield from deals(company, part.team)
        yield from (one for one in activities(company, part) if part.has(one))


Pass = Callable[[Company, str | None, range], Iterator[Record]]
PASSES: tuple[Pass, ...] = (accounts, people, happenings)
"""What a world is made of, in order: each one goes over all teams."""


def _parts(company: Company, crm: str | None, teams: range) -> Iterator[Part]:
    begun = _begun(company)
    for number in teams:
        team = plan(company, number)
        yield Part(team, identify(company, team), crm, begun)


def _begun(company: Company) -> datetime:
    return company.until - timedelta(days=BEGUN_DAYS)
