"""Reporting delay: the share known by age is recovered although young days hide long delays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from monitor.correlate.event_study import estimate_effects
from monitor.correlate.options import CorrelatorOptions
from monitor.correlate.reporting_delay import (
    SourceDelay,
    completeness,
    delay_groups,
    known_by_age,
    known_shares,
)
from monitor.correlate.spikes import detect
from monitor.domain.series import CampaignWindow, DailySeries
from monitor.errors import InputError


def arrivals(seed: int, posts: int = 6000) -> tuple[np.ndarray, np.ndarray]:
    """Posts of the last 20 days, of which only those that arrived are seen."""
    rng = np.random.default_rng(seed)
    ages = rng.integers(0, 20, posts)
    delays = rng.choice(4, posts, p=[0.5, 0.3, 0.15, 0.05])
    seen = delays <= ages
    return delays[seen], ages[seen]


def test_shares_by_age_are_recovered() -> None:
    assert completeness(*arrivals(1)) == pytest.approx((0.5, 0.8, 0.95), abs=0.03)


def test_young_days_do_not_make_it_look_faster() -> None:
    """The plain share of same-day arrivals is biased upwards when most posts are young; the estimate is not."""
    rng = np.random.default_rng(2)
    ages = np.minimum(rng.geometric(0.4, 20_000) - 1, 30)
    delays = rng.choice(4, 20_000, p=[0.5, 0.3, 0.15, 0.05])
    seen = delays <= ages
    plain = float((delays[seen] == 0).mean())
    assert plain > 0.6
    assert completeness(delays[seen], ages[seen])[0] == pytest.approx(0.5, abs=0.03)


def test_posts_that_arrive_at_once_need_no_correction() -> None:
    assert completeness([0] * 100, list(range(100))) == ()


def test_few_posts_give_no_correction() -> None:
    assert completeness([1] * 10, [5] * 10) == ()


@pytest.mark.parametrize(
    ("delays", "ages", "words"), [([3], [2], "3 days"), ([1, 2], [3], "2 delays for 1 ages")]
)
def test_impossible_delays_are_named(delays: list[int], ages: list[int], words: str) -> None:
    with pytest.raises(InputError, match=words):
        completeness(delays, ages)


def synced(seed: int, every: int, shares: tuple[float, ...], days: int = 90) -> list[tuple[int, int, int]]:
    """(day of the sync, age, posts) of 60 posts a day with random delays, read every so many days."""
    rng = np.random.default_rng(seed)
    found: dict[tuple[int, int], int] = {}
    for day in range(days):
        for delay in rng.choice(len(shares), 60, p=shares).tolist():
            seen_on = -(-(day + delay) // every) * every
            if seen_on < days:
                found[seen_on, seen_on - day] = found.get((seen_on, seen_on - day), 0) + 1
    return [(seen_on, age, posts) for (seen_on, age), posts in sorted(found.items())]


@pytest.mark.parametrize(("every", "off"), [(1, 0.03), (3, 0.05)])
def test_syncs_every_day_or_every_third_day_tell_the_same_delay(every: int, off: float) -> None:
    """Waiting for the next sync is no delay: only what an earlier sync missed is late."""
    groups = delay_groups(synced(3, every, (0.5, 0.3, 0.15, 0.05)), range(0, 90, every))
    assert known_by_age(groups) == pytest.approx((0.5, 0.8, 0.95), abs=off)


def test_a_weekly_sync_that_misses_nothing_needs_no_correction() -> None:
    assert known_by_age(delay_groups(synced(4, 7, (1.0,)), range(0, 90, 7))) == ()


def test_history_read_at_first_or_later_is_no_delay() -> None:
    """The first sync, and one that reads a new channel's past, bring old posts that nobody waited for."""
    on_time = [(day, 0, 20) for day in range(60)]
    past = [(day, age, 15) for day in (0, 30) for age in range(31)]
    assert known_by_age(delay_groups(on_time + past, range(60))) == ()


