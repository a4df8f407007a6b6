"""Weak ties worth an hour: the inverted U, lists of many worlds, and what a tie opens."""

import numpy as np
import pytest

from app.engine import score
from app.engine.topology.positions import Surroundings, positions
from app.engine.topology.weak_ties import A_WEEK, WeakTie, homes, opportunity, weak_ties
from tests.engine.histories import NOW, Event, columns, exchange
from tests.engine.planted import planted_company

ADA, BEA = 1, 2
WEEKLY = list(range(1, 60, 7))


def listed(history: list[Event], accounts: dict[int, str], **more: set[int]) -> list[WeakTie]:
    own = np.array([ADA, BEA], dtype=np.int64)
    found = score(columns(history), as_of_s=NOW, colleagues=own)
    return weak_ties(positions(found), accounts=accounts, **more)


def weakly(contact: int, days_ago: float = 40) -> list[Event]:
    """Contact that makes a weak tie with Ada."""
    return exchange(ADA, contact, [days_ago])


def test_an_opportunity_is_low_where_nobody_is_known_to_both_and_where_too_many_are():
    shared = np.array([0, 1, 10, 20, 40])
    found = opportunity(np.zeros(5), np.full(5, 0.4), shared)
    assert found == pytest.approx([0.2, 0.4, 0.4, 0.2, 0.1])


def test_an_opportunity_grows_with_the_chance_of_an_answer_and_with_news():
    less, more = opportunity(np.array([0.5, 0.0]), np.array([0.5, 0.5]), np.array([2, 2]))
    likely = opportunity(np.array([0.0]), np.array([0.9]), np.array([2]))
    assert less < more < likely[0]


def test_a_weak_tie_opens_the_account_where_nobody_else_is_known():
    base = [*exchange(ADA, BEA, WEEKLY), *exchange(ADA, 10, WEEKLY)]
    accounts = {10: "Acme", 11: "Acme", 12: "Bolt"}
    found = listed([*base, *weakly(11), *weakly(12)], accounts)
    assert {tie.contact: tie.accounts for tie in found} == {11: (), 12: ("Bolt",)}


def test_a_weak_tie_opens_the_community_of_those_its_contact_knows():
    far = [e for one in (21, 22) for e in exchange(20, one, WEEKLY)]
    far += exchange(21, 22, WEEKLY)
    (tie,) = listed([*exchange(ADA, BEA, WEEKLY), *far, *weakly(20)], {21: "Far"})
    assert (tie.colleague, tie.contact, tie.accounts) == (ADA, 20, ("Far",))
    assert len(tie.communities) == 1


def test_strong_ties_one_way_senders_and_machines_are_on_no_list():
    history = [*exchange(ADA, 10, WEEKLY), Event(11, ADA, 20), Event(11, ADA, 15), *weakly(12)]
    assert listed([*exchange(ADA, BEA, WEEKLY), *history], {}, without={12}) == []


def test_a_list_takes_one_of_each_account_before_a_second():
    accounts = dict.fromkeys(range(10, 18), "Acme") | {18: "Bolt", 19: "Core"}
    history = [e for who in accounts for e in weakly(who, 30 + who)]
    found = listed([*exchange(ADA, BEA, WEEKLY), *history], accounts)
    assert len(found) == A_WEEK
    assert {accounts[tie.contact] for tie in found[:3]} == {"Acme", "Bolt", "Core"}
    assert [tie.place for tie in found] == [1, 2, 3, 4, 5]


def test_who_has_no_firm_tie_is_at_home_where_the_strongest_other_one_leads():
    own = np.array([ADA, BEA], dtype=np.int64)
    history = [*exchange(ADA, BEA, WEEKLY), *weakly(12)]
    found = positions(score(columns(history), as_of_s=NOW, colleagues=own))
    assert homes(found)[12] == found.community[found.node(ADA) or 0]


def test_every_list_of_a_company_is_in_order_and_of_weak_ties():
    company = planted_company(400, seed=2)
    found = positions(company.scores, Surroundings(accounts=company.accounts))
    ties = weak_ties(found, accounts=company.accounts)
    weak = {company.scores.seen_by(tie.colleague, tie.row).band for tie in ties}
    assert weak == {"none", "weak"}
    places = [(tie.colleague, tie.place) for tie in ties]
    assert places == sorted(places)
    assert max(place for _, place in places) == A_WEEK
