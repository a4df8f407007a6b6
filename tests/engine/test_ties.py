"""Ties: what a fold keeps, and what it does with bad input."""

import math
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine import Interactions, Weights, fold
from app.engine.ties import NEVER, ONE_WAY, TWO_WAY, UNKNOWN
from tests.engine.histories import DAY, NOW, Event, columns, events, exchange


def test_a_tie_counts_each_way_apart_and_keeps_its_first_and_last_contact():
    ties = fold(columns([Event(7, 3, 10), Event(3, 7, 4), Event(7, 3, 2)]), as_of_s=NOW)
    assert (ties.a.tolist(), ties.b.tolist()) == ([3], [7])
    assert ties.contacts[:, 0].tolist() == [1, 2, 0]
    assert (ties.first_s[0], ties.last_s[0]) == (NOW - 10 * DAY, NOW - 2 * DAY)
    assert ties.last_each_s[:, 0].tolist() == [NOW - 4 * DAY, NOW - 2 * DAY, NEVER]


def test_ties_are_sorted_by_pair():
    ties = fold(columns([Event(9, 1), Event(5, 2), Event(1, 4)]), as_of_s=NOW)
    assert list(zip(ties.a.tolist(), ties.b.tolist(), strict=True)) == [(1, 4), (1, 9), (2, 5)]


def test_a_day_sum_is_the_logarithm_of_the_days_volume_and_decays():
    ties = fold(columns([Event(1, 2, 0.25), Event(1, 2, 0.25, recipients=4)]), as_of_s=NOW)
    left = sum(w * 0.5 ** (0.5 / h) for h, w in Weights().kernel)
    assert ties.sums[:, 0] == pytest.approx([math.log(1 + 1 + 1 / 2) * left, 0, 0], rel=1e-12)


def test_the_kernel_follows_its_power_law_within_a_sixth_for_a_year():
    age = np.linspace(0, 365, 1000)
    ratio = Weights().decay(age) * (1 + age / 3)
    assert np.abs(ratio - 1).max() < 1 / 6


def test_weeks_in_touch_count_covered_days_once_and_old_ones_a_quarter():
    ties = fold(columns([Event(1, 2, 10), Event(1, 2, 8), Event(1, 2, 400)]), as_of_s=NOW)
    assert ties.weeks[0] == pytest.approx(2 / 7 + 1 + 0.25)
    assert ties.weeks_then[0] == ties.weeks[0]


def test_the_rhythm_is_the_geometric_mean_of_the_gaps_between_active_days():
    ties = fold(columns([Event(1, 2, d) for d in (40, 40, 36, 35, 33)]), as_of_s=NOW)
    assert ties.gap_days[0] == pytest.approx((4 * 1 * 2) ** (1 / 3))
    assert ties.active_days[0] == 4


def test_one_active_day_has_no_rhythm():
    assert math.isnan(fold(columns([Event(1, 2)]), as_of_s=NOW).gap_days[0])


def test_what_is_no_contact_is_left_out_and_counted():
    history = [Event(1, 1), Event(1, 2, -0.1), Event(1, 2, -3_000_000), Event(1, 3)]
    ties = fold(columns(history), as_of_s=NOW)
    assert (len(ties), ties.ignored.with_oneself, ties.ignored.in_the_future) == (1, 1, 2)


def test_a_contact_in_year_one_is_old_and_nothing_else():
    ties = fold(columns([Event(1, 2, 700_000), Event(2, 1, 1)]), as_of_s=NOW)
    assert np.isfinite(ties.sums).all()
    assert ties.active_days[0] == 2


def test_recipients_below_one_are_one():
    odd, even = (fold(columns([Event(1, 2, recipients=n)]), as_of_s=NOW) for n in (-4, 1))
    assert odd.sums.tobytes() == even.sums.tobytes()


@pytest.mark.parametrize("duration_s", [-60.0, math.nan, math.inf, 0.0])
def test_a_length_that_cannot_be_is_not_known(duration_s: float):
    odd = fold(columns([Event(1, 2, channel="meeting", duration_s=duration_s)]), as_of_s=NOW)
    half_an_hour = Event(1, 2, channel="meeting", duration_s=1800)
    assert odd.sums.tobytes() == fold(columns([half_an_hour]), as_of_s=NOW).sums.tobytes()


