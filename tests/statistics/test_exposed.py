"""Exposed against unexposed customers on simulated truth, and against statsmodels and exact tests."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy.stats import hypergeom

from monitor.correlate.event_study import estimate_effects
from monitor.correlate.exposed import (
    RISK_DAYS,
    RatioEstimate,
    StretchCounts,
    _LogRatio,
    dispersion,
    ratio_of_ratios,
    refusal,
    smallest_detectable_ratio,
    stretch_counts,
)
from monitor.correlate.exposed_nps import ScoreChange, compare_scores
from monitor.correlate.exposed_verdicts import judge
from monitor.domain.exposure import TEMPORAL_NOTE, ExposureComparison
from monitor.domain.series import DailySeries

Counts = NDArray[np.int64]
DAYS, START, CUSTOMERS = 260, 230, 60


def simulate_posts(
    rng: np.random.Generator, rate: float, ratio: float, *, rough: bool
) -> tuple[Counts, Counts]:
    """Complaints a day of exposed (two fifths) and unexposed customers.

    Both share a wandering mood and a hidden outage of ten days that begins with the campaign. Customers differ in how
    much they write; in rough worlds posts come in pairs and the exposed have a mood of their own.
    """
    mood, own = np.zeros(DAYS), np.zeros(DAYS)
    for day in range(1, DAYS):
        mood[day] = 0.9 * mood[day - 1] + 0.25 * rng.normal()
        own[day] = 0.97 * own[day - 1] + (0.03 * rng.normal() if rough else 0.0)
    mood[START : START + 10] += 1.2
    weights = rng.gamma(1.0, 1.0, CUSTOMERS)
    exposed = rng.permutation(CUSTOMERS) < 0.4 * CUSTOMERS
    means = rate * np.exp(mood - 0.16)[:, None] * weights / weights.sum()
    means[:, exposed] *= np.exp(own)[:, None]
    means[START : START + RISK_DAYS, exposed] *= ratio
    posts = rng.poisson(means / 2 if rough else means)
    posts = posts + rng.poisson(posts) if rough else posts
    return posts[:, exposed].sum(axis=1), posts[:, ~exposed].sum(axis=1)


@cache
def estimates(rate: float, ratio: float, *, rough: bool, worlds: int) -> tuple[RatioEstimate, ...]:
    """Estimates of the worlds that are not refused."""
    found = []
    for seed in range(worlds):
        rng = np.random.default_rng([seed, int(10 * rate), int(10 * ratio)])
        exposed, unexposed = simulate_posts(rng, rate, ratio, rough=rough)
        counts = stretch_counts(exposed, unexposed, np.ones(DAYS, dtype=bool), START)
        if not refusal(counts):
            found.append(ratio_of_ratios(counts))
    return tuple(found)


def alarms(found: tuple[RatioEstimate, ...]) -> float:
    return float(np.mean([estimate.p_value <= 0.05 for estimate in found]))


@pytest.mark.parametrize("rough", [False, True])
def test_false_alarms_stay_at_five_percent_beside_a_shared_outage(rough: bool) -> None:
    """An outage that begins with the campaign fools every before/after test; here it cancels."""
    found = estimates(2.0, 1.0, rough=rough, worlds=150)
    assert len(found) >= 140
    assert alarms(found) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / len(found))


def test_intervals_hold_the_true_ratio() -> None:
    """95 % intervals, with and without an effect, in rough worlds."""
    for ratio in (1.0, 2.0):
        found = estimates(2.0, ratio, rough=True, worlds=150 if ratio == 1.0 else 80)
        assert np.mean([e.low <= ratio <= e.high for e in found]) >= 0.90


def test_a_real_difference_is_found() -> None:
    """Power grows with the ratio, and is at least half for a doubling of two complaints a day."""
    doubled = estimates(2.0, 2.0, rough=False, worlds=80)
    assert alarms(doubled) >= 0.5
    assert alarms(estimates(2.0, 3.0, rough=False, worlds=60)) >= 0.85
    assert np.median([e.ratio for e in doubled]) == pytest.approx(2.0, rel=0.2)


def test_effects_of_the_smallest_detectable_size_are_found() -> None:
    """The printed ratio is found in about 80 of 100 cases."""
    printed = float(
        np.median([e.smallest_detectable or 20.0 for e in estimates(2.0, 1.0, rough=False, worlds=150)])
    )
    assert 0.7 <= alarms(estimates(2.0, round(printed, 1), rough=False, worlds=80)) <= 0.97


@pytest.mark.parametrize(("before", "after"), [((12, 20), (14, 9)), ((30, 25), (8, 9)), ((5, 40), (6, 10))])
def test_p_value_is_the_exact_conditional_one_without_overdispersion(
    before: tuple[int, int], after: tuple[int, int]
) -> None:
    """Fisher's hypergeometric tail with half of the observed table's probability (mid-p)."""
    table = hypergeom(sum(before) + sum(after), before[0] + after[0], sum(after))
    exact = table.sf(after[0]) + 0.5 * table.pmf(after[0])
    counts = StretchCounts(np.array(before), np.array(after), np.zeros((0, 2), dtype=np.int64), 63, 21)
    assert _LogRatio(counts, np.ones(1)).below(0.0) == pytest.approx(exact, rel=0.15, abs=0.01)


def test_ratio_and_interval_are_those_of_a_quasi_poisson_interaction() -> None:
    """With many posts the group x period interaction of statsmodels' regression gives the same numbers."""
    before, after, phi = np.array([400, 900]), np.array([240, 330]), 2.0
    counts = StretchCounts(before, after, np.zeros((0, 2), dtype=np.int64), 63, 21)
    group, period = np.array([1, 0, 1, 0]), np.array([0, 0, 1, 1])
    design = np.column_stack([np.ones(4), group, period, group * period])
    # Two half counts instead of each count: the same likelihood, without a perfect fit.
    posts = np.repeat(np.concatenate([before, after]) / 2, 2)
    fit = sm.GLM(posts, np.repeat(design, 2, axis=0), family=sm.families.Poisson()).fit(scale=phi)
    ours = [_LogRatio(counts, np.full(1, phi)).quantile(share) for share in (0.025, 0.5, 0.975)]
    low, high = fit.conf_int()[3]
    assert ours == pytest.approx([low, fit.params[3], high], abs=0.01)


