"""Counts around a smooth, unseen level: negative-binomial regression with an AR(1) level.

    y_t | eta_t ~ NegativeBinomial(mean mu_t = exp(eta_t), variance mu_t + kappa mu_t^2)
    eta = offset + X b + u,   b ~ N(b0, diag(1/precision)),   u ~ AR(1)(rho, sigma)

The level u takes the place of independent residuals (Zeger 1988, Biometrika 75, 621-629). Its precision
matrix Q is tridiagonal, so each Newton step costs O(days): with W the weights of the days,
(Q + W) is solved by LAPACK's ptsv and b by its Schur complement. The evidence of (rho, sigma, kappa) is
Laplace's approximation. Days with weight 0 (not collected, or hidden on purpose) carry no information.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dposv, dpotrs, dptsv, dpttrf
from scipy.special import gammaln

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

NEWTON_STEPS = 25
TOLERANCE = 1e-3
LARGEST_LOG_RATE = 12.0
SMALLEST_PIVOT = 1e-12


@dataclass(frozen=True, slots=True)
class LevelPrior:
    """Hyper-parameters: autocorrelation a day, standard deviation of the log level, overdispersion."""

    rho: float
    sigma: float
    kappa: float


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """Everything about a series that does not change between fits.

    Attributes:
        counts: (n,) posts a day (any value on hidden days).
        design: (n, p) columns of the fixed part.
        prior_mean, prior_precision: (p,) of the coefficients.
        log_known: (n,) log of the share of each day's posts that is in already; None = all are.
    """

    counts: FloatArray
    design: FloatArray
    prior_mean: FloatArray
    prior_precision: FloatArray
    log_known: FloatArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LevelFit:
    """Mode of one fit and what is needed for its posterior covariance.

    Attributes:
        prior: the hyper-parameters used.
        log_rate: (n,) mode of eta, posts a day on the log scale.
        coefficients: (p,) mode of b.
        level: (n,) mode of u.
        log_evidence: Laplace's approximation of log p(y | prior).
        weights: (n,) Fisher weights at the mode, 0 on hidden days.
        projected: (n, p) X - (Q + W)^-1 W X.
        coefficient_covariance: (p, p).
    """

    prior: LevelPrior
    log_rate: FloatArray
    coefficients: FloatArray
    level: FloatArray
    log_evidence: float
    weights: FloatArray
    projected: FloatArray
    coefficient_covariance: FloatArray

    def covariance(self, days: slice) -> FloatArray:
        """Posterior covariance of eta on consecutive days, (d, d)."""
        diagonal, off = precision_of_level(self.weights.size, self.prior)
        solved = _inverse_block(diagonal + self.weights, off, days)
        design = self.projected[days]
        covariance: FloatArray = solved + design @ self.coefficient_covariance @ design.T
        return 0.5 * (covariance + covariance.T)

    def neighbour_covariances(self, width: int) -> FloatArray:
        """Posterior covariance of eta on each run of `width` days, (n - width + 1, width, width).

        With f and b the pivots of the factorisations from the first and from the last day, the inverse of a
        tridiagonal matrix with diagonal d and off-diagonal o has 1 / (f_t + b_t - d_t) on its diagonal, and its
        element (s, t), s < t, is the one at (t, t) times the product of -o_k / f_k, k = s..t-1.
        """
        diagonal, off = precision_of_level(self.weights.size, self.prior)
        diagonal = diagonal + self.weights
        forward, multiplier, _ = dpttrf(diagonal, off)
        backward = dpttrf(diagonal[::-1], off[::-1])[0][::-1]
        variance = 1.0 / (forward + backward - diagonal)
        first = np.arange(self.weights.size - width + 1)
        root = self.projected @ np.linalg.cholesky(self.coefficient_covariance)
        rows = np.stack([root[first + day] for day in range(width)], axis=1)
        result: FloatArray = rows @ rows.transpose(0, 2, 1)
        for last in range(width):
            product = variance[first + last]
            result[:, last, last] += product
            for day in range(last - 1, -1, -1):
                product = -multiplier[first + day] * product
                result[:, day, last] += product
                result[:, last, day] += product
        return result


def _inverse_block(diagonal: FloatArray, off: FloatArray, days: slice) -> FloatArray:
    """The part of a tridiagonal matrix's inverse on consecutive days, (d, d): all others are eliminated first."""
    inner, between = diagonal[days].copy(), off[days.start : days.stop - 1]
    if days.start > 0:
        inner[0] -= off[days.start - 1] ** 2 / _last_pivot(diagonal[: days.start], off[: days.start - 1])
    if days.stop < diagonal.size:
        pivot = _last_pivot(diagonal[days.stop :][::-1], off[days.stop :][::-1])
        inner[-1] -= off[days.stop - 1] ** 2 / pivot
    if inner.size == 1:
        return 1.0 / inner[:, None]
    result: FloatArray = dptsv(inner, between, np.eye(inner.size))[2]
    return result


