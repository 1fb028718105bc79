"""Partial pooling of campaigns against statsmodels' meta-analysis."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from monitor.correlate.pooling import NORMAL_WIDTH, pool, pooled_effects
from monitor.domain.effects import EffectEstimate
from monitor.domain.series import CampaignWindow


def _estimate(name: str, ratio: float, error: float) -> EffectEstimate:
    half = np.exp(error * NORMAL_WIDTH / 2)
    return EffectEstimate(name, "negative", "no sign", rate_ratio=ratio, low=ratio / half, high=ratio * half)


def test_mean_and_spread_are_those_of_the_random_effects_model() -> None:
    """DerSimonian-Laird as in statsmodels."""
    ratios, errors = np.array([1.2, 2.5, 0.9, 3.0]), np.array([0.2, 0.3, 0.25, 0.4])
    ours = pool(
        "type", "x", [_estimate(str(i), r, e) for i, (r, e) in enumerate(zip(ratios, errors, strict=True))]
    )
    theirs = combine_effects(np.log(ratios), errors**2, method_re="dl")
    assert np.log(ours.rate_ratio) == pytest.approx(theirs.mean_effect_re, abs=1e-6)
    assert ours.spread**2 == pytest.approx(theirs.tau2, abs=1e-6)


def test_campaigns_are_drawn_towards_their_mean() -> None:
    """Without spread all become the mean; the order of ratios never turns."""
    same = pool("type", "x", [_estimate(str(i), 2.0, 0.3) for i in range(3)])
    assert same.shrunk == pytest.approx([2.0] * 3)
    wide = pool("type", "x", [_estimate(str(i), r, 0.2) for i, r in enumerate([0.8, 2.0, 5.0])])
    assert 0.8 < wide.shrunk[0] < wide.shrunk[1] < wide.shrunk[2] < 5.0


def test_only_values_with_three_judged_campaigns_are_pooled() -> None:
    """Types and channels, refusals left out."""
    day = date(2025, 1, 1)
    campaigns = [CampaignWindow(f"C{i}", "upsell", "email" if i < 2 else "", day, day) for i in range(4)]
    estimates = [_estimate(f"C{i}", 1.5, 0.3) for i in range(3)]
    estimates.append(EffectEstimate("C3", "negative", "cannot tell"))
    (pooled,) = pooled_effects(estimates, campaigns)
    assert (pooled.attribute, pooled.value, pooled.campaign_ids) == ("type", "upsell", ("C0", "C1", "C2"))
