"""Campaigns that overlap are fitted together, in rounds, and named when they cannot be told apart.

Iterative Bayesian stepwise selection (Wang et al. 2020, JRSS B 82, 1273-1300): each campaign's effect is
found with the posterior mean effects of all others as known offsets, the strongest first, until two
rounds have passed. Two campaigns that share days at risk are confounded when either alone would explain
the rise about as well: the posterior odds of "this one alone" against "that one alone" lie within 1:9.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    """

    model: SeriesModel
    level: LevelPosterior
    effects: tuple[SingleEffect, ...]
    log_effects: FloatArray
    rivals: tuple[tuple[int, ...], ...]
    shares: FloatArray

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
    joint = JointFit(model, level, fitted, log_effects, nobody, np.ones(len(regions)))
    rivals, shares = _find_rivals(joint)
    return JointFit(model, level, fitted, log_effects, rivals, shares)


def _find_rivals(joint: JointFit) -> tuple[tuple[tuple[int, ...], ...], FloatArray]:
    regions, count = joint.model.regions, len(joint.model.regions)
    found: list[set[int]] = [set() for _ in range(count)]
    shares = np.ones(count)
    for strong in range(count):
        if joint.effects[strong].inclusion < NOTABLE_INCLUSION:
            continue
        for other in range(count):
            if other == strong or not regions[strong].overlaps(regions[other]):
                continue
            alone_other = _evidence_alone(joint, other, strong)
            alone_strong = _evidence_alone(joint, strong, other)
            odds = alone_other - alone_strong
            if alone_other > WORTH_SHARING and abs(odds) < CLOSE_ODDS:
                found[strong].add(other)
                found[other].add(strong)
            shares[other] = min(shares[other], _logistic(odds))
            shares[strong] = min(shares[strong], _logistic(-odds))
    return tuple(tuple(sorted(rivals)) for rivals in found), shares


def _evidence_alone(joint: JointFit, index: int, rival: int) -> float:
    """Log evidence for one campaign when its rival is taken to have no effect."""
    offset = joint.offset(index, without=(rival,))
    return single_effect(joint.model, joint.model.regions[index], joint.level.best, offset).evidence


def _logistic(log_odds: float) -> float:
    return float(1.0 / (1.0 + np.exp(-np.clip(log_odds, -50, 50))))
