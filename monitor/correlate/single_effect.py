"""One campaign's effect, given all others: evidence and posterior over windows and sizes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.latent_level import LevelFit, fit_level
from monitor.correlate.series_model import RiskRegion, SeriesModel
from monitor.correlate.window_scan import Prediction, build_scan

FloatArray = NDArray[np.float64]

PRIOR_INCLUSION = 0.15
"""Share of campaigns expected to have an effect, before looking."""


@dataclass(frozen=True, slots=True, eq=False)
class SingleEffect:
    """What the days at risk say about one campaign.

    Attributes:
        evidence: log of the likelihood ratio averaged over windows and sizes.
        inclusion: posterior probability of any effect.
        posterior: (j, k) posterior of windows and sizes, given an effect; sum 1.
        log_effect: (r,) log of the posterior mean multiplier of each day at risk.
    """

    evidence: float
    inclusion: float
    posterior: FloatArray
    log_effect: FloatArray


def predict(model: SeriesModel, region: RiskRegion, fit: LevelFit, offset: FloatArray) -> Prediction:
    """Predict the days at risk from all other days, under the hyper-parameters of one fit."""
    hidden = refit_without(model, region, fit, offset)
    days = region.days
    return Prediction(hidden.log_rate[days], hidden.covariance(days), fit.prior.kappa, region.visible)


def refit_without(model: SeriesModel, region: RiskRegion, fit: LevelFit, offset: FloatArray) -> LevelFit:
    """The fit with the days at risk hidden."""
    visible = model.without(region.days)
    return fit_level(model.regression, fit.prior, visible, offset, start=fit, steps=2)


def single_effect(model: SeriesModel, region: RiskRegion, fit: LevelFit, offset: FloatArray) -> SingleEffect:
    """Weigh all windows and sizes for one campaign.

    Args:
        model: the series.
        region: days at risk of the campaign.
        fit: a fit of the level to all days.
        offset: (n,) log effects of all other campaigns.
    """
    scan = build_scan(predict(model, region, fit, offset), region.windows)
    counts = model.regression.counts[region.days][:, None]
    terms = scan.evidence(counts)[:, :, 0] + scan.log_prior
    evidence = float(np.logaddexp.reduce(terms, axis=None))
    posterior = np.exp(terms - evidence)
    inclusion = float(
        1.0 / (1.0 + np.exp(-np.clip(evidence, -50, 50)) * (1 - PRIOR_INCLUSION) / PRIOR_INCLUSION)
    )
    mean = np.einsum("jk,jkr->r", posterior, region.windows.multipliers(scan.log_ratios))
    return SingleEffect(evidence, inclusion, posterior, np.log1p(inclusion * (mean - 1.0)))
