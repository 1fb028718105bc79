"""Spikes of a count series, each step judged from its past alone.

For every trailing window of 1 to 14 days and every outbreak size r in (1.5, 2, 3, 5) the evidence is the ratio of
two negative-binomial likelihoods of the window's sum S, "rate times r" against "rate as expected":

    log LR = (k + S) log((k + M) / (k + r M)) + S log r,     1/k = 1/a + phi / w

with M the window's expected sum and a the level's gamma shape, both as they stood *before* the window. The score
averages the likelihood ratios over windows and sizes, for an outbreak of unknown shape, onset and size, and its log
over a slow and a fast level. The alarm threshold comes from the yearly budget.
Sources: Kulldorff (2001), JRSS A 164, 61-72, for prospective scans; Pollak & Siegmund (1975), Annals of Statistics 3,
1267-1280, for mixtures of likelihood ratios.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import log

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.baseline import Baseline, BaselineOptions, FloatArray, filter_baseline
from monitor.correlate.tail import tail_evidence
from monitor.domain.findings import DetectionPoint
from monitor.errors import InputError

OUTBREAK_RATIOS = (1.5, 2.0, 3.0, 5.0)
DAILY_WINDOWS = (1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 14.0)
SUB_DAILY_WINDOWS = (1 / 24, 0.125, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 7.0)
SUB_DAILY_STEP = 0.5
DAY_DISPERSION = 0.15
MINIMUM_HISTORY_DAYS = (28.0, 7.0, 2.0)
"""No alarm before: daily, hourly and shorter steps."""
QUIET_DAYS = 7.0
SUB_DAILY_QUIET_DAYS = 1.0
DAMPED = 0.1
TAIL_STEP = 0.9 / 24
"""Steps shorter than this (in days) are judged by the series' own tail."""
SUB_DAILY_PENALTY = 2.2
"""Hourly steps look at their windows more often than once a day."""
RATIO_AT_ONE_A_DAY = -5.3
RATIO_PER_LOG_RATE = 1.45
"""In harmless worlds about exp(-(log LR + 5.3) / 1.45) incidents a day reach a log likelihood ratio."""


@dataclass(frozen=True, slots=True)
class DetectorOptions:
    """Constants of the detector.

    Attributes:
        baseline: constants of the level, rhythm and exposure.
        fast_discount_per_day: discount of a second, faster level whose evidence is averaged with the first one's.
        quiet_days: an incident is over after this many days below the threshold; None = 7 for daily counts and 1
            for shorter steps.
        minimum_history_days: no alarm before; None = 28 for daily counts, 7 for hours, 2 below an hour.
    """

    baseline: BaselineOptions = field(default_factory=BaselineOptions)
    fast_discount_per_day: float = 0.95
    quiet_days: float | None = None
    minimum_history_days: float | None = None

    def minimum_days(self, step_days: float) -> float:
        """Days without alarms at the start of a series."""
        daily, hourly, shorter = MINIMUM_HISTORY_DAYS
        usual = daily if step_days >= SUB_DAILY_STEP else hourly if step_days >= TAIL_STEP else shorter
        return usual if self.minimum_history_days is None else self.minimum_history_days

    def quiet_steps(self, step_days: float) -> int:
        """Steps below the threshold that end an incident."""
        usual = QUIET_DAYS if step_days >= SUB_DAILY_STEP else SUB_DAILY_QUIET_DAYS
        return max(1, round((usual if self.quiet_days is None else self.quiet_days) / step_days))


@dataclass(frozen=True, slots=True)
class _Grid:
    """Times of a sorted series on a regular grid."""

    steps: NDArray[np.int64]
    weekdays: NDArray[np.int64]
    hours: NDArray[np.int64]
    step_days: float


