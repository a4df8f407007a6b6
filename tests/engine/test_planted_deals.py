"""Deals of a planted company: those that hang on one person are found, and no others."""

import pytest

from app.demo import company as planted
from app.engine import Company, Deal, Involved
from app.engine.recommendations import rule
from connectors import Deal as Record
from tests.engine.planted import AS_OF_S, DAY_S, Planted, planted_company

RECENT_DAYS = 30


@pytest.fixture(scope="module")
def found() -> Planted:
    return planted_company(400, seed=1)


def known(found: Planted) -> Company:
    """The company as rules see it: deals with the people on them, and not their accounts."""
    world = list(planted.world(found.company))
    deals = [_deal(one, found) for one in world if isinstance(one, Record)]
    return Company(found.scores, deals=tuple(deals))


def _deal(one: Record, found: Planted) -> Deal:
    return Deal(
        key=(1, one.id),
        stage=one.stage,
        is_open=not one.is_closed,
        owner=found.numbers.get(one.owner_id or ""),
        involved=tuple(Involved(found.numbers[c.person_id], c.role) for c in one.contacts),
    )


def in_touch(found: Planted, person: int) -> bool:
    """Whether somebody wrote to one of us, or met one alone, within a month."""
    met = found.interactions
    theirs = (met.source == person) & (met.at_s > AS_OF_S - RECENT_DAYS * DAY_S)
    return bool((theirs & (met.recipients <= 1)).any())


def test_planted_deals_that_hang_on_one_are_advised_and_others_are_not(found: Planted):
    company = known(found)
    on_it = {deal.key: [one.person for one in deal.involved] for deal in company.open_deals}
    advised = {one.deal for one in rule("add_thread").apply(company)}
    alone = {
        key for key, people in on_it.items() if len(people) == 1 and in_touch(found, people[0])
    }
    several = {key for key, people in on_it.items() if sum(in_touch(found, p) for p in people) > 1}
    assert alone
    assert several
    assert alone <= advised
    assert not advised & several
