"""How rare a count is in the series' own recent past: the tail above a high quantile.

Sub-daily counts (posts per five minutes or hour) burst in ways that no count model foresees, so the series' own tail is
the judge. With x = log(windowed mean + 1), u its 99 % quantile over the last 14 days and s the mean excess above u
(shrunk towards 0.3), the tail is exponential on the log scale:

    evidence = (x - u) / s - log(clusters above u per day)

averaged over short windows, so that -evidence is about the log of the expected number a day of as high values.
Source: Pickands (1975), Annals of Statistics 3, 119-131 (peaks over threshold); Siffer et al. (2017), KDD, for streams.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

HISTORY_DAYS = 14.0
TAIL_QUANTILE = 0.99
PRIOR_SCALE = 0.3
PRIOR_EXCEEDANCES = 30.0
REFRESHES_PER_DAY = 24
WINDOWS = (1, 3, 12)


def tail_evidence(counts: FloatArray, step_days: float, windows: Sequence[int] = WINDOWS) -> FloatArray:
    """Evidence that each count is a spike, from the 14 days before it, (T,), natural log.

    Args:
        counts: (T,) counts in time order; the steps are taken as consecutive.
        step_days: length of a step in days.
        windows: lengths in steps over which counts are averaged before they are judged.
    """
    parts = [_window_evidence(np.log(_trailing_mean(counts, window) + 1), step_days) for window in windows]
    return np.asarray(np.mean(parts, axis=0), dtype=np.float64)


def _trailing_mean(counts: FloatArray, window: int) -> FloatArray:
    total = np.concatenate([[0.0], np.cumsum(counts)])
    after = np.arange(1, len(counts) + 1)
    before = np.maximum(0, after - window)
    return np.asarray((total[after] - total[before]) / (after - before), dtype=np.float64)


def _window_evidence(logs: FloatArray, step_days: float) -> FloatArray:
    """Evidence of one window's log means; the tail is refreshed every hour, from the past only."""
    history = max(2, round(HISTORY_DAYS / step_days))
    refresh = max(1, round(1 / step_days / REFRESHES_PER_DAY))
    steps_per_day = max(1, round(1 / step_days))
    evidence = np.empty(len(logs))
    for start in range(0, len(logs), refresh):
        past = logs[max(0, start - history) : start] if start else logs[:1]
        threshold = float(np.quantile(past, TAIL_QUANTILE))
        above = np.flatnonzero(past > threshold)
        excess = float((past[above] - threshold).sum())
        scale = (excess + PRIOR_EXCEEDANCES * PRIOR_SCALE) / (len(above) + PRIOR_EXCEEDANCES)
        clusters = 1 + int((np.diff(above) > steps_per_day).sum())
        rate = (clusters + 1) / (len(past) / steps_per_day + 2)
        chunk = slice(start, start + refresh)
        evidence[chunk] = (logs[chunk] - threshold) / scale - np.log(rate)
    return evidence
