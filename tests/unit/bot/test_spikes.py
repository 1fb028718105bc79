"""When a spike begins and ends for the alerts, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np

from monitor.domain.alerts import AlertOptions, RuleName, RuleOptions
from monitor.domain.findings import DetectionPoint
from monitor.domain.series import DailySeries
from monitor.workflow.alert_spikes import SPIKE_RULES, _with_own_end, judge_spikes, spike_signals

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
    return [point.in_incident for point in _with_own_end(points(values, evidence))]


def test_it_begins_with_new_evidence_and_ends_when_three_days_are_usual() -> None:
    assert states([2, 9, 9, 2, 2, 2, 2], [1]) == [False, True, True, True, True, False, False]


def test_evidence_from_a_window_that_is_quiet_by_now_begins_nothing() -> None:
    assert not any(states([2, 2, 3, 3, 2], [4]))


def test_a_second_rise_begins_anew() -> None:
    told = [p.alarm for p in _with_own_end(points([9, 2, 2, 2, 2, 9, 9], [0, 5]))]
    assert [i for i, alarm in enumerate(told) if alarm] == [0, 5]


def test_what_is_said_holds_number_expectation_interval_and_days() -> None:
    judged = list(_with_own_end(points([2, 2, 9, 9], [2])))
    (signal,) = spike_signals(judged, RULE, RuleOptions(), date(2028, 2, 28))
    assert signal.sentence == (
        "Marketing complaints rose above their usual range: 9 on 2028-02-27, where 2.0 (0 to 5) were expected."
    )
    assert signal.measure.sentence() == (
        "marketing complaints on 2028-02-27: 9, expected about 2.0 (0 to 5); n = 22, 2028-02-25 to 2028-02-28"
    )
    assert signal.onset == date(2028, 2, 27)


def test_several_high_days_without_a_peak_are_told_as_a_sum() -> None:
    judged = list(_with_own_end(points([5, 5, 5, 5], [2])))
    (signal,) = spike_signals(judged, RULE, RuleOptions(), date(2028, 2, 28))
    assert "stay high: 20 in 4 days, where 8.0 were expected" in signal.sentence


def test_too_few_posts_raise_nothing() -> None:
    judged = list(_with_own_end(points([0, 0, 9, 9], [2])))
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
