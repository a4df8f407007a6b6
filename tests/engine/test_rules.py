"""The rules about ties: what each fires on, and what it must leave alone."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine import BANDS
from app.engine.recommendations import LONGEST_REASON, names, rule
from tests.engine.companies import (
    ADA,
    CY,
    OPEN,
    OURS,
    advice,
    at_work,
    company,
    involved,
    strong,
    weak,
)
from tests.engine.histories import Event, events, exchange

BO, DI, ED, FAY = 10, 11, 12, 13
TEAM = {BO: 1, DI: 1, ED: 1, FAY: 1}


def test_every_rule_says_what_it_counts_and_when_it_may_come_again():
    rules = [rule(name) for name in names()]
    assert len(rules) == len({one.TITLE for one in rules}) == 9
    assert all(0 < one.WORTH <= 1 for one in rules)
    assert min(one.AGAIN_DAYS for one in rules) >= 30


def test_a_weak_tie_that_opens_a_company_is_nurtured():
    known = company([*at_work(ADA), *weak(ADA, BO, 30)], accounts=TEAM)
    assert known.scores.between(ADA, BO).band == BANDS[1]
    (one,) = advice("nurture", known)
    assert (one.colleague, one.contact, one.evidence["opens"]) == (ADA, BO, 3)


@pytest.mark.parametrize("silent_days", [5, 400])
def test_a_weak_tie_that_was_just_in_touch_or_is_dormant_is_not_nurtured(silent_days: int):
    history = [*at_work(ADA), *weak(ADA, BO, silent_days)]
    assert advice("nurture", company(history, accounts=TEAM)) == []


def test_a_weak_tie_into_a_company_where_all_are_known_is_not_nurtured():
    others = [event for one in (DI, ED, FAY) for event in strong(CY, one)]
    history = [*at_work(ADA), *weak(ADA, BO, 30), *others]
    assert advice("nurture", company(history, accounts=TEAM)) == []


def test_a_weak_tie_that_answered_lately_is_asked_for_a_referral():
    history = [*at_work(ADA), *exchange(ADA, BO, [5, 40, 90])]
    (one,) = advice("referral", company(history))
    assert (one.colleague, one.contact, one.objective) == (ADA, BO, "Ask whom else to talk to.")


def test_a_tie_too_weak_for_a_referral_is_asked_a_question_first():
    history = [*at_work(ADA), *exchange(ADA, BO, [12, 60, 120])]
    (one,) = advice("referral", company(history))
    assert 15 <= one.evidence["alive_percent"] < 35
    assert one.objective == "Ask a question first."


def test_a_tie_that_did_not_answer_lately_is_not_asked_for_a_referral():
    history = [*at_work(ADA), *exchange(ADA, BO, [30, 50, 70]), Event(ADA, BO, 3)]
    assert advice("referral", company(history)) == []


def test_two_who_only_write_are_advised_to_meet():
    (one,) = advice("meet", company([*at_work(ADA), *strong(ADA, BO)]))
    assert (one.colleague, one.contact) == (ADA, BO)


def test_two_who_have_met_are_not_advised_to():
    met = Event(ADA, BO, 100, "meeting", 1, 1800)
    assert advice("meet", company([*at_work(ADA), *strong(ADA, BO), met])) == []


@pytest.mark.parametrize("name", ["meet", "move_up"])
def test_nothing_is_said_of_talks_where_no_calendar_reaches_us(name: str):
    history = [*strong(ADA, BO), *weak(ADA, DI, 5)]
    assert advice(name, company(history)) == []


def test_a_weak_tie_that_answers_mails_may_be_called():
    (one,) = advice("move_up", company([*at_work(ADA), *weak(ADA, BO, 5)]))
    assert (one.contact, one.evidence) == (BO, {"sent": 3, "received": 3, "calls": 0})


def test_who_was_called_already_is_not_to_be_moved_up():
    called = Event(ADA, BO, 60, "call", 1, 120)
    assert advice("move_up", company([*at_work(ADA), *weak(ADA, BO, 5), called])) == []


@given(st.lists(events(people=14), max_size=80))
@settings(max_examples=40)
def test_advice_fits_a_text_field_and_is_always_the_same(history: list[Event]):
    deal = replace(OPEN, involved=involved(*TEAM))
    known: dict[str, Any] = {
        "accounts": TEAM,
        "titles": dict.fromkeys(TEAM, "Director"),
        "deals": [deal],
    }
    first, again = company(history, **known), company(history[::-1], **known)
    found = {name: advice(name, first) for name in names()}
    assert found == {name: advice(name, again) for name in names()}
    for one in (one for rules in found.values() for one in rules):
        assert len(one.reason) <= LONGEST_REASON
        assert 0 <= one.priority <= 1
        assert one.colleague in OURS
        assert one.contact not in OURS
