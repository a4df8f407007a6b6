"""The rules about open deals: what each fires on, and what it must leave alone."""

from dataclasses import replace

import pytest

from app.engine import Company
from app.engine.recommendations import Advice
from tests.engine.companies import (
    ADA,
    CY,
    OPEN,
    advice,
    at_work,
    company,
    involved,
    strong,
    weak,
)
from tests.engine.histories import Event

BO, DI, ED = 10, 11, 12
AT = {BO: 1, DI: 1, ED: 1}
HEAD = {DI: "Head of Purchasing"}
DEAL = replace(OPEN, involved=involved(BO, DI))


def of(name: str, history: list[Event], **known: object) -> list[Advice]:
    given: dict[str, object] = {"accounts": AT, "deals": [DEAL], **known}
    return advice(name, company([*at_work(ADA), *history], **given))  # type: ignore[arg-type]


def test_the_owner_of_a_deal_is_to_be_introduced_by_whoever_knows_somebody_on_it():
    (one,) = of("introduce", [*at_work(CY), *strong(CY, BO)])
    assert (one.colleague, one.contact, one.deal) == (ADA, BO, DEAL.key)
    assert (one.evidence["introducer"], one.objective) == (CY, "Be introduced.")


def test_where_the_introducer_hardly_knows_them_information_is_asked_for_first():
    (one,) = of("introduce", [*at_work(CY), *weak(CY, BO, 20)])
    assert one.objective == "Ask the introducer about them."
    assert "information first" in one.reason


def test_a_tie_of_yesterday_was_in_touch_one_day_ago():
    (one,) = of("introduce", [*at_work(CY), *strong(CY, BO, silent_days=1)])
    assert "last in touch 1 day ago: " in one.reason


def test_an_owner_who_knows_all_on_a_deal_is_not_to_be_introduced():
    history = [e for one in (BO, DI, ED) for c in (ADA, CY) for e in strong(c, one)]
    assert of("introduce", history) == []


def test_a_closed_deal_needs_no_introduction():
    over = replace(DEAL, is_open=False)
    assert of("introduce", [*at_work(CY), *strong(CY, BO)], deals=[over]) == []


def test_a_deal_that_hangs_on_one_needs_a_second():
    (one,) = of("add_thread", strong(ADA, BO), titles=HEAD)
    assert (one.colleague, one.contact) == (ADA, DI)
    assert one.evidence == {"threads": 1, "on_the_deal": 2, "without_tie": 1}


def test_where_nobody_else_is_known_the_one_is_asked():
    alone = replace(OPEN, involved=involved(BO))
    (one,) = of("add_thread", strong(ADA, BO), accounts={BO: 1}, deals=[alone])
    assert (one.contact, one.objective) == (BO, "Ask who else has a say.")


@pytest.mark.parametrize("history", [[], [*strong(ADA, BO), *weak(CY, ED, 3)]])
def test_a_deal_without_a_live_tie_or_with_two_is_not_short_of_a_second(history: list[Event]):
    assert of("add_thread", history) == []


def test_the_strongest_colleague_takes_over_from_one_who_has_left():
    orphan = replace(DEAL, owner=7)
    (one,) = of("hand_over", [*strong(CY, BO), *weak(ADA, DI, 3)], deals=[orphan], left=[7])
    assert (one.colleague, one.contact, one.evidence["owner_has_left"]) == (CY, BO, 1)


def test_a_deal_whose_owner_was_in_touch_with_nobody_for_a_month_is_taken_over():
    quiet = replace(DEAL, owner=CY)
    (one,) = of("hand_over", [*strong(ADA, DI), *strong(CY, BO, 40)], deals=[quiet])
    assert (one.colleague, one.evidence["owner_has_left"]) == (ADA, 0)
    assert "nobody for 40 days" in one.reason


def test_a_deal_whose_owner_is_there_stays_theirs():
    assert of("hand_over", strong(CY, BO)) == []


def test_who_decides_and_is_known_to_nobody_is_to_be_contacted():
    (one,) = of("kick_start", strong(ADA, BO), titles=HEAD)
    assert (one.colleague, one.contact, one.evidence["calibre_percent"]) == (ADA, DI, 80)


@pytest.mark.parametrize("title", ["Engineer", "Wizard"])
def test_who_does_not_decide_as_far_as_a_title_tells_is_left_alone(title: str):
    assert of("kick_start", strong(ADA, BO), titles={DI: title}) == []


def test_who_has_a_tie_with_one_of_us_needs_no_first_contact():
    assert of("kick_start", [*at_work(CY), *weak(CY, DI, 300)], titles=HEAD) == []


def test_who_can_be_introduced_needs_no_first_contact():
    between = [Event(BO, DI, d, "meeting", 1, 3600) for d in (3, 20, 40)]
    assert of("kick_start", [*strong(ADA, BO), *between], titles=HEAD) == []


def test_deals_of_strangers_are_left_alone():
    known: Company = company(at_work(ADA), deals=[replace(DEAL, owner=None)])
    assert advice("introduce", known) == advice("kick_start", known) == []
