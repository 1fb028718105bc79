"""Short bursts that no calendar explains: found in passes, the strongest first, and set aside.

A hidden outage lasts a day or three. At every start s and length 1 to 4 the counts are compared with what
their neighbours predict (leave-window-out from one smooth fit): with g the score and C the posterior
covariance of the log rate, the prediction is eta - C g on the window, and the evidence for a burst is the
likelihood ratio of Poisson counts around a Gamma level (see `window_scan`), averaged over burst sizes.
The strongest bursts, ten days apart, are hidden and the level fitted again, until none is convincing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.latent_level import LevelFit, LevelPrior, Regression, fit_level

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

BURST_LENGTHS = (1, 2, 3, 4)
BURST_LOG_RATIOS = np.log([2.0, 3.0, 4.5, 7.0])
CONVINCING = np.log(50.0)
MOST_PASSES = 8
DAYS_APART = 10
AFTERMATH_DAYS = 3
TYPICAL_PRIOR = LevelPrior(rho=0.9, sigma=0.3, kappa=0.05)


def unexplained_days(
    regression: Regression,
    collected: BoolArray,
    *,
    offset: FloatArray | None = None,
    prior: LevelPrior = TYPICAL_PRIOR,
) -> BoolArray:
    """Mark the days of bursts that neither the design nor a smooth level explains.

    Args:
        regression: counts (n,) and fixed part.
        collected: (n,) days with data.
        offset: (n,) known log effects, None = none.
        prior: the smoothness a level is granted before it counts as a burst.

    Returns:
        (n,) True on days to set aside (a burst and the days after it that are still raised).
    """
    n = collected.size
    known = np.zeros(n) if offset is None else offset
    burst = np.zeros(n, dtype=bool)
    fit: LevelFit | None = None
    for _ in range(MOST_PASSES):
        visible = collected & ~burst
        fit = fit_level(regression, prior, visible, known, start=fit)
        found = _strongest_bursts(regression.counts, visible, fit)
        for first, length in found:
            burst[first : first + length] = True
            _extend(burst, first + length, regression.counts, fit)
        if not found:
            break
    return burst


def _extend(burst: BoolArray, day: int, counts: FloatArray, fit: LevelFit) -> None:
    """Hide up to three raised days after a burst: it fades."""
    for after in range(day, min(day + AFTERMATH_DAYS, burst.size)):
        rate = float(np.exp(fit.log_rate[after]))
        if counts[after] <= rate + np.sqrt(rate):
            return
        burst[after] = True


def _strongest_bursts(counts: FloatArray, visible: BoolArray, fit: LevelFit) -> list[tuple[int, int]]:
    """(first day, length) of the convincing bursts, the strongest first, at least ten days apart."""
    chosen: list[tuple[int, int]] = []
    for _, start, length in sorted(_convincing_bursts(counts, visible, fit), reverse=True):
        if all(abs(start - other) >= DAYS_APART for other, _ in chosen):
            chosen.append((start, length))
    return chosen


def _convincing_bursts(counts: FloatArray, visible: BoolArray, fit: LevelFit) -> list[tuple[float, int, int]]:
    """(evidence, first day, length) of the convincing bursts."""
    rate = np.exp(fit.log_rate)
    score = np.where(visible, (counts - rate) / (1.0 + fit.prior.kappa * rate), 0.0)
    candidates: list[tuple[float, int, int]] = []
    for length in BURST_LENGTHS:
        if length > counts.size:
            break
        days = np.arange(counts.size - length + 1)[:, None] + np.arange(length)
        block = fit.neighbour_covariances(length)
        seen = visible[days]
        predicted = np.exp(fit.log_rate[days] - np.einsum("sij,sj->si", block, score[days])) * seen
        expected = np.maximum(predicted.sum(axis=1), 1e-3)
        share = predicted / expected[:, None]
        spread = np.einsum("si,sij,sj->s", share, block, share) + fit.prior.kappa * (share**2).sum(axis=1)
        evidence = _burst_evidence((counts[days] * seen).sum(axis=1), expected, spread)
        strong = np.flatnonzero((evidence > CONVINCING) & seen.all(axis=1))
        candidates += [(float(evidence[start]), int(start), length) for start in strong]
    return candidates


def _burst_evidence(posts: FloatArray, expected: FloatArray, spread: FloatArray) -> FloatArray:
    size = (1.0 / np.maximum(spread, 1e-6))[:, None]
    ratio = np.log((size + expected[:, None] * np.exp(BURST_LOG_RATIOS)) / (size + expected[:, None]))
    terms = posts[:, None] * BURST_LOG_RATIOS - (posts[:, None] + size) * ratio
    result: FloatArray = np.logaddexp.reduce(terms, axis=1) - np.log(BURST_LOG_RATIOS.size)
    return result
