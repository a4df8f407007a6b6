"""A tie's course: trend and depth, in the points that were shown at the time."""

import numpy as np
import pytest

from app.engine import course, depth, points_ago, score, trend
from tests.engine.histories import DAY, NOBODY, NOW, columns, exchange

COLLEAGUES = np.array([1, 8], dtype=np.int64)


def test_a_trend_is_what_was_gained_since_then():
    history = [*exchange(1, 5, [2]), *exchange(1, 6, [40]), *exchange(8, 5, [3, 33])]
    now = score(columns(history), as_of_s=NOW, colleagues=COLLEAGUES)
    before = score(columns(history), as_of_s=NOW - 30 * DAY, colleagues=COLLEAGUES)
    fresh, faded, _ = trend(columns(history), now, days=30).tolist()
    assert fresh == now.shown[0] > 0
    assert faded == pytest.approx(now.shown[1] - before.shown[0])
    assert faded < 0


def test_depth_is_the_mean_of_four_quarters_ends():
    history = columns([*exchange(1, 2, range(100, 200, 3)), *exchange(3, 4, [1, 2, 3])])
    now = score(history, as_of_s=NOW, colleagues=NOBODY)
    then = [points_ago(history, now, days=days)[0] for days in (90, 180, 270, 360)]
    assert depth(history, now).tolist() == [sum(then) / 4, 0]
    assert then[0] > then[1] > then[2] == 0


def test_a_deep_tie_that_went_quiet_and_a_shallow_one_that_is_busy_are_told_apart():
    old, fresh = exchange(1, 2, range(60, 500, 4)), exchange(3, 4, range(1, 20, 2))
    history = columns([*old, *fresh])
    now = score(history, as_of_s=NOW, colleagues=NOBODY)
    momentum = now.shown - depth(history, now)
    assert momentum[0] < -30
    assert momentum[1] == now.shown[1] > 30


def test_nothing_has_no_course():
    now = score(columns([]), as_of_s=NOW, colleagues=NOBODY)
    assert len(trend(columns([]), now)) == len(depth(columns([]), now)) == 0


def test_the_course_of_one_tie_is_what_all_ties_gave_then():
    history = columns(
        [*exchange(1, 5, range(3, 90, 4)), *exchange(8, 5, [40]), *exchange(1, 6, [2])]
    )
    now = score(history, as_of_s=NOW, colleagues=COLLEAGUES)
    then = [points_ago(history, now, days=days)[0] for days in (0, 30, 60)]
    assert course(history, now, (5, 1), days=(0, 30, 60)) == pytest.approx(then)
    assert course(history, now, (1, 5), days=(400,)) == [0]
