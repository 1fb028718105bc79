"""The campaign-effect engine as a whole: promises that hold for every input."""

from __future__ import annotations

import random
from dataclasses import astuple, replace
from datetime import date, timedelta

import numpy as np
import pytest

from monitor.correlate.event_study import estimate_effects, split_history
from monitor.correlate.holidays import easter_sunday, holiday_days
from monitor.correlate.options import CorrelatorOptions
from monitor.correlate.series_model import control_bursts
from monitor.domain.effects import EffectEstimate
from monitor.domain.series import CampaignWindow, DailySeries, Incident
from monitor.errors import InputError
from tests.statistics.simulator import World, WorldKnobs, simulate

QUICK = CorrelatorOptions(replicates=120, sharp_replicates=600)
FIRST = date(2025, 1, 6)


def _world(harmful: float = 0.4, seed: int = 11) -> World:
    return simulate(WorldKnobs(base=4.0, harmful=harmful, crowding=8.0), seed)


def _steady(days: int = 200, rate: int = 4, jump: tuple[int, int, int] | None = None) -> DailySeries:
    """Repeating small counts; `jump` adds posts on days first..last."""
    negative = np.array([rate + (day * 7 % 5) - 2 for day in range(days)])
    tagged = np.array([1 if day % 3 else 0 for day in range(days)])
    if jump is not None:
        first, last, more = jump
        negative[first : last + 1] += more
        tagged[first : last + 1] += more
    dates = tuple(FIRST + timedelta(days=day) for day in range(days))
    return DailySeries(dates, negative + 40, negative, tagged, np.ones(days, dtype=bool))


def _campaign(day: int, name: str = "C1") -> CampaignWindow:
    start = FIRST + timedelta(days=day)
    return CampaignWindow(name, "upsell", "email", start, start + timedelta(days=2))


def _only(daily: DailySeries, campaign: CampaignWindow, **knobs: object) -> EffectEstimate:
    return estimate_effects(daily, [campaign], options=replace(QUICK, **knobs)).campaigns[0]


def test_a_clear_rise_is_likely_with_window_excess_and_sentence() -> None:
    """Four extra complaints a day in days 3-9: likely, near the true lag, excess and ratio."""
    estimate = _only(_steady(jump=(103, 109, 4)), _campaign(100))
    assert estimate.verdict == "likely"
    assert estimate.p_value is not None
    assert estimate.p_value < 0.01
    assert estimate.lag_days in {2, 3, 4}
    assert estimate.excess == pytest.approx(28, abs=10)
    assert estimate.low is not None
    assert estimate.low > 2
    sentence = estimate.sentence()
    assert "C1" in sentence
    assert "likely linked in time" in sentence
    assert "caused" not in sentence


@pytest.mark.parametrize(("start", "days"), [(100, 21), (188, 12)])
def test_the_days_at_risk_end_with_the_data(start: int, days: int) -> None:
    """Three weeks from the start on, or what there is of them."""
    assert _only(_steady(), _campaign(start)).risk_days == days


def test_a_steady_series_shows_no_sign() -> None:
    """Nothing happens: no sign, interval around one, and the detectable ratio is told."""
    estimate = _only(_steady(), _campaign(100))
    assert estimate.verdict in {"no sign", "cannot tell"}
    assert estimate.p_value is not None
    assert estimate.p_value > 0.05
    assert estimate.low is not None
    assert estimate.high is not None
    assert estimate.low < 1 < estimate.high
    assert estimate.minimum_detectable_rate_ratio is not None


def test_results_repeat_for_a_seed_and_do_not_depend_on_row_order() -> None:
    """Same seed, shuffled campaigns and incidents: the same report."""
    world = _world()
    campaigns, incidents = list(world.campaigns), list(world.incidents)
    one = estimate_effects(world.daily, campaigns, incidents, seed=3, options=QUICK)
    random.Random(1).shuffle(campaigns)
    random.Random(2).shuffle(incidents)
    other = estimate_effects(world.daily, campaigns, incidents, seed=3, options=QUICK)
    assert one == other


def test_another_seed_moves_a_small_p_value_by_little() -> None:
    """Chances are simulated often enough that a close call does not depend on the random numbers."""
    world = _world()
    by_seed = []
    for seed in range(4):
        report = estimate_effects(world.daily, world.campaigns, world.incidents, seed=seed, series="negative")
        by_seed.append([estimate.p_value for estimate in report.campaigns])
    notable = [ps for ps in zip(*by_seed, strict=True) if all(p is not None and 2e-4 < p < 0.05 for p in ps)]
    assert len(notable) > 1
    assert max(max(ps) / min(ps) for ps in notable) < 1.6


