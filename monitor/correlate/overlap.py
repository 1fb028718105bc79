"""Campaigns that overlap are fitted together, in rounds, and named when they cannot be told apart.

Iterative Bayesian stepwise selection (Wang et al. 2020, JRSS B 82, 1273-1300): each campaign's effect is
found with the posterior mean effects of all others as known offsets, the strongest first, in rounds.
Two campaigns that share days at risk are confounded when either alone would explain the rise about as
well (posterior odds of "this one alone" against "that one alone" within 1:9) and one of them is enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from monitor.correlate.level_posterior import LevelPosterior, level_posterior, refit_posterior
from monitor.correlate.series_model import RiskRegion, SeriesModel
from monitor.correlate.single_effect import SingleEffect, single_effect

FloatArray = NDArray[np.float64]

ROUNDS = 2
CLOSE_ODDS = np.log(9.0)
WORTH_SHARING = 1.0
"""Log evidence from which a rise is worth naming as shared."""
NOTABLE_INCLUSION = 0.3
NEGLIGIBLE_INCLUSION = 0.2
SHADOW_WEIGHT = 0.15
"""Weight of the reading that an overshadowed campaign has a part in the rise after all."""


@dataclass(frozen=True, slots=True, eq=False)
class JointFit:
    """All campaigns of one series, fitted together.

    Attributes:
        model: the series, its bursts found anew with the effects known.
        level: posterior of the level's parameters.
        effects: one per region.
        log_effects: (c, n) log of the posterior mean multiplier of each campaign on each day.
        rivals: for each region, the regions it cannot be told apart from.
        shadows: for each region, the regions that explain its rise better, though not beyond doubt.
        shares: for each region, posterior probability that the rise is its own and not a rival's.
        alternatives: (c, n) change of the offset under the second reading of an overlap.
        alternative_weights: (c,) weight of that reading, 0 without an overlap.
    """

    model: SeriesModel
    level: LevelPosterior
    effects: tuple[SingleEffect, ...]
    log_effects: FloatArray
    rivals: tuple[tuple[int, ...], ...]
    shadows: tuple[tuple[int, ...], ...]
    shares: FloatArray
    alternatives: FloatArray
    alternative_weights: FloatArray

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
    effects = {i: single_effect(model, region, level.best, np.zeros(n)) for i, region in enumerate(regions)}
    order = _crowded(range(len(regions)), regions, effects)
    for index, region in enumerate(regions):
        if index not in order:  # the others enter one by one, the strongest first
            log_effects[index, region.days] = effects[index].log_effect
    for _ in range(ROUNDS):
        for index in order:
            offset = log_effects.sum(axis=0) - log_effects[index]
            effects[index] = single_effect(model, regions[index], level.best, offset)
            log_effects[index] = 0.0
            log_effects[index, regions[index].days] = effects[index].log_effect
        total = log_effects.sum(axis=0)
        level = refit_posterior(model.regression, model.quiet, total, level.candidates)
        order = _crowded(order, regions, effects)
        if not order:
            break
    model = model.with_bursts(log_effects.sum(axis=0))
    level = refit_posterior(model.regression, model.quiet, log_effects.sum(axis=0), level.candidates)
    fitted = tuple(effects[index] for index in range(len(regions)))
    count = len(regions)
    nobody: tuple[tuple[int, ...], ...] = tuple(() for _ in regions)
    nothing = np.zeros_like(log_effects)
    return _compare_alone(
        JointFit(model, level, fitted, log_effects, nobody, nobody, np.ones(count), nothing, np.zeros(count))
    )


def _crowded(
    indices: Iterable[int], regions: Sequence[RiskRegion], effects: Mapping[int, SingleEffect]
) -> list[int]:
    """Campaigns with a notable neighbour, the strongest first."""
    return [
        i
        for i in sorted(indices, key=lambda i: -effects[i].evidence)
        if _has_notable_neighbour(i, regions, effects)
    ]


def _has_notable_neighbour(
    index: int, regions: Sequence[RiskRegion], effects: Mapping[int, SingleEffect]
) -> bool:
    """True when another campaign that may have an effect shares days at risk: worth a second look."""
    return any(
        other != index and effect.inclusion > NEGLIGIBLE_INCLUSION and regions[index].overlaps(regions[other])
        for other, effect in effects.items()
    )


def _compare_alone(joint: JointFit) -> JointFit:
    """Compare each notable campaign with each overlapping one, either taken alone."""
    regions, count = joint.model.regions, len(joint.model.regions)
    notes = [_Overlap(joint.log_effects.shape[1]) for _ in range(count)]
    for strong in range(count):
        if joint.effects[strong].inclusion < NOTABLE_INCLUSION:
            continue
        for other in range(count):
            if other == strong or not regions[strong].overlaps(regions[other]):
                continue
            if joint.effects[other].evidence > CLOSE_ODDS:
                if joint.effects[strong].evidence >= joint.effects[other].evidence:
                    _share_days(joint, strong, other, notes)
            else:
                _compare_pair(joint, strong, other, notes)
    return replace(
        joint,
        rivals=tuple(tuple(sorted(note.rivals)) for note in notes),
        shadows=tuple(tuple(sorted(note.shadows)) for note in notes),
        shares=np.array([note.share for note in notes]),
        alternatives=np.array([note.alternative for note in notes]),
        alternative_weights=np.array([note.weight for note in notes]),
    )


def _compare_pair(joint: JointFit, strong: int, other: int, notes: list[_Overlap]) -> None:
    alone_strong, alone_other = _alone(joint, strong, other), _alone(joint, other, strong)
    if alone_other.evidence < WORTH_SHARING:
        return
    regions, odds = joint.model.regions, alone_other.evidence - alone_strong.evidence
    if abs(odds) < CLOSE_ODDS:
        for one, rival, own, effect in (
            (other, strong, odds, alone_strong),
            (strong, other, -odds, alone_other),
        ):
            notes[one].rivals.add(rival)
            notes[one].share = min(notes[one].share, _logistic(own))
            notes[one].offer(
                effect, regions[rival].days, 1.0 - notes[one].share, np.zeros(joint.log_effects.shape[1])
            )
        return
    notes[other].shadows.add(strong)
    notes[other].offer(None, regions[strong].days, SHADOW_WEIGHT, joint.log_effects[strong])
    notes[strong].offer(alone_other, regions[other].days, SHADOW_WEIGHT, joint.log_effects[other])


def _share_days(joint: JointFit, strong: int, other: int, notes: list[_Overlap]) -> None:
    """Both effects are needed, but whose are the shared days? Either may have made all of their rise."""
    for one, rival in ((other, strong), (strong, other)):
        notes[one].offer(None, joint.model.regions[rival].days, SHADOW_WEIGHT, joint.log_effects[rival])


@dataclass(slots=True)
class _Overlap:
    """What the comparisons of one campaign add up to; the alternative of the strongest partner is kept."""

    days: int
    rivals: set[int] = field(default_factory=set)
    shadows: set[int] = field(default_factory=set)
    share: float = 1.0
    weight: float = 0.0
    alternative: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        self.alternative = np.zeros(self.days)

    def offer(self, effect: SingleEffect | None, days: slice, weight: float, instead_of: FloatArray) -> None:
        """Change of the offset if the partner's effect were `effect` and not what is assumed now."""
        if weight <= self.weight:
            return
        self.weight = weight
        self.alternative = -instead_of
        if effect is not None:
            self.alternative[days] += effect.log_effect


def _alone(joint: JointFit, index: int, rival: int) -> SingleEffect:
    """One campaign's effect when its rival is taken to have none."""
    offset = joint.offset(index, without=(rival,))
    return single_effect(joint.model, joint.model.regions[index], joint.level.best, offset)


def _logistic(log_odds: float) -> float:
    return float(1.0 / (1.0 + np.exp(-np.clip(log_odds, -50, 50))))
