"""The test of one campaign: everything known about the others, its own days at risk left open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.calibration import (
    disturbances,
    minimum_detectable_ratio,
    simulate_null,
    tail_probability,
)
from monitor.correlate.effect_size import EffectSize, effect_size, weighted_median
from monitor.correlate.level_posterior import evidence_weights
from monitor.correlate.options import CorrelatorOptions
from monitor.correlate.overlap import JointFit
from monitor.correlate.single_effect import refit_without
from monitor.correlate.window_scan import Prediction, build_scan, robust_statistic, window_levels

FloatArray = NDArray[np.float64]
WeightedPrediction = tuple[float, Prediction]
Statistic = Callable[[FloatArray], FloatArray]
BATCH = 2000
"""Days at risk simulated together: an upper bound of the memory they need."""


@dataclass(frozen=True, slots=True)
class CampaignTest:
    """Numbers of one campaign on one series, before any verdict.

    Attributes:
        p_value: one-sided for harm.
        evidence: log likelihood ratio averaged over windows and sizes.
        size: ratio and excess with intervals.
        lag, last_day: the effect's window, days from the campaign's start (posterior medians).
        detectable: smallest detectable ratio, None when none is.
        posts: posts on the usable days at risk.
        risk_days, usable_days: days at risk as far as data go, and the usable ones among them.
        share: probability that the rise is its own and not a rival's.
        rivals: indices of the campaigns it cannot be told apart from.
        shadows: indices of the campaigns that explain its rise better, though not beyond doubt.
        placebo_p_value: share of placebo dates with as strong a sign; None when not looked at.
    """

    p_value: float
    evidence: float
    size: EffectSize
    lag: int
    last_day: int
    detectable: float | None
    posts: int
    risk_days: int
    usable_days: int
    share: float
    rivals: tuple[int, ...]
    shadows: tuple[int, ...]
    placebo_p_value: float | None = None


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
    predictions = _predict_days(joint, index, offset)
    prediction = _mixture(predictions)
    scan = build_scan(prediction, region.windows)
    disturbance = disturbances(joint, index, options.replicates, rng, without=rivals)
    null = simulate_null(predictions, disturbance, rng)
    statistic: Statistic = scan.statistic
    if not joint.model.has_control:
        statistic = robust_statistic(scan, prediction, options.spike_share)
    statistics = statistic(np.column_stack([counts, null.counts]))
    terms = scan.evidence(counts[:, None])[:, :, 0] + scan.log_prior
    weight = float(joint.alternative_weights[index])
    windows = region.fine_windows
    uncertain = _with_uncertain_others(prediction, disturbance)
    levels = window_levels(uncertain, windows)
    readings = [(1.0 - weight, uncertain, levels)]
    if weight > 0:
        other = _mixture(_predict_days(joint, index, offset + joint.alternatives[index]))
        readings.append((weight, other, window_levels(other, windows)))
    fine = build_scan(uncertain, windows, levels=levels)
    fine_terms = fine.evidence(counts[:, None])[:, :, 0] + fine.log_prior
    by_window = np.exp(fine_terms - fine_terms.max()).sum(axis=1)
    detectable = minimum_detectable_ratio(statistic, region, null, statistics[1:], rng)
    p_value = tail_probability(float(statistics[0]), statistics[1:])
    if p_value <= options.notable_p and options.sharp_replicates > options.replicates:
        p_value = tail_probability(
            float(statistics[0]), _simulated_statistics(joint, index, predictions, statistic, options, rng)
        )
    return CampaignTest(
        p_value=p_value,
        evidence=float(np.logaddexp.reduce(terms, axis=None)),
        size=effect_size(counts, windows, readings),
        lag=weighted_median(windows.lags, by_window),
        last_day=weighted_median(windows.lags + windows.durations - 1, by_window),
        detectable=detectable,
        posts=int((counts * region.visible).sum()),
        risk_days=region.visible.size,
        usable_days=int(region.visible.sum()),
        share=float(joint.shares[index]),
        rivals=rivals,
        shadows=joint.shadows[index],
    )


def _simulated_statistics(
    joint: JointFit,
    index: int,
    predictions: list[WeightedPrediction],
    statistic: Statistic,
    options: CorrelatorOptions,
    rng: np.random.Generator,
) -> FloatArray:
    """(sharp_replicates,) statistics of days at risk without an effect.

    Only small p-values are simulated anew, and anew p <= a needs p <= a of a plain simulation of this size, too: to
    look twice cannot raise the share of false signs.
    """
    parts, left = [], options.sharp_replicates
    while left > 0:
        size = min(left, BATCH)
        disturbance = disturbances(joint, index, size, rng, without=joint.rivals[index])
        parts.append(statistic(simulate_null(predictions, disturbance, rng).counts))
        left -= size
    return np.concatenate(parts)


def _predict_days(joint: JointFit, index: int, offset: FloatArray) -> list[WeightedPrediction]:
    """Predictions of the days at risk under each kept level, with posterior weights."""
    region = joint.model.regions[index]
    fits = [refit_without(joint.model, region, fit, offset) for fit in joint.level.fits]
    return [
        (
            float(weight),
            Prediction(
                fit.log_rate[region.days], fit.covariance(region.days), fit.prior.kappa, region.visible
            ),
        )
        for weight, fit in zip(evidence_weights(fits), fits, strict=True)
    ]


def _with_uncertain_others(prediction: Prediction, disturbance: FloatArray) -> Prediction:
    """The prediction with the spread of the other campaigns' effects, from draws (r, s) of their log."""
    if not disturbance.any():
        return prediction
    return replace(prediction, covariance=prediction.covariance + np.cov(disturbance))


def _mixture(predictions: list[WeightedPrediction]) -> Prediction:
    """One normal prediction with the mean and covariance of the mixture."""
    weights = np.array([weight for weight, _ in predictions])
    means = np.array([prediction.mean for _, prediction in predictions])
    covariances = np.array([prediction.covariance for _, prediction in predictions])
    mean = weights @ means
    centred = means - mean
    covariance = np.tensordot(weights, covariances, 1) + (centred.T * weights) @ centred
    kappa = float(weights @ np.array([prediction.kappa for _, prediction in predictions]))
    return Prediction(mean, covariance, kappa, predictions[0][1].visible)
