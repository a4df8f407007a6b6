"""Contributions: the parts of a score sum to it and follow the stated rule."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine import explain, score
from tests.engine.histories import NOBODY, NOW, Event, columns, events, exchange


@settings(max_examples=80)
@given(st.lists(events(people=3), max_size=40))
def test_contributions_sum_to_the_strength_of_every_tie(history: list[Event]):
    interactions = columns(history)
    scores = score(interactions, as_of_s=NOW, colleagues=NOBODY)
    for a, b, strength in zip(scores.ties.a, scores.ties.b, scores.strength, strict=True):
        parts = explain(interactions, scores, (int(b), int(a)))
        assert parts is not None
        assert math.fsum(event.strength for event in parts.events) == pytest.approx(
            strength, rel=1e-9, abs=1e-12
        )


def explained(history: list[Event]):
    interactions = columns(history)
    parts = explain(interactions, score(interactions, as_of_s=NOW, colleagues=NOBODY), (1, 2))
    assert parts is not None
    return parts


def test_the_factors_beside_the_parts_make_the_strength():
    parts = explained([*exchange(1, 2, [2, 9]), *exchange(2, 3, [4]), *exchange(1, 3, [30])])
    product = parts.core * parts.breadth * parts.liveness * (1 + parts.overlap)
    assert parts.overlap == 1
    assert product == pytest.approx(parts.strength, rel=1e-12)


def test_the_two_mails_of_a_day_share_it_by_their_volume():
    first, second = explained([Event(1, 2, 1, recipients=4), Event(1, 2, 1)]).events
    assert second.strength == pytest.approx(2 * first.strength)


def test_a_mail_each_way_on_one_day_contributes_the_same_each_way():
    there, back = explained(exchange(1, 2, [3])).events
    assert (there.source, back.source) == (1, 2)
    assert there.strength == pytest.approx(back.strength)


def test_the_newest_event_comes_first_and_days_and_channels_add_up():
    parts = explained([Event(1, 2, 5), Event(1, 2, 1, "meeting"), Event(2, 1, 5)])
    assert [event.channel for event in parts.events] == ["meeting", "email", "email"]
    assert parts.events[0].source is None
    assert list(parts.by_channel()) == ["email", "meeting"]
    assert sum(parts.by_channel().values()) == pytest.approx(parts.strength)
    assert list(parts.by_day().values()) == pytest.approx(
        [parts.by_channel()["meeting"], parts.by_channel()["email"]]
    )


def test_weeks_begin_on_mondays_and_add_up():
    parts = explained([Event(1, 2, days) for days in range(1, 20)])
    weeks = parts.by_week()
    assert {(monday + 3) % 7 for monday in weeks} == {0}
    assert list(weeks) == sorted(weeks, reverse=True)
    assert math.fsum(weeks.values()) == pytest.approx(parts.strength, rel=1e-9)


def test_a_pair_that_never_met_has_no_contributions():
    interactions = columns([Event(1, 2)])
    scores = score(interactions, as_of_s=NOW, colleagues=NOBODY)
    assert explain(interactions, scores, (1, 3)) is None
