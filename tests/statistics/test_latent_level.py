"""The count model around a latent level, against dense algebra and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize
from scipy.stats import nbinom

from monitor.correlate.latent_level import LevelPrior, Regression, fit_level, precision_of_level


def _data(seed: int = 3, n: int = 60) -> tuple[Regression, np.ndarray]:
    rng = np.random.default_rng(seed)
    design = np.column_stack([np.ones(n), np.linspace(-1, 1, n), rng.normal(size=n)])
    counts = rng.poisson(np.exp(1.0 + 0.3 * design[:, 2])).astype(float)
    visible = rng.random(n) > 0.1
    return Regression(counts, design, np.array([0.5, 0.0, 0.0]), np.array([1.0, 4.0, 4.0])), visible


def _dense_precision(n: int, prior: LevelPrior) -> np.ndarray:
    days = np.arange(n)
    return np.linalg.inv(prior.sigma**2 * prior.rho ** np.abs(days[:, None] - days[None, :]))


def test_banded_precision_is_the_inverse_of_the_autoregressive_covariance() -> None:
    """The tridiagonal matrix equals the dense inverse."""
    prior = LevelPrior(0.8, 0.4, 0.1)
    diagonal, off = precision_of_level(7, prior)
    banded = np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1)
    np.testing.assert_allclose(banded, _dense_precision(7, prior), rtol=1e-9, atol=1e-9)


def test_mode_maximises_the_joint_density() -> None:
    """A general optimiser finds no better point than Newton's method on bands."""
    regression, visible = _data()
    prior = LevelPrior(0.8, 0.4, 0.1)
    n, p = regression.design.shape
    precision = _dense_precision(n, prior)

    def negative_log_density(point: np.ndarray) -> float:
        b, u = point[:p], point[p:]
        mean = np.exp(regression.design @ b + u)
        size = 1 / prior.kappa
        fit = nbinom.logpmf(regression.counts, size, size / (size + mean))[visible].sum()
        penalty = 0.5 * u @ precision @ u
        return -fit + penalty + 0.5 * ((b - regression.prior_mean) ** 2 * regression.prior_precision).sum()

    fitted = fit_level(regression, prior, visible, np.zeros(n))
    ours = negative_log_density(np.concatenate([fitted.coefficients, fitted.level]))
    best = minimize(
        negative_log_density, np.concatenate([fitted.coefficients, fitted.level]), method="L-BFGS-B"
    )
    assert ours == pytest.approx(best.fun, abs=1e-3)


def test_posterior_covariance_is_the_inverse_of_the_dense_hessian() -> None:
    """The block formula agrees with inverting the whole matrix."""
    regression, visible = _data()
    prior = LevelPrior(0.8, 0.4, 0.1)
    n, p = regression.design.shape
    fitted = fit_level(regression, prior, visible, np.zeros(n))
    joint = np.column_stack([regression.design, np.eye(n)])
    hessian = joint.T @ (fitted.weights[:, None] * joint)
    hessian[:p, :p] += np.diag(regression.prior_precision)
    hessian[p:, p:] += _dense_precision(n, prior)
    dense = joint @ np.linalg.inv(hessian) @ joint.T
    np.testing.assert_allclose(fitted.covariance(slice(10, 25)), dense[10:25, 10:25], rtol=1e-4, atol=1e-6)


def test_without_a_level_it_is_the_negative_binomial_regression_of_statsmodels() -> None:
    """With a vanishing level and flat priors the coefficients are the maximum-likelihood ones."""
    regression, _ = _data(n=300)
    flat = Regression(regression.counts, regression.design, np.zeros(3), np.full(3, 1e-8))
    fitted = fit_level(flat, LevelPrior(0.5, 1e-3, 0.2), np.ones(300, dtype=bool), np.zeros(300))
    family = sm.families.NegativeBinomial(alpha=0.2)
    expected = sm.GLM(regression.counts, regression.design, family=family).fit()
    np.testing.assert_allclose(fitted.coefficients, expected.params, atol=1e-3)


def test_hidden_days_carry_no_information() -> None:
    """Whatever stands on a hidden day, the fit is the same."""
    regression, visible = _data()
    prior = LevelPrior(0.9, 0.3, 0.05)
    wild = Regression(
        np.where(visible, regression.counts, 1e6),
        regression.design,
        regression.prior_mean,
        regression.prior_precision,
    )
    offset = np.zeros(visible.size)
    one, other = (fit_level(data, prior, visible, offset) for data in (regression, wild))
    np.testing.assert_allclose(one.log_rate, other.log_rate, atol=1e-6)
    assert one.log_evidence == pytest.approx(other.log_evidence, abs=1e-6)


@pytest.mark.parametrize("counts", [np.zeros(80), np.full(80, 1e5), np.eye(80)[40] * 5000])
def test_extreme_counts_stay_finite(counts: np.ndarray) -> None:
    """All zeros, very large counts and one monstrous day give finite fits."""
    regression = Regression(counts, np.ones((80, 1)), np.array([0.0]), np.array([0.5]))
    fitted = fit_level(regression, LevelPrior(0.9, 0.5, 0.1), np.ones(80, dtype=bool), np.zeros(80))
    assert np.isfinite(fitted.log_rate).all()
    assert np.isfinite(fitted.log_evidence)
    assert np.isfinite(fitted.covariance(slice(0, 20))).all()


@pytest.mark.parametrize("width", [1, 2, 4])
def test_covariances_of_neighbouring_days_are_blocks_of_the_whole(width: int) -> None:
    """The recursion along the diagonal agrees with the covariance of all days, at both ends too."""
    regression, visible = _data()
    fitted = fit_level(regression, LevelPrior(0.9, 0.3, 0.05), visible, np.zeros(visible.size))
    whole = fitted.covariance(slice(0, visible.size))
    blocks = fitted.neighbour_covariances(width)
    for first in range(visible.size - width + 1):
        days = slice(first, first + width)
        np.testing.assert_allclose(blocks[first], whole[days, days], rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(fitted.covariance(days), whole[days, days], rtol=1e-8, atol=1e-12)
