"""Strength and what is shown of it: by hand, against a slow reference, and by its properties."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engine import BANDS, BANDWIDTH, CHANNELS, DEFAULT, STATUSES, Scores, Weights, fold, score
from app.engine import strength as tell
from app.engine.interactions import volumes
from app.engine.ties import ONE_WAY, TWO_WAY
from tests.engine.histories import DAY, NOBODY, NOW, Event, columns, events, exchange, reference

histories = st.lists(events(), max_size=40)


def scored(history: Sequence[Event], as_of_s: int = NOW, weights: Weights = DEFAULT) -> Scores:
    return score(columns(history), as_of_s=as_of_s, colleagues=NOBODY, weights=weights)


def strengths(scores: Scores) -> dict[tuple[int, int], float]:
    pairs = zip(scores.ties.a.tolist(), scores.ties.b.tolist(), strict=True)
    return dict(zip(pairs, scores.strength.tolist(), strict=True))


@settings(max_examples=120)
@given(histories)
def test_strength_and_risk_are_those_of_the_published_formula(history: list[Event]):
    scores, expected = scored(history), reference(history)
    assert list(strengths(scores)) == sorted(expected)
    assert list(strengths(scores).values()) == pytest.approx(
        [expected[pair][0] for pair in sorted(expected)], rel=1e-9, abs=1e-15
    )
    assert scores.risk.tolist() == pytest.approx(
        [expected[pair][1] for pair in sorted(expected)], rel=1e-6, abs=1e-9
    )


def test_risk_goes_by_the_core_that_strength_goes_by():
    weights = Weights(smoothing=2.0)
    scores = scored([*exchange(1, 2, [3, 9]), Event(1, 2, 1)], weights=weights)
    ties = scores.ties
    hold = scores.strength * np.sqrt(ties.frequency / tell.core(ties.sums, weights))
    silence = np.log1p(ties.silence_days / ties.gap_days) / 2
    assert scores.risk == pytest.approx(silence - np.log(hold), rel=1e-9)


def test_a_mail_each_way_today_gives_the_number_worked_out_by_hand():
    left = sum(w * 0.5 ** (0.5 / h) for h, w in Weights().kernel)
    expected = np.log(2) * left * np.log(2)
    assert strengths(scored(exchange(1, 2, [0]))) == pytest.approx({(1, 2): expected}, rel=1e-12)


@settings(max_examples=80)
@given(histories, events())
def test_another_contact_never_weakens_a_tie(history: list[Event], another: Event):
    pair = (min(another.source, another.target), max(another.source, another.target))
    before = strengths(scored(history)).get(pair, 0.0)
    assert strengths(scored([*history, another])).get(pair, 0.0) >= before * (1 - 1e-12)


@settings(max_examples=80)
@given(histories, st.integers(0, 400 * DAY))
def test_silence_never_strengthens_a_tie(history: list[Event], seconds: int):
    past = [e for e in history if e.days_ago >= 0]
    now, later = (strengths(scored(past, NOW + wait)) for wait in (0, seconds))
    assert all(later[pair] <= now[pair] * (1 + 1e-12) for pair in now)


@settings(max_examples=40)
@given(histories, histories)
def test_the_scores_of_two_companies_that_never_met_do_not_touch(
    one: list[Event], two: list[Event]
):
    moved = [dataclasses.replace(e, source=e.source + 100, target=e.target + 100) for e in two]
    together, alone = strengths(scored(one + moved)), strengths(scored(one))
    assert {pair: s for pair, s in together.items() if pair[0] < 100} == alone


@settings(max_examples=60)
@given(histories)
def test_every_number_lies_in_its_range(history: list[Event]):
    s = scored(history)
    assert (s.strength >= 0).all()
    for column in (s.importance, s.alive, s.confidence, s.overlap):
        assert ((column >= 0) & (column <= 1 + 1e-12)).all()
    assert ((s.shown >= 0) & (s.shown <= 100)).all()
    assert np.isfinite(s.risk).all()


def test_a_bulk_sender_whom_nobody_answers_is_at_most_weak():
    scores = scored([Event(1, 2, d / 4) for d in range(400)])
    assert scores.strength[0] > 1
    assert BANDS[scores.band[0]] == "weak"


def test_an_answer_lifts_a_bulk_senders_tie_above_weak():
    scores = scored([*[Event(1, 2, d / 4) for d in range(400)], Event(2, 1, 1)])
    assert BANDS[scores.band[0]] == "strong"


def test_a_message_without_direction_counts_as_half_of_one_each_way():
    told = strengths(scored([Event(1, 2), Event(2, 1)]))
    untold = strengths(scored([Event(1, 2, is_directed=False), Event(1, 2, is_directed=False)]))
    assert untold == pytest.approx(told)


@pytest.mark.parametrize(("people", "volume"), [(12, 90 / 12**0.5), (24, 90 / 24**0.5 / 16)])
def test_beyond_a_dozen_people_a_meetings_minutes_lose_their_weight(people: int, volume: float):
    meeting = columns([Event(1, 2, channel="meeting", recipients=people - 1, duration_s=1800)])
    assert volumes(meeting, DEFAULT) == pytest.approx([volume])


@pytest.mark.parametrize(("people", "volume"), [(8, 8**-0.5), (32, 32**-0.5 / 2)])
def test_beyond_eight_recipients_a_message_is_shared_out_among_all(people: int, volume: float):
    assert volumes(columns([Event(1, 2, recipients=people)]), DEFAULT) == pytest.approx([volume])


def test_a_weekly_meeting_of_fifty_counts_less_than_a_weekly_exchange_of_mail():
    weeks = [7 * week + 1 for week in range(20)]
    hall = [Event(1, 2, d, "meeting", 49, 3600) for d in weeks]
    both = strengths(scored([*hall, *exchange(1, 3, weeks)]))
    assert both[1, 2] < both[1, 3] / 4


@pytest.mark.parametrize("channel", ["meeting", "email"])
def test_who_met_in_crowds_only_is_weak_at_most(channel: str):
    crowd = [Event(1, 2, day / 4, channel, 13, 3600, is_directed=False) for day in range(400)]
    scores = scored(crowd)
    assert scores.strength[0] > 1
    assert BANDS[scores.band[0]] == "weak"


def test_points_follow_a_fixed_curve():
    points = tell.shown(np.array([0.0, 1.0, 4.0]), np.full(3, TWO_WAY, dtype=np.int8))
    assert points.tolist() == [0.0, 50.0, 80.0]


def test_points_of_a_one_way_tie_stay_below_moderate():
    points = tell.shown(np.array([0.1, 99.0]), np.full(2, ONE_WAY, dtype=np.int8))
    assert points == pytest.approx([100 / 11, 29.0])


def test_bands_begin_at_their_cuts():
    points = np.array([0.0, 1.9, 2.0, 29.9, 30.0, 59.9, 60.0, 99.0])
    assert tell.band(points).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_what_goes_by_a_band_goes_by_where_an_admin_has_it_begin():
    chosen = Weights(cuts=(1.0, 20.0, 40.0))
    points = tell.shown(np.array([99.0]), np.full(1, ONE_WAY, dtype=np.int8), chosen)
    assert points.tolist() == [19.0]
    assert tell.band(np.array([1.0, 19.9, 20.0, 40.0]), chosen.cuts).tolist() == [1, 1, 2, 3]
    silent = [Event(1 + n % 2, 2 - n % 2, 400 + 2 * n) for n in range(30)]
    (was,) = scored(silent).shown_then
    for strong_from, expected in ((was - 1, True), (was + 1, False)):
        cuts = (1.0, 2.0, float(strong_from))
        assert scored(silent, weights=Weights(cuts=cuts)).is_dormant_strong.tolist() == [expected]


@pytest.mark.parametrize(
    "cuts", [(0.0, 30.0, 60.0), (2.0, 2.5, 60.0), (2.0, 30.0, 30.0), (2.0, 30.0, 100.0)]
)
def test_bands_that_cannot_be_are_refused(cuts: tuple[float, float, float]):
    with pytest.raises(ValueError, match="Bands must begin"):
        Weights(cuts=cuts)


@pytest.mark.parametrize("days", [0.0, -1.0, float("inf"), float("nan")])
def test_half_lives_that_cannot_be_are_refused(days: float):
    with pytest.raises(ValueError, match="half-life"):
        Weights(liveness_half_life_days=days)
    with pytest.raises(ValueError, match="half-life"):
        Weights(kernel=((days, 1.0),))


@pytest.mark.parametrize(
    ("silent_days", "expected"),
    [(13, "active"), (16, "cooling"), (39, "cooling"), (41, "off_radar"), (366, "dormant")],
)
def test_silence_is_measured_against_the_pairs_own_rhythm(silent_days: int, expected: str):
    scores = scored([Event(1, 2, silent_days + 5 * n) for n in range(4)])
    assert STATUSES[scores.status[0]] == expected


def test_a_daily_pair_is_not_off_the_radar_after_ten_days():
    scores = scored([Event(1, 2, 10 + n) for n in range(9)])
    assert STATUSES[scores.status[0]] == "active"


@pytest.mark.parametrize(("silent_days", "expected"), [(300, False), (400, True), (1200, False)])
def test_dormant_strong_was_strong_and_has_been_silent_for_one_to_three_years(
    silent_days: int, expected: bool
):
    scores = scored(exchange(1, 2, [silent_days + n for n in range(20)]))
    assert bool(scores.is_dormant_strong[0]) is expected


def test_strength_then_is_the_strength_on_the_last_day_and_does_not_fade():
    history = [Event(s, 3 - s, d) for d in (50, 54, 61) for s in (1, 2)]
    midnight = (NOW // DAY - 50) * DAY
    on_the_day = [dataclasses.replace(e, days_ago=e.days_ago + 0.5) for e in history]
    expected = scored(on_the_day, midnight).strength
    assert scored(history).strength_then == pytest.approx(expected)
    assert scored(history, NOW + 90 * DAY).strength_then == pytest.approx(expected)


def test_importance_is_the_geometric_mean_of_both_shares():
    history = [Event(1, 2, 0), Event(1, 3, 0), Event(1, 4, 0), Event(2, 4, 0)]
    by_pair = dict(zip(strengths(scored(history)), scored(history).importance, strict=True))
    assert by_pair[1, 2] == pytest.approx((1 / 3 * 1 / 2) ** 0.5)
    assert by_pair[1, 3] == pytest.approx((1 / 3 * 1 / 1) ** 0.5)


def test_confidence_grows_with_active_days():
    assert tell.confidence(np.array([1, 4, 36])).tolist() == [0.2, 0.5, 0.9]


def test_a_meeting_weighs_more_by_bandwidth_than_a_mail():
    mail, meeting = (
        scored([Event(1, 2, is_directed=False, channel=c, duration_s=60)], weights=BANDWIDTH)
        for c in ("email", "meeting")
    )
    assert meeting.strength[0] > mail.strength[0]


@pytest.mark.parametrize("channel", ["sms", "chat", "linkedin", "other"])
def test_a_message_weighs_what_its_channel_does(channel: str):
    half = dict(zip(CHANNELS, DEFAULT.channels, strict=True)) | {channel: 0.5}
    weights = Weights(channels=tuple(half.values()))
    history = columns([Event(1, 2, channel=channel), Event(1, 2)])
    assert volumes(history, weights).tolist() == [0.5, 1]
    assert volumes(history, BANDWIDTH).tolist() == [0.07, 0.07]


@pytest.mark.parametrize(
    "channels", [(1.0,), (1, 2, 3, 1, 1, 1, -1), (1, 2, 3, 1, 1, 1, float("nan"))]
)
def test_weights_that_cannot_be_are_refused(channels: tuple[float, ...]):
    with pytest.raises(ValueError, match=r"channel|one number"):
        Weights(channels=channels)


def test_the_same_input_gives_the_same_bytes():
    rng = np.random.default_rng(5)
    history = [
        Event(int(rng.integers(30)), int(rng.integers(30)), float(rng.uniform(0, 300)))
        for _ in range(600)
    ]
    one, two = scored(history), scored(history[::-1])
    assert one.strength.tobytes() == two.strength.tobytes()
    assert one.importance.tobytes() == two.importance.tobytes()


def test_the_quieter_endpoints_silence_towards_anyone_weighs_a_tie_down():
    history = [Event(1, 2, 30), Event(1, 3, 21)]
    assert tell.liveness(fold(columns(history), as_of_s=NOW)) == pytest.approx(
        [0.5 ** (30 / 21), 0.5]
    )
