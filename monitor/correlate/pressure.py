"""Contact pressure: touches per customer and week, and what complaints do when it rises.

Weekly complaints y_t follow a quasi-Poisson model with log link,

    log E y_t = offset_t + a + b trend_t + c dose(pressure_t),   pressure_t = 2/3 touches_t + 1/3 touches_{t-1}

since complaints answer this week's touches and last week's. `dose` is linear or a hinge max(0, pressure - knot) with
its knot at a quartile of the pressure seen; the four fits are averaged by their quasi-Akaike weights. Standard
errors are the larger of the quasi-Poisson and the Newey-West (1987, two lags) ones. "The line" is the lowest pressure
whose complaint rate is credibly above the rate at the lowest pressure seen.
Sources: Wedderburn (1974), Biometrika 61, 439-447; Muggeo (2003), Statistics in Medicine 22, 3055-3071;
Burnham & Anderson (2002), ch. 2.9 for the weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from monitor.domain.findings import PressureLevel, PressureResult
from monitor.errors import InputError

FloatArray = NDArray[np.float64]

MINIMUM_WEEKS = 26
MINIMUM_COUNT = 30
MINIMUM_SPREAD = 0.2
CURRENT_WEEK_SHARE = 2 / 3
CURVE_POINTS = 9
DRAWS = 4000


@dataclass(frozen=True, slots=True)
class Sends:
    """Touches of one campaign, spread evenly over its days; `end` is inclusive."""

    start: date
    end: date
    touches: float


@dataclass(frozen=True, slots=True)
class DoseFit:
    """One shape of the dose-response.

    Attributes:
        knot: where the hinge starts; None = linear.
        coefficients: intercept, trend, dose.
        covariance: (3, 3) of the coefficients.
        dispersion: Pearson chi-square over its degrees of freedom, at least 1.
        weight: quasi-Akaike weight among the shapes.
    """

    knot: float | None
    coefficients: FloatArray
    covariance: FloatArray
    dispersion: float
    weight: float

    def dose(self, pressure: FloatArray) -> FloatArray:
        """The dose of a pressure, same shape."""
        return pressure if self.knot is None else np.maximum(0.0, pressure - self.knot)


def touches_by_week(sends: Sequence[Sends], weeks: Sequence[date], customers: float) -> FloatArray:
    """Touches per customer in each week.

    Args:
        sends: touches with their days.
        weeks: (T,) Monday of each week.
        customers: customers who could be touched, > 0.

    Returns:
        (T,) touches per customer and week.

    Raises:
        InputError: no customers, a negative number of touches, or an end before its start.
    """
    if not customers > 0:
        raise InputError(
            f"{customers} customers: a number above 0 expected, give the size of the customer base"
        )
    place = {week: index for index, week in enumerate(weeks)}
    touches = np.zeros(len(weeks))
    for send in sends:
        days = (send.end - send.start).days + 1
        if days < 1 or send.touches < 0:
            raise InputError(
                f"a send of {send.touches} from {send.start} to {send.end} is wrong: correct the calendar"
            )
        for offset in range(days):
            day = send.start + timedelta(days=offset)
            index = place.get(day - timedelta(days=day.weekday()))
            if index is not None:
                touches[index] += send.touches / days / customers
    return touches


def smoothed_pressure(touches: FloatArray) -> FloatArray:
    """2/3 of this week's touches and 1/3 of last week's, (T,)."""
    before = np.concatenate([touches[:1], touches[:-1]])
    return CURRENT_WEEK_SHARE * touches + (1 - CURRENT_WEEK_SHARE) * before


def dose_response(
    touches: Sequence[float] | FloatArray,
    counts: Sequence[float] | FloatArray,
    *,
    exposure: Sequence[float] | FloatArray | None = None,
    outcome: str = "marketing complaints",
    seed: int = 0,
) -> PressureResult:
    """How complaints (or unsubscribes) answer contact pressure, and where the line is.

    Args:
        touches: (T,) touches per customer of each collected week, in time order.
        counts: (T,) complaints of the same weeks.
        exposure: (T,) what complaints could come from (posts, delivered mails); None = constant.
        outcome: what was counted, for the report.
        seed: of the draws behind the curve's interval.

    Returns:
        The curve, the line, or "cannot tell" with its reason.

    Raises:
        InputError: lengths differ, or a negative count, touch or exposure.
    """
    pressure, y, offset = _prepared(touches, counts, exposure)
    n, weeks = int(y.sum()), len(y)
    refusal = history_refusal(pressure, y)
    if refusal:
        return PressureResult(outcome, "cannot tell", None, (), None, None, None, None, n, weeks, refusal)
    fits = fit_shapes(pressure, y, offset)
    linear = fits[0]
    quantile, p_value = _one_sided(linear, weeks)
    slope, error = float(linear.coefficients[2]), float(np.sqrt(linear.covariance[2, 2]))
    curve = _curve(fits, pressure, np.random.default_rng(seed))
    line = next((level.touches for level in curve if level.low > 1.0), None) if p_value <= 0.05 else None
    verdict, reason = _verdict(line, slope, quantile * error, outcome)
    middle, low, high = (float(np.exp(slope + sign * quantile * error)) for sign in (0, -1, 1))
    return PressureResult(outcome, verdict, line, curve, middle, low, high, p_value, n, weeks, reason)


def _prepared(
    touches: Sequence[float] | FloatArray,
    counts: Sequence[float] | FloatArray,
    exposure: Sequence[float] | FloatArray | None,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Pressure, counts and log offset, (T,) each."""
    dose, y = np.asarray(touches, dtype=np.float64), np.asarray(counts, dtype=np.float64)
    base = np.ones(len(y)) if exposure is None else np.asarray(exposure, dtype=np.float64)
    if not len(dose) == len(y) == len(base):
        raise InputError(
            f"{len(dose)} touches, {len(y)} counts and {len(base)} exposures: one of each per week expected"
        )
    for name, column in (("touches", dose), ("counts", y), ("exposure", base)):
        wrong = np.flatnonzero(~(np.isfinite(column) & (column >= 0)))
        if len(wrong):
            raise InputError(
                f"{name} of week {wrong[0] + 1} is {column[wrong[0]]}: 0 or more expected, fix the data"
            )
    offset = np.log((base + 0.5) / (base.mean() + 0.5)) if len(base) else base
    return smoothed_pressure(dose), y, offset


