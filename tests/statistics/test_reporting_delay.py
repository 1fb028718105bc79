"""Reporting delay: the share known by age is recovered although young days hide long delays."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.correlate.reporting_delay import completeness
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