def test_sources_that_were_not_read_lately_lower_the_known_share() -> None:
    """A source of a quarter of the posts, last read two days ago: three quarters are known since."""
    sources = [SourceDelay(300, 100, ()), SourceDelay(100, 98, ())]
    assert known_shares(sources, range(80, 101))[-3:].tolist() == [1.0, 0.75, 0.75]
    given_up = [*sources, SourceDelay(400, 50, ())]
    assert known_shares(given_up, range(80, 101)).tolist() == known_shares(sources, range(80, 101)).tolist()


SHARES = (0.35, 0.7, 0.9)


def late_world(seed: int, *, outbreak: float = 1.0, days: int = 150) -> tuple[np.ndarray, np.ndarray]:
    """Counts and totals whose last three days are not all in; an outbreak over the last two days."""
    rng = np.random.default_rng(seed)
    rate = np.full(days, 12.0)
    rate[-2:] *= outbreak
    counts, plain = rng.poisson(rate), rng.poisson(90.0, days)
    for age, share in enumerate(SHARES):
        counts[-1 - age] = rng.binomial(counts[-1 - age], share)
        plain[-1 - age] = rng.binomial(plain[-1 - age], share)
    return counts.astype(float), (counts + plain).astype(float)


def last_days(outbreak: float, shares: tuple[float, ...], worlds: int = 100) -> tuple[float, float, float]:
    """Posts over expected posts on the last day, worlds below the range and worlds in alarm in the last three."""
    stamps = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(150)]
    seen, expected, low, alarms = 0.0, 0.0, 0, 0
    for seed in range(worlds):
        counts, totals = late_world(seed, outbreak=outbreak)
        points = detect(counts, stamps, exposure=totals, completeness=shares)
        seen, expected = seen + points[-1].value, expected + points[-1].expected
        low += points[-1].value < points[-1].low
        alarms += any(point.alarm for point in points[-3:])
    return seen / expected, low / worlds, alarms / worlds


def test_late_posts_make_neither_a_false_quiet_nor_more_alarms() -> None:
    """The corrected expectation of the newest day fits what is in; uncorrected, it is twice too high."""
    ratio, low, alarms = last_days(1.0, SHARES)
    assert ratio == pytest.approx(1.0, abs=0.15)
    assert low <= 0.05
    assert alarms <= 0.05
    assert last_days(1.0, ())[0] < 0.8


def test_an_outbreak_in_the_late_days_is_found_more_often_with_the_correction() -> None:
    assert last_days(2.5, SHARES)[2] > last_days(2.5, ())[2] + 0.1


def test_a_campaign_at_the_end_is_not_excused_by_late_posts() -> None:
    """With the known shares told, the ratio of a campaign of the last days is that of the full data."""
    ratios: dict[str, list[float]] = {"full": [], "told": [], "untold": []}
    dates = tuple(date(2026, 1, 5) + timedelta(days=day) for day in range(120))
    campaign = CampaignWindow("C1", "upsell", "email", dates[108], dates[109])
    for seed in range(6):
        rng = np.random.default_rng(seed)
        rate = np.full(120, 3.0)
        rate[112:] *= 2.5
        tagged, others, plain = rng.poisson(rate), rng.poisson(6.0, 120), rng.poisson(60.0, 120)
        known = np.ones(120)
        known[-4:] = (0.9, 0.75, 0.55, 0.3)
        part = [np.where(known < 1, rng.binomial(c, known), c) for c in (tagged, others, plain)]
        for name, (t, o, p) in (("full", (tagged, others, plain)), ("told", part), ("untold", part)):
            daily = DailySeries(
                dates, t + o + p, t + o, t, np.ones(120, dtype=bool), known if name == "told" else None
            )
            report = estimate_effects(
                daily, [campaign], series="negative_marketing", options=CorrelatorOptions(replicates=60)
            )
            ratios[name].append(np.log(report.campaigns[0].rate_ratio or 1.0))
            assert len(report.notes) == (2 if name == "told" else 1)
    full, told, untold = (float(np.mean(ratios[name])) for name in ("full", "told", "untold"))
    assert told == pytest.approx(full, abs=0.2)
    assert untold < min(full, told)
