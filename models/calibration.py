"""Turn logits into honest probabilities: one temperature a head, a shift where the head is a yes-or-no.

Guo et al., "On Calibration of Modern Neural Networks", ICML 2017 (temperature scaling, expected calibration
error); Platt, "Probabilistic outputs for support vector machines", 1999 (scale and shift of one logit).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Scaling:
    """Calibrated logit = ``scale`` * logit + ``shift``."""

    scale: float = 1.0
    shift: float = 0.0

    def apply(self, logits: Floats) -> Floats:
        """Scale logits of any shape."""
        return logits * self.scale + self.shift


def softmax(logits: Floats) -> Floats:
    """Probabilities (n, k) of logits (n, k)."""
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Floats = weights / weights.sum(axis=-1, keepdims=True)
    return shares


def sigmoid(logits: Floats) -> Floats:
    """Probabilities of logits of any shape."""
    shares: Floats = 1.0 / (1.0 + np.exp(-np.clip(logits, -30.0, 30.0)))
    return shares


def fit_temperature(logits: Floats, labels: NDArray[np.integer], weights: Floats | None = None) -> Scaling:
    """Fit the one scale of multi-class logits (n, k) that makes the labels (n,) most likely."""
    from scipy.optimize import minimize_scalar

    importance = np.ones(len(labels)) if weights is None else weights

    def loss(log_scale: float) -> float:
        shares = softmax(logits * np.exp(log_scale))
        likelihood = np.log(np.maximum(shares[np.arange(len(labels)), labels], 1e-12))
        return float(-(likelihood * importance).sum() / importance.sum())

    return Scaling(scale=float(np.exp(minimize_scalar(loss, bounds=(-2.5, 2.5), method="bounded").x)))


def fit_platt(logits: Floats, labels: NDArray[np.integer]) -> Scaling:
    """Fit scale and shift of yes-or-no logits (n,), with Platt's smoothed targets."""
    from scipy.optimize import minimize

    positives, negatives = int((labels == 1).sum()), int((labels == 0).sum())
    targets = np.where(labels == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(values: Floats) -> float:
        shares = np.clip(sigmoid(np.exp(values[0]) * logits + values[1]), 1e-12, 1 - 1e-12)
        return float(-(targets * np.log(shares) + (1 - targets) * np.log(1 - shares)).mean())

    found = minimize(loss, np.zeros(2), method="Nelder-Mead").x
    return Scaling(scale=float(np.exp(found[0])), shift=float(found[1]))


def expected_calibration_error(confidence: Floats, correct: NDArray[np.bool_], bins: int = 15) -> float:
    """Mean distance between confidence and accuracy over equal-width bins, weighted by their size.

    Args:
        confidence: (n,) probability of the predicted label.
        correct: (n,) whether the prediction was right.
        bins: number of bins over [0, 1].
    """
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for number in range(bins):
        chosen = index == number
        if chosen.any():
            error += chosen.mean() * abs(float(confidence[chosen].mean()) - float(correct[chosen].mean()))
    return float(error)
