"""Expected complaints for a planned calendar, and how good such forecasts were.

The forecast is the averaged dose-response of `pressure.py` at the planned pressure, with the trend held at its last
value and the level corrected by the last eight weeks (shrunk), y ~ negative binomial with the fitted dispersion.
It is refused where the history is thin or the plan lies outside the pressure seen. Rolling-origin evaluation:
Tashman (2000), International Journal of Forecasting 16, 437-450.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.pressure import (
    CURRENT_WEEK_SHARE,
    DoseFit,
    fit_shapes,
    history_refusal,
    smoothed_pressure,
)
from monitor.domain.findings import PressureForecast
from monitor.errors import InputError

FloatArray = NDArray[np.float64]

RECENT_WEEKS = 8
LEVEL_PRIOR_COUNT = 20.0
EXTRAPOLATION = 1.2
DRAWS = 2000


@dataclass(frozen=True, slots=True)
class BackTest:
    """Rolling-origin errors of the forecast and of the mean of the last eight weeks.

    Attributes:
        forecasts: forecast weeks.
        refused: origins at which the forecast was refused.
        mean_absolute_error, naive_error: complaints a week.
        coverage: share of weeks inside the 90 % prediction interval.
    """

    forecasts: int
    refused: int
    mean_absolute_error: float | None
    naive_error: float | None
    coverage: float | None


def forecast_complaints(
    touches: Sequence[float] | FloatArray,
    counts: Sequence[float] | FloatArray,
    planned_weeks: Sequence[date],
    planned_touches: Sequence[float] | FloatArray,
    *,
    seed: int = 0,
) -> PressureForecast:
    """Expect complaints of planned weeks from the history.

    Args:
        touches: (T,) touches per customer of each past week, in time order.
        counts: (T,) complaints of the same weeks.
        planned_weeks: (h,) Monday of each planned week, following the history.
        planned_touches: (h,) planned touches per customer and week.
        seed: of the predictive draws.

    Returns:
        Expectation and 90 % prediction interval a week, or a refusal with its reason.

    Raises:
        InputError: lengths differ, or a planned touch is negative.
    """
    past, y = np.asarray(touches, dtype=np.float64), np.asarray(counts, dtype=np.float64)
    plan = np.asarray(planned_touches, dtype=np.float64)
    if len(plan) != len(planned_weeks) or len(past) != len(y):
        raise InputError(
            f"{len(planned_weeks)} planned weeks with {len(plan)} touches, {len(y)} past weeks with {len(past)}: "
            "one number of touches per week expected"
        )
    if len(plan) and not (plan >= 0).all():
        raise InputError(
            f"planned touches {float(plan.min())} are negative: 0 or more expected, fix the calendar"
        )
    weeks = tuple(week.isoformat() for week in planned_weeks)
    reason = _refusal(past, y, plan)
    if reason:
        return PressureForecast(weeks, tuple(plan.tolist()), (), (), (), reason)
    draws = _predict(past, y, plan, np.random.default_rng(seed))
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    expected = draws.mean(axis=0)
    return PressureForecast(
        weeks, tuple(plan.tolist()), tuple(expected.tolist()), tuple(low.tolist()), tuple(high.tolist())
    )


def _refusal(past: FloatArray, counts: FloatArray, plan: FloatArray) -> str:
    pressure = smoothed_pressure(past)
    thin = history_refusal(pressure, counts)
    if thin:
        return thin
    limit = EXTRAPOLATION * float(past.max())
    if len(plan) and plan.max() > limit:
        return f"{plan.max():.1f} touches are planned, but at most {past.max():.1f} were ever seen: no basis to forecast"
    return ""


def _predict(past: FloatArray, counts: FloatArray, plan: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Predictive draws, (DRAWS, h)."""
    pressure = smoothed_pressure(past)
    before = np.concatenate([past[-1:], plan[:-1]]) if len(plan) else plan
    planned = CURRENT_WEEK_SHARE * plan + (1 - CURRENT_WEEK_SHARE) * before
    fits = fit_shapes(pressure, counts, np.zeros(len(counts)))
    parts = []
    for fit, size in zip(fits, rng.multinomial(DRAWS, [fit.weight for fit in fits]), strict=True):
        mean = _means(fit, pressure, counts, planned, rng, int(size))
        spread = max(fit.dispersion - 1, 1e-6)
        # variance = dispersion * mean: a gamma rate with shape mean / (dispersion - 1)
        parts.append(rng.poisson(rng.gamma(mean / spread, spread)))
    return np.vstack(parts).astype(np.float64)


def _means(
    fit: DoseFit,
    pressure: FloatArray,
    counts: FloatArray,
    planned: FloatArray,
    rng: np.random.Generator,
    size: int,
) -> FloatArray:
    """Draws of the expected counts of planned weeks, (size, h)."""
    beta = rng.multivariate_normal(fit.coefficients, fit.covariance, size)
    trend = np.linspace(-0.5, 0.5, len(counts))
    recent = slice(-RECENT_WEEKS, None)
    fitted = np.exp(beta[:, :1] + beta[:, 1:2] * trend[recent] + beta[:, 2:] * fit.dose(pressure)[recent])
    level = (counts[recent].sum() + LEVEL_PRIOR_COUNT) / (fitted.sum(axis=1) + LEVEL_PRIOR_COUNT)
    logs = beta[:, :1] + 0.5 * beta[:, 1:2] + beta[:, 2:] * fit.dose(planned)
    return np.asarray(np.exp(np.clip(logs, -20, 20)) * level[:, None], dtype=np.float64)


def back_test(
    touches: Sequence[float] | FloatArray,
    counts: Sequence[float] | FloatArray,
    *,
    horizon: int = 4,
    step: int = 4,
    seed: int = 0,
) -> BackTest:
    """Forecast `horizon` weeks from every `step`-th week with enough history, and compare with what came.

    Args:
        touches: (T,) touches per customer and week.
        counts: (T,) complaints.
        horizon: weeks ahead.
        step: weeks between origins.
        seed: of the predictive draws.
    """
    past, y = np.asarray(touches, dtype=np.float64), np.asarray(counts, dtype=np.float64)
    errors, naive, inside, refused = [], [], [], 0
    for origin in range(RECENT_WEEKS, len(y) - horizon + 1, step):
        ahead = slice(origin, origin + horizon)
        if _refusal(past[:origin], y[:origin], past[ahead]):
            refused += 1
            continue
        draws = _predict(past[:origin], y[:origin], past[ahead], np.random.default_rng(seed))
        low, high = np.quantile(draws, [0.05, 0.95], axis=0)
        errors += np.abs(draws.mean(axis=0) - y[ahead]).tolist()
        naive += np.abs(y[origin - RECENT_WEEKS : origin].mean() - y[ahead]).tolist()
        inside += ((y[ahead] >= low) & (y[ahead] <= high)).tolist()
    if not errors:
        return BackTest(0, refused, None, None, None)
    return BackTest(len(errors), refused, *(float(np.mean(values)) for values in (errors, naive, inside)))
