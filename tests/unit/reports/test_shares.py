"""Intervals of shares and the usual range of a week."""

from __future__ import annotations

import random

import pytest
from scipy.stats import binomtest

from reports.shares import share_of, usual_range
from reports.wording import percent_range, share_with_range, telling_decimals


@pytest.mark.parametrize(("count", "n"), [(0, 10), (1, 10), (5, 10), (10, 10), (37, 812), (3, 4000)])
def test_interval_is_wilsons(count: int, n: int) -> None:
    """SciPy's own Wilson interval is the second implementation."""
    share = share_of(count, n)
    assert share is not None
    other = binomtest(count, n).proportion_ci(0.95, "wilson")
    assert share.low == pytest.approx(other.low, abs=1e-6)
    assert share.high == pytest.approx(other.high, abs=1e-6)


def test_nothing_to_count_is_no_share() -> None:
    """A share of nothing is not zero."""
    assert share_of(0, 0) is None


def test_three_earlier_weeks_are_too_few() -> None:
    """No usual range before four earlier weeks with posts."""
    assert usual_range([1, 1, 1, 0], [10, 10, 10, 0], 10) is None


def test_two_posts_after_rare_weeks_are_not_unusual() -> None:
    """Where complaints come one in some weeks, two in a week are no alarm."""
    usual = usual_range([0, 0, 1, 0, 0, 1, 0, 0], [200] * 8, 207)
    assert usual is not None
    assert usual.place(2 / 207) == "within"
    assert usual.place(6 / 207) == "above"


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.2])
def test_steady_weeks_stay_within_the_usual_range(rate: float) -> None:
    """At a steady rate about one week in twenty, and not more than one in ten, falls outside."""
    rng = random.Random(4)
    outside = 0
    for _ in range(400):
        weeks = [sum(rng.random() < rate for _ in range(150)) for _ in range(9)]
        usual = usual_range(weeks[:8], [150] * 8, 150)
        assert usual is not None
        outside += usual.place(weeks[8] / 150) != "within"
    assert outside <= 40


@pytest.mark.parametrize("n", [60, 300, 1000, 20_000])
def test_a_share_outside_of_the_usual_range_is_printed_outside_of_it(n: int) -> None:
    """ "8 % (4-18 %), above the usual range of 0-8 %" would deny itself."""
    random.seed(n)
    for _ in range(300):
        totals = [round(n * random.uniform(0.8, 1.2)) for _ in range(8)]
        rate = random.choice([0.01, 0.04, 0.15])
        usual = usual_range(
            [sum(random.random() < rate for _ in range(min(t, 300))) for t in totals], totals, n
        )
        assert usual is not None
        share = share_of(int(usual.high * n * 1.002) + 1, n)
        assert share is not None
        assert usual.place(share.value) == "above"
        decimals = telling_decimals(share.value, usual.low, usual.high)
        printed = share_with_range(share.value, share.low, share.high, decimals)
        high = percent_range(usual.low, usual.high, decimals).rpartition("-")[2]
        assert float(printed.partition(" ")[0]) > float(high.removesuffix(" %"))