def detect(
    values: Sequence[float] | FloatArray,
    timestamps: Sequence[datetime],
    *,
    exposure: Sequence[float] | FloatArray | None = None,
    budget_per_year: float = 4.0,
    completeness: Sequence[float] = (),
    options: DetectorOptions | None = None,
) -> list[DetectionPoint]:
    """Judge each count of a series from earlier counts only.

    Args:
        values: (T,) counts, >= 0, in any order; leave steps out that were not collected.
        timestamps: (T,) start of each step, all different, all with or all without zone.
        exposure: (T,) all posts of the step, the counted ones included; None when unknown.
        budget_per_year: alarms a year that the user is willing to look at, > 0.
        completeness: share of a step's final count that is known 0, 1, 2, ... days after it (reporting delay);
            applies to the last steps of the series. Empty = everything is in.
        options: constants.

    Returns:
        (T,) points in the order of the input.

    Raises:
        InputError: lengths differ, a count is negative or not finite, a timestamp comes twice, the exposure is
            smaller than the count, or the budget is not positive.
    """
    options = options or DetectorOptions()
    counts = np.asarray(values, dtype=np.float64)
    total = None if exposure is None else np.asarray(exposure, dtype=np.float64)
    _check(counts, timestamps, total, budget_per_year)
    if not len(counts):
        return []
    order = sorted(range(len(counts)), key=lambda index: timestamps[index])
    moments = [timestamps[index] for index in order]
    counts = counts[order]
    grid = _grid(moments)
    activity = None if total is None else total[order] - counts
    known = _known(grid, completeness)
    slow, fast = (
        _baseline(counts, grid, activity, known, rates)
        for rates in (
            options.baseline,
            replace(options.baseline, discount_per_day=options.fast_discount_per_day),
        )
    )
    evidence = _evidence(counts, grid, slow, fast)
    points = _points(counts, moments, slow, evidence, grid, threshold(budget_per_year), options)
    restored: list[DetectionPoint] = [points[0]] * len(points)
    for point, index in zip(points, order, strict=True):
        restored[index] = point
    return restored


def threshold(budget_per_year: float) -> float:
    """Evidence at which an incident begins: minus the log of the alarms a day that the budget allows."""
    return log(365.25 / budget_per_year)


def _baseline(
    counts: FloatArray,
    grid: _Grid,
    activity: FloatArray | None,
    known: FloatArray | None,
    options: BaselineOptions,
) -> Baseline:
    return filter_baseline(
        counts,
        grid.steps,
        grid.weekdays,
        grid.hours,
        grid.step_days,
        activity=activity,
        known=known,
        options=options,
    )


def _evidence(counts: FloatArray, grid: _Grid, slow: Baseline, fast: Baseline) -> FloatArray:
    """Minus the log of the number a day of as strong signs in a harmless series, (T,).

    The mean over a slow and a fast level: the fast one follows a wandering mood, the slow one does not learn a
    creeping outbreak.
    """
    if grid.step_days < TAIL_STEP:
        return tail_evidence(counts, grid.step_days)
    ratios = 0.5 * (spike_evidence(counts, grid, slow) + spike_evidence(counts, grid, fast))
    evidence = (ratios - RATIO_AT_ONE_A_DAY) / RATIO_PER_LOG_RATE
    return evidence - SUB_DAILY_PENALTY if grid.step_days < SUB_DAILY_STEP else evidence


def window_steps(step_days: float) -> tuple[int, ...]:
    """Window lengths in steps: 1-14 days for daily data, 1 hour to 7 days below."""
    windows = DAILY_WINDOWS if step_days >= SUB_DAILY_STEP else SUB_DAILY_WINDOWS
    return tuple(sorted({max(1, round(days / step_days)) for days in windows}))


