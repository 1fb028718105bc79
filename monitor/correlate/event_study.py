"""The one entry to the campaign-effect engine: daily counts and a calendar in, verdicts out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.multiplicity import false_discovery_rates
from monitor.correlate.options import CorrelatorOptions
from monitor.domain.effects import CorrelationReport, EffectEstimate, Verdict
from monitor.domain.series import CampaignWindow, DailySeries, Incident, SeriesName

FloatArray = NDArray[np.float64]


def estimate_effects(
    daily: DailySeries,
    campaigns: Sequence[CampaignWindow],
    incidents: Sequence[Incident] = (),
    *,
    series: SeriesName | None = None,
    seed: int = 0,
    options: CorrelatorOptions | None = None,
) -> CorrelationReport:
    """Judge every campaign of a report against the negative posts that followed it.

    Args:
        daily: posts a day.
        campaigns: the calendar; order does not matter.
        incidents: known outages and releases.
        series: the series to judge; None = marketing complaints where tagged (and all negatives beside).
        seed: makes the simulated p-values repeatable.
        options: knobs; None = the measured defaults.

    Returns:
        One estimate a campaign, in the order of the calendar (start, then id).

    Raises:
        InputError: when `series` is not part of the data.
    """
    chosen = options or CorrelatorOptions()
    ordered = sorted(campaigns, key=lambda campaign: (campaign.start, campaign.id))
    primary = series or daily.series_names[0]
    first = _judge(daily, ordered, primary, chosen, seed=seed, incidents=incidents)
    second: tuple[EffectEstimate, ...] = ()
    if series is None and len(daily.series_names) > 1:
        second = _judge(daily, ordered, "negative", chosen, seed=seed, incidents=incidents)
    return CorrelationReport(primary, first, second)


def _judge(
    daily: DailySeries,
    campaigns: Sequence[CampaignWindow],
    name: SeriesName,
    options: CorrelatorOptions,
    *,
    seed: int,
    incidents: Sequence[Incident],
) -> tuple[EffectEstimate, ...]:
    del seed, incidents
    estimates = [_estimate(daily, campaign, name, options) for campaign in campaigns]
    q_values = false_discovery_rates([estimate.p_value for estimate in estimates])
    return tuple(
        replace(estimate, q_value=q, verdict=_verdict(estimate, q, options))
        for estimate, q in zip(estimates, q_values, strict=True)
    )


def _verdict(estimate: EffectEstimate, q: float | None, options: CorrelatorOptions) -> Verdict:
    if q is None or estimate.rate_ratio is None:
        return "cannot tell"
    if q <= options.likely_q:
        return "likely"
    return "possible" if q <= options.possible_q else "no sign"


def _estimate(
    daily: DailySeries, campaign: CampaignWindow, name: SeriesName, options: CorrelatorOptions
) -> EffectEstimate:
    day = (campaign.start - daily.dates[0]).days
    n_days = len(daily.dates)
    empty = EffectEstimate(campaign.id, name, "cannot tell", method="quasi-Poisson, placebo dates")
    if day < options.days_before or n_days - day < options.days_after:
        return replace(empty, reason="too few days of data before or after its start")
    counts = daily.counts(name).astype(float)
    if daily.collected.sum() < options.minimum_days or counts.sum() < options.minimum_tagged:
        return replace(empty, reason="too few days or posts")
    fitted = _weekday_exposure_fit(counts, daily.total.astype(float) - daily.negative, daily.collected)
    length = options.risk_days
    residual = np.where(daily.collected, counts - fitted, 0.0)
    window = slice(day, min(day + length, n_days))
    starts = np.arange(0, n_days - length + 1)
    sums = np.convolve(residual, np.ones(length), "valid")[starts]
    scale = np.sqrt(np.maximum(np.convolve(fitted, np.ones(length), "valid")[starts], 0.1))
    observed = residual[window].sum() / np.sqrt(max(fitted[window].sum(), 0.1))
    p = (1 + int((sums / scale >= observed).sum())) / (1 + starts.size)
    expected = max(float(fitted[window].sum()), 0.5)
    seen = float(counts[window].sum())
    dispersion = max(1.0, float(np.mean(residual**2 / np.maximum(fitted, 0.05))))
    spread = 1.96 * np.sqrt(dispersion * (1 / max(seen, 0.5) + 1 / max(counts.sum(), 1)))
    ratio = max(seen, 0.5) / expected
    low, high = ratio * np.exp(-spread), ratio * np.exp(spread)
    return replace(
        empty,
        p_value=float(p),
        rate_ratio=float(ratio),
        low=float(low),
        high=float(high),
        lag_days=0,
        last_day=length - 1,
        excess=seen - expected,
        excess_low=expected * (low - 1),
        excess_high=expected * (high - 1),
        n=int(seen),
        minimum_detectable_rate_ratio=float(np.exp(2.5 * np.sqrt(dispersion / expected))),
    )


def _weekday_exposure_fit(
    counts: FloatArray, exposure: FloatArray, collected: NDArray[np.bool_]
) -> FloatArray:
    """Poisson regression on weekday, trend and log exposure by iteratively reweighted least squares."""
    n = counts.size
    weekday = np.eye(7)[np.arange(n) % 7][:, 1:]
    trend = np.linspace(-1.0, 1.0, n)[:, None]
    log_exposure = np.log(exposure + 1)[:, None] - np.log(exposure[collected] + 1).mean()
    design = np.column_stack([np.ones(n), weekday, trend, log_exposure])
    coefficients = np.zeros(design.shape[1])
    coefficients[0] = np.log(counts[collected].mean() + 1e-3)
    for _ in range(8):
        mean = np.exp(np.clip(design @ coefficients, -8, 8))
        weight = mean * collected
        gradient = design.T @ (weight * (counts / mean - 1)) - 0.1 * coefficients
        hessian = (design.T * weight) @ design + 0.1 * np.eye(design.shape[1])
        coefficients = coefficients + np.linalg.solve(hessian, gradient)
    fitted: FloatArray = np.exp(np.clip(design @ coefficients, -8, 8))
    return fitted
