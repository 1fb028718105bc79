"""Candidate windows of a campaign's unknown effect: lag, duration and shape.

An effect of log size b multiplies the rate of day d of its window by 1 + (exp(b) - 1) z_d; z is 1 on all
days of a flat window and exp(-d / (duration / 2)) in a fading one. The windows are averaged over, never picked
(single-effect regression: Wang, Sarkar, Carbonetto & Stephens 2020, JRSS B 82, 1273-1300).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

LOG_RATIOS = np.log([1.4, 2.1, 3.6, 7.0])
"""Sizes of a harmful effect that the test averages over."""
SPIKE_LENGTHS = (1, 3)
SPIKE_TAIL = np.array([0.6, 0.3])
SPIKE_LOG_RATIOS = np.log([3.0, 6.0])
LOG_RATIO_WEIGHTS = np.array([0.3, 0.35, 0.22, 0.13])


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Candidate windows over the days at risk, counted from the campaign's start.

    Attributes:
        shape: (j, r) z of each window on each day at risk, 0 outside.
        lags: (j,) first day of each window.
        durations: (j,) length in days.
        weights: (j,) prior probabilities, sum 1.
    """

    shape: FloatArray
    lags: NDArray[np.int64]
    durations: NDArray[np.int64]
    weights: FloatArray

    @property
    def inside(self) -> FloatArray:
        """(j, r) 1.0 on the days of each window."""
        return (self.shape > 0).astype(float)

    def multipliers(self, log_ratios: FloatArray) -> FloatArray:
        """(j, k, r) factor on the rate of each day at risk under each window and size."""
        return multipliers(self.shape, log_ratios)

    def keep(self, wanted: NDArray[np.bool_]) -> Windows:
        """The wanted windows, weights scaled to sum 1; the very same object when all are."""
        if wanted.all():
            return self
        weights = self.weights[wanted]
        return Windows(self.shape[wanted], self.lags[wanted], self.durations[wanted], weights / weights.sum())


def multipliers(shape: FloatArray, log_ratios: FloatArray) -> FloatArray:
    """1 + (exp(b) - 1) z for shapes (j, r) and log sizes (k,), as (j, k, r)."""
    result: FloatArray = 1.0 + np.expm1(log_ratios)[None, :, None] * shape[:, None, :]
    return result


@lru_cache(maxsize=256)
def candidate_windows(
    risk_days: int, longest_lag: int, durations: tuple[int, ...], fading: tuple[int, ...]
) -> Windows:
    """All flat windows, and fading ones of the given lengths, that start within the longest lag.

    Windows that reach past the days at risk are cut off there. Kept for the next campaign: never change it.
    """
    shapes, lags, lengths, weights = [], [], [], []
    for kind, choices in (("flat", durations), ("fading", fading)):
        for duration in choices:
            profile = np.ones(duration) if kind == "flat" else np.exp(-np.arange(duration) / (duration / 2))
            for lag in range(longest_lag + 1):
                row = np.zeros(risk_days)
                row[lag : lag + duration] = profile[: max(risk_days - lag, 0)]
                shapes.append(row)
                lags.append(lag)
                lengths.append(duration)
                weights.append(1.0 if kind == "flat" else 0.5)
    scaled = np.array(weights) / np.sum(weights)
    return Windows(np.array(shapes), np.array(lags), np.array(lengths), scaled)


@lru_cache(maxsize=64)
def log_multipliers(windows: Windows, log_ratios: tuple[float, ...]) -> FloatArray:
    """Log of the factor on each day under each window and size, (j k, r); kept, so never change it."""
    result: FloatArray = np.log(windows.multipliers(np.array(log_ratios))).reshape(-1, windows.shape.shape[1])
    return result


def spike_windows(visible: FloatArray) -> Windows:
    """Shapes of unexplained spikes: one or three full days and a short tail, from any day at risk.

    Args:
        visible: (r,) 1.0 on usable days at risk; a spike needs one of them.
    """
    windows = _all_spike_windows(visible.size)
    return windows.keep((windows.inside * visible).sum(axis=1) >= 1)


@lru_cache(maxsize=32)
def _all_spike_windows(risk_days: int) -> Windows:
    shapes, lags, lengths = [], [], []
    for full in SPIKE_LENGTHS:
        profile = np.concatenate([np.ones(full), SPIKE_TAIL])
        for first in range(risk_days):
            row = np.zeros(risk_days)
            row[first : first + profile.size] = profile[: risk_days - first]
            shapes.append(row)
            lags.append(first)
            lengths.append(min(profile.size, risk_days - first))
    return Windows(np.array(shapes), np.array(lags), np.array(lengths), np.ones(len(shapes)) / len(shapes))