def spike_evidence(counts: FloatArray, grid: _Grid, baseline: Baseline) -> FloatArray:
    """Log of the mean likelihood ratio over windows and outbreak sizes, (T,), natural log."""
    total = np.concatenate([[0.0], np.cumsum(counts)])
    expected_units = np.concatenate([[0.0], np.cumsum(baseline.multiplier)])
    here = np.arange(len(counts))
    logs = []
    for window in window_steps(grid.step_days):
        first = np.searchsorted(grid.steps, grid.steps - window, side="right")
        seen = total[here + 1] - total[first]
        mean = (
            baseline.shape[first] / baseline.rate[first] * (expected_units[here + 1] - expected_units[first])
        )
        # noise of steps averages out over a window, but never below what whole days keep
        dispersion = baseline.dispersion / (here - first + 1)
        if grid.step_days < SUB_DAILY_STEP:
            dispersion = np.maximum(dispersion, DAY_DISPERSION / max(1.0, window * grid.step_days))
        size = 1 / (1 / baseline.shape[first] + dispersion)
        logs += [
            (size + seen) * np.log((size + mean) / (size + ratio * mean)) + seen * log(ratio)
            for ratio in OUTBREAK_RATIOS
        ]
    return np.asarray(np.logaddexp.reduce(np.array(logs), axis=0) - log(len(logs)), dtype=np.float64)


def _points(
    counts: FloatArray,
    moments: Sequence[datetime],
    baseline: Baseline,
    evidence: FloatArray,
    grid: _Grid,
    limit: float,
    options: DetectorOptions,
) -> list[DetectionPoint]:
    scores = _scores(evidence, limit, grid, options)
    alarms, incidents = _incidents(evidence, limit, grid, options)
    low, high = predictive_interval(baseline)
    return [
        DetectionPoint(*row)
        for row in zip(
            moments,
            counts.tolist(),
            baseline.expected.tolist(),
            low.tolist(),
            high.tolist(),
            scores.tolist(),
            alarms,
            incidents,
            strict=True,
        )
    ]


