"""Placebo in time: would the method have found as much where no campaign ran?

Days at risk are laid over the calendar at dates without a campaign start nearby, with the effects of all
campaigns taken out, and the same evidence is computed there. The share of these dates with evidence at
least as strong stands beside each notable p-value: if it is not small, the series bursts in ways that the
count model does not foresee (compare empirical calibration: Schuemie et al. 2013, Statistics in Medicine
33, 209-218).
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.options import CorrelatorOptions
from monitor.correlate.overlap import JointFit
from monitor.correlate.series_model import risk_region
from monitor.correlate.single_effect import single_effect
from monitor.domain.series import CampaignWindow, DailySeries

FloatArray = NDArray[np.float64]

MOST_DATES = 20
FEWEST_DATES = 8
DAYS_FROM_CAMPAIGN = 4


def placebo_evidence(daily: DailySeries, joint: JointFit, options: CorrelatorOptions) -> FloatArray:
    """Log evidence at up to 20 quiet dates, evenly spread, (m,).

    Args:
        daily: posts a day.
        joint: all campaigns fitted together.
        options: knobs.
    """
    n = len(daily.dates)
    starts = np.array([region.days.start for region in joint.model.regions])
    days = np.arange(options.days_before, n - options.risk_days)
    quiet = days[(np.abs(days[:, None] - starts[None, :]) >= DAYS_FROM_CAMPAIGN).all(axis=1)]
    if quiet.size > MOST_DATES:
        quiet = quiet[np.linspace(0, quiet.size - 1, MOST_DATES).round().astype(int)]
    evidence = []
    for day in quiet:
        start = daily.dates[0] + timedelta(days=int(day))
        region = risk_region(
            daily, CampaignWindow("placebo", "", "", start, start), joint.model.usable, options
        )
        if region is not None:
            offset = joint.log_effects.sum(axis=0)
            evidence.append(single_effect(joint.model, region, joint.level.best, offset).evidence)
    return np.array(evidence)


def placebo_p_value(evidence: float, placebos: FloatArray) -> float | None:
    """(1 + placebo dates with at least this evidence) / (1 + placebo dates); None when they are too few."""
    if placebos.size < FEWEST_DATES:
        return None
    return float((1 + (placebos >= evidence).sum()) / (1 + placebos.size))
