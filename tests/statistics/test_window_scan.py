"""Evidence of candidate windows, simulated p-values and false-discovery rates against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import false_discovery_control, kstest, nbinom

from monitor.correlate.calibration import tail_probability
from monitor.correlate.effect_size import effect_size, weighted_median
from monitor.correlate.multiplicity import false_discovery_rates
from monitor.correlate.window_scan import Prediction, build_scan, robust_statistic, window_levels
from monitor.correlate.windows import Windows, candidate_windows, spike_windows

RISK = 21


def _prediction(rate: float = 2.0, kappa: float = 0.0, sigma: float = 0.3) -> Prediction:
    days = np.arange(RISK)
    covariance = sigma**2 * 0.9 ** np.abs(days[:, None] - days[None, :])
    return Prediction(np.full(RISK, np.log(rate)), covariance, kappa, np.ones(RISK))


def test_evidence_is_the_exact_likelihood_ratio_of_gamma_poisson_counts() -> None:
    """One window over all days: the Bayes factor equals a ratio of negative-binomial probabilities."""
    windows = Windows(np.ones((1, RISK)), np.array([0]), np.array([RISK]), np.ones(1))
    log_ratio = np.log(2.0)
    scan = build_scan(_prediction(), windows, np.array([log_ratio]), np.ones(1))
    counts = np.full((RISK, 1), 3.0)
    size, mean = scan.shape_size[0], scan.expected[0]
    probability = [nbinom.logpmf(63, size, size / (size + mean * ratio)) for ratio in (2.0, 1.0)]
    assert scan.evidence(counts)[0, 0, 0] == pytest.approx(probability[0] - probability[1], abs=1e-8)


def test_evidence_is_a_fair_bet_against_the_null() -> None:
    """Under the null the mean Bayes factor of a modest effect is one."""
    rng = np.random.default_rng(1)
    prediction = _prediction(sigma=0.05)
    windows = candidate_windows(RISK, 7, (3, 5, 7, 10, 14), (6, 12))
    scan = build_scan(prediction, windows, np.log([1.4]), np.ones(1))
    level = rng.multivariate_normal(prediction.mean, prediction.covariance, size=20000).T
    counts = rng.poisson(np.exp(level)).astype(float)
    assert np.exp(scan.statistic(counts)).mean() == pytest.approx(1.0, abs=0.06)


def test_statistic_rises_with_posts_in_a_window() -> None:
    """Every further post inside a plausible window is more evidence."""
    windows = candidate_windows(RISK, 7, (3, 5, 7, 10, 14), (6, 12))
    scan = build_scan(_prediction(), windows)
    counts = np.full((RISK, 4), 2.0)
    counts[3:10] += np.array([0.0, 1.0, 3.0, 6.0])
    statistics = scan.statistic(counts)
    assert (np.diff(statistics) > 0).all()


def test_a_spike_of_one_day_is_no_sign_of_a_campaign() -> None:
    """Against the spike hypothesis a single wild day loses most of its evidence, a raised week keeps it."""
    prediction = _prediction(rate=3.0)
    windows = candidate_windows(RISK, 7, (3, 5, 7, 10, 14), (6, 12))
    plain = build_scan(prediction, windows)
    robust = robust_statistic(plain, prediction, 0.2)
    spike, week = np.full((RISK, 1), 3.0), np.full((RISK, 1), 3.0)
    spike[4], week[2:9] = 20.0, 9.0
    lost_by_spike = plain.statistic(spike)[0] - robust(spike)[0]
    lost_by_week = plain.statistic(week)[0] - robust(week)[0]
    assert lost_by_spike > lost_by_week + 2
    assert robust(week)[0] > robust(spike)[0]


def test_hidden_days_of_the_window_do_not_count() -> None:
    """Posts on unusable days change nothing."""
    visible = np.ones(RISK)
    visible[[4, 5]] = 0.0
    base = _prediction()
    prediction = Prediction(base.mean, base.covariance, base.kappa, visible)
    windows = candidate_windows(RISK, 7, (5, 7), ())
    scan = build_scan(prediction, windows)
    counts = np.full((RISK, 1), 2.0)
    wild = counts.copy()
    wild[[4, 5]] = 500.0
    assert scan.statistic(counts)[0] == pytest.approx(scan.statistic(wild)[0])


def test_windows_are_cut_at_the_end_of_the_data_and_weigh_one() -> None:
    """A short stretch of days at risk keeps valid windows."""
    windows = candidate_windows(12, 7, (3, 14), (6,))
    assert windows.shape.shape[1] == 12
    assert windows.weights.sum() == pytest.approx(1.0)
    assert (windows.shape.sum(axis=1) > 0).all()
    assert spike_windows(np.ones(12)).weights.sum() == pytest.approx(1.0)


def test_simulated_p_values_are_uniform_under_the_null() -> None:
    """Ranks among simulated statistics, with the smoothed tail, follow the uniform distribution."""
    rng = np.random.default_rng(5)
    p_values = [tail_probability(draws[0], draws[1:]) for draws in rng.gumbel(size=(1500, 301))]
    assert kstest(p_values, "uniform").pvalue > 0.01
    assert np.mean(np.array(p_values) <= 0.01) == pytest.approx(0.01, abs=0.008)


def test_false_discovery_rates_agree_with_scipy_and_skip_missing_tests() -> None:
    """Benjamini-Hochberg as in scipy; None stays None."""
    p_values = [0.001, 0.2, 0.04, 0.04, 0.9]
    expected = false_discovery_control(p_values)
    assert false_discovery_rates(p_values) == pytest.approx(expected)
    with_gap = false_discovery_rates([0.001, None, 0.2, 0.04, 0.04, 0.9])
    assert with_gap[1] is None
    assert [q for q in with_gap if q is not None] == pytest.approx(expected)
    assert false_discovery_rates([]) == ()


def test_effect_size_recovers_a_plain_doubling() -> None:
    """Twice the expected posts in a known window: ratio 2, the excess counted, the interval around both."""
    prediction = _prediction(rate=20.0, sigma=0.05)
    windows = candidate_windows(RISK, 7, (7,), ())
    counts = np.full(RISK, 20.0)
    counts[3:10] = 40.0
    size = effect_size(counts, windows, [(1.0, prediction, window_levels(prediction, windows))])
    assert size.ratio == pytest.approx(2.0, abs=0.12)
    assert size.low < 2 < size.high
    assert size.excess == pytest.approx(140, abs=15)
    assert size.excess_low < 140 < size.excess_high


def test_weighted_median() -> None:
    """The smallest value whose cumulative weight reaches one half."""
    assert weighted_median(np.array([3, 1, 2]), np.array([0.2, 0.3, 0.5])) == 2


def test_a_windows_level_is_the_linear_prediction_from_the_other_usable_days() -> None:
    """One inverse for all windows gives what solving for each window's other days gives."""
    windows = candidate_windows(RISK, 7, (3, 5, 14), (6,))
    prediction = _prediction(kappa=0.1)
    visible = np.ones(RISK)
    visible[[2, 9]] = 0.0
    prediction = Prediction(prediction.mean, prediction.covariance, prediction.kappa, visible)
    levels = window_levels(prediction, windows)
    noise = np.diag(1.0 / levels.rate + prediction.kappa)
    for index, row in enumerate(windows.inside):
        others = np.flatnonzero((row == 0) & (visible > 0))
        system = (prediction.covariance + noise)[np.ix_(others, others)]
        cross = levels.share[index] @ prediction.covariance[:, others]
        np.testing.assert_allclose(levels.update[index, others], np.linalg.solve(system, cross), atol=1e-9)
        assert not levels.update[index, np.setdiff1d(np.arange(RISK), others)].any()