def predictive_interval(baseline: Baseline, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Equal-tailed predictive interval of each count, (T,) and (T,).

    The gamma mixture of Poissons is negative binomial: size 1/(1/shape + dispersion), mean `expected`.
    """
    size = 1 / (1 / baseline.shape + baseline.dispersion)
    chance = size / (size + baseline.expected)
    tail = (1 - level) / 2
    return negative_binomial_quantile(tail, size, chance), negative_binomial_quantile(1 - tail, size, chance)


def negative_binomial_quantile(share: float, size: FloatArray, chance: FloatArray) -> FloatArray:
    """Smallest count whose distribution function reaches `share`, (T,).

    P(X <= k) = I_chance(size, k + 1), the regularised incomplete beta function. As scipy.stats.nbinom.ppf,
    without scipy.stats, whose import takes longer than the rest of a report's statistics.

    Args:
        share: 0..1.
        size: (T,) successes, > 0, not necessarily whole.
        chance: (T,) chance of a success, 0..1.
    """
    from scipy.special import betainc, nbdtrik

    found = np.nan_to_num(np.ceil(nbdtrik(share, size, chance)), nan=0.0).clip(0.0)
    one_less = (found - 1).clip(0.0)
    found = np.where(betainc(size, one_less + 1, chance) >= share, one_less, found)
    found = np.where(betainc(size, found + 1, chance) < share, found + 1, found)
    return np.asarray(found, dtype=np.float64)


def _scores(evidence: FloatArray, limit: float, grid: _Grid, options: DetectorOptions) -> FloatArray:
    """0..1, 0.5 at the threshold; steps that add nothing to the incident's peak so far are damped."""
    soft = np.logaddexp(0.0, evidence)
    scores = np.asarray(soft / (soft + np.logaddexp(0.0, limit)), dtype=np.float64)
    early = (grid.steps - grid.steps[0]) * grid.step_days < options.minimum_days(grid.step_days)
    quiet = options.quiet_steps(grid.step_days)
    peaks: list[int] = []  # indices of decreasing scores within the quiet time
    damped = scores.copy()
    for index, score in enumerate(scores.tolist()):
        while peaks and grid.steps[index] - grid.steps[peaks[0]] > quiet:
            peaks.pop(0)
        if early[index] or (peaks and scores[peaks[0]] >= score):
            damped[index] = score * DAMPED
        while peaks and scores[peaks[-1]] <= score:
            peaks.pop()
        peaks.append(index)
    return damped


def _incidents(
    evidence: FloatArray, limit: float, grid: _Grid, options: DetectorOptions
) -> tuple[list[bool], list[bool]]:
    """The step each incident begins on, and the steps it lasts."""
    quiet = options.quiet_steps(grid.step_days)
    last_above = -float("inf")
    alarms, inside = [], []
    for step, value in zip((grid.steps - grid.steps[0]).tolist(), evidence.tolist(), strict=True):
        above = value >= limit and step * grid.step_days >= options.minimum_days(grid.step_days)
        alarms.append(above and step - last_above > quiet)
        last_above = step if above else last_above
        inside.append(step - last_above <= quiet)
    return alarms, inside


def _known(grid: _Grid, completeness: Sequence[float]) -> FloatArray | None:
    """(T,) share of each step's posts that is in already; None when all are."""
    if not len(completeness):
        return None
    shares = np.asarray(completeness, dtype=np.float64)
    if not ((shares > 0) & (shares <= 1)).all():
        raise InputError(f"completeness {list(completeness)} is wrong: shares above 0 and up to 1 expected")
    age = ((grid.steps[-1] - grid.steps) * grid.step_days).astype(np.int64)
    share = np.where(age < len(shares), shares[np.minimum(age, len(shares) - 1)], 1.0)
    return np.asarray(share, dtype=np.float64)


def _grid(moments: Sequence[datetime]) -> _Grid:
    """Positions on a regular grid whose step is the median distance."""
    days = np.array([(moment - moments[0]) / timedelta(days=1) for moment in moments])
    step = float(np.median(np.diff(days))) if len(days) > 1 else 1.0
    rounded = np.rint(days / step).astype(np.int64)
    # off-grid times that round to the same place keep their order
    shifted = np.maximum.accumulate(rounded - np.arange(len(rounded))) + np.arange(len(rounded))
    return _Grid(
        shifted,
        np.array([moment.weekday() for moment in moments]),
        np.array([moment.hour for moment in moments]),
        step,
    )


def _check(
    counts: FloatArray, timestamps: Sequence[datetime], total: FloatArray | None, budget_per_year: float
) -> None:
    if len(counts) != len(timestamps) or (total is not None and len(total) != len(counts)):
        raise InputError(
            f"{len(counts)} values, {len(timestamps)} timestamps and {len(counts) if total is None else len(total)} "
            "exposures: one of each per step expected"
        )
    if not budget_per_year > 0:
        raise InputError(
            f"an alarm budget of {budget_per_year} a year is wrong: give a number above 0, such as 4"
        )
    bad = np.flatnonzero(~(np.isfinite(counts) & (counts >= 0)))
    if len(bad):
        raise InputError(
            f"the value at {timestamps[bad[0]]} is {counts[bad[0]]}: a count of 0 or more expected, leave the row "
            "out if the day was not collected"
        )
    if len(set(timestamps)) != len(timestamps):
        twice = next(
            moment for moment, after in zip(*_sorted_pairs(timestamps), strict=True) if moment == after
        )
        raise InputError(f"the time {twice} comes twice: one row per step expected, add the counts up")
    if total is not None and (~(total >= counts)).any():
        where = int(np.flatnonzero(~(total >= counts))[0])
        raise InputError(
            f"at {timestamps[where]} the total is {total[where]} but the count {counts[where]}: the total includes it"
        )


def _sorted_pairs(timestamps: Sequence[datetime]) -> tuple[list[datetime], list[datetime]]:
    ordered = sorted(timestamps)
    return ordered[:-1], ordered[1:]