def history_refusal(pressure: FloatArray, counts: FloatArray) -> str:
    """Why a history cannot be judged; "" when it can."""
    if len(counts) < MINIMUM_WEEKS:
        weeks = "week" if len(counts) == 1 else "weeks"
        return f"{len(counts)} collected {weeks}, at least {MINIMUM_WEEKS} needed"
    if counts.sum() < MINIMUM_COUNT:
        return f"{int(counts.sum())} complaints, at least {MINIMUM_COUNT} needed"
    spread = float(np.quantile(pressure, 0.9) - np.quantile(pressure, 0.1))
    if spread < MINIMUM_SPREAD:
        return f"pressure varied by only {spread:.2f} touches per customer and week, at least {MINIMUM_SPREAD} needed"
    return ""


def fit_shapes(pressure: FloatArray, counts: FloatArray, offset: FloatArray) -> list[DoseFit]:
    """Fit the linear dose and three hinges; the linear one comes first."""
    knots: list[float | None] = [None, *(float(q) for q in np.quantile(pressure, [0.25, 0.5, 0.75]))]
    trend = np.linspace(-0.5, 0.5, len(counts))
    raw = []
    for knot in knots:
        dose = pressure if knot is None else np.maximum(0.0, pressure - knot)
        design = np.column_stack([np.ones(len(counts)), trend, dose])
        raw.append(quasi_poisson(design, counts, offset))
    scale = min(dispersion for _, _, dispersion, _ in raw)
    deviances = np.array([deviance for *_, deviance in raw]) / scale
    weights = np.exp(-0.5 * (deviances - deviances.min()))
    weights /= weights.sum()
    return [
        DoseFit(knot, coefficients, covariance, dispersion, float(weight))
        for knot, (coefficients, covariance, dispersion, _), weight in zip(knots, raw, weights, strict=True)
    ]


