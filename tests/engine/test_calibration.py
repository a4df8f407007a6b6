"""Calibration: measured by hand, and a curve found again that was planted."""

import numpy as np
import pytest

from app.engine import DEFAULT_CURVE, Bin, Curve, calibration_of, fit_alive
from app.engine.calibration import ENOUGH, fit_curve
from tests.engine.histories import DAY, NOW, Event, columns

PAIRS = 400


def company(alive_share: float, seed: int = 3) -> list[Event]:
    """Pairs that each met two years ago, and of which a share writes to each other every month."""
    rng = np.random.default_rng(seed)
    met = [Event(2 * n, 2 * n + 1, float(rng.uniform(600, 720))) for n in range(PAIRS)]
    months = [
        Event(2 * n + way, 2 * n + 1 - way, 30 * month + float(rng.uniform(0, 29)))
        for n in range(round(alive_share * PAIRS))
        for month in range(19)
        for way in (0, 1)
    ]
    return [*met, *months]


def test_errors_are_those_worked_out_by_hand():
    said = np.array([0.2, 0.2, 0.2, 0.2, 0.8])
    found = calibration_of(said, np.array([True, False, False, False, True]))
    assert (found.ties, found.base_rate) == (5, 0.4)
    assert found.brier == pytest.approx((0.64 + 3 * 0.04 + 0.04) / 5)
    assert found.base_brier == pytest.approx(0.24)


def test_the_calibration_error_is_the_mean_distance_over_ten_bins():
    said, came = np.repeat([0.1, 0.9], 50), np.tile([True, False], 50)
    found = calibration_of(said, came)
    assert found.error == pytest.approx(0.4)
    assert found.bins[0] == Bin(10, pytest.approx(0.1), 0.5)
    assert [one.ties for one in found.bins] == [10] * 10


def test_of_nothing_nothing_is_said():
    found = calibration_of(np.zeros(0), np.zeros(0, dtype=np.bool_))
    assert (found.ties, found.brier, found.base_brier, found.error, found.bins) == (0, 0, 0, 0, ())


def test_a_planted_curve_is_found_again():
    rng = np.random.default_rng(1)
    known = np.stack(
        [np.ones(40_000), rng.normal(-1, 1.5, 40_000), rng.normal(-2, 1, 40_000), np.zeros(40_000)],
        axis=1,
    )
    odds = known @ (0.5, 1.4, 0.6, 0.0)
    found = fit_curve(known, rng.random(40_000) < 1 / (1 + np.exp(-odds)))
    assert (found.level, found.per_strength, found.per_pace) == pytest.approx(
        (0.5, 1.4, 0.6), abs=0.08
    )


def test_a_curve_never_falls_with_strength():
    known = np.stack([np.ones(600), np.linspace(-3, 3, 600), np.zeros(600), np.zeros(600)], axis=1)
    assert fit_curve(known, known[:, 1] < 0).per_strength == 0


def test_a_past_that_is_the_same_for_all_holds_no_surprise():
    known = np.stack([np.ones(500), np.zeros(500), np.zeros(500), np.zeros(500)], axis=1)
    found = fit_curve(known, np.ones(500, dtype=np.bool_))
    assert found.per_strength == DEFAULT_CURVE.per_strength
    assert 2 < found.level < 10


def test_a_company_with_enough_of_a_past_has_a_curve_of_its_own():
    fit = fit_alive(columns(company(0.5)), as_of_s=NOW)
    assert fit.is_own
    assert fit.curve != DEFAULT_CURVE
    assert min(fit.came, fit.lapsed) >= ENOUGH
    assert fit.own is not None
    assert fit.own.brier < fit.default.brier
    assert fit.own.brier < fit.own.base_brier


@pytest.mark.parametrize("history", [[], company(0.0), company(0.04)])
def test_without_enough_of_a_past_the_default_curve_serves(history: list[Event]):
    fit = fit_alive(columns(history), as_of_s=NOW)
    assert (fit.curve, fit.is_own, fit.own) == (DEFAULT_CURVE, False, None)
    assert fit.default.ties == fit.came + fit.lapsed


def test_what_comes_after_the_moment_of_fitting_is_not_looked_at():
    history = company(0.5)
    future = [Event(e.source, e.target, -1) for e in history]
    one, two = (fit_alive(columns(h), as_of_s=NOW) for h in (history, history + future))
    assert one == two


def test_a_curve_is_judged_by_what_it_had_not_seen():
    history = company(0.5)
    silenced = [e for e in history if e.days_ago > 90]
    one, two = (fit_alive(columns(h), as_of_s=NOW) for h in (history, silenced))
    assert one.own is not None
    assert two.own is not None
    assert [b.said for b in one.own.bins] == [b.said for b in two.own.bins]
    assert two.own.base_rate < one.own.base_rate


def test_the_same_past_in_any_order_gives_the_same_fit():
    history = company(0.5)
    one, two = (fit_alive(columns(h), as_of_s=NOW) for h in (history, history[::-1]))
    assert one == two


def test_a_fitted_curve_can_be_recomputed_by_hand():
    curve = fit_alive(columns(company(0.5)), as_of_s=NOW + DAY).curve
    assert curve == Curve(
        *(
            round(number, 4)
            for number in (curve.level, curve.per_strength, curve.per_pace, curve.one_way)
        )
    )
