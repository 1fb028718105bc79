"""Partial pooling: what campaigns of one type or channel do together, and each one drawn towards it.

A campaign's log ratio y with standard error s (a quarter of the width of its 95 % interval, about) is
taken as y ~ N(theta, s^2), theta ~ N(mean, spread^2). The spread between campaigns is the
DerSimonian-Laird estimate from Cochran's Q; the mean is weighted by 1 / (s^2 + spread^2); each campaign is
drawn towards it by s^2 / (s^2 + spread^2).

Source: DerSimonian & Laird (1986), Controlled Clinical Trials 7, 177-188.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log, sqrt

import numpy as np

from monitor.domain.effects import EffectEstimate, PooledEffect
from monitor.domain.series import CampaignWindow

FEWEST_CAMPAIGNS = 3
NORMAL_WIDTH = 2 * 1.959964


def pooled_effects(
    estimates: Sequence[EffectEstimate], campaigns: Sequence[CampaignWindow]
) -> tuple[PooledEffect, ...]:
    """Pool estimates by type and by channel, where at least three campaigns share the value.

    Args:
        estimates: one a campaign, same order.
        campaigns: the calendar.
    """
    pooled: list[PooledEffect] = []
    for attribute in ("type", "channel"):
        groups: dict[str, list[EffectEstimate]] = {}
        for estimate, campaign in zip(estimates, campaigns, strict=True):
            value = str(getattr(campaign, attribute))
            if value and estimate.rate_ratio is not None:
                groups.setdefault(value, []).append(estimate)
        large = [value for value in sorted(groups) if len(groups[value]) >= FEWEST_CAMPAIGNS]
        pooled += [pool(attribute, value, groups[value]) for value in large]
    return tuple(pooled)


def pool(attribute: str, value: str, estimates: Sequence[EffectEstimate]) -> PooledEffect:
    """Pool estimates that carry a ratio and an interval."""
    logs = np.array([log(estimate.rate_ratio or 1.0) for estimate in estimates])
    widths = [log((e.high or 1.0) / (e.low or 1.0)) for e in estimates]
    variances = np.maximum(np.array(widths) / NORMAL_WIDTH, 0.02) ** 2
    fixed = 1.0 / variances
    centre = float((fixed * logs).sum() / fixed.sum())
    heterogeneity = float((fixed * (logs - centre) ** 2).sum())
    scale = float(fixed.sum() - (fixed**2).sum() / fixed.sum())
    spread2 = max(0.0, (heterogeneity - (logs.size - 1)) / scale)
    weights = 1.0 / (variances + spread2)
    mean, error = float((weights * logs).sum() / weights.sum()), sqrt(1.0 / float(weights.sum()))
    drawn = (logs * spread2 + mean * variances) / (spread2 + variances)
    return PooledEffect(
        attribute,
        value,
        tuple(estimate.campaign_id for estimate in estimates),
        exp(mean),
        exp(mean - NORMAL_WIDTH / 2 * error),
        exp(mean + NORMAL_WIDTH / 2 * error),
        sqrt(spread2),
        tuple(float(ratio) for ratio in np.exp(drawn)),
    )
