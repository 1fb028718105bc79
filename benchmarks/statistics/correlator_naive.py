"""The usual methods, on the same inputs as the campaign-effect engine: what it is compared with.

Each takes a world and a series and returns one `Answer` a campaign. Windows are the 14 days from the
campaign's start (the lag is searched where the method searches it).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from monitor.domain.series import SeriesName
from tests.statistics.simulator import World

FloatArray = NDArray[np.float64]
WINDOW = 14
LONGEST_LAG = 7
SHIFTS = 400


@dataclass(frozen=True, slots=True)
class Answer:
    """What one method says about one campaign; None where it says nothing."""

    p_value: float | None
    low: float | None = None
    high: float | None = None
    lag: float | None = None
    likely: bool = False
    detectable: float | None = None


Method = Callable[[World, SeriesName], dict[str, Answer]]


def _starts(world: World) -> list[tuple[str, int]]:
    return [(c.id, (c.start - world.daily.dates[0]).days) for c in world.campaigns]


def best_lag_pearson(world: World, name: SeriesName) -> dict[str, Answer]:
    """What dashboards do: the largest correlation over lags of raw counts with a seven-day indicator."""
    keep = world.daily.collected
    counts = world.daily.counts(name).astype(float)
    answers = {}
    for identifier, start in _starts(world):
        best = (1.0, 0)
        for lag in range(LONGEST_LAG + 1):
            flag = np.zeros(counts.size)
            flag[start + lag : start + lag + 7] = 1.0
            if flag[keep].std() == 0 or counts[keep].std() == 0:
                continue
            found = stats.pearsonr(flag[keep], counts[keep], alternative="greater").pvalue
            best = min(best, (float(found), lag))
        answers[identifier] = Answer(best[0], lag=best[1])
    return answers


def before_after_t_test(world: World, name: SeriesName) -> dict[str, Answer]:
    """Welch's t-test of the 14 days after the start against the 14 days before."""
    counts = np.where(world.daily.collected, world.daily.counts(name), np.nan)
    answers = {}
    for identifier, start in _starts(world):
        before, after = counts[max(start - WINDOW, 0) : start], counts[start : start + WINDOW]
        before, after = before[~np.isnan(before)], after[~np.isnan(after)]
        if before.size < 3 or after.size < 3 or before.std() + after.std() == 0:
            answers[identifier] = Answer(None)
            continue
        p = stats.ttest_ind(after, before, equal_var=False, alternative="greater").pvalue
        error = np.sqrt(after.var(ddof=1) / after.size + before.var(ddof=1) / before.size)
        base = max(float(before.mean()), 0.1)
        ratio = after.mean() / base
        answers[identifier] = Answer(float(p), ratio - 1.96 * error / base, ratio + 1.96 * error / base)
    return answers


def poisson_regression(world: World, name: SeriesName) -> dict[str, Answer]:
    """Poisson regression of the window on weekday and trend, no exposure, no overdispersion."""
    return _regression(world, name, exposure=False, overdispersed=False)


def quasi_poisson_regression(world: World, name: SeriesName) -> dict[str, Answer]:
    """The same with the log of other posts as offset, and a scale for overdispersion."""
    return _regression(world, name, exposure=True, overdispersed=True)


def _regression(world: World, name: SeriesName, *, exposure: bool, overdispersed: bool) -> dict[str, Answer]:
    daily, n = world.daily, len(world.daily.dates)
    keep = daily.collected
    weekday = np.eye(7)[(np.arange(n) + daily.dates[0].weekday()) % 7][:, 1:]
    known = np.zeros((n, len(world.incidents)))
    for column, incident in enumerate(world.incidents):
        first = (incident.start - daily.dates[0]).days
        known[first : first + 3, column] = 1.0
    offset = np.log(daily.total - daily.negative + 1.0) if exposure else np.zeros(n)
    offset = offset - offset[keep].mean()
    counts = daily.counts(name).astype(float)[keep]
    answers = {}
    for identifier, start in _starts(world):
        flag = np.zeros(n)
        flag[start : start + WINDOW] = 1.0
        design = np.column_stack([np.ones(n), weekday, np.linspace(-1, 1, n), known, flag])[keep]
        coefficients, covariance, scale = _fit_poisson(counts, design, offset[keep])
        effect = coefficients[-1]
        error = float(np.sqrt(covariance[-1, -1] * (scale if overdispersed else 1.0)))
        answers[identifier] = Answer(
            float(stats.norm.sf(effect / error)),
            float(np.exp(effect - 1.96 * error)),
            float(np.exp(effect + 1.96 * error)),
        )
    return answers


def _fit_poisson(
    counts: FloatArray, design: FloatArray, offset: FloatArray
) -> tuple[FloatArray, FloatArray, float]:
    ridge = 1e-3 * np.eye(design.shape[1])
    coefficients = np.zeros(design.shape[1])
    coefficients[0] = np.log(counts.mean() + 0.01)
    for _ in range(15):
        mean = np.exp(np.clip(design @ coefficients + offset, -9, 9))
        step = np.linalg.solve(
            (design.T * mean) @ design + ridge, design.T @ (counts - mean) - 1e-3 * coefficients
        )
        coefficients = coefficients + np.clip(step, -2, 2)
    mean = np.exp(np.clip(design @ coefficients + offset, -9, 9))
    scale = max(1.0, float(((counts - mean) ** 2 / mean).sum() / (counts.size - coefficients.size)))
    return coefficients, np.linalg.inv((design.T * mean) @ design + ridge), scale


def circular_shift(world: World, name: SeriesName) -> dict[str, Answer]:
    """The mean of the window among the means at all shifted dates."""
    keep = world.daily.collected.astype(float)
    counts = world.daily.counts(name) * keep
    wrapped, seen = np.concatenate([counts, counts[:WINDOW]]), np.concatenate([keep, keep[:WINDOW]])
    ones = np.ones(WINDOW)
    means = np.convolve(wrapped, ones, "valid") / np.maximum(np.convolve(seen, ones, "valid"), 1.0)
    return {
        identifier: Answer((1 + int((means >= means[start]).sum())) / (1 + means.size))
        for identifier, start in _starts(world)
    }


METHODS: dict[str, Method] = {
    "best-lag Pearson on raw counts": best_lag_pearson,
    "before/after t-test": before_after_t_test,
    "Poisson regression": poisson_regression,
    "quasi-Poisson regression, offset, weekday": quasi_poisson_regression,
    "circular-shift permutation": circular_shift,
}
