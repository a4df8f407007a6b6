"""Introductions that the records show: who, whom, when, and what is none."""

from app.engine import fold
from app.engine.topology.introductions import Introduction, connector_scores, introductions
from app.engine.topology.positions import positions
from tests.engine.histories import DAY, NOW, Event, columns, exchange
from tests.engine.planted import planted_company

AMY, BEN, CAT, DAN = 1, 2, 8, 9
KNOWN = [*exchange(AMY, BEN, [300, 200]), *exchange(AMY, CAT, [250])]


def meeting(days_ago: float, *people: int) -> list[Event]:
    """Everybody with everybody."""
    size = len(people) - 1
    return [
        Event(a, b, days_ago, "meeting", size, 1800.0)
        for i, a in enumerate(people)
        for b in people[i + 1 :]
    ]


def made(history: list[Event]) -> list[Introduction]:
    met = columns(history)
    return introductions(met, fold(met, as_of_s=NOW))


def test_a_meeting_of_three_and_then_contact_of_two_is_an_introduction():
    found = made([*KNOWN, *meeting(100, AMY, BEN, CAT), Event(BEN, CAT, 90)])
    assert found == [Introduction(AMY, BEN, CAT, NOW - 100 * DAY, 1.0)]


def test_so_is_a_mail_to_two_who_go_on_by_themselves():
    mail = [Event(AMY, BEN, 100, recipients=2), Event(AMY, CAT, 100, recipients=2)]
    (found,) = made([*KNOWN, *mail, Event(CAT, BEN, 71)])
    assert (found.introducer, found.a, found.b) == (AMY, BEN, CAT)


def test_contact_after_more_than_thirty_days_is_by_chance():
    assert made([*KNOWN, *meeting(100, AMY, BEN, CAT), Event(BEN, CAT, 69)]) == []


def test_without_contact_by_themselves_nobody_was_introduced():
    thrice = [*meeting(100, AMY, BEN, CAT), *meeting(90, AMY, BEN, CAT)]
    assert made([*KNOWN, *thrice]) == []


def test_who_had_met_before_is_not_introduced():
    again = [*meeting(100, AMY, BEN, CAT), Event(BEN, CAT, 90)]
    assert made([*KNOWN, Event(CAT, BEN, 150), *again]) == []


def test_who_did_not_know_both_before_introduces_nobody():
    history = [*exchange(AMY, BEN, [300]), *meeting(100, AMY, BEN, CAT), Event(BEN, CAT, 90)]
    assert made(history) == []


def test_in_a_crowd_nobody_introduces_anybody():
    crowd = meeting(100, AMY, BEN, CAT, *range(20, 24))
    assert made([*KNOWN, *crowd, Event(BEN, CAT, 90)]) == []


def test_several_who_knew_both_made_a_part_of_it_each():
    dans = [*exchange(DAN, BEN, [300]), *exchange(DAN, CAT, [250]), *exchange(AMY, DAN, [280])]
    found = made([*KNOWN, *dans, *meeting(100, AMY, BEN, CAT, DAN), Event(BEN, CAT, 90)])
    assert [(one.introducer, one.share) for one in found] == [(AMY, 0.5), (DAN, 0.5)]


def test_only_the_first_time_counts():
    twice = [*meeting(100, AMY, BEN, CAT), *meeting(95, AMY, BEN, CAT), Event(BEN, CAT, 90)]
    assert [one.at_s for one in made([*KNOWN, *twice])] == [NOW - 100 * DAY]


def test_nobody_introduced_anybody_where_nothing_happened():
    assert made([]) == []


def test_the_planted_introductions_are_found_and_make_connectors():
    company = planted_company(400, seed=3)
    found = introductions(company.interactions, company.scores.ties)
    planted = {
        (company.numbers[who], *sorted((company.numbers[colleague], company.numbers[contact])))
        for team in company.communities
        for colleague, contact, who, _ in team["introductions"]
    }
    ours = {(one.introducer, one.a, one.b) for one in found}
    assert len(planted & ours) >= 0.95 * len(planted) > 0
    assert len(planted & ours) >= 0.8 * len(ours)
    places = positions(company.scores)
    count, connects = connector_scores(places, found)
    assert count.sum() == sum(one.share for one in found)
    assert (connects == count * places.worlds).all()