def test_a_campaign_keeps_its_random_numbers_when_an_old_one_leaves_the_calendar() -> None:
    """Far apart, neither helps to explain the other: what is said of the later one stays the same."""
    daily, kept = _steady(days=300, jump=(252, 256, 2)), _campaign(250, "kept")
    alone = estimate_effects(daily, [kept], options=QUICK).campaigns[0]
    beside = estimate_effects(daily, [_campaign(20, "gone"), kept], options=QUICK).campaigns[1]
    assert beside.p_value == pytest.approx(alone.p_value, rel=0.1)
    assert beside.minimum_detectable_rate_ratio == pytest.approx(
        alone.minimum_detectable_rate_ratio, rel=0.01
    )


def test_a_shift_by_52_weeks_changes_nothing_but_dates() -> None:
    """Weekday kept, year changed: the same numbers."""
    world, year = _world(), timedelta(days=364)
    later = replace(world.daily, dates=tuple(day + year for day in world.daily.dates))
    moved = [replace(c, start=c.start + year, end=c.end + year) for c in world.campaigns]
    known = [replace(i, start=i.start + year, end=i.end + year) for i in world.incidents]
    one = estimate_effects(world.daily, world.campaigns, world.incidents, options=QUICK)
    other = estimate_effects(later, moved, known, options=QUICK)
    for here, there in zip(one.campaigns, other.campaigns, strict=True):
        assert astuple(replace(here, reason="")) == astuple(replace(there, reason=""))


@pytest.mark.parametrize("seed", range(3))
def test_numbers_are_finite_or_missing_and_ordered(seed: int) -> None:
    """p and q in 0..1, low <= ratio <= high, never NaN, in random worlds."""
    world = simulate(WorldKnobs(base=[0.5, 2.0, 10.0][seed], harmful=0.5, days=180, missing=0.06), seed)
    report = estimate_effects(world.daily, world.campaigns, world.incidents, options=QUICK)
    assert len(report.campaigns) == len(report.all_negative) == len(world.campaigns)
    for estimate in report.campaigns + report.all_negative:
        numbers = [value for value in astuple(estimate) if isinstance(value, float)]
        assert np.isfinite(numbers).all()
        if estimate.p_value is None:
            assert estimate.verdict == "cannot tell"
            assert estimate.reason
            continue
        assert 0 < estimate.p_value <= (estimate.q_value or 1) + 1e-9 <= 1 + 1e-8
        assert estimate.rate_ratio is not None
        assert estimate.low is not None
        assert estimate.high is not None
        assert 0 < estimate.low <= estimate.rate_ratio <= estimate.high
        assert estimate.sentence().endswith(".")


@pytest.mark.parametrize(
    ("daily", "campaign", "word"),
    [
        (_steady(days=1), _campaign(0), "collected"),
        (_steady(days=50), _campaign(30), "collected"),
        (_steady(), _campaign(5), "before"),
        (_steady(), _campaign(195), "from its start"),
        (_steady(), _campaign(400), "outside"),
        (_steady(), _campaign(-20), "outside"),
    ],
)
def test_too_little_data_is_refused_with_its_reason(
    daily: DailySeries, campaign: CampaignWindow, word: str
) -> None:
    """Cannot tell, no numbers, and the reason names what is missing."""
    estimate = _only(daily, campaign)
    assert estimate.verdict == "cannot tell"
    assert estimate.p_value is None
    assert word in estimate.reason
    assert word in estimate.sentence()


def test_all_zeros_are_refused() -> None:
    """No posts at all: cannot tell, on both series."""
    steady = _steady()
    zeros = np.zeros(200, dtype=np.int64)
    empty = DailySeries(steady.dates, zeros + 30, zeros, zeros, steady.collected)
    report = estimate_effects(empty, [_campaign(100)], options=QUICK)
    assert {e.verdict for e in report.campaigns + report.all_negative} == {"cannot tell"}


def test_no_campaigns_give_an_empty_report() -> None:
    """An empty calendar is no error."""
    assert estimate_effects(_steady(), [], options=QUICK).campaigns == ()


def test_gaps_in_the_days_at_risk_are_refused() -> None:
    """Nine collected days of 21 are too few."""
    steady = _steady()
    collected = steady.collected.copy()
    collected[105:117] = False
    estimate = _only(replace(steady, collected=collected), _campaign(100))
    assert estimate.verdict == "cannot tell"
    assert "days at risk" in estimate.reason


def test_twins_are_judged_as_one_group() -> None:
    """Two campaigns on the same day before one rise name each other, and neither alone is likely."""
    twins = [_campaign(100, "C1"), _campaign(100, "C2")]
    report = estimate_effects(_steady(jump=(103, 109, 4)), twins, options=QUICK)
    for estimate, other in zip(report.campaigns, ("C2", "C1"), strict=True):
        assert estimate.confounded_with == (other,)
        assert estimate.verdict == "cannot tell"
        assert other in estimate.reason
        assert estimate.p_value is not None
        assert estimate.p_value < 0.05
        assert estimate.low is not None
        assert estimate.low < 1.3


