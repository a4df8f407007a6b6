"""Alive: the chance by hand and by its properties, and what counts as having come alive."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine import DEFAULT_CURVE, Curve, came_alive, fold, score
from app.engine.alive import ONE_WAY_CHANCE
from tests.engine.histories import DAY, NOBODY, NOW, Event, columns, events, exchange

BEFORE = exchange(1, 2, [3])


def chances(history: list[Event], as_of_s: int = NOW) -> dict[tuple[int, int], float]:
    scores = score(columns(history), as_of_s=as_of_s, colleagues=NOBODY)
    pairs = zip(scores.ties.a.tolist(), scores.ties.b.tolist(), strict=True)
    return dict(zip(pairs, scores.alive.tolist(), strict=True))


def test_pace_is_the_share_of_days_with_contact_to_anyone_recent_days_counting_more():
    ties = fold(columns([Event(1, 2, 0), Event(1, 3, 30), Event(3, 1, 30)]), as_of_s=NOW)
    day = (1 - 0.5 ** (1 / 30)) * 0.5 ** (0.5 / 30)
    assert ties.pace[0] == pytest.approx([1.5 * day, 1.5 * day])
    assert ties.pace[1] == pytest.approx([day, day / 2])


def test_who_is_in_touch_every_day_has_a_pace_of_one():
    ties = fold(columns([Event(1, 2, day) for day in range(800)]), as_of_s=NOW)
    assert ties.pace.ravel() == pytest.approx([1, 1], abs=0.02)
    assert ties.pace.max() <= 1


def test_the_chance_is_the_one_worked_out_by_hand():
    scores = score(columns(BEFORE), as_of_s=NOW, colleagues=NOBODY)
    pace = (1 - 0.5 ** (1 / 30)) * 0.5 ** (3.5 / 30)
    odds = 1.25 + 0.85 * math.log(scores.strength[0] + 0.02) + 0.33 * math.log(pace + 0.01)
    assert scores.alive[0] == pytest.approx(1 / (1 + math.exp(-odds)), rel=1e-12)


def test_the_quieter_of_the_two_sets_the_pace():
    busy = [Event(1, 3, day) for day in range(30)]
    assert chances([*BEFORE, *busy])[1, 2] == chances(BEFORE)[1, 2]


def test_a_curve_of_ones_own_is_used_where_given():
    certain = Curve(level=50, per_strength=1, per_pace=1, one_way=0)
    scores = score(columns(BEFORE), as_of_s=NOW, colleagues=NOBODY, curve=certain)
    assert scores.alive[0] == pytest.approx(1)


def test_the_chance_of_a_one_way_tie_is_limited():
    often = chances([Event(1, 2, day / 4) for day in range(400)])
    once = chances([Event(1, 2, 40)])
    assert once[1, 2] < often[1, 2] == ONE_WAY_CHANCE


@settings(max_examples=60)
@given(st.lists(events(), max_size=30), events())
def test_another_contact_never_lowers_a_chance(history: list[Event], another: Event):
    before, after = chances(history), chances([*history, another])
    pair = (min(another.source, another.target), max(another.source, another.target))
    assert after.get(pair, 0) >= before.get(pair, 0) - 1e-12


@settings(max_examples=60)
@given(st.lists(events(), max_size=30), st.integers(0, 400 * DAY))
def test_silence_never_raises_a_chance(history: list[Event], seconds: int):
    past = [e for e in history if e.days_ago >= 0]
    now, later = chances(past), chances(past, NOW + seconds)
    assert all(later[pair] <= now[pair] + 1e-12 for pair in now)


@pytest.mark.parametrize(
    ("coming", "expected"),
    [
        ([Event(1, 2, -5), Event(2, 1, -9)], True),
        ([Event(1, 2, -5), Event(1, 2, -9)], False),
        ([Event(1, 2, -5, "meeting", 11)], True),
        ([Event(1, 2, -5, "meeting", 12)], False),
        ([Event(1, 2, -5, "call", duration_s=60)], True),
        ([Event(1, 2, -5, "call")], False),
        ([Event(1, 2, -5, is_directed=False), Event(1, 2, -9, is_directed=False)], True),
        ([Event(1, 2, -5, is_directed=False), Event(1, 2, -5, is_directed=False)], False),
        ([Event(1, 2, -5, recipients=9), Event(2, 1, -9)], False),
        ([Event(1, 2, -5), Event(2, 1, -91)], False),
        ([Event(1, 2, 5), Event(2, 1, -5)], False),
        ([Event(1, 3, -5), Event(3, 1, -9)], False),
        ([], False),
    ],
)
def test_a_tie_came_alive_by_personal_contact_both_ways_within_90_days(
    coming: list[Event], expected: bool
):
    ties = fold(columns(BEFORE), as_of_s=NOW)
    assert came_alive(columns([*BEFORE, *coming]), ties).tolist() == [expected]


def test_of_no_ties_none_came_alive():
    assert came_alive(columns([Event(1, 2, -5)]), fold(columns([]), as_of_s=NOW)).tolist() == []


def test_the_default_curve_rises_with_strength_and_pace_and_falls_for_one_way_ties():
    assert min(DEFAULT_CURVE.per_strength, DEFAULT_CURVE.per_pace) > 0 > DEFAULT_CURVE.one_way
