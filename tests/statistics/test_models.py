"""Model statistics against a second implementation, known answers and simulated truth."""

from __future__ import annotations

import numpy as np
import pytest

from models.calibration import expected_calibration_error, fit_platt, fit_temperature, sigmoid, softmax
from models.evaluate import (
    average_precision,
    best_threshold,
    binary_f1,
    macro_f1,
    macro_recall,
    precision_at_prevalence,
    with_interval,
)
from models.prevalence import ErrorRates, corrected_share


@pytest.fixture(scope="module")
def predictions() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(3)
    truth = generator.integers(0, 3, 500)
    predicted = np.where(generator.random(500) < 0.6, truth, generator.integers(0, 3, 500))
    return truth, predicted, generator.random(500)


def test_scores_agree_with_scikit_learn(predictions: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    truth, predicted, scores = predictions
    binary, flags = (truth == 1).astype(int), (predicted == 1).astype(int)
    assert macro_recall(truth, predicted) == pytest.approx(metrics.balanced_accuracy_score(truth, predicted))
    assert macro_f1(truth, predicted) == pytest.approx(metrics.f1_score(truth, predicted, average="macro"))
    assert binary_f1(binary, flags) == pytest.approx(metrics.f1_score(binary, flags))
    assert average_precision(binary, scores) == pytest.approx(metrics.average_precision_score(binary, scores))


def test_the_bootstrap_interval_of_a_mean_is_close_to_the_normal_one() -> None:
    truth = np.random.default_rng(5).random(400)
    found = with_interval(lambda values, _: float(values.mean()), truth, truth)
    margin = 1.96 * truth.std() / 20
    assert found.low == pytest.approx(truth.mean() - margin, abs=0.008)
    assert found.high == pytest.approx(truth.mean() + margin, abs=0.008)


def test_temperature_recovers_the_one_that_made_the_labels() -> None:
    generator = np.random.default_rng(6)
    logits = generator.normal(size=(8000, 3)) * 2
    labels = np.array([generator.choice(3, p=row) for row in softmax(logits * 0.5)])
    assert fit_temperature(logits, labels).scale == pytest.approx(0.5, abs=0.04)


def test_platt_recovers_scale_and_shift_and_calibrates() -> None:
    generator = np.random.default_rng(7)
    logits = generator.normal(size=8000) * 3
    labels = (generator.random(8000) < sigmoid(0.6 * logits - 1.0)).astype(int)
    fitted = fit_platt(logits, labels)
    assert (fitted.scale, fitted.shift) == pytest.approx((0.6, -1.0), abs=0.08)
    shares = sigmoid(fitted.apply(logits))
    correct = (shares >= 0.5) == (labels == 1)
    assert expected_calibration_error(np.maximum(shares, 1 - shares), correct) < 0.02


def test_overconfidence_shows_as_calibration_error() -> None:
    correct = np.arange(1000) % 10 < 6
    assert expected_calibration_error(np.full(1000, 0.9), correct) == pytest.approx(0.3)


def test_a_rarer_class_asks_for_a_higher_threshold() -> None:
    generator = np.random.default_rng(8)
    truth = np.repeat([1, 0], 500)
    scores = sigmoid(generator.normal(np.where(truth == 1, 1.0, -1.0)))
    assert best_threshold(truth, scores, prevalence=0.03) > best_threshold(truth, scores) + 0.1


def test_precision_at_a_rate_follows_bayes() -> None:
    assert precision_at_prevalence(0.8, 0.02, 0.03) == pytest.approx(0.024 / (0.024 + 0.0194))


def test_the_corrected_share_covers_the_truth_as_often_as_it_says() -> None:
    generator = np.random.default_rng(9)
    true_share, sensitivity, false = 0.06, 0.8, 0.02
    covered, raw_bias, corrected_bias = 0, [], []
    for seed in range(200):
        rates = ErrorRates(
            found=int(generator.binomial(150, sensitivity)), positives=150,
            false=int(generator.binomial(400, false)), negatives=400,
        )  # fmt: skip
        flagged = int(generator.binomial(1000, true_share * sensitivity + (1 - true_share) * false))
        found = corrected_share(flagged, 1000, rates, seed=seed)
        covered += found.low <= true_share <= found.high
        raw_bias.append(found.raw - true_share)
        corrected_bias.append(found.share - true_share)
    assert 180 <= covered <= 200
    assert abs(float(np.mean(corrected_bias))) < abs(float(np.mean(raw_bias)))


def test_a_tagger_like_chance_gives_no_correction() -> None:
    found = corrected_share(40, 100, ErrorRates(found=40, positives=100, false=40, negatives=100))
    assert not found.usable
    assert (found.low, found.high) == (0.0, 1.0)


def test_an_empty_period_has_no_share() -> None:
    assert not corrected_share(0, 0, ErrorRates(found=8, positives=10, false=1, negatives=100)).usable


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="expected 0 <= flagged <= n"):
        corrected_share(5, 4, ErrorRates(found=8, positives=10, false=1, negatives=100))
    with pytest.raises(ValueError, match="impossible"):
        ErrorRates(found=11, positives=10, false=0, negatives=1)
