"""When a spike begins and ends for the alerts, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest

from monitor.correlate.spikes import detect
from monitor.domain.alerts import AlertOptions, RuleName, RuleOptions
from monitor.domain.campaigns import Campaign
from monitor.domain.findings import DetectionPoint
from monitor.domain.series import DailySeries
from monitor.workflow.alert_spikes import (
    _JUDGED_AT,
    NEAR_WEIGHT,
    SPIKE_RULES,
    _bar,
    _budgets,
    _with_own_end,
    days_near,
    detect_days,
    judge_spikes,
    spike_signals,
)

FIRST = date(2028, 1, 1)
RULE = RuleName.COMPLAINT_SPIKE


def points(values: Sequence[float], evidence: Sequence[int] = ()) -> list[DetectionPoint]:
    """One point a day where 2 (0 to 5) are expected; new evidence on the given days."""
    begin = datetime(2028, 2, 25, tzinfo=UTC)
    return [
        DetectionPoint(
            begin + timedelta(days=i), value, 2.0, 0.0, 5.0, 0.9 if i in evidence else 0.1, alarm=False
        )
        for i, value in enumerate(values)
    ]


def states(values: Sequence[float], evidence: Sequence[int]) -> list[bool]:
    return [point.in_incident for point in own_end(points(values, evidence))]


def own_end(judged: Sequence[DetectionPoint]) -> list[DetectionPoint]:
    return list(_with_own_end(judged, [0.5] * len(judged)))


def test_it_begins_with_new_evidence_and_ends_when_three_days_are_usual() -> None:
    assert states([2, 9, 9, 2, 2, 2, 2], [1]) == [False, True, True, True, True, False, False]


def test_evidence_from_a_window_that_is_quiet_by_now_begins_nothing() -> None:
    assert not any(states([2, 2, 3, 3, 2], [4]))


def test_a_second_rise_begins_anew() -> None:
    told = [p.alarm for p in own_end(points([9, 2, 2, 2, 2, 9, 9], [0, 5]))]
    assert [i for i, alarm in enumerate(told) if alarm] == [0, 5]


def test_what_is_said_holds_number_expectation_interval_and_days() -> None:
    judged = own_end(points([2, 2, 9, 9], [2]))
    (signal,) = spike_signals(judged, RULE, RuleOptions(), date(2028, 2, 28))
    assert signal.sentence == (
        "Marketing complaints rose above their usual range: 9 on 2028-02-27, where 2.0 (0 to 5) were expected."
    )
    assert signal.measure.sentence() == (
        "marketing complaints on 2028-02-27: 9, expected about 2.0 (0 to 5); n = 22, 2028-02-25 to 2028-02-28"
    )
    assert signal.onset == date(2028, 2, 27)


def test_several_high_days_without_a_peak_are_told_as_a_sum() -> None:
    judged = own_end(points([5, 5, 5, 5], [2]))
    (signal,) = spike_signals(judged, RULE, RuleOptions(), date(2028, 2, 28))
    assert "stay high: 20 in 4 days, where 8.0 were expected" in signal.sentence


def test_too_few_posts_raise_nothing() -> None:
    judged = own_end(points([0, 0, 9, 9], [2]))
    assert list(spike_signals(judged, RULE, RuleOptions(minimum_posts=19), date(2028, 2, 28))) == []


def test_over_the_leap_day_and_the_change_to_summer_time_a_steady_series_is_quiet() -> None:
    days = tuple(FIRST + timedelta(days=i) for i in range(150))
    negative = np.array([2 + i % 2 for i in range(150)])
    series = DailySeries(days, negative + 20, negative, negative // 2, np.ones(150, dtype=bool))
    judged = judge_spikes(series, AlertOptions())
    for rule in SPIKE_RULES:
        assert len(judged[rule]) == 150
        assert not any(point.in_incident for point in judged[rule])


def test_days_that_were_not_collected_are_left_out() -> None:
    days = tuple(FIRST + timedelta(days=i) for i in range(60))
    collected = np.array([i != 40 for i in range(60)])
    zeros = np.where(collected, 2, 0)
    series = DailySeries(days, zeros + 10 * collected, zeros, zeros, collected)
    assert len(judge_spikes(series, AlertOptions())[RULE]) == 59
    assert judge_spikes(None, AlertOptions())[RULE] == ()


def noisy(days: int = 300) -> DailySeries:
    """A year's noise with a few rises, always the same."""
    dice = np.random.default_rng(5)
    counts = dice.poisson(1.5, days)
    counts[[80, 81, 150, 151, 152, 220]] += 3
    dates = tuple(FIRST + timedelta(days=i) for i in range(days))
    return DailySeries(dates, counts + 20, counts, counts, np.ones(days, dtype=bool))


@pytest.mark.parametrize("budget", [0.5, 2.0, 4.0, 8.0, 24.0])
def test_the_bar_of_a_budget_is_where_the_detector_would_set_it(budget: float) -> None:
    series = noisy()
    moments = [datetime.combine(day, time(), tzinfo=UTC) for day in series.dates]
    exposure = series.total.astype(float)
    told = {
        judged_at: detect(
            series.negative.astype(float), moments, exposure=exposure, budget_per_year=judged_at
        )
        for judged_at in (budget, _JUDGED_AT)
    }
    wanted = [point.score >= 0.5 for point in told[budget]]
    assert [point.score >= _bar(budget) for point in told[_JUDGED_AT]] == wanted
    assert any(wanted)


def test_the_budget_is_kept_however_many_days_are_near_a_campaign() -> None:
    for near in ([False] * 50, [True] * 50, [i % 3 == 0 for i in range(50)], [i > 30 for i in range(50)]):
        shares = list(_budgets(near, 8.0))
        assert shares[0] == pytest.approx(8.0)
        last, is_near = shares[-1], near[-1]
        other = last / NEAR_WEIGHT if is_near else last * NEAR_WEIGHT
        known = sum(near) / 50
        assert known * (last if is_near else other) + (1 - known) * (
            other if is_near else last
        ) == pytest.approx(8.0)


def test_days_near_end_a_week_after_a_campaign_and_three_weeks_after_the_start_of_one_that_never_ends() -> (
    None
):
    short = Campaign("c", "1", "Drip", date(2028, 2, 27), date(2028, 2, 29))
    assert days_near([short]) == {date(2028, 2, 27) + timedelta(days=i) for i in range(10)}
    always = Campaign("c", "2", "Always on", date(2028, 1, 1), date(2030, 1, 1))
    assert max(days_near([always])) == date(2028, 1, 22)


def test_near_a_campaign_weaker_evidence_is_enough() -> None:
    series = noisy()
    alone = detect_days(series, RULE, 2.0)
    near = detect_days(series, RULE, 2.0, frozenset(series.dates[148:156]))
    before = [p.timestamp.date() for p in alone if p.alarm]
    after = [p.timestamp.date() for p in near if p.alarm]
    assert series.dates[151] not in before
    assert any(series.dates[148] <= day <= series.dates[152] for day in after)
