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

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.windows import (
    LOG_RATIO_WEIGHTS,
    LOG_RATIOS,
    SPIKE_LOG_RATIOS,
    Windows,
    spike_windows,
)

FloatArray = NDArray[np.float64]
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
        log_factors: (j k, r) log of the factor on each usable day, 0 elsewhere.
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
        base = np.log(size + self.expected[:, None] * level)
        grown = np.log(size[:, None] + self.expected_with[:, :, None] * level[:, None, :])
        tilted = (self.log_factors @ counts).reshape(grown.shape)
        result: FloatArray = tilted - (inside + size)[:, None, :] * (grown - base[:, None, :])
        return result

    def sums(self, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Level shift factor and Y of each window, each (j, s), from counts (r, s)."""
        seen = counts * self.visible[:, None]
        surprise = np.minimum(seen / self.rate[:, None] - self.visible[:, None], LARGEST_SURPRISE)
        level = np.exp(np.clip(self.update @ surprise, -3.0, 3.0))
        return level, self.windows.inside @ seen

    def statistic(self, counts: FloatArray) -> FloatArray:
        """Log of the evidence averaged over windows and sizes; counts (r, s) -> (s,)."""
        terms = self.evidence(counts) + self.log_prior[:, :, None]
        return _log_sum(terms.reshape(-1, counts.shape[1]))


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
    largest = terms.max(axis=0)
    result: FloatArray = largest + np.log(np.exp(terms - largest).sum(axis=0))
    return result


def build_scan(
    prediction: Prediction,
    windows: Windows,
    log_ratios: FloatArray = LOG_RATIOS,
    ratio_weights: FloatArray = LOG_RATIO_WEIGHTS,
) -> Scan:
    """Prepare the evidence of all windows from the prediction of the days at risk.

    Args:
        prediction: r days at risk.
        windows: j candidate windows over the same days; each needs at least one collected day.
        log_ratios, ratio_weights: (k,) effect sizes and their prior weights.
    """
    visible = prediction.visible
    rate = np.exp(prediction.mean + 0.5 * np.diag(prediction.covariance))
    noise = 1.0 / rate + prediction.kappa
    inside = windows.inside * visible
    expected = inside @ rate
    share = inside * rate / expected[:, None]
    update, spread, gained = _window_updates(prediction.covariance, noise, inside, share, visible)
    expected = expected * np.exp(-0.5 * gained)
    spread = spread + prediction.kappa * (share**2).sum(axis=1)
    factors = windows.multipliers(log_ratios)
    expected_with = np.einsum("jr,jkr->jk", share, factors) * expected[:, None]
    log_factors = (np.log(factors) * visible).reshape(-1, visible.size)
    log_prior = np.log(windows.weights)[:, None] + np.log(ratio_weights)[None, :]
    return Scan(
        windows,
        rate,
        visible,
        update,
        expected,
        expected_with,
        1.0 / np.maximum(spread, 1e-6),
        log_factors,
        log_ratios,
        log_prior,
    )


def _window_updates(
    covariance: FloatArray, noise: FloatArray, inside: FloatArray, share: FloatArray, visible: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Best linear prediction of each window's log level from the other days at risk.

    Returns:
        (j, r) weights on the relative deviations, (j,) variance that is left, (j,) variance taken away.
    """
    days = inside.shape[1]
    others = (1.0 - inside) * visible
    system = covariance[None] * others[:, :, None] * others[:, None, :]
    diagonal = np.arange(days)
    system[:, diagonal, diagonal] += np.where(others > 0, noise[None], 1.0)
    cross = (share @ covariance) * others
    update = np.linalg.solve(system, cross[:, :, None])[:, :, 0] * others
    gained = (update * cross).sum(axis=1)
    variance = np.einsum("jr,rs,js->j", share, covariance, share) - gained
    return update, np.maximum(variance, 0.0), gained
