"""The test of one campaign: everything known about the others, its own days at risk left open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.calibration import (
    disturbances,
    minimum_detectable_ratio,
    simulate_null,
    tail_probability,
)
from monitor.correlate.effect_size import EffectSize, effect_size, weighted_median
from monitor.correlate.latent_level import LevelFit
from monitor.correlate.level_posterior import evidence_weights
from monitor.correlate.options import CorrelatorOptions
from monitor.correlate.overlap import JointFit
from monitor.correlate.single_effect import refit_without
from monitor.correlate.window_scan import Prediction, build_scan, robust_statistic

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CampaignTest:
    """Numbers of one campaign on one series, before any verdict.

    Attributes:
        p_value: one-sided for harm.
        evidence: the statistic, a log likelihood ratio averaged over windows and sizes.
        size: ratio and excess with intervals.
        lag, last_day: the effect's window, days from the campaign's start (posterior medians).
        detectable: smallest detectable ratio, None when none is.
        posts: posts on the usable days at risk.
        usable_days: usable days at risk.
        share: probability that the rise is its own and not a rival's.
        rivals: indices of the campaigns it cannot be told apart from.
        shadows: indices of the campaigns that explain its rise better, though not beyond doubt.
    """

    p_value: float
    evidence: float
    size: EffectSize
    lag: int
    last_day: int
    detectable: float | None
    posts: int
    usable_days: int
    share: float
    rivals: tuple[int, ...]
    shadows: tuple[int, ...]


def run_campaign_test(
    joint: JointFit, index: int, options: CorrelatorOptions, rng: np.random.Generator
) -> CampaignTest:
    """Test one campaign of a joint fit.

    Args:
        joint: all campaigns fitted together.
        index: the campaign's region.
        options: knobs.
        rng: source of randomness.
    """
    region, rivals = joint.model.regions[index], joint.rivals[index]
    counts = joint.model.regression.counts[region.days]
    offset = joint.offset(index, without=rivals)
    fits, weights = _hidden_fits(joint, index, offset)
    prediction = _mixture(fits, weights, region.days, region.visible)
    scan = build_scan(prediction, region.windows)
    disturbance = disturbances(joint, index, options.replicates, rng, without=rivals)
    null = simulate_null(fits, weights, region.days, disturbance, rng)
    statistic: Callable[[FloatArray], FloatArray] = scan.statistic
    if not joint.model.has_control:
        statistic = robust_statistic(scan, prediction, options.spike_share)
    statistics = statistic(np.column_stack([counts, null.counts]))
    terms = scan.evidence(counts[:, None])[:, :, 0] + scan.log_prior
    by_window = np.exp(terms - terms.max()).sum(axis=1)
    weight = float(joint.alternative_weights[index])
    readings = [(1.0 - weight, prediction)]
    if weight > 0:
        other = _hidden_fits(joint, index, offset + joint.alternatives[index])
        readings.append((weight, _mixture(*other, region.days, region.visible)))
    windows = region.windows
    return CampaignTest(
        p_value=tail_probability(float(statistics[0]), statistics[1:]),
        evidence=float(statistics[0]),
        size=effect_size(counts, windows, readings),
        lag=weighted_median(windows.lags, by_window),
        last_day=weighted_median(windows.lags + windows.durations - 1, by_window),
        detectable=minimum_detectable_ratio(statistic, region, null, statistics[1:], rng),
        posts=int((counts * region.visible).sum()),
        usable_days=int(region.visible.sum()),
        share=float(joint.shares[index]),
        rivals=rivals,
        shadows=joint.shadows[index],
    )


def _hidden_fits(joint: JointFit, index: int, offset: FloatArray) -> tuple[list[LevelFit], FloatArray]:
    """Fits with the campaign's days at risk hidden, and their posterior weights."""
    region = joint.model.regions[index]
    fits = [refit_without(joint.model, region, fit, offset) for fit in joint.level.fits]
    return fits, evidence_weights(fits)


def _mixture(fits: list[LevelFit], weights: FloatArray, days: slice, visible: FloatArray) -> Prediction:
    """One normal prediction with the mean and covariance of the mixture."""
    means = np.array([fit.log_rate[days] for fit in fits])
    covariances = np.array([fit.covariance(days) for fit in fits])
    mean = weights @ means
    centred = means - mean
    covariance = np.tensordot(weights, covariances, 1) + (centred.T * weights) @ centred
    kappa = float(weights @ np.array([fit.prior.kappa for fit in fits]))
    return Prediction(mean, covariance, kappa, visible)
