"""Measure predictions: class-balanced scores, ranking, calibration, each with a bootstrap interval.

Bootstrap percentile intervals: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Integers = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure with its 95 % interval over ``n`` rows; shares, not percent."""

    value: float
    low: float
    high: float
    n: int


def recalls(truth: Integers, predicted: Integers, classes: int) -> Floats:
    """Recall of each class (classes,); nan for a class without rows."""
    hits = np.bincount(truth[truth == predicted], minlength=classes).astype(float)
    sizes = np.bincount(truth, minlength=classes)
    shares: Floats = np.divide(hits, sizes, out=np.full(classes, np.nan), where=sizes > 0)
    return shares


def f1_scores(truth: Integers, predicted: Integers, classes: int) -> Floats:
    """F1 of each class (classes,); nan for a class without rows."""
    hits = np.bincount(truth[truth == predicted], minlength=classes).astype(float)
    sizes = np.bincount(truth, minlength=classes)
    given = np.bincount(predicted, minlength=classes)
    scores: Floats = np.divide(2 * hits, sizes + given, out=np.full(classes, np.nan), where=sizes > 0)
    return scores


def macro_recall(truth: Integers, predicted: Integers, classes: int = 3) -> float:
    """Mean recall over the classes that occur (TweetEval's sentiment metric)."""
    return float(np.nanmean(recalls(truth, predicted, classes)))


def macro_f1(truth: Integers, predicted: Integers, classes: int = 3) -> float:
    """Mean F1 over the classes that occur."""
    return float(np.nanmean(f1_scores(truth, predicted, classes)))


def binary_f1(truth: Integers, predicted: Integers) -> float:
    """F1 of class 1; 0 where nothing was found."""
    hits = float(((truth == 1) & (predicted == 1)).sum())
    return 2 * hits / max(1.0, float((truth == 1).sum() + (predicted == 1).sum()))


def average_precision(truth: Integers, scores: Floats) -> float:
    """Area under the precision-recall steps: mean precision at each positive, ties in their given order."""
    order = np.argsort(-scores, kind="stable")
    positive = truth[order] == 1
    if not positive.any():
        return float("nan")
    precision = np.cumsum(positive) / np.arange(1, len(truth) + 1)
    return float(precision[positive].mean())


def with_interval(
    measure: Callable[..., float],
    truth: NDArray[np.generic],
    other: NDArray[np.generic],
    seed: int = 0,
    draws: int = 400,
) -> Measure:
    """Evaluate ``measure(truth, other)`` with a 95 % bootstrap percentile interval over rows."""
    generator = np.random.default_rng(seed)
    values = []
    for _ in range(draws):
        rows = generator.integers(0, len(truth), len(truth))
        values.append(measure(truth[rows], other[rows]))
    low, high = np.nanquantile(values, [0.025, 0.975])
    return Measure(value=measure(truth, other), low=float(low), high=float(high), n=len(truth))


def best_threshold(truth: Integers, scores: Floats, prevalence: float | None = None) -> float:
    """Threshold with the highest F1; with ``prevalence``, negatives are weighted until positives are that share.

    The threshold lies midway between two neighbouring scores.
    """
    order = np.argsort(-scores, kind="stable")
    positive = (truth[order] == 1).astype(float)
    share = positive.mean()
    weight = 1.0 if prevalence is None else (share / (1 - share)) * (1 - prevalence) / prevalence
    hits = np.cumsum(positive)
    false = np.cumsum(1 - positive) * weight
    f1 = 2 * hits / (hits + false + positive.sum())
    best = int(np.argmax(f1))
    ranked = scores[order]
    following = ranked[best + 1] if best + 1 < len(ranked) else 0.0
    return float((ranked[best] + following) / 2)


def precision_at_prevalence(sensitivity: float, false_positive_rate: float, prevalence: float) -> float:
    """Share of true complaints among flagged texts when complaints are ``prevalence`` of all."""
    true = sensitivity * prevalence
    flagged = true + false_positive_rate * (1 - prevalence)
    return true / flagged if flagged > 0 else float("nan")
