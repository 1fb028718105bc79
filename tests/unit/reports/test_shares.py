"""Intervals of shares and the usual range of a week."""

from __future__ import annotations

import random

import pytest
from scipy.stats import binomtest

from reports.shares import share_of, usual_range


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
