"""Evidence for an effect in each candidate window, and averaged over all of them.

The rest of the year predicts the level on the days at risk: log rates with mean m and covariance C.
For window j the other days at risk sharpen that prediction by a linear (quasi-likelihood) update, and
the level shared by the days of the window is taken as Gamma distributed with coefficient of variation^2
v_j. With a = 1/v_j, the factor m_t(j, b) of each day, expected posts M, expected posts M(b) under an
effect b, and Y posts in the window,

    log BF_j(b) = sum_t y_t log m_t(j, b) - (Y + a) log((a + M(b)) / (a + M)),

the exact likelihood ratio of Poisson counts with a shared Gamma level: small counts need no normal
approximation. The statistic is the log of the average over windows and effect sizes, against a mixture
of "nothing" and "an unexplained spike of a day or two".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.windows import (
    LOG_RATIO_WEIGHTS,
    LOG_RATIOS,
    SPIKE_LOG_RATIOS,
    Windows,
    log_multipliers,
    spike_windows,
)

FloatArray = NDArray[np.float64]
CHUNK_COLUMNS = 128
"""Simulated series whose statistics are computed together: so many fit the processor's cache."""
LARGEST_SURPRISE = 6.0
"""Relative deviations of single days are cut here before they may move the level of their neighbours."""


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """What the rest of the year says about the days at risk.

    Attributes:
        mean: (r,) mean log rate.
        covariance: (r, r) covariance of the log rate.
        kappa: overdispersion of single days.
        visible: (r,) 1.0 on collected days.
    """

    mean: FloatArray
    covariance: FloatArray
    kappa: float
    visible: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """Precomputed arrays of the evidence of each window: linear in the counts but for logs.

    Attributes:
        windows: the candidate windows.
        rate: (r,) expected posts a day before the update.
        update: (j, r) weights that turn relative deviations into a shift of the window's log level.
        expected: (j,) expected posts in each window before the update.
        expected_with: (j, k) the same under each effect size.
        shape_size: (j,) a = 1 / v.
        log_factors: (j k, r) log of the factor on each day.
        log_ratios: (k,) effect sizes b.
        log_prior: (j, k) log prior weights.
    """

    windows: Windows
    rate: FloatArray
    visible: FloatArray
    update: FloatArray
    expected: FloatArray
    expected_with: FloatArray
    shape_size: FloatArray
    log_factors: FloatArray
    log_ratios: FloatArray
    log_prior: FloatArray

    def evidence(self, counts: FloatArray) -> FloatArray:
        """Log Bayes factor of each window and size; counts (r, s) -> (j, k, s)."""
        level, inside = self.sums(counts)
        size = self.shape_size[:, None]
        result: FloatArray = self.log_factors @ (counts * self.visible[:, None])
        result = result.reshape(*self.expected_with.shape, -1)
        # log((a + M(b) L) / (a + M L)) by one logarithm: 1 + (M(b) - M) L / (a + M L)
        more = (self.expected_with - self.expected[:, None])[:, :, None]
        grown = more * (level / (size + self.expected[:, None] * level))[:, None, :]
        np.log1p(grown, out=grown)
        grown *= (inside + size)[:, None, :]
        result -= grown
        return result

    def sums(self, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Level shift factor and Y of each window, each (j, s), from counts (r, s)."""
        seen = counts * self.visible[:, None]
        surprise = np.minimum(seen / self.rate[:, None] - self.visible[:, None], LARGEST_SURPRISE)
        level = np.exp(np.clip(self.update @ surprise, -3.0, 3.0))
        return level, self.windows.inside @ seen

    def statistic(self, counts: FloatArray) -> FloatArray:
        """Log of the evidence averaged over windows and sizes; counts (r, s) -> (s,)."""
        parts = []
        for first in range(0, counts.shape[1], CHUNK_COLUMNS):
            terms = self.evidence(counts[:, first : first + CHUNK_COLUMNS])
            terms += self.log_prior[:, :, None]
            parts.append(_log_sum(terms.reshape(-1, terms.shape[2])))
        return np.concatenate(parts)


@dataclass(frozen=True, slots=True, eq=False)
class RobustStatistic:
    """Evidence for an effect against a mixture of "nothing" and "an unexplained spike".

    T = log mean BF(effect windows) - log((1 - r) + r mean BF(spike windows)), r = `spike_share`: what a
    spike of a day or three explains as well is no sign of a campaign.
    """

    effect: Scan
    spike: Scan
    spike_share: float

    def __call__(self, counts: FloatArray) -> FloatArray:
        """The statistic (s,) of counts (r, s)."""
        spike = np.log(self.spike_share) + self.spike.statistic(counts)
        result: FloatArray = self.effect.statistic(counts) - np.logaddexp(np.log1p(-self.spike_share), spike)
        return result


def robust_statistic(effect: Scan, prediction: Prediction, spike_share: float) -> RobustStatistic:
    """Pair a scan with the scan of spikes over the same prediction."""
    weights = np.full(SPIKE_LOG_RATIOS.size, 1.0 / SPIKE_LOG_RATIOS.size)
    spike = build_scan(prediction, spike_windows(prediction.visible), SPIKE_LOG_RATIOS, weights)
    return RobustStatistic(effect, spike, spike_share)


def _log_sum(terms: FloatArray) -> FloatArray:
    """Log of the sum of exponentials over the first axis; the terms are overwritten."""
    largest = terms.max(axis=0)
    terms -= largest
    np.exp(terms, out=terms)
    result: FloatArray = largest + np.log(terms.sum(axis=0))
    return result


@dataclass(frozen=True, slots=True, eq=False)
class WindowLevels:
    """What the other days at risk say about the level of each window; j windows, r days.

    Attributes:
        update: (j, r) weights on the relative deviations of the other days.
        expected: (j,) expected posts before the update.
        spread: (j,) variance of the window's log level after it, overdispersion included.
        share: (j, r) share of each day in the window's expected posts.
        rate: (r,) expected posts a day.
    """

    update: FloatArray
    expected: FloatArray
    spread: FloatArray
    share: FloatArray
    rate: FloatArray


def window_levels(prediction: Prediction, windows: Windows) -> WindowLevels:
    """Sharpen the prediction of each window by the days outside it.

    With S = covariance + noise of all days, K its inverse, i the days of a window and o the others, the linear
    prediction of i's log level from o is - inv(K_ii) K_io y_o with covariance inv(K_ii) - noise: one inverse serves
    all windows. Windows of the same days share everything but their shape.

    Args:
        prediction: r days at risk.
        windows: j candidate windows over the same days.
    """
    visible, covariance = prediction.visible, prediction.covariance
    rate = np.exp(prediction.mean + 0.5 * np.diag(covariance))
    noise = 1.0 / rate + prediction.kappa
    layout = _layout(windows, visible.tobytes())
    expected = layout.inside @ rate
    share = layout.inside * rate / expected[:, None]
    system = covariance * np.outer(visible, visible)
    system.flat[:: visible.size + 1] = np.where(visible > 0, np.diag(covariance) + noise, 1.0)
    inverse = np.linalg.inv(system)
    blocks = inverse[layout.rows, layout.columns] * layout.both
    blocks += layout.neither
    own = np.take_along_axis(share, layout.days, axis=1) * layout.kept
    solved = np.linalg.solve(blocks, own[:, :, None])[:, :, 0]
    update = (layout.spread_out(solved) @ inverse) * layout.outside
    variance = np.maximum((own * solved).sum(axis=1) - share**2 @ noise, 0.0)
    gained = np.maximum(((share @ covariance) * share).sum(axis=1) - variance, 0.0)
    spread = variance + prediction.kappa * (share**2).sum(axis=1)
    expected = expected * np.exp(-0.5 * gained)
    same = layout.same
    return WindowLevels(update[same], expected[same], spread[same], share[same], rate)


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    """Where the days of u different windows of at most l days lie among r days at risk.

    Attributes:
        days: (u, l) day at risk of each day of a window; kept: (u, l) whether it is a usable one.
        rows, columns: the same as indices of (u, l, l) blocks of an (r, r) matrix.
        both: (u, l, l) whether row and column are kept; neither: 1.0 on the diagonal where they are not.
        inside: (u, r) 1.0 on the usable days of a window; outside: -1.0 on the other usable days.
        same: (j,) which of the u each of j windows is.
    """

    days: NDArray[np.int64]
    kept: NDArray[np.bool_]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    both: NDArray[np.bool_]
    neither: FloatArray
    inside: FloatArray
    outside: FloatArray
    same: NDArray[np.int64]

    def spread_out(self, values: FloatArray) -> FloatArray:
        """Values (u, l) of each window's days on all days at risk, (u, r)."""
        return _spread_out(values, self.days, self.kept, self.inside.shape[1])


@lru_cache(maxsize=64)
def _layout(windows: Windows, usable: bytes) -> _Layout:
    visible = np.frombuffer(usable)
    keys = 1000 * windows.lags + windows.durations
    _, first, same = np.unique(keys, return_index=True, return_inverse=True)
    lags, durations = windows.lags[first][:, None], windows.durations[first][:, None]
    steps = np.arange(int(durations.max()))
    days = lags + steps
    kept = (steps < durations) & (days < visible.size)
    days = np.minimum(days, visible.size - 1)
    kept &= visible[days] > 0
    inside = _spread_out(np.ones(days.shape), days, kept, visible.size)
    rows, columns = np.broadcast_arrays(days[:, :, None], days[:, None, :])
    both = kept[:, :, None] & kept[:, None, :]
    neither = np.eye(steps.size) * ~kept[:, :, None]
    return _Layout(days, kept, rows, columns, both, neither, inside, (inside - 1.0) * visible, same)


def _spread_out(
    values: FloatArray, days: NDArray[np.int64], kept: NDArray[np.bool_], length: int
) -> FloatArray:
    wide = np.zeros((days.shape[0], length + 1))
    wide[np.arange(days.shape[0])[:, None], np.where(kept, days, length)] = values
    return wide[:, :-1]


def build_scan(
    prediction: Prediction,
    windows: Windows,
    log_ratios: FloatArray = LOG_RATIOS,
    ratio_weights: FloatArray = LOG_RATIO_WEIGHTS,
    levels: WindowLevels | None = None,
) -> Scan:
    """Prepare the evidence of all windows from the prediction of the days at risk.

    Args:
        prediction: r days at risk.
        windows: j candidate windows over the same days; each needs at least one collected day.
        log_ratios, ratio_weights: (k,) effect sizes and their prior weights.
        levels: of the same prediction and windows, when they are known already.
    """
    known = window_levels(prediction, windows) if levels is None else levels
    raised = (known.share * windows.shape).sum(axis=1)
    return Scan(
        windows,
        known.rate,
        prediction.visible,
        known.update,
        known.expected,
        known.expected[:, None] * (1.0 + np.expm1(log_ratios)[None, :] * raised[:, None]),
        1.0 / np.maximum(known.spread, 1e-6),
        log_multipliers(windows, tuple(log_ratios.tolist())),
        log_ratios,
        np.log(windows.weights)[:, None] + np.log(ratio_weights)[None, :],
    )