def test_dispersion_is_measured_on_earlier_stretches() -> None:
    """Equal shares give 1; shares that swing give much more; none gives the prior."""
    steady = np.tile([40, 60], (12, 1))
    swinging = np.array([[70, 30], [30, 70]] * 6)
    assert dispersion(steady).value == 1.0
    assert dispersion(swinging).value > 5
    assert dispersion(np.zeros((0, 2), dtype=np.int64)).value == pytest.approx(2.0)


def test_a_restless_past_widens_the_interval() -> None:
    """The same counts after a restless past say less."""
    around = (np.array([60, 90]), np.array([40, 30]))
    calm = ratio_of_ratios(StretchCounts(*around, np.tile([20, 30], (12, 1)), 63, 21))
    restless = ratio_of_ratios(StretchCounts(*around, np.array([[35, 15], [10, 40]] * 6), 63, 21))
    assert calm.p_value < 0.03 < restless.p_value
    assert restless.low < calm.low < calm.high < restless.high
    assert (restless.smallest_detectable or 20) > (calm.smallest_detectable or 20)


def test_days_not_collected_count_in_no_group() -> None:
    """A gap makes both groups smaller; too long a gap is refused with its reason."""
    ones = np.ones(DAYS, dtype=np.int64)
    collected = np.ones(DAYS, dtype=bool)
    collected[START + 3 : START + 9] = False
    counts = stretch_counts(ones, 2 * ones, collected, START)
    assert (counts.after.tolist(), counts.days_after) == ([15, 30], 15)
    assert (counts.before.tolist(), len(counts.blocks)) == ([63, 126], START // RISK_DAYS)
    assert refusal(counts) == ""
    collected[START : START + 18] = False
    assert "3 collected days" in refusal(stretch_counts(ones, ones, collected, START))
    assert "5 collected days before" in refusal(stretch_counts(ones, ones, np.ones(DAYS, dtype=bool), 5))


def test_too_few_posts_are_refused_with_their_number() -> None:
    """Each group needs five posts."""
    ones = np.ones(DAYS, dtype=np.int64)
    sparse = np.zeros(DAYS, dtype=np.int64)
    sparse[START - 4 : START + 8 : 3] = 1
    reason = refusal(stretch_counts(sparse, ones, np.ones(DAYS, dtype=bool), START))
    assert reason == "4 posts of customers who received it, at least 5 needed"


def test_hopeless_counts_have_no_smallest_detectable_ratio() -> None:
    """With a handful of posts not even twenty times the rate would be found reliably."""
    counts = StretchCounts(np.array([1, 5]), np.array([4, 1]), np.zeros((0, 2), dtype=np.int64), 63, 21)
    assert smallest_detectable_ratio(counts, dispersion(np.array([[9, 1], [1, 9], [9, 1]]))) is None


def simulate_scores(rng: np.random.Generator, loss: float, accounts: int) -> ScoreChange:
    """Answers of `accounts` in each cell, several an account; the exposed lose `loss` points, all lose 20."""
    days, points, exposed, voters = [], [], [], []
    for cell in range(4):
        group, after = cell < 2, cell % 2 == 1
        drop = (0.2 if after else 0.0) + (loss / 100 if group and after else 0.0)
        chances = np.array([0.5 - drop / 2, 0.3, 0.2 + drop / 2])
        for account in range(accounts):
            answer = rng.choice([100.0, 0.0, -100.0], p=chances)
            for _ in range(1 + int(rng.integers(3))):
                points.append(answer)
                days.append(10 if after else -20)
                exposed.append(group)
                voters.append(1000 * cell + account)
    return compare_scores(
        np.array(days), np.array(points), np.array(exposed, dtype=bool), np.array(voters, dtype=np.int64)
    )


def test_nps_size_power_and_coverage() -> None:
    """A fall shared by all is no sign; a fall of the exposed alone is found."""
    for accounts, least in ((8, 0.15), (40, 0.75)):
        null = [simulate_scores(np.random.default_rng([s, accounts]), 0.0, accounts) for s in range(150)]
        hurt = [simulate_scores(np.random.default_rng([s, accounts]), 60.0, accounts) for s in range(150)]
        assert np.mean([c.p_value is not None and c.p_value <= 0.05 for c in null]) <= 0.09
        assert np.mean([c.p_value is not None and c.p_value <= 0.05 for c in hurt]) >= least
        inside = [c.low is not None and c.high is not None and c.low <= 0 <= c.high for c in null]
        assert np.mean(inside) >= 0.92


def test_nps_counts_one_vote_an_account_and_refuses_too_few() -> None:
    """Fifty answers of one account are one vote."""
    n = 50
    change = compare_scores(
        np.full(n, -5), np.full(n, 100.0), np.ones(n, dtype=bool), np.zeros(n, dtype=np.int64)
    )
    assert change.change is None
    assert change.votes == (1, 0, 0, 0)
    assert "1 accounts with answers" in change.reason


@pytest.mark.parametrize(
    ("p", "q", "smallest", "rivals", "verdict"),
    [
        (0.001, 0.01, 2.0, (), "likely"),
        (0.001, 0.01, 2.0, ("C2",), "possible"),
        (0.04, 0.12, 2.0, (), "possible"),
        (0.04, 0.60, 2.0, (), "no sign"),
        (0.50, 0.60, 2.0, (), "no sign"),
        (0.50, 0.60, 6.0, (), "cannot tell"),
    ],
)
def test_verdicts(p: float, q: float, smallest: float, rivals: tuple[str, ...], verdict: str) -> None:
    """Words follow q, p, rivals and what could have been seen; each sentence says the groups were not drawn."""
    comparison = ExposureComparison(
        "C1",
        "complaints",
        compared=True,
        p_value=p,
        q_value=q,
        effect=1.8,
        low=0.9,
        high=4.0,
        smallest_detectable=smallest,
        confounded_with=rivals,
    )
    judged = judge(comparison, q)
    assert judged.verdict == verdict
    assert "caused" not in judged.sentence()
    assert "not drawn at random" in judged.sentence()


def test_the_note_on_missing_comparisons_is_the_engines_own() -> None:
    """Reports drop this very note when there is a comparison."""
    days = tuple(
        np.datetime64("2025-01-01", "D").astype(object) + np.timedelta64(i, "D").astype(object)
        for i in range(3)
    )
    ones = np.ones(3, dtype=np.int64)
    daily = DailySeries(days, ones, ones, None, np.ones(3, dtype=bool))
    assert TEMPORAL_NOTE in estimate_effects(daily, []).notes
