"""Bayes factors of a dip of unknown depth: half-normal depth against none, for scores z of windows.

With b = D² / (D² + se²), D the prior's scale, the factor is 2 sqrt(1 - b) exp(b z² / 2) Phi(z sqrt(b)).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
SingleArray = NDArray[np.float32]

DEPTH_SD = 25.0
LARGEST_EXPONENT, LARGEST_SINGLE_EXPONENT = 600.0, 80.0
BLOCK = 32_768
"""Scores worked on at once."""
MILLS_SCALE = 0.39
MILLS = (0.15547014481, 0.15854735949, 0.107974850402, 0.165267419782, -0.0872904285748)
"""Coefficients of t, t², ... in `growth`; their relative error is below 6.2e-5 for x from 0 to 40."""


def shrinkage(errors: FloatArray) -> FloatArray:
    """Factor b of the depths' standard errors, of their shape."""
    return np.asarray(DEPTH_SD**2 / (DEPTH_SD**2 + errors**2), dtype=np.float64)


def bayes_factors(errors: FloatArray, scores: FloatArray) -> FloatArray:
    """Bayes factors of scores z (g, k, m) with standard errors (g, k), (g, k, m)."""
    from scipy.special import ndtr

    shrink = shrinkage(errors)[..., None]
    scaled = scores * np.sqrt(shrink)
    rise = np.exp(np.minimum(0.5 * scaled**2, LARGEST_EXPONENT))
    return np.asarray(2 * np.sqrt(1 - shrink) * rise * ndtr(scaled), dtype=np.float64)


def mean_evidence(weights: FloatArray, errors: FloatArray, scores: SingleArray) -> FloatArray:
    """Mean of the Bayes factors over k windows, weighted over g grid points, (m,).

    Most of a search's time: single precision, block by block, so that a block stays in the processor's cache.

    Args:
        weights: (g,) of the grid points.
        errors: (g, k) standard errors of the depths.
        scores: (g, k, m) z of m series.
    """
    shrink = shrinkage(errors)
    shares = (weights[:, None] * 2 * np.sqrt(1 - shrink) / shrink.shape[1]).ravel().astype(np.float32)
    scales = np.sqrt(shrink).ravel().astype(np.float32)
    rows = scores.reshape(len(shares), -1)
    size = max(1, BLOCK // rows.shape[1])
    total = np.zeros(rows.shape[1])
    for first in range(0, len(shares), size):
        block = slice(first, first + size)
        total += shares[block] @ growth(rows[block] * scales[block, None])
    return total


def growth(scores: SingleArray) -> SingleArray:
    """exp(z² / 2) Phi(z) of scores of any shape, to 1 part in 10,000; the exponent stops at 80.

    With m(x) = exp(x² / 2) Phi(-x), Mills' ratio over sqrt(2 pi), it is m(-z) below 0 and exp(z² / 2) - m(z) above.
    m is a polynomial in t = 1 / (1 + 0.39 x): the form of Abramowitz and Stegun (1964), 26.2.17, with coefficients
    fitted to the relative error, which grows with x in theirs.
    """
    t = np.abs(scores)
    t *= MILLS_SCALE
    t += 1.0
    np.reciprocal(t, out=t)
    ratio = np.full_like(t, MILLS[-1])
    for coefficient in MILLS[-2::-1]:
        ratio *= t
        ratio += coefficient
    ratio *= t
    rise = np.square(scores)
    rise *= 0.5
    np.minimum(rise, LARGEST_SINGLE_EXPONENT, out=rise)
    np.exp(rise, out=rise)
    rise -= ratio
    return np.where(scores > 0, rise, ratio)
