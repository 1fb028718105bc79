"""Contact pressure: the dose-response against statsmodels and simulated truth, refusals and forecasts."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
import statsmodels.api as sm

from monitor.correlate.pressure import Sends, dose_response, quasi_poisson, smoothed_pressure, touches_by_week
from monitor.correlate.pressure_forecast import back_test, forecast_complaints
from monitor.errors import InputError

MONDAY = date(2025, 1, 6)


def history(
    seed: int, slope: float, weeks: int = 90, base: float = 8.0, knot: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Touches and complaints: a hinge above `knot` touches and an autocorrelated level."""
    rng = np.random.default_rng(seed)
    touches = np.clip(1.3 + rng.normal(0, 0.7, weeks), 0, None)
    level = np.zeros(weeks)
    for week in range(1, weeks):
        level[week] = 0.6 * level[week - 1] + rng.normal(0, 0.15)
    dose = np.maximum(0, smoothed_pressure(touches) - knot)
    return touches, rng.poisson(base * np.exp(slope * dose + level)).astype(float)


def test_touches_are_spread_over_days_and_customers() -> None:
    sends = [Sends(MONDAY, MONDAY + timedelta(days=13), 1400), Sends(MONDAY, MONDAY, 50)]
    weeks = [MONDAY, MONDAY + timedelta(days=7)]
    assert touches_by_week(sends, weeks, customers=100).tolist() == pytest.approx([7.5, 7.0])


@pytest.mark.parametrize(
    ("sends", "customers", "words"),
    [
        ([], 0, "0 customers"),
        ([Sends(MONDAY, MONDAY, -5)], 10, "-5"),
        ([Sends(MONDAY, date(2025, 1, 1), 5)], 10, "correct the calendar"),
    ],
)
def test_wrong_sends_are_named(sends: list[Sends], customers: float, words: str) -> None:
    with pytest.raises(InputError, match=words):
        touches_by_week(sends, [MONDAY], customers)


def test_regression_equals_statsmodels() -> None:
    """Same coefficients and dispersion as a Poisson GLM with Pearson scale."""
    touches, counts = history(1, 0.5)
    design = np.column_stack([np.ones(90), np.linspace(-0.5, 0.5, 90), smoothed_pressure(touches)])
    offset = np.log(np.linspace(1, 2, 90))
    beta, covariance, dispersion, deviance = quasi_poisson(design, counts, offset)
    other = sm.GLM(counts, design, family=sm.families.Poisson(), offset=offset).fit(scale="X2")
    assert beta == pytest.approx(other.params, abs=1e-6)
    assert dispersion == pytest.approx(max(1.0, other.scale), rel=1e-5)
    assert deviance == pytest.approx(other.deviance, rel=1e-5)
    assert covariance[-1, -1] >= 0.999 * other.cov_params()[-1, -1] / min(1.0, other.scale)


def test_newey_west_equals_statsmodels() -> None:
    from monitor.correlate.pressure import _newey_west

    touches, counts = history(2, 0.0)
    design = np.column_stack([np.ones(90), smoothed_pressure(touches)])
    fit = sm.GLM(counts, design, family=sm.families.Poisson()).fit(
        cov_type="HAC", cov_kwds={"maxlags": 2, "use_correction": False}
    )
    bread = np.linalg.inv(design.T @ (design * fit.fittedvalues[:, None]))
    ours = _newey_west(design * (counts - fit.fittedvalues)[:, None], bread)
    assert ours == pytest.approx(fit.cov_params(), rel=1e-4)


def test_without_an_effect_p_is_rarely_small() -> None:
    results = [dose_response(*history(seed, 0.0)) for seed in range(150)]
    small = np.mean([result.p_value is not None and result.p_value <= 0.05 for result in results])
    assert small <= 0.095
    assert np.mean([result.verdict == "line found" for result in results]) <= 0.07


def test_a_strong_effect_has_a_line_above_the_lowest_pressure() -> None:
    results = [dose_response(*history(seed, 0.8)) for seed in range(40)]
    lines = [result.line for result in results if result.line is not None]
    assert len(lines) >= 32
    assert 0.8 <= float(np.median(lines)) <= 2.2
    ratios = [result.curve[-1].rate_ratio for result in results]
    assert float(np.median(ratios)) == pytest.approx(np.exp(0.8 * 1.05), rel=0.35)


def test_curve_intervals_cover_the_truth() -> None:
    covered = []
    for seed in range(100):
        touches, counts = history(seed, 0.4, knot=0.0)
        result = dose_response(touches, counts)
        first, last = result.curve[0], result.curve[-1]
        truth = np.exp(0.4 * (last.touches - first.touches))
        covered.append(last.low <= truth <= last.high)
    assert np.mean(covered) >= 0.86


@pytest.mark.parametrize(
    ("touches", "counts", "words"),
    [
        ([1.0, 2.0] * 10, [5.0] * 20, "20 collected weeks"),
        ([1.0, 2.0] * 20, [0.0] * 40, "0 complaints"),
        ([1.0] * 40, [5.0] * 40, "varied by only"),
        ([], [], "0 collected weeks"),
    ],
)
def test_thin_history_cannot_tell(touches: list[float], counts: list[float], words: str) -> None:
    result = dose_response(touches, counts)
    assert result.verdict == "cannot tell"
    assert words in result.reason
    assert result.p_value is None


def test_negative_counts_are_an_error() -> None:
    with pytest.raises(InputError, match=r"counts of week 2 is -1\.0"):
        dose_response([1.0, 2.0], [1.0, -1.0])


def test_forecast_follows_the_plan_and_keeps_its_interval() -> None:
    touches, counts = history(5, 0.8)
    weeks = [MONDAY + timedelta(weeks=90 + index) for index in range(2)]
    calm = forecast_complaints(touches, counts, weeks, [0.5, 0.5])
    busy = forecast_complaints(touches, counts, weeks, [2.5, 2.5])
    assert busy.expected[1] > 1.5 * calm.expected[1]
    assert calm.low[0] <= calm.expected[0] <= calm.high[0]
    assert calm == forecast_complaints(touches, counts, weeks, [0.5, 0.5])


def test_forecast_beyond_the_pressure_seen_is_refused() -> None:
    touches, counts = history(6, 0.3)
    forecast = forecast_complaints(touches, counts, [MONDAY], [20.0])
    assert forecast.expected == ()
    assert "no basis to forecast" in forecast.reason


def test_forecast_of_thin_history_is_refused() -> None:
    assert "collected weeks" in forecast_complaints([1.0] * 5, [1.0] * 5, [MONDAY], [1.0]).reason


def test_back_test_beats_the_recent_mean_where_pressure_matters() -> None:
    tests = [back_test(*history(seed, 1.0)) for seed in range(12)]
    ours = np.mean([test.mean_absolute_error for test in tests])
    naive = np.mean([test.naive_error for test in tests])
    assert ours < naive
    assert 0.8 <= np.mean([test.coverage for test in tests]) <= 0.98


def test_back_test_of_a_short_history_refuses() -> None:
    test = back_test([1.0] * 12, [2.0] * 12)
    assert (test.forecasts, test.mean_absolute_error) == (0, None)
    assert test.refused > 0