def test_an_unknown_channel_weighs_as_other():
    known = columns([Event(1, 2, channel="other")])
    odd = Interactions(
        known.source,
        known.target,
        known.at_s,
        np.array([99], dtype=np.int8),
        known.recipients,
        known.duration_s,
        known.is_directed,
    )
    sums = fold(known, as_of_s=NOW).sums
    assert fold(odd, as_of_s=NOW).sums.tobytes() == sums.tobytes()


def test_columns_of_different_length_are_refused():
    known = columns([Event(1, 2)])
    with pytest.raises(ValueError, match="same length"):
        Interactions(
            known.source,
            known.target,
            known.at_s[:0],
            known.channel,
            known.recipients,
            known.duration_s,
            known.is_directed,
        )


def test_a_meeting_carries_no_direction():
    ties = fold(columns([Event(1, 2, channel="meeting", is_directed=True)]), as_of_s=NOW)
    assert ties.contacts[:, 0].tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([Event(1, 2), Event(1, 2, 9)], ONE_WAY),
        ([Event(1, 2), Event(2, 1, 9)], TWO_WAY),
        ([Event(1, 2, is_directed=False)], UNKNOWN),
        ([Event(1, 2), Event(1, 2, is_directed=False)], UNKNOWN),
        ([Event(1, 2, channel="meeting")], TWO_WAY),
        ([Event(1, 2, channel="call")], ONE_WAY),
        ([Event(1, 2, channel="call", duration_s=90)], TWO_WAY),
    ],
)
def test_two_way_is_said_only_where_the_records_tell(history: list[Event], expected: int):
    assert fold(columns(history), as_of_s=NOW).two_way[0] == expected


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (exchange(1, 2, [10, 50, 90]), True),
        (exchange(1, 2, [10, 50]), False),
        ([Event(1, 2, d) for d in range(1, 20)], False),
        (exchange(1, 2, [400, 410, 420]), False),
        ([Event(1, 2, d, "meeting", 11) for d in (3, 9)], True),
        ([Event(1, 2, d, "meeting", 12) for d in (3, 9)], False),
        ([Event(s, 3 - s, d, "email", 9) for d in range(9) for s in (1, 2)], False),
    ],
)
def test_a_tie_is_regular_by_small_and_mutual_contact_within_a_year(
    history: list[Event], expected: bool
):
    assert bool(fold(columns(history), as_of_s=NOW).is_regular[0]) is expected


def test_no_interactions_make_no_ties():
    assert len(fold(columns([]), as_of_s=NOW)) == 0


def test_a_pair_is_found_in_either_order_and_a_stranger_is_not():
    ties = fold(columns([Event(1, 2), Event(1, 5), Event(4, 3)]), as_of_s=NOW)
    assert [ties.find(5, 1), ties.find(3, 4), ties.find(2, 5), ties.find(9, 9)] == [
        1,
        2,
        None,
        None,
    ]


@settings(max_examples=60)
@given(st.lists(events(), max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_interactions_leaves_no_trace(history: list[Event], random: Random):
    shuffled = random.sample(history, len(history))
    one, two = (fold(columns(h), as_of_s=NOW) for h in (history, shuffled))
    names = [name for name in one.__slots__ if name not in {"as_of_s", "ignored"}]
    assert [getattr(one, n).tobytes() for n in names] == [getattr(two, n).tobytes() for n in names]


def test_rounding_does_not_depend_on_the_order_of_a_busy_day():
    busy = [Event(1, 2, 1, recipients=1 + n % 8) for n in range(500)]
    one, two = (fold(columns(history), as_of_s=NOW) for history in (busy, busy[::-1]))
    assert one.sums.tobytes() == two.sums.tobytes()
    assert one.small_volume.tobytes() == two.small_volume.tobytes()


def test_talks_are_told_by_kind_without_those_of_a_crowd():
    hour = [Event(1, 2, d, "meeting", 1, 3600) for d in (1, 2)]
    crowd, spoke = Event(1, 2, 3, "meeting", 40, 3600), Event(1, 2, 4, "call", 1, 60)
    ties = fold(columns([*hour, crowd, spoke, Event(1, 2, 5, "call")]), as_of_s=NOW)
    assert (ties.meetings.tolist(), ties.calls.tolist()) == ([2], [1])
