"""Rate ratio, excess posts and lag, averaged over all windows the data allow.

The posterior over windows and log sizes b has a prior that is wide for harm and narrow, but open, for relief: a
campaign may multiply complaints by ten, but seldom halves them. With as wide a prior for relief, the short windows
of a quiet stretch, of which some always hold no post at all, would pull every interval towards nothing. The ratio
of a window is expected posts with the effect over expected posts without, summed over its days: exp(b) when flat.
Where a rival campaign explains the rise about as well, or took part of it, the posterior is a mixture of the
readings, and the interval says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.window_scan import Prediction, WindowLevels, build_scan
from monitor.correlate.windows import Windows

FloatArray = NDArray[np.float64]

FINE_LOG_RATIOS = np.linspace(-2.4, 4.0, 65)
HARM_DEVIATION, RELIEF_DEVIATION = 3.0, 0.5
LEVELS = (0.5, 0.015, 0.985)
"""Median and ends. The posterior takes the other campaigns' effects nearly as found and knows nothing of outages that
nobody recorded, so 97 % of it is what holds 92 % or more of harmful ratios (docs/decisions/0010)."""


@dataclass(frozen=True, slots=True)
class EffectSize:
    """Posterior medians and 95 % intervals; lag and last day are counted from the campaign's start."""

    ratio: float
    low: float
    high: float
    excess: float
    excess_low: float
    excess_high: float


@dataclass(frozen=True, slots=True, eq=False)
class _Cloud:
    weight: FloatArray
    ratio: FloatArray
    excess: FloatArray


def effect_size(
    counts: FloatArray,
    windows: Windows,
    predictions: list[tuple[float, Prediction, WindowLevels]],
) -> EffectSize:
    """Summarise the posterior of ratio and excess.

    Args:
        counts: (r,) posts on the days at risk.
        windows: candidate windows.
        predictions: probability, prediction of the days at risk and levels of the windows, one a hypothesis.
    """
    clouds = [_cloud(counts, windows, *reading) for reading in predictions]
    weight = np.concatenate([cloud.weight for cloud in clouds])
    ratio = _quantiles(np.concatenate([cloud.ratio for cloud in clouds]), weight)
    excess = _quantiles(np.concatenate([cloud.excess for cloud in clouds]), weight)
    return EffectSize(*ratio, *excess)


def _cloud(
    counts: FloatArray, windows: Windows, share: float, prediction: Prediction, levels: WindowLevels
) -> _Cloud:
    deviation = np.where(FINE_LOG_RATIOS > 0, HARM_DEVIATION, RELIEF_DEVIATION)
    prior = np.exp(-0.5 * (FINE_LOG_RATIOS / deviation) ** 2)
    scan = build_scan(prediction, windows, FINE_LOG_RATIOS, prior / prior.sum(), levels)
    terms = scan.evidence(counts[:, None])[:, :, 0] + scan.log_prior
    weight = np.exp(terms - terms.max())
    level, posts = scan.sums(counts[:, None])
    expected = scan.expected[:, None] * level
    expected_with = scan.expected_with * level
    size = scan.shape_size[:, None]
    learned = (size + posts) / (size + expected_with)  # posterior mean of the level shared by the window
    ratio = scan.expected_with / scan.expected[:, None]
    excess = (expected_with - expected) * learned
    return _Cloud(share * weight.ravel() / weight.sum(), ratio.ravel(), excess.ravel())


def _quantiles(values: FloatArray, weight: FloatArray) -> tuple[float, float, float]:
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weight[order])
    middle = cumulative - 0.5 * weight[order]
    found = np.interp(np.array(LEVELS) * cumulative[-1], middle, values[order])
    return float(found[0]), float(found[1]), float(found[2])


def weighted_median(values: NDArray[np.int64], weight: FloatArray) -> int:
    """Smallest value at which the cumulative weight reaches one half."""
    order = np.argsort(values, kind="stable")
    cumulative = np.cumsum(weight[order])
    return int(values[order][np.searchsorted(cumulative, 0.5 * cumulative[-1])])