def quasi_poisson(
    design: FloatArray, counts: FloatArray, offset: FloatArray
) -> tuple[FloatArray, FloatArray, float, float]:
    """Quasi-Poisson regression by iteratively reweighted least squares.

    Args:
        design: (T, k) columns, the first one constant.
        counts: (T,) counts.
        offset: (T,) log exposure.

    Returns:
        Coefficients (k,), their covariance (k, k) (the larger of quasi-Poisson and Newey-West, by the trace of the
        last coefficient), the dispersion (at least 1) and the deviance.
    """
    ridge = 1e-8 * np.eye(design.shape[1])
    beta = np.zeros(design.shape[1])
    beta[0] = np.log((counts.sum() + 0.5) / np.exp(offset).sum())
    for _ in range(50):
        mean = np.exp(np.clip(design @ beta + offset, -30, 30))
        step = np.linalg.solve(design.T @ (design * mean[:, None]) + ridge, design.T @ (counts - mean))
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    mean = np.exp(np.clip(design @ beta + offset, -30, 30))
    freedom = max(1, len(counts) - design.shape[1])
    dispersion = max(1.0, float(((counts - mean) ** 2 / mean).sum()) / freedom)
    bread = np.linalg.inv(design.T @ (design * mean[:, None]) + ridge)
    scores = np.asarray(design * (counts - mean)[:, None], dtype=np.float64)
    robust = _newey_west(scores, np.asarray(bread, dtype=np.float64)) * len(counts) / freedom
    covariance = robust if robust[-1, -1] > dispersion * bread[-1, -1] else dispersion * bread
    logs = np.where(counts > 0, counts * np.log(np.maximum(counts, 1) / mean), 0.0)
    return beta, covariance, dispersion, float(2 * (logs - (counts - mean)).sum())


def _newey_west(scores: FloatArray, bread: FloatArray, lags: int = 2) -> FloatArray:
    """Sandwich covariance with Bartlett weights."""
    meat = scores.T @ scores
    for lag in range(1, lags + 1):
        cross = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / (lags + 1)) * (cross + cross.T)
    return np.asarray(bread @ meat @ bread, dtype=np.float64)


def _one_sided(fit: DoseFit, weeks: int) -> tuple[float, float]:
    """97.5 % t quantile and one-sided p of "more pressure, more complaints"."""
    from scipy.special import stdtr, stdtrit

    freedom = weeks - len(fit.coefficients)
    t = float(fit.coefficients[2]) / float(np.sqrt(fit.covariance[2, 2]))
    return float(stdtrit(freedom, 0.975)), float(stdtr(freedom, -t))


def _curve(
    fits: Sequence[DoseFit], pressure: FloatArray, rng: np.random.Generator
) -> tuple[PressureLevel, ...]:
    """Rate ratio against the lowest pressure seen (5 % quantile), with a 95 % interval."""
    low, high = np.quantile(pressure, [0.05, 0.95])
    grid = np.linspace(low, high, CURVE_POINTS)
    logs = []
    for fit, size in zip(fits, rng.multinomial(DRAWS, [fit.weight for fit in fits]), strict=True):
        slopes = rng.normal(fit.coefficients[2], np.sqrt(fit.covariance[2, 2]), size)
        logs.append(slopes[:, None] * (fit.dose(grid) - fit.dose(grid[:1])))
    ratios = np.exp(np.quantile(np.vstack(logs), [0.5, 0.025, 0.975], axis=0))
    return tuple(
        PressureLevel(
            float(touches), float(middle), float(lower), float(upper), int((pressure >= touches).sum())
        )
        for touches, (middle, lower, upper) in zip(grid, ratios.T, strict=True)
    )


def _verdict(line: float | None, slope: float, half: float, outcome: str) -> tuple[str, str]:
    per_touch = f"one more touch per customer and week goes with {np.exp(slope):.2f} × the {outcome} "
    per_touch += f"({np.exp(slope - half):.2f}-{np.exp(slope + half):.2f})"
    if line is not None:
        return (
            "line found",
            f"from {line:.1f} touches per customer and week the rise is credible; {per_touch}",
        )
    if np.exp(slope + half) < 1.5:
        return "no line seen", f"no credible rise within the pressure seen; {per_touch}"
    return "cannot tell", f"the interval is too wide to find a line or to exclude one; {per_touch}"
