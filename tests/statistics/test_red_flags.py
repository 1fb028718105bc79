"""The boundary scorecard: own history first, benchmark second, "no data" where there is none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from pydantic import TypeAdapter
from statsmodels.stats.proportion import proportion_confint

from monitor.correlate.nps import nps_score
from monitor.correlate.red_flag_inputs import (
    from_campaign_results,
    from_daily_counts,
    from_deals,
    from_metrics,
    from_nps,
    share_series,
    value_series,
)
from monitor.correlate.red_flag_rules import RULES, RULES_BY_KEY
from monitor.correlate.red_flags import FlagSeries, judge, scorecard
from monitor.domain.campaigns import CampaignResult
from monitor.domain.deals import Deal
from monitor.domain.findings import FlagLevel, RedFlag
from monitor.domain.metrics import MetricPoint
from monitor.domain.nps import NpsResponse
from monitor.errors import InputError

LAST = date(2026, 3, 29)


def shares(rates: list[float], trials: int = 10_000, window: int = 28) -> FlagSeries:
    """One observation a window, the last one current."""
    days = [LAST - timedelta(days=window * back) for back in range(len(rates) - 1, -1, -1)]
    return share_series(days, [round(rate * trials) for rate in rates], [trials] * len(rates))


def test_every_row_without_data_says_so_and_keeps_the_order_of_the_table() -> None:
    flags = scorecard({}, LAST)
    assert [flag.metric for flag in flags] == [rule.metric for rule in RULES]
    assert {flag.level for flag in flags} == {FlagLevel.NO_DATA}
    assert all(flag.value is None and flag.reason for flag in flags)


def test_the_table_holds_every_area_and_a_question_for_each_row() -> None:
    assert {rule.area for rule in RULES} >= {"e-mail", "in-app", "community", "sales and CS"}
    assert all(len(rule.questions) >= 2 for rule in RULES)
    assert len(RULES_BY_KEY) == len(RULES) == 23


def test_a_value_within_own_history_and_benchmark_is_ok() -> None:
    rates = [0.98, 0.975, 0.982, 0.979, 0.981, 0.98, 0.979]
    flag = judge(RULES_BY_KEY["delivery_rate"], shares(rates), LAST)
    assert (flag.level, flag.own_level, flag.benchmark_level) == (FlagLevel.OK,) * 3
    assert flag.questions == ()
    assert flag.window == "2026-03-02 to 2026-03-29"
    assert flag.own_low is not None
    assert flag.own_low < 0.979 < (flag.own_high or 0)


def test_a_fall_against_own_history_is_flagged_although_the_benchmark_is_kept() -> None:
    rates = [0.99, 0.991, 0.99, 0.989, 0.99, 0.991, 0.96]
    flag = judge(RULES_BY_KEY["delivery_rate"], shares(rates), LAST)
    assert flag.own_level is FlagLevel.CRITICAL
    assert flag.benchmark_level is FlagLevel.OK
    assert flag.level is FlagLevel.CRITICAL
    assert len(flag.questions) >= 2


def test_an_always_bad_rate_crosses_the_benchmark_only() -> None:
    flag = judge(RULES_BY_KEY["unsubscribe_rate"], shares([0.008] * 8), LAST)
    assert flag.own_level is FlagLevel.OK
    assert flag.benchmark_level is FlagLevel.CRITICAL
    assert "crosses the general benchmark" in flag.reason


def test_a_crossing_that_its_interval_does_not_confirm_is_a_caution_at_most() -> None:
    flag = judge(RULES_BY_KEY["unsubscribe_rate"], shares([0.0, 0.0, 0.0, 0.0, 0.01], trials=100), LAST)
    assert flag.benchmark_level is FlagLevel.CAUTION
    flag = judge(RULES_BY_KEY["unsubscribe_rate"], shares([0.002], trials=1000), LAST)
    assert flag.benchmark_level is FlagLevel.CAUTION
    assert "does not confirm" in flag.reason


@pytest.mark.parametrize(
    ("rate", "trials", "said"),
    [
        (
            0.0049,
            100_000,
            "crosses the general benchmark > 0.1 % (caution), not the next, > 0.5 % (critical)",
        ),
        (0.008, 100_000, "crosses the general benchmark > 0.5 % (critical)"),
        (
            0.006,
            10_000,
            "crosses the general benchmark > 0.5 % (critical), of which its interval confirms only > 0.1 % (caution)",
        ),
        (
            0.01,
            200,
            "crosses the general benchmark > 0.5 % (critical), of which its interval confirms only > 0.1 % (caution)",
        ),
        (
            0.0053,
            190,
            "crosses the general benchmark > 0.5 % (critical), which its interval does not confirm",
        ),
        (0.002, 1000, "crosses the general benchmark > 0.1 % (caution), which its interval does not confirm"),
        (0.0005, 100_000, "does not cross the general benchmark > 0.1 % caution, > 0.5 % critical"),
    ],
)
def test_a_reason_names_the_limit_that_was_crossed(rate: float, trials: int, said: str) -> None:
    """0.49 % does not cross 0.5 %."""
    flag = judge(RULES_BY_KEY["unsubscribe_rate"], shares([rate], trials=trials), LAST)
    assert flag.reason.rpartition("; ")[2] == said


def test_the_limits_of_a_metric_without_a_unit_are_plain_numbers() -> None:
    days = [LAST - timedelta(days=7 * back) for back in range(4)]
    flag = judge(RULES_BY_KEY["emails_per_customer_week"], value_series(days, [2.4, 2.5, 2.4, 2.5]), LAST)
    assert flag.reason.endswith("crosses the general benchmark > 2 (caution), not the next, > 3 (critical)")


def test_a_single_limit_is_named_as_the_table_names_it() -> None:
    flag = judge(RULES_BY_KEY["open_rate"], shares([0.1]), LAST)
    assert flag.reason.endswith("crosses the general benchmark < 15 %")


def test_own_history_is_told_with_the_length_of_its_windows() -> None:
    """So that it is seen to be another range than the usual one of a week."""
    weekly = judge(RULES_BY_KEY["marketing_complaint_share"], shares([0.0] * 9 + [0.075], 1000, 7), LAST)
    assert "beyond the 0 % to " in weekly.reason
    assert "that 9 earlier weeks lead to expect" in weekly.reason
    monthly = judge(RULES_BY_KEY["win_rate"], shares([0.3] * 6), LAST)
    assert "that 5 earlier windows of 28 days lead to expect" in monthly.reason


def test_short_history_leaves_the_benchmark_alone() -> None:
    flag = judge(RULES_BY_KEY["open_rate"], shares([0.3, 0.31, 0.1]), LAST)
    assert flag.own_level is FlagLevel.NO_DATA
    assert flag.own_baseline is None
    assert flag.level is FlagLevel.CAUTION
    assert "too short" in flag.reason


@pytest.mark.parametrize("seed", range(3))
def test_harmless_windows_are_rarely_flagged(seed: int) -> None:
    """One-sided 2.5 % by design; 200 noisy histories may flag at most 6 %."""
    rng = np.random.default_rng(seed)
    flags = []
    for _ in range(200):
        rates = np.clip(rng.normal(0.3, 0.02, 12), 0, 1)
        trials = 800
        counts = rng.binomial(trials, rates)
        days = [LAST - timedelta(days=28 * back) for back in range(11, -1, -1)]
        series = share_series(days, counts.tolist(), [trials] * 12)
        flags.append(judge(RULES_BY_KEY["win_rate"], series, LAST).own_level)
    assert np.mean([level is not FlagLevel.OK for level in flags]) <= 0.06


def test_share_interval_equals_statsmodels_wilson() -> None:
    flag = judge(RULES_BY_KEY["win_rate"], shares([0.3], trials=50), LAST)
    assert (flag.low, flag.high) == pytest.approx(proportion_confint(15, 50, method="wilson"))


def test_percentages_are_refused_with_the_way_out() -> None:
    with pytest.raises(InputError, match="open_rate holds 31: a share from 0 to 1 expected"):
        judge(RULES_BY_KEY["open_rate"], value_series([LAST], [31.0]), LAST)


def test_weekly_averages_are_judged_although_a_window_holds_only_four() -> None:
    days = [LAST - timedelta(days=7 * back) for back in range(40)]
    touches = [4.5 + 0.1 * (back % 2) if back < 4 else 1.0 + 0.1 * (back % 3) for back in range(40)]
    flag = judge(RULES_BY_KEY["emails_per_customer_week"], value_series(days, touches), LAST)
    assert (flag.level, flag.own_level, flag.benchmark_level) == (FlagLevel.CRITICAL,) * 3
    assert flag.n == 4


def test_one_value_a_window_is_judged_against_the_spread_of_windows() -> None:
    days = [LAST - timedelta(days=28 * back) for back in range(9)]
    seconds = [0.5, 2.0, 2.1, 1.9, 2.2, 2.0, 1.8, 2.1, 2.0]
    flag = judge(RULES_BY_KEY["ad_dwell_seconds"], value_series(days, seconds), LAST)
    assert flag.own_level is FlagLevel.CRITICAL
    assert (flag.low, flag.high) == (0.5, 0.5)


def test_campaign_results_become_rates() -> None:
    result = CampaignResult(
        "mail",
        "C1",
        LAST,
        "email",
        sent=1000,
        delivered=990,
        opens=1200,
        clicks=30,
        unsubscribes=9,
        bounces=10,
    )
    sms = CampaignResult("mail", "C2", LAST, "sms", sent=200, unsubscribes=2)
    series = from_campaign_results([result, sms])
    assert series["delivery_rate"].numerators.tolist() == [990]
    assert "open_rate" not in series  # more opens than messages: counted per open, not per person
    assert series["unsubscribe_rate"].denominators.tolist() == [990]
    assert series["sms_opt_out_rate"].denominators.tolist() == [200]
    assert "complaint_rate" not in series


def test_metrics_prefer_the_whole_over_segments() -> None:
    metrics = [
        MetricPoint("file", "ad_dwell_seconds", LAST, value=0.8),
        MetricPoint("file", "ad_dwell_seconds", LAST, value=5.0, segment="new"),
        MetricPoint("file", "win_rate", LAST, numerator=3, denominator=10),
    ]
    series = from_metrics(metrics)
    assert series["ad_dwell_seconds"].numerators.tolist() == [0.8]
    assert series["win_rate"].counted


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "has no value"),
        ({"numerator": 5, "denominator": 3}, "5 of 3"),
        ({"value": float("nan")}, "finite"),
    ],
)
def test_a_metric_without_a_usable_value_cannot_exist(fields: dict[str, float], words: str) -> None:
    with pytest.raises(InputError, match=words):
        MetricPoint("file", "win_rate", LAST, **fields)


def test_deals_give_win_rate_qualification_and_cycle_time() -> None:
    rng = np.random.default_rng(1)
    deals = [
        Deal(
            "crm",
            str(index),
            type="expansion",
            opened_on=LAST - timedelta(days=int(index) + 30 + (60 if index < 25 else 0)),
            closed_on=LAST - timedelta(days=int(index)),
            won=bool(rng.random() < 0.5),
            qualified=True,
        )
        for index in range(300)
    ]
    flags = {flag.metric: flag for flag in scorecard(from_deals(deals), LAST)}
    slow = flags["cycle time of expansion deals"]
    assert slow.level is FlagLevel.CRITICAL
    assert slow.own_baseline == pytest.approx(30)
    assert flags["expansion win rate"].level is FlagLevel.OK
    assert from_deals(deals, deal_type="renewal") == {}


def test_nps_answers_are_judged_in_points() -> None:
    rng = np.random.default_rng(2)
    responses = [
        NpsResponse(
            "survey",
            str(index),
            datetime(2026, 3, 29, tzinfo=UTC) - timedelta(days=int(index) // 4),
            int(rng.choice([10, 8, 2], p=[0.2, 0.2, 0.6] if index < 112 else [0.6, 0.2, 0.2])),
        )
        for index in range(1200)
    ]
    flag = {flag.metric: flag for flag in scorecard(from_nps(responses, UTC), LAST)}["NPS"]
    assert flag.level is FlagLevel.CRITICAL
    assert flag.n == 112
    assert flag.own_baseline == pytest.approx(40, abs=10)


def test_an_answer_counts_on_its_day_in_the_reports_time_zone() -> None:
    """Sunday evening in Los Angeles is Monday in UTC, and belongs to the week that ends on Sunday."""
    zone = ZoneInfo("America/Los_Angeles")
    sunday = datetime(2026, 3, 29, 18, tzinfo=zone)
    responses = [NpsResponse("survey", str(n), sunday.astimezone(UTC), 10) for n in range(20)]
    series = from_nps(responses, zone)["nps"]
    assert {flag.metric: flag for flag in scorecard({"nps": series}, date(2026, 3, 29))}["NPS"].n == 20
    late = from_nps(responses, UTC)["nps"]
    assert {flag.metric: flag for flag in scorecard({"nps": late}, date(2026, 3, 29))}["NPS"].n == 0


def test_nps_has_the_interval_that_stands_beside_the_score_elsewhere() -> None:
    """Four promoters and four detractors: 0 with one interval in the scorecard and in question 4."""
    scores = [10, 10, 10, 10, 2, 2, 2, 2]
    moment = datetime(2026, 3, 20, 12, tzinfo=UTC)
    responses = [NpsResponse("survey", str(n), moment, score) for n, score in enumerate(scores)]
    flag = {flag.metric: flag for flag in scorecard(from_nps(responses, UTC), LAST)}["NPS"]
    score = nps_score(scores)
    assert (flag.value, flag.low, flag.high) == (score.score, score.low, score.high)


def test_posts_are_judged_week_by_week() -> None:
    days = [LAST - timedelta(days=back) for back in range(100)]
    negative = [12.0 if back < 7 else 4.0 for back in range(100)]
    series = from_daily_counts(days, [50.0] * 100, {"negative_post_share": negative})
    flag = {flag.metric: flag for flag in scorecard(series, LAST)}["negative posts and complaints"]
    assert flag.level is FlagLevel.CRITICAL
    assert flag.value == pytest.approx(0.24)
    assert flag.benchmark == ""


def test_a_flag_carries_its_own_history_with_gaps_as_gaps() -> None:
    """Windows before the first value are left out; a window in between without enough is kept without a value."""
    days = [LAST - timedelta(days=28 * back) for back in (6, 5, 3, 2, 1, 0)]
    series = share_series(days, [20, 10, 30, 40, 1, 60], [1000, 1000, 1000, 1000, 4, 1000])
    flag = judge(RULES_BY_KEY["unsubscribe_rate"], series, LAST)
    assert [window.last_day for window in flag.history] == [
        LAST - timedelta(days=28 * back) for back in range(6, -1, -1)
    ]
    assert [window.value for window in flag.history] == [0.02, 0.01, None, 0.03, 0.04, None, 0.06]
    assert [window.n for window in flag.history] == [1000, 1000, 0, 1000, 1000, 4, 1000]
    assert (flag.history[-1].value, flag.history[-1].low) == (flag.value, flag.low)
    assert (flag.window_days, flag.caution_limit, flag.critical_limit) == (28, 0.001, 0.005)


def test_a_metric_that_stopped_keeps_its_history() -> None:
    """No data now does not hide what was seen before."""
    flag = judge(RULES_BY_KEY["open_rate"], share_series([LAST - timedelta(days=40)], [30], [100]), LAST)
    assert flag.level is FlagLevel.NO_DATA
    assert [window.value for window in flag.history] == [0.3, None]


def test_a_flag_stored_by_an_earlier_version_still_opens() -> None:
    """Rows of the table of findings outlive the version that wrote them."""
    flag = judge(RULES_BY_KEY["open_rate"], shares([0.3] * 8), LAST)
    adapter = TypeAdapter(RedFlag)
    stored = adapter.dump_python(flag, mode="json")
    assert adapter.validate_python(stored) == flag
    added = ("history", "window_days", "caution_limit", "critical_limit")
    old = {name: value for name, value in stored.items() if name not in added}
    opened = adapter.validate_python(old)
    assert (opened.value, opened.history, opened.caution_limit) == (flag.value, (), None)
