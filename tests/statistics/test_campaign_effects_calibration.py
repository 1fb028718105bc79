"""Promises of the campaign-effect engine on simulated company-years, at a size that CI can bear.

The full run, beside the usual methods, is `benchmarks/statistics/correlator_simulation.py`. Limits here
leave room for the noise of a small sample; they are far below what an uncalibrated method reaches.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from monitor.correlate.event_study import estimate_effects
from monitor.correlate.options import CorrelatorOptions
from monitor.domain.effects import EffectEstimate
from monitor.domain.series import SeriesName
from tests.statistics.simulator import CampaignTruth, World, random_knobs, simulate

OPTIONS = CorrelatorOptions(replicates=150, sharp_replicates=1000)
WORLDS = 36


@dataclass(frozen=True, slots=True)
class Judged:
    """One campaign: the truth and what was said."""

    world: int
    truth: CampaignTruth
    said: EffectEstimate

    @property
    def p(self) -> float:
        return 1.0 if self.said.p_value is None else self.said.p_value


def _judge(world: World, number: int, name: SeriesName) -> list[Judged]:
    report = estimate_effects(world.daily, world.campaigns, world.incidents, series=name, options=OPTIONS)
    said = {estimate.campaign_id: estimate for estimate in report.campaigns}
    return [Judged(number, truth, said[truth.campaign.id]) for truth in world.truths]


@pytest.fixture(scope="module")
def tagged() -> list[Judged]:
    """Complaint-tagged series of worlds that are harmless and harmful in turn."""
    rows: list[Judged] = []
    for number in range(WORLDS):
        knobs = random_knobs(900 + number, harmful=0.0 if number % 2 else 0.4)
        rows += _judge(simulate(knobs, 900 + number), number, "negative_marketing")
    return rows


@pytest.fixture(scope="module")
def all_negatives() -> list[Judged]:
    """All negatives of other worlds."""
    rows: list[Judged] = []
    for number in range(WORLDS // 2):
        knobs = random_knobs(700 + number, harmful=0.0 if number % 2 else 0.4)
        rows += _judge(simulate(knobs, 700 + number), number, "negative")
    return rows


def test_false_alarms_of_clean_campaigns_stay_near_five_percent(
    tagged: list[Judged], all_negatives: list[Judged]
) -> None:
    """p <= 5 % on at most 9 % of harmless campaigns (about 150; a calibrated test exceeds that once in 50)."""
    clean = [row.p for row in tagged + all_negatives if row.truth.clean]
    assert len(clean) > 100
    assert np.mean(np.array(clean) <= 0.05) <= 0.09


def test_large_effects_are_found_and_small_ones_more_often_than_chance(tagged: list[Judged]) -> None:
    """On the tagged series: most tripled rates, and half of the smaller ones."""
    large = [row.p <= 0.05 for row in tagged if row.truth.ratio == 3.0]
    small = [row.p <= 0.05 for row in tagged if row.truth.ratio in {1.5, 2.0}]
    assert np.mean(large) >= 0.7
    assert np.mean(small) >= 0.45


def test_tripled_rates_are_found_on_all_negatives(all_negatives: list[Judged]) -> None:
    """Without the tag's help in the counts, at least four in ten."""
    large = [row.p <= 0.05 for row in all_negatives if row.truth.ratio == 3.0]
    assert np.mean(large) >= 0.4


def test_intervals_cover_the_true_ratio(tagged: list[Judged], all_negatives: list[Judged]) -> None:
    """At least 90 % of all 95 % intervals, and 82 % of those of harmful campaigns (about 60 a series)."""
    for name, rows in (("negative_marketing", tagged), ("negative", all_negatives)):
        covered = [
            (row.truth.ratio > 1, row.said.low <= row.truth.series_ratio[name] <= row.said.high)
            for row in rows
            if row.said.low is not None and row.said.high is not None
        ]
        assert np.mean([inside for _, inside in covered]) >= 0.9
        assert np.mean([inside for harmful, inside in covered if harmful]) >= 0.82


def test_lag_of_found_effects_is_off_by_about_a_day(tagged: list[Judged]) -> None:
    """Mean absolute error of the lag of found effects is below 1.4 days (guessing the middle gives 2)."""
    errors = [
        abs(row.said.lag_days - row.truth.lag)
        for row in tagged
        if row.truth.ratio > 1 and row.p <= 0.05 and row.said.lag_days is not None
    ]
    assert np.mean(errors) < 1.4


def test_likely_is_mostly_right_and_rare_in_harmless_worlds(tagged: list[Judged]) -> None:
    """Precision of at least .8; at most three of eighteen harmless worlds have a campaign called likely."""
    likely = [row for row in tagged if row.said.verdict == "likely"]
    assert len(likely) >= 10
    assert np.mean([row.truth.ratio > 1 for row in likely]) >= 0.8
    assert len({row.world for row in likely if row.world % 2}) <= 3


def test_effects_above_the_printed_detectable_ratio_are_found(tagged: list[Judged]) -> None:
    """At least 70 % (80 % promised; small sample)."""
    found = [
        row.p <= 0.05
        for row in tagged
        if row.truth.ratio > 1
        and row.said.minimum_detectable_rate_ratio is not None
        and row.truth.series_ratio["negative_marketing"] >= row.said.minimum_detectable_rate_ratio
    ]
    assert np.mean(found) >= 0.7
