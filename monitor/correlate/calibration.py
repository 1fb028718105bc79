"""p-values and detectable sizes from simulated days at risk.

The days at risk of a campaign are hidden and predicted from the rest of the year. Under the null its
counts are a draw from that prediction, so the p-value is the rank of the observed statistic among the
statistics of simulated days: a parametric bootstrap (Davison & Hinkley 1997, chapter 4) that carries the
uncertainty of the level, of its parameters, and of overlapping campaigns' effects. Whatever the
statistic approximates costs power, never size. Small p-values are smoothed with an exponential tail
above the 90th percentile of the simulated statistics.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.overlap import JointFit
from monitor.correlate.series_model import RiskRegion
from monitor.correlate.window_scan import Prediction
from monitor.correlate.windows import LOG_RATIOS

FloatArray = NDArray[np.float64]

TIE = 1e-9
TAIL_SHARE = 0.1
SMALLEST_P = 1e-6
LARGEST_LOG_RATE = 12.0
LOOKED_FOR_RATIOS = np.array([1.4, 2.0, 3.0, 5.0, 9.0])
POWER = 0.8
SIZE = 0.05
POWER_REPLICATES = 80
DRAWN_INCLUSION = 0.05
"""Effects of neighbours less probable than this are too faint to disturb a test."""


@dataclass(frozen=True, slots=True, eq=False)
class NullDays:
    """Simulated days at risk.

    Attributes:
        rates: (r, s) daily rates, noise of single days included.
        counts: (r, s) posts.
    """

    rates: FloatArray
    counts: FloatArray


def simulate_null(
    predictions: Sequence[tuple[float, Prediction]], disturbance: FloatArray, rng: np.random.Generator
) -> NullDays:
    """Draw days at risk from a mixture of predictions.

    Args:
        predictions: predictions of the r days at risk with their probabilities.
        disturbance: (r, s) log effects of other campaigns, minus the mean already in the predictions.
        rng: source of randomness.
    """
    length, replicates = disturbance.shape
    which = rng.choice(len(predictions), size=replicates, p=[weight for weight, _ in predictions])
    normal = rng.standard_normal((length, replicates))
    log_rate = np.empty((length, replicates))
    for index, (_, prediction) in enumerate(predictions):
        chosen = which == index
        root = np.linalg.cholesky(prediction.covariance + 1e-9 * np.eye(length))
        log_rate[:, chosen] = prediction.mean[:, None] + root @ normal[:, chosen]
    kappa = np.array([prediction.kappa for _, prediction in predictions])[which]
    rates = np.exp(np.minimum(log_rate + disturbance, LARGEST_LOG_RATE))
    rates = rates * rng.gamma(1.0 / kappa, kappa, size=rates.shape)
    return NullDays(rates, rng.poisson(rates).astype(float))


def disturbances(
    joint: JointFit, index: int, replicates: int, rng: np.random.Generator, *, without: tuple[int, ...] = ()
) -> FloatArray:
    """(r, s) draws of overlapping campaigns' effects around their posterior mean."""
    region = joint.model.regions[index]
    total = np.zeros((joint.model.usable.size, replicates))
    for other, effect in enumerate(joint.effects):
        neighbour = joint.model.regions[other]
        if (
            other == index
            or other in without
            or effect.inclusion < DRAWN_INCLUSION
            or not region.overlaps(neighbour)
        ):
            continue
        flat = effect.posterior.ravel()
        window, size = np.divmod(rng.choice(flat.size, size=replicates, p=flat / flat.sum()), LOG_RATIOS.size)
        present = rng.random(replicates) < effect.inclusion
        added = np.expm1(LOG_RATIOS[size]) * present
        drawn = np.log1p(neighbour.windows.shape[window] * added[:, None])
        total[neighbour.days] += drawn.T - effect.log_effect[:, None]
    return total[region.days]


def tail_probability(observed: float, simulated: FloatArray) -> float:
    """One-sided p-value of a statistic among simulated ones (s,), smoothed where it is small."""
    reached = int((simulated > observed - TIE).sum())
    p = (1 + reached) / (1 + simulated.size)
    edge = float(np.quantile(simulated, 1 - TAIL_SHARE))
    tail = simulated[simulated > edge] - edge
    if p < TAIL_SHARE / 2 and tail.size >= 10:
        p = TAIL_SHARE * float(np.exp(-(observed - edge) / max(float(tail.mean()), 1e-9)))
    return float(np.clip(p, SMALLEST_P, 1.0))


def minimum_detectable_ratio(
    statistic: Callable[[FloatArray], FloatArray],
    region: RiskRegion,
    null: NullDays,
    simulated: FloatArray,
    rng: np.random.Generator,
) -> float | None:
    """Smallest ratio found at p <= 5 % in 80 of 100 cases, window unknown; None beyond the largest tried.

    Args:
        statistic: of counts (r, s), one value a column.
        region: days at risk and their windows.
        null: simulated days without an effect.
        simulated: (s,) their statistics.
        rng: source of randomness.
    """
    threshold = np.quantile(simulated, 1 - SIZE)
    replicates = min(POWER_REPLICATES, null.rates.shape[1])
    windows = region.windows
    chosen = rng.choice(windows.lags.size, size=replicates, p=windows.weights)
    shape = windows.shape[chosen].T
    base = null.rates[:, :replicates]
    extra = [rng.poisson(base * (ratio - 1.0) * shape) for ratio in LOOKED_FOR_RATIOS]
    mean_ratio = [_mean_ratio(base, shape, ratio) for ratio in LOOKED_FOR_RATIOS]

    def found(index: int) -> float:
        return float((statistic(null.counts[:, :replicates] + extra[index]) > threshold).mean())

    return _crossing(np.log(mean_ratio), found)


def _mean_ratio(base: FloatArray, shape: FloatArray, ratio: float) -> float:
    inside = shape > 0
    raised = (base * (1.0 + (ratio - 1.0) * shape) * inside).sum()
    return float(max(raised, 1e-9) / max(float((base * inside).sum()), 1e-9))


def _crossing(log_ratios: FloatArray, found: Callable[[int], float]) -> float | None:
    """Ratio at which the share found, taken as rising with the ratio, crosses the wanted power: by bisection."""
    shares: dict[int, float] = {-1: 0.0}
    below, upper = -1, len(log_ratios)
    while upper - below > 1:
        middle = (below + upper) // 2
        shares[middle] = found(middle)
        below, upper = (below, middle) if shares[middle] >= POWER else (middle, upper)
    if upper == len(log_ratios):
        return None
    if upper == 0:
        return float(np.exp(log_ratios[0]))
    part = (POWER - shares[below]) / (shares[upper] - shares[below])
    return float(np.exp(log_ratios[below] + part * (log_ratios[upper] - log_ratios[below])))
