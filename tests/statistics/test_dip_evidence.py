"""Bayes factors of dips: the fast single-precision form against the plain one, and that against an integral."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import log_ndtr
from scipy.stats import norm

from monitor.correlate.dip_evidence import DEPTH_SD, bayes_factors, growth, mean_evidence


def test_growth_agrees_with_scipy_to_a_part_in_ten_thousand_over_all_scores() -> None:
    scores = np.linspace(-38, 12.6, 200_001).astype(np.float32)
    exact = np.exp(0.5 * scores.astype(float) ** 2 + log_ndtr(scores.astype(float)))
    assert np.abs(growth(scores) / exact - 1).max() < 1e-4


def test_growth_keeps_shape_and_its_input_and_never_overflows() -> None:
    scores = np.array([[-1e9, -100.0, 0.0], [5.0, 100.0, 1e9]], dtype=np.float32)
    before = scores.copy()
    grown = growth(scores)
    assert grown.shape == scores.shape
    assert grown.dtype == np.float32
    assert np.isfinite(grown).all()
    assert (grown >= 0).all()
    assert np.array_equal(scores, before)


@pytest.mark.parametrize(("z", "error"), [(-2.0, 8.0), (0.0, 15.0), (1.5, 30.0), (4.0, 6.0)])
def test_the_bayes_factor_is_the_integral_over_the_half_normal_depth(z: float, error: float) -> None:
    def integrand(depth: float) -> float:
        prior = 2 * norm.pdf(depth, scale=DEPTH_SD)
        return float(prior * norm.pdf(z * error - depth, scale=error) / norm.pdf(z * error, scale=error))

    integral = quad(integrand, 0, 12 * DEPTH_SD, epsabs=1e-10)[0]
    assert bayes_factors(np.array([[error]]), np.array([[[z]]])).item() == pytest.approx(integral, rel=1e-6)


def test_the_mean_over_windows_and_grid_is_that_of_the_plain_factors_in_blocks_or_not() -> None:
    random = np.random.default_rng(4)
    weights = np.array([0.5, 0.3, 0.2])
    errors = random.uniform(3, 40, (3, 17))
    for series in (1, 7, 5000):  # 5,000 series take several blocks
        scores = random.normal(0, 2.5, (3, 17, series)).astype(np.float32)
        plain = np.einsum("g,gkm->m", weights, bayes_factors(errors, scores)) / 17
        assert mean_evidence(weights, errors, scores) == pytest.approx(plain, rel=1e-4)
