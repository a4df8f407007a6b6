"""Who owes whom, what to do where no route is warm, and how to ask."""

import pytest

from app.engine import Favour, Opening, Route, cheapest_opening, find_routes, owed
from app.engine.favours import HALF_LIFE_DAYS
from app.engine.paths import LEAST_WARM
from app.engine.request import Facts, request_text
from tests.engine.histories import DAY, NOW, Event, exchange
from tests.engine.test_routes import WEEKLY, built

NAMES = {1: "Ada Porter", 2: "Ben Hart", 5: "Cleo Reed", 9: "Dan Ruiz"}


def favour(giver: int, receiver: int, days_ago: float = 0, worth: float = 1) -> Favour:
    return Favour(giver, receiver, NOW - round(days_ago * DAY), worth)


def test_who_received_a_favour_owes_one():
    assert owed([favour(1, 2), favour(3, 1)], person=1, as_of_s=NOW) == {2: 1, 3: -1}


def test_a_favour_counts_for_half_after_its_half_life():
    old = [favour(1, 2, HALF_LIFE_DAYS)]
    assert owed(old, person=1, as_of_s=NOW) == {2: pytest.approx(0.5)}


def test_a_favour_returned_is_quits_only_if_it_is_as_recent():
    both = [favour(1, 2, 10), favour(2, 1, 10)]
    assert owed(both, person=1, as_of_s=NOW) == {2: pytest.approx(0)}
    assert owed([favour(1, 2, 300), favour(2, 1)], person=1, as_of_s=NOW)[2] < 0


def test_favours_of_others_to_come_and_to_oneself_do_not_count():
    others = [favour(2, 3), favour(1, 2, -5), favour(1, 1)]
    assert owed(others, person=1, as_of_s=NOW) == {}


def opening(history: list[Event], target: int = 9) -> Opening:
    found = cheapest_opening(built(history).scores, asker=1, targets=[target])
    assert found is not None
    return found


def test_a_strangers_cheapest_tie_is_the_direct_one():
    found = opening(exchange(2, 8, WEEKLY))
    assert (found.source, found.target, found.present) == (1, 9, 0)


def test_a_tie_that_has_lapsed_is_cheaper_than_one_that_never_was():
    old = [Event(2, 9, 400), *exchange(2, 8, WEEKLY)]
    found = opening(old)
    assert (found.source, found.target, found.goal) == (2, 9, 9)
    assert 0 < found.present < 0.5
    assert found.built >= LEAST_WARM


def test_who_knows_the_target_well_is_worth_getting_to_know():
    history = [*exchange(5, 9, WEEKLY), Event(1, 5, 200), *exchange(2, 8, WEEKLY)]
    found = opening(history)
    assert (found.source, found.target) == (1, 5)


def test_there_is_nothing_to_build_to_nobody():
    assert cheapest_opening(built([]).scores, asker=1, targets=[1]) is None


def route(history: list[Event]) -> Route:
    return find_routes(built(history), asker=1, targets=[9])[0]


def test_a_request_asks_the_introducer_by_name_and_leaves_the_matter_to_the_asker():
    text = request_text(route(exchange(2, 9, WEEKLY)), Facts(NAMES, "Acme", as_of_s=NOW))
    assert text.startswith("Hello Ben Hart,\n\nyou know Dan Ruiz of Acme. Could you introduce me?")
    assert text.endswith("Thank you,\nAda Porter")
    assert "[…]" in text


def test_a_request_over_two_people_asks_for_the_question_to_be_passed_on():
    text = request_text(
        route([*exchange(2, 5, WEEKLY), *exchange(5, 9, WEEKLY)]), Facts(NAMES, as_of_s=NOW)
    )
    assert "you know Cleo Reed, who knows Dan Ruiz. Could you ask them" in text


@pytest.mark.parametrize(
    ("facts", "gain"),
    [
        (
            {"opens": ("Globex", "Initech")},
            "In return I can introduce you to somebody at Globex or",
        ),
        ({"owed": -1.0}, "I have not forgotten"),
        ({}, "I will tell you what comes of it."),
    ],
)
def test_a_request_says_what_is_in_it_for_the_introducer(facts: dict[str, object], gain: str):
    known = Facts(NAMES, as_of_s=NOW, **facts)  # type: ignore[arg-type]
    assert gain in request_text(route(exchange(2, 9, WEEKLY)), known)


def test_a_tie_gone_quiet_is_a_reason_to_introduce_somebody():
    others = [*exchange(2, 8, [1]), *exchange(7, 9, [1])]
    quiet = route([*exchange(2, 9, range(35, 90, 3)), *others])
    assert "with Dan Ruiz again, after 35 days" in request_text(quiet, Facts(NAMES, as_of_s=NOW))


def test_a_debt_of_the_introducers_is_not_mentioned():
    one, other = (
        request_text(route(exchange(2, 9, WEEKLY)), Facts(NAMES, owed=owes, as_of_s=NOW))
        for owes in (0.0, 2.0)
    )
    assert one == other
