"""Deals: what there is to do, whether the ties fit it, and how much hangs on one person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.deals import Link, Risk, Task, picture, risk_of, stage_order, task_of
from app.engine.worth import worth

OWN = ["Warm", "Warmer", "Hot", "Hotter"]

links = st.lists(
    st.builds(
        Link,
        colleague=st.integers(1, 4),
        contact=st.integers(10, 15),
        points=st.floats(0, 100),
        alive=st.floats(0, 1),
        is_known=st.booleans(),
        is_live=st.booleans(),
    )
)


def link(colleague: int, contact: int, points: float = 80, *, is_live: bool = True) -> Link:
    return Link(colleague, contact, points, points / 100, is_known=True, is_live=is_live)


@pytest.mark.parametrize(
    ("stage", "task"),
    [
        ("Prospecting", Task.FIND),
        ("Qualification", Task.FIND),
        ("Needs Analysis", Task.GAIN),
        ("Decision Maker Bought-In", Task.GAIN),
        ("Value Proposition", Task.GAIN),
        ("Presentation Scheduled", Task.CREATE),
        ("Proposal/Price Quote", Task.CREATE),
        ("Negotiation/Review", Task.CLOSE),
        ("Contract Sent", Task.CLOSE),
    ],
)
def test_a_stage_is_known_by_its_name(stage: str, task: Task):
    assert task_of(stage) is task


def test_a_stage_of_another_name_is_known_by_its_place():
    assert [task_of(stage, OWN) for stage in OWN] == list(Task)
    assert task_of("Never seen", OWN) is Task.FIND


def test_what_an_admin_says_of_a_stage_counts():
    assert task_of("Proposal", chosen={"Proposal": Task.CLOSE}) is Task.CLOSE


def test_stages_are_ordered_as_deals_pass_them():
    histories = [["Warm", "Hot", "Won"], ["Warm", "Warmer", "Hot"], ["Warm", "Lost"]]
    assert stage_order(histories, closed={"Won", "Lost"}) == ("Warm", "Warmer", "Hot")


@pytest.mark.parametrize(
    ("live", "risk"),
    [
        ([], Risk.HIGH),
        ([link(1, 10), link(2, 10)], Risk.HIGH),
        ([link(1, 10), link(2, 11)], Risk.LOW),
        ([link(1, 10), link(1, 11), link(1, 12)], Risk.LOW),
        ([link(1, 10), link(2, 11), link(1, 12)], Risk.NONE),
    ],
)
def test_risk_follows_from_how_many_there_are_on_both_sides(live: list[Link], risk: Risk):
    assert risk_of(live) is risk


def test_weak_ties_into_many_corners_fit_finding_and_a_strong_one_fits_closing():
    wide = [link(1, person, 40) for person in (10, 11, 12)]
    deep = [link(1, 10, 95)]
    chief = {10: 1.0}

    def fit(task: Task, ties: list[Link]) -> int:
        return picture(task, ties, involved=[10], calibres=chief).fit

    assert fit(Task.FIND, wide) > fit(Task.FIND, deep)
    assert fit(Task.CLOSE, deep) > fit(Task.CLOSE, wide)


def test_a_deal_says_what_it_lacks():
    alone = picture(Task.CLOSE, [link(1, 10, 90)], involved=[10, 11, 12], calibres={10: 1.0})
    assert alone.lacks == "ties with the others on the deal"
    assert (alone.threads, alone.risk, alone.coverage) == (1, Risk.HIGH, pytest.approx(1 / 3))
    assert picture(Task.CREATE, [], involved=[], calibres={}).lacks != ""


def test_a_title_that_is_not_known_is_not_nothing():
    assert picture(Task.CLOSE, [link(1, 10)], involved=[10], calibres={}).calibre is None
    assert worth([link(1, 10)], {}).points > 0


def test_who_is_off_the_radar_is_covered_and_is_no_thread():
    faded = picture(Task.GAIN, [link(1, 10, is_live=False)], involved=[10], calibres={10: 1.0})
    assert (faded.threads, faded.coverage, faded.calibre) == (0, 1.0, None)


@given(links, st.sampled_from(Task))
def test_a_fit_is_within_bounds_and_in_no_order(ties: list[Link], task: Task):
    found = picture(task, ties, involved=[10, 11], calibres={10: 0.8})
    again = picture(task, ties[::-1], involved=[11, 10], calibres={10: 0.8})
    assert 0 <= found.fit <= 100
    assert (found.fit, found.lacks, found.threads) == (again.fit, again.lacks, again.threads)


@given(links)
def test_no_live_tie_is_worth_nothing_and_one_more_never_less_in_number(ties: list[Link]):
    found = worth(ties, {10: 0.8})
    more = worth([*ties, link(1, 99)], {10: 0.8})
    assert (found.points == 0) or any(one.is_live for one in ties)
    assert more.number >= found.number


def test_worth_names_the_factor_that_holds_it_back():
    assert worth([], {}).limit == "no live tie"
    assert worth([link(1, 10, 95)], {10: 1.0}).limit == "number of people"
    three = [link(1, person, 95) for person in (10, 11, 12)]
    assert worth(three, {10: 0.4}).limit == "calibre"
    assert "no title" in worth(three, {}).limit
