"""The spike detector: budget kept, outbreaks found, past data only, bad input refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom

from monitor.correlate.baseline import Baseline, filter_baseline
from monitor.correlate.spikes import OUTBREAK_RATIOS, DetectorOptions, detect, predictive_interval, threshold
from monitor.correlate.tail import tail_evidence
from monitor.domain.findings import DetectionPoint
from monitor.errors import InputError
from monitor.workflow.detect_file import detect_file
from tests.statistics.outbreak_simulator import OutbreakSeries, draw_world, simulate

START = datetime(2024, 1, 1, tzinfo=UTC)


def days(count: int, start: datetime = START) -> list[datetime]:
    return [start + timedelta(days=index) for index in range(count)]


def run(series: OutbreakSeries, budget: float = 4.0) -> list[DetectionPoint]:
    return detect(series.values, days(len(series.values)), exposure=series.total, budget_per_year=budget)


def worlds(base: float, count: int, seed: int, **fixed: float) -> list[OutbreakSeries]:
    rng = np.random.default_rng([seed, int(10 * base)])
    return [simulate(rng, draw_world(rng, base, **fixed)) for _ in range(count)]


@pytest.mark.parametrize("base", [0.5, 1.5, 4.0, 10.0])
def test_a_harmless_year_keeps_the_promised_alarm_rate(base: float) -> None:
    """Four alarms a year are promised; 2 to 6 come at every volume."""
    series = worlds(base, 30, seed=11, outbreaks=0.0)
    alarms = sum(point.alarm for one in series for point in run(one))
    years = sum(len(one.values) - 28 for one in series) / 365
    assert 2.5 <= alarms / years <= 5.5


@pytest.mark.parametrize(("base", "floor"), [(0.5, 0.36), (1.5, 0.48), (4.0, 0.55), (10.0, 0.62)])
def test_outbreaks_are_found_at_the_default_budget(base: float, floor: float) -> None:
    found = total = 0
    for one in worlds(base, 25, seed=12):
        points = run(one)
        for first, last, _ in one.outbreaks:
            total += 1
            found += any(point.alarm for point in points[first : last + 2])
    assert found / total >= floor


def test_a_larger_budget_brings_more_alarms() -> None:
    series = worlds(4.0, 10, seed=13, outbreaks=0.0)
    few, many = (sum(p.alarm for one in series for p in run(one, budget)) for budget in (2.0, 26.0))
    assert many > 3 * few


def test_each_point_is_judged_from_the_past_only() -> None:
    """Cutting the series after a day changes nothing up to that day."""
    one = worlds(1.5, 1, seed=14)[0]
    whole = run(one)
    cut = detect(one.values[:300], days(300), exposure=one.total[:300])
    assert cut == whole[:300]


def test_one_incident_raises_one_alarm() -> None:
    counts = np.full(120, 3.0)
    counts[80:90] = 14.0
    points = detect(counts, days(120))
    assert [index for index, point in enumerate(points) if point.alarm] == [80]
    assert all(point.in_incident for point in points[80:90])
    assert not points[119].in_incident


def test_a_second_incident_after_quiet_days_raises_its_own_alarm() -> None:
    counts = np.full(200, 3.0)
    counts[[80, 81, 150, 151]] = 20.0
    points = detect(counts, days(200))
    assert [index for index, point in enumerate(points) if point.alarm] == [80, 150]


def test_a_past_outbreak_does_not_hide_the_next_one() -> None:
    """The level after a winsorised outbreak stays within a third of the level before."""
    rng = np.random.default_rng(15)
    counts = rng.poisson(4.0, 150).astype(float)
    counts[100:103] = 60.0
    points = detect(counts, days(150))
    assert points[110].expected < 4.0 * 1.35


def test_more_plain_activity_raises_the_expectation() -> None:
    rng = np.random.default_rng(16)
    counts = rng.poisson(4.0, 100).astype(float)
    total = counts + rng.poisson(40, 100)
    total[99] = counts[99] + 400
    busy = detect(counts, days(100), exposure=total)[99]
    usual = detect(counts[:99], days(99), exposure=total[:99])[98]
    assert busy.expected > 2 * usual.expected


def test_weekday_rhythm_is_learnt() -> None:
    rng = np.random.default_rng(17)
    rate = np.where(np.arange(364) % 7 >= 5, 2.0, 12.0)
    points = detect(rng.poisson(rate).astype(float), days(364))
    working, weekend = points[361].expected, points[363].expected
    assert working == pytest.approx(12, rel=0.25)
    assert weekend == pytest.approx(2, rel=0.5)


def test_late_reports_lower_the_expectation_of_the_last_days() -> None:
    counts = np.full(60, 10.0)
    points = detect(counts, days(60), completeness=(0.5, 0.8))
    assert points[59].expected == pytest.approx(5, rel=0.1)
    assert points[58].expected == pytest.approx(8, rel=0.1)
    assert points[57].expected == pytest.approx(10, rel=0.1)


def test_days_not_collected_are_not_zeros() -> None:
    kept = [index for index in range(120) if not 60 <= index < 80]
    points = detect([5.0] * len(kept), [days(120)[index] for index in kept])
    assert points[-1].expected == pytest.approx(5, rel=0.1)
    assert not any(point.alarm for point in points)


def test_a_gap_of_centuries_leaves_a_vague_level() -> None:
    stamps = [datetime(202, 1, day, tzinfo=UTC) for day in range(1, 31)] + days(30)
    points = detect([5.0] * 60, stamps)
    assert points[30].low == 0
    assert points[30].high > 10
    assert not any(point.alarm for point in points)


def test_interval_equals_scipy_negative_binomial() -> None:
    baseline = Baseline(*(np.array([value]) for value in (2.0, 30.0, 10.0, 0.1)))
    low, high = predictive_interval(baseline)
    size = 1 / (1 / 30 + 0.1)
    assert (low[0], high[0]) == nbinom.interval(0.95, size, size / (size + 6.0))


def test_evidence_is_a_ratio_of_scipy_likelihoods() -> None:
    """On the last day of a one-day window the ratio equals two negative-binomial probabilities."""
    from monitor.correlate.spikes import _grid, spike_evidence

    grid = _grid(days(1))
    baseline = filter_baseline(np.array([3.0]), grid.steps, grid.weekdays, grid.hours, 1.0)
    size = 1 / (1 / baseline.shape[0] + baseline.dispersion[0])
    mean = baseline.expected[0]
    ratios = [
        nbinom.pmf(3, size, size / (size + r * mean)) / nbinom.pmf(3, size, size / (size + mean))
        for r in OUTBREAK_RATIOS
    ]
    assert spike_evidence(np.array([3.0]), grid, baseline)[0] == pytest.approx(np.log(np.mean(ratios)))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=60), st.randoms(use_true_random=False))
def test_order_of_rows_and_shifts_of_weeks_change_nothing(counts: list[int], random: object) -> None:
    stamps = days(len(counts))
    points = detect(counts, stamps)
    shuffled = list(range(len(counts)))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    mixed = detect([counts[i] for i in shuffled], [stamps[i] for i in shuffled])
    assert [points[i] for i in shuffled] == mixed
    shifted = detect(counts, days(len(counts), START + timedelta(days=364)))
    assert [(p.score, p.alarm, p.expected) for p in points] == [
        (p.score, p.alarm, p.expected) for p in shifted
    ]
    for point in points:
        assert 0 <= point.score <= 1
        assert np.isfinite([point.expected, point.low, point.high]).all()


def test_all_zeros_raise_no_alarm() -> None:
    assert not any(point.alarm for point in detect([0.0] * 400, days(400)))


def test_a_single_day_is_judged_without_an_alarm() -> None:
    (point,) = detect([7.0], days(1))
    assert not point.alarm


@pytest.mark.parametrize(
    ("values", "stamps", "total", "budget", "words"),
    [
        ([1.0, -1.0], days(2), None, 4.0, "-1.0"),
        ([1.0, float("nan")], days(2), None, 4.0, "nan"),
        ([1.0, 2.0], [START, START], None, 4.0, "twice"),
        ([1.0, 2.0], days(2), [1.0, 1.0], 4.0, "the total includes it"),
        ([1.0], days(2), None, 4.0, "1 values, 2 timestamps"),
        ([1.0], days(1), None, 0.0, "budget of 0.0"),
    ],
)
def test_bad_input_is_named(
    values: list[float], stamps: list[datetime], total: list[float] | None, budget: float, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        detect(values, stamps, exposure=total, budget_per_year=budget)


def five_minutes(count: int, seed: int) -> np.ndarray:
    """Bursty counts: gamma-modulated Poisson whose modulation lasts for hours."""
    rng = np.random.default_rng(seed)
    slow = np.exp(np.convolve(rng.normal(0, 1, count + 35), np.ones(36) / 6, "valid") * 0.4)
    return rng.poisson(20 * slow * rng.gamma(3, 1 / 3, count)).astype(float)


def test_sub_daily_series_keep_a_weekly_budget_and_find_a_burst() -> None:
    counts = five_minutes(288 * 40, seed=18)
    stamps = [START + timedelta(minutes=5 * index) for index in range(len(counts))]
    quiet = sum(point.alarm for point in detect(counts, stamps, budget_per_year=52))
    assert quiet <= 14
    counts[9000:9012] *= 12
    points = detect(counts, stamps, budget_per_year=52)
    assert any(point.alarm for point in points[9000:9012])


def test_hourly_series_find_a_slow_burst() -> None:
    rng = np.random.default_rng(19)
    counts = rng.poisson(0.4, 24 * 90).astype(float)
    counts[24 * 70 : 24 * 71] += rng.poisson(1.5, 24)
    points = detect(counts, [START + timedelta(hours=index) for index in range(len(counts))])
    assert any(point.alarm for point in points[24 * 70 : 24 * 71])


def test_hourly_series_find_one_wild_hour_and_keep_quiet_otherwise() -> None:
    counts = np.random.default_rng(22).poisson(0.5, 24 * 90).astype(float)
    counts[1200] += 8
    points = detect(counts, [START + timedelta(hours=index) for index in range(len(counts))])
    assert [index for index, point in enumerate(points) if point.alarm] == [1200]


def test_the_tail_looks_at_the_past_only() -> None:
    counts = five_minutes(3000, seed=20)
    assert (tail_evidence(counts, 1 / 288)[:2000] == tail_evidence(counts[:2000], 1 / 288)).all()


def test_score_one_half_is_the_threshold() -> None:
    """A first alarm scores at least one half, and quiet points of its series less."""
    one = worlds(4.0, 1, seed=21)[0]
    points = run(one)
    assert all(point.score >= 0.5 for point in points if point.alarm)
    assert threshold(4.0) < threshold(2.0)


def test_no_alarm_before_enough_history() -> None:
    counts = np.full(60, 1.0)
    counts[20] = 50.0
    assert not any(point.alarm for point in detect(counts, days(60))[:28])
    early = detect(counts, days(60), options=DetectorOptions(minimum_history_days=10))
    assert early[20].alarm


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_detect_file_prints_one_row_per_input_row(tmp_path: Path) -> None:
    rows = [f"{(START + timedelta(days=i)).date()},40,{20 if i == 80 else 3}" for i in range(100)]
    path = write(tmp_path / "daily.csv", "date,total,negative\n" + "\n".join(reversed(rows)) + "\n")
    document = detect_file(path, budget_per_year=4)
    points = json.loads(json.dumps(document, allow_nan=False))["points"]
    assert [point["date"] for point in points][:2] == ["2024-04-09", "2024-04-08"]
    assert [point["date"] for point in points if point["alarm"]] == ["2024-03-21"]
    assert set(points[0]) >= {"date", "value", "expected", "low", "high", "score", "alarm"}


def test_detect_file_reads_timestamps(tmp_path: Path) -> None:
    rows = [f"{(START + timedelta(hours=i)).isoformat()},{i % 3}" for i in range(100)]
    path = write(tmp_path / "hourly.csv", "timestamp,value\n" + "\n".join(rows))
    points = detect_file(path, column="value", timestamp_column="timestamp")["points"]
    assert points[5]["timestamp"] == "2024-01-01T05:00:00+00:00"
    assert len(points) == 100


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("date,negative\n", "no rows"),
        ("date,total\n2024-01-01,3\n", "no column 'negative'"),
        ("date,negative\n2024-13-01,3\n", "row 2: '2024-13-01'"),
        ("date,negative\n2024-01-01,many\n", "row 2: negative is 'many'"),
        ("date,negative\n2024-01-01,-3\n", "row 2: negative is '-3'"),
        ("date,negative\n2024-01-01,3\n2024-01-01,4\n", "twice"),
        ("date,total,negative\n2024-01-01,2,3\n", "the total includes it"),
    ],
)
def test_detect_file_names_what_is_wrong(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        detect_file(write(tmp_path / "daily.csv", text))


def test_detect_file_names_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        detect_file(tmp_path / "nothing.csv")


def test_the_quantile_of_the_negative_binomial_is_scipys() -> None:
    from scipy.stats import nbinom

    from monitor.correlate.spikes import negative_binomial_quantile

    generator = np.random.default_rng(3)
    size = np.exp(generator.uniform(-2, 8, 2000))
    chance = size / (size + np.exp(generator.uniform(-4, 6, 2000)))
    for share in (0.025, 0.5, 0.975):
        np.testing.assert_array_equal(
            negative_binomial_quantile(share, size, chance), nbinom.ppf(share, size, chance)
        )
