"""Areas under the curve and lift against known answers and against slow, plain definitions."""

import math

import numpy as np
import pytest

from app.backtest.measures import Area, Estimate, area, auc, less, lift, mean

SEED = 7
TRUTH = np.array([True] * 6 + [False] * 6)
STRANGERS = np.arange(24).reshape(2, 12)


def strangers(truth: np.ndarray, score: np.ndarray) -> Area:
    """Measure pairs that share nobody."""
    a, b = np.arange(2 * len(truth)).reshape(2, len(truth))
    found = area(a, b, truth, score)
    assert found
    return found


def test_a_perfect_ranking_has_one_and_the_reverse_nothing():
    assert auc(TRUTH, np.arange(12.0)[::-1]) == 1
    assert auc(TRUTH, np.arange(12.0)) == 0


def test_random_scores_have_one_half():
    drawn = np.random.default_rng(SEED)
    truth = drawn.random(20_000) < 0.3
    assert auc(truth, drawn.random(20_000)) == pytest.approx(0.5, abs=0.01)


def test_equal_scores_count_half():
    assert auc(TRUTH, np.ones(12)) == 0.5
    assert auc(TRUTH, np.array([1.0] * 6 + [1.0] * 3 + [0.0] * 3)) == 0.75


def test_with_too_few_of_a_kind_nothing_is_said():
    assert math.isnan(auc(np.array([True] * 4 + [False] * 90), np.arange(94.0)))
    assert area(*STRANGERS, TRUTH, np.arange(12.0), fewest=7) is None
    assert mean([]) is None


def test_the_interval_is_the_published_one_where_pairs_share_nobody():
    drawn = np.random.default_rng(SEED)
    truth, score = drawn.random(80) < 0.4, np.round(drawn.random(80), 1)
    wins = (score[truth][:, None] > score[~truth]) + (score[truth][:, None] == score[~truth]) / 2
    came, rest = wins.shape
    sizes = (came - 1) / came**2, (rest - 1) / rest**2
    expected = wins.mean(1).var(ddof=1) * sizes[0] + wins.mean(0).var(ddof=1) * sizes[1]
    found = mean([strangers(truth, score)])
    assert found
    assert found.value == pytest.approx(wins.mean())
    assert found.half == pytest.approx(1.959964 * math.sqrt(expected))


def test_the_interval_holds_the_truth_in_95_of_100_histories():
    drawn = np.random.default_rng(SEED)
    held = 0
    for _ in range(400):
        truth = drawn.random(300) < 0.3
        found = mean([strangers(truth, drawn.normal(size=300) + truth)])
        assert found
        held += found.low <= 0.5 * math.erfc(-0.5) <= found.high
    assert 370 <= held <= 392


def test_asking_about_the_same_pairs_again_makes_nothing_surer():
    score = np.array([0, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6.0])
    one = strangers(TRUTH, score)
    once, again = mean([one]), mean([one, one])
    assert once
    assert again
    assert again.half == pytest.approx(once.half)


def test_pairs_that_share_a_person_who_fares_ill_make_it_less_sure():
    score = np.array([0, 0, 0, 7, 8, 9, 1, 2, 3, 4, 5, 6.0])
    shared = np.array([0, 0, 0, *range(3, 12)])
    alone, together = (mean([area(a, STRANGERS[1], TRUTH, score)]) for a in (STRANGERS[0], shared))
    assert together.half > 1.2 * alone.half


def test_a_ranking_is_no_better_than_itself():
    one = strangers(TRUTH, np.arange(12.0))
    assert mean([less(one, one)]) == Estimate(0, 0, 0)


def test_an_interval_tells_whether_it_is_above_or_below_nothing():
    above, below, neither = Estimate(2, 1, 3), Estimate(-2, -3, -1), Estimate(0, -1, 1)
    assert (above.is_above_0, below.is_above_0, neither.is_above_0) == (True, False, False)
    assert (above.is_below_0, below.is_below_0, neither.is_below_0) == (False, True, False)


def test_lift_is_that_of_the_first_tenth():
    truth = np.arange(100) >= 80
    found = lift(truth, np.arange(100.0))
    assert (found.pairs, found.came, found.times) == (10, 1.0, pytest.approx(5))


def test_equal_scores_at_the_end_of_the_tenth_count_in_part():
    truth = np.arange(100) % 4 == 0
    assert lift(truth, np.zeros(100)).times == pytest.approx(1)
