"""Campaigns that overlap are fitted together, in rounds, and named when they cannot be told apart.

Iterative Bayesian stepwise selection (Wang et al. 2020, JRSS B 82, 1273-1300): each campaign's effect is
found with the posterior mean effects of all others as known offsets, the strongest first, in rounds.
Two campaigns that share days at risk are confounded when either alone would explain the rise about as
well (posterior odds of "this one alone" against "that one alone" within 1:9) and one of them is enough.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.level_posterior import LevelPosterior, level_posterior, refit_posterior
from monitor.correlate.series_model import SeriesModel
from monitor.correlate.single_effect import SingleEffect, single_effect

FloatArray = NDArray[np.float64]

ROUNDS = 2
CLOSE_ODDS = np.log(9.0)
WORTH_SHARING = 1.0
"""Log evidence from which a rise is worth naming as shared."""
NOTABLE_INCLUSION = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class JointFit:
    """All campaigns of one series, fitted together.

    Attributes:
        model: the series, its bursts found anew with the effects known.
        level: posterior of the level's parameters.
        effects: one per region.
        log_effects: (c, n) log of the posterior mean multiplier of each campaign on each day.
        rivals: for each region, indices of the regions it cannot be told apart from.
        shares: for each region, posterior probability that the rise is its own and not a rival's.
        rival_effects: (c, n) log effect of each region's strongest rival, if the rise were the rival's.
    """

    model: SeriesModel
    level: LevelPosterior
    effects: tuple[SingleEffect, ...]
    log_effects: FloatArray
    rivals: tuple[tuple[int, ...], ...]
    shares: FloatArray
    rival_effects: FloatArray

    def offset(self, index: int, *, without: tuple[int, ...] = ()) -> FloatArray:
        """(n,) log effects of all campaigns but `index` and `without`."""
        left_out = [index, *without]
        result: FloatArray = self.log_effects.sum(axis=0) - self.log_effects[left_out].sum(axis=0)
        return result


def fit_jointly(model: SeriesModel) -> JointFit:
    """Fit all campaigns of a series in rounds."""
    regions, n = model.regions, model.usable.size
    log_effects = np.zeros((len(regions), n))
    level = level_posterior(model.regression, model.quiet, np.zeros(n))
    effects: dict[int, SingleEffect] = {}
    order = list(range(len(regions)))
    for _ in range(ROUNDS):
        for index in order:
            offset = log_effects.sum(axis=0) - log_effects[index]
            effect = single_effect(model, regions[index], level.best, offset)
            effects[index] = effect
            log_effects[index] = 0.0
            log_effects[index, regions[index].days] = effect.log_effect
        order.sort(key=lambda index: -effects[index].evidence)
        total = log_effects.sum(axis=0)
        model = model.with_bursts(total)
        level = refit_posterior(model.regression, model.quiet, total, level.candidates)
    fitted = tuple(effects[index] for index in range(len(regions)))
    nobody: tuple[tuple[int, ...], ...] = tuple(() for _ in regions)
    alone, none = np.ones(len(regions)), np.zeros_like(log_effects)
    return _find_rivals(JointFit(model, level, fitted, log_effects, nobody, alone, none))


def _find_rivals(joint: JointFit) -> JointFit:
    """Compare each notable campaign with each overlapping one, either taken alone."""
    regions, count = joint.model.regions, len(joint.model.regions)
    found: list[set[int]] = [set() for _ in range(count)]
    shares, strongest = np.ones(count), np.zeros(count)
    rival_effects = np.zeros_like(joint.log_effects)
    for strong in range(count):
        if joint.effects[strong].inclusion < NOTABLE_INCLUSION:
            continue
        for other in range(count):
            if other == strong or not regions[strong].overlaps(regions[other]):
                continue
            if joint.effects[other].evidence > CLOSE_ODDS:
                continue  # both are needed, so the two are told apart
            alone = {strong: _alone(joint, strong, other), other: _alone(joint, other, strong)}
            odds = alone[other].evidence - alone[strong].evidence
            for one, rival, own_odds in ((other, strong, odds), (strong, other, -odds)):
                shares[one] = min(shares[one], _logistic(own_odds))
                if alone[other].evidence > WORTH_SHARING and abs(odds) < CLOSE_ODDS:
                    found[one].add(rival)
                    if alone[rival].evidence > strongest[one]:
                        strongest[one] = alone[rival].evidence
                        rival_effects[one] = 0.0
                        rival_effects[one, regions[rival].days] = alone[rival].log_effect
    rivals = tuple(tuple(sorted(indices)) for indices in found)
    return replace(joint, rivals=rivals, shares=shares, rival_effects=rival_effects)


def _alone(joint: JointFit, index: int, rival: int) -> SingleEffect:
    """One campaign's effect when its rival is taken to have none."""
    offset = joint.offset(index, without=(rival,))
    return single_effect(joint.model, joint.model.regions[index], joint.level.best, offset)


def _logistic(log_odds: float) -> float:
    return float(1.0 / (1.0 + np.exp(-np.clip(log_odds, -50, 50))))