def _last_pivot(diagonal: FloatArray, off: FloatArray) -> float:
    return float(dpttrf(diagonal, off)[0][-1] if diagonal.size > 1 else diagonal[0])


def precision_of_level(n: int, prior: LevelPrior) -> tuple[FloatArray, FloatArray]:
    """Diagonal (n,) and off-diagonal (n-1,) of the precision of a stationary AR(1)."""
    scale = 1.0 / (prior.sigma**2 * (1.0 - prior.rho**2))
    diagonal = np.full(n, scale * (1.0 + prior.rho**2))
    diagonal[0] = diagonal[-1] = scale
    return diagonal, np.full(n - 1, -prior.rho * scale)


def fit_level(
    regression: Regression,
    prior: LevelPrior,
    visible: BoolArray,
    offset: FloatArray,
    *,
    start: LevelFit | None = None,
    steps: int = NEWTON_STEPS,
) -> LevelFit:
    """Find the mode of (b, u) by Newton's method with step halving on the safe side.

    Args:
        regression: data and fixed part.
        prior: hyper-parameters of the level.
        visible: (n,) True on days whose counts may be used.
        offset: (n,) known log effects.
        start: an earlier fit to start from.
        steps: Newton steps at most.

    Returns:
        The fit; its numbers are finite for any non-negative counts.
    """
    x, y, n = np.asfortranarray(regression.design), regression.counts, regression.counts.size
    if regression.log_known is not None:
        offset = offset + regression.log_known
    diagonal, off = precision_of_level(n, prior)
    b = regression.prior_mean.copy() if start is None else start.coefficients.copy()
    u = np.zeros(n) if start is None else start.level.copy()
    if start is None:
        b[0] = (
            np.log((y[visible].sum() + 0.5) / max(float(np.exp(offset + x @ b)[visible].sum()), 1.0)) + b[0]
        )
    weighted = np.empty_like(x)
    for _ in range(steps):
        eta = np.minimum(offset + x @ b + u, LARGEST_LOG_RATE)
        mean = np.exp(eta)
        shrink = visible / (1.0 + prior.kappa * mean)
        weights = mean * shrink
        gradient = (y - mean) * shrink
        np.multiply(weights[:, None], x, out=weighted)
        solved = np.empty((n, x.shape[1] + 1), order="F")
        solved[:, :-1] = weighted
        solved[:, -1] = gradient - _tridiagonal_product(diagonal, off, u)
        factor, _, solved, _ = dptsv(diagonal + weights, off, solved, overwrite_d=1, overwrite_b=1)
        projected = x - solved[:, :-1]
        schur = weighted.T @ projected
        schur.flat[:: schur.shape[0] + 1] += regression.prior_precision
        right = x.T @ gradient - regression.prior_precision * (b - regression.prior_mean)
        root, step_b, _ = dposv(schur, right - weighted.T @ solved[:, -1], lower=1)
        step_u = solved[:, -1] - solved[:, :-1] @ step_b
        largest = float(np.abs(step_u + x @ step_b).max())
        damping = min(1.0, 2.0 / max(largest, 1e-12))
        b, u = b + damping * step_b, u + damping * step_u
        if largest < TOLERANCE:
            break
    eta = np.minimum(offset + x @ b + u, LARGEST_LOG_RATE)
    evidence = (
        _log_likelihood(y, eta, prior.kappa, visible)
        - 0.5 * float(u @ _tridiagonal_product(diagonal, off, u))
        - 0.5 * float(((b - regression.prior_mean) ** 2 * regression.prior_precision).sum())
        + 0.5 * _log_determinant_of_level(n, prior)
        - 0.5 * float(np.log(np.maximum(factor, SMALLEST_PIVOT)).sum())
        - float(np.log(np.diag(root)).sum())
    )
    inverse = dpotrs(root, np.eye(b.size), lower=1)[0]
    return LevelFit(prior, eta, b, u, evidence, weights, projected, inverse)


def _tridiagonal_product(diagonal: FloatArray, off: FloatArray, u: FloatArray) -> FloatArray:
    product = diagonal * u
    product[:-1] += off * u[1:]
    product[1:] += off * u[:-1]
    return product


def _log_determinant_of_level(n: int, prior: LevelPrior) -> float:
    """Log-determinant of the AR(1) precision: -n log(sigma^2 (1 - rho^2)) + log(1 - rho^2)."""
    rest = 1.0 - prior.rho**2
    return float(-n * np.log(prior.sigma**2 * rest) + np.log(rest))


def _log_likelihood(y: FloatArray, eta: FloatArray, kappa: float, visible: BoolArray) -> float:
    """Negative-binomial log-likelihood without terms that depend on y alone."""
    size = 1.0 / kappa
    terms = (
        gammaln(y + size)
        - gammaln(size)
        + y * (eta - np.log(size))
        - (y + size) * np.log1p(np.exp(eta) / size)
    )
    return float(terms[visible].sum())