def test_two_rises_after_overlapping_campaigns_are_told_apart() -> None:
    """Two campaigns twelve days apart, each with a rise of its own."""
    daily = _steady(jump=(100, 104, 5))
    for column in (daily.total, daily.negative, daily.negative_marketing):
        assert column is not None
        column[113:118] += 5
    report = estimate_effects(daily, [_campaign(100, "C1"), _campaign(112, "C2")], options=QUICK)
    assert [estimate.verdict for estimate in report.campaigns] == ["likely", "likely"]


def test_an_outage_among_other_posts_is_set_aside() -> None:
    """Untagged negatives jump for two days: those days are unusable, a raised fortnight of tags is not."""
    daily = _steady()
    outage = daily.negative.copy()
    outage[60:62] += 40
    broken = replace(daily, total=daily.total + outage, negative=outage)
    assert set(np.flatnonzero(control_bursts(broken, [], QUICK))) >= {60, 61}
    assert not control_bursts(_steady(jump=(103, 116, 3)), [], QUICK).any()
    untrusted = replace(QUICK, tagger_recall=0.4)
    assert not control_bursts(broken, [], untrusted).any()


def test_a_known_outage_explains_a_burst() -> None:
    """The same burst of all negatives after a campaign, with and without the incident calendar."""
    daily = replace(_steady(jump=(103, 105, 12)), negative_marketing=None)
    incident = Incident("outage", daily.dates[103], daily.dates[105])
    blind = estimate_effects(daily, [_campaign(100)], options=QUICK).campaigns[0]
    told = estimate_effects(daily, [_campaign(100)], [incident], options=QUICK).campaigns[0]
    assert blind.p_value is not None
    assert told.p_value is not None
    assert told.p_value > blind.p_value
    assert told.verdict != "likely"


def test_a_poor_tagger_makes_all_negatives_primary() -> None:
    """Measured recall below one half: the primary series changes and the report says so."""
    report = estimate_effects(_steady(), [_campaign(100)], options=replace(QUICK, tagger_recall=0.4))
    assert report.series == "negative"
    assert any("fewer than half" in note for note in report.notes)


def test_asking_for_tags_that_are_not_there_is_an_error() -> None:
    """The message says what to do."""
    plain = replace(_steady(), negative_marketing=None)
    with pytest.raises(InputError, match="negative_marketing"):
        estimate_effects(plain, [], series="negative_marketing")


def test_impossible_counts_are_refused_by_the_series() -> None:
    """Negative counts, parts larger than the whole, holes in the calendar."""
    steady = _steady(days=10)
    with pytest.raises(InputError, match="negative is -1"):
        replace(steady, negative=steady.negative * 0 - 1)
    with pytest.raises(InputError, match="total is 0"):
        replace(steady, total=steady.total * 0)
    with pytest.raises(InputError, match="consecutive"):
        replace(steady, dates=(*steady.dates[:-1], date(2030, 1, 1)))


def test_holidays_of_a_country() -> None:
    """Fixed days, days after Easter and n-th weekdays; an unknown country is an error."""
    assert easter_sunday(2024) == date(2024, 3, 31)
    assert easter_sunday(2025) == date(2025, 4, 20)
    days = [date(2025, 11, 27), date(2025, 11, 26), date(2025, 9, 1), date(2025, 12, 25)]
    assert list(holiday_days(days, "us")) == [1.0, 0.0, 1.0, 1.0]
    assert list(holiday_days([date(2025, 4, 18), date(2025, 8, 25)], "GB")) == [1.0, 1.0]
    with pytest.raises(InputError, match="XX"):
        holiday_days(days, "XX")


def test_a_long_history_is_judged_year_by_year() -> None:
    """Every campaign of five years is judged once, each from the days around it."""
    daily = _steady(days=1826)
    campaigns = [_campaign(day, f"C{day}") for day in range(30, 1800, 90)]
    parts = split_history(daily, campaigns, QUICK)
    assert len(parts) > 1
    assert sorted(c.id for _, members in parts for c in members) == sorted(c.id for c in campaigns)
    for part, members in parts:
        assert all(part.dates[0] <= c.start <= part.dates[-1] for c in members)
        assert len(part.dates) <= 800
    quick = replace(QUICK, replicates=40)
    report = estimate_effects(daily, campaigns[-3:], series="negative", options=quick)
    assert all(estimate.p_value is not None for estimate in report.campaigns)
