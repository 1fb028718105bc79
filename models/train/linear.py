"""Train the linear model for Cyrillic texts: logistic regression of each head over hashed n-grams."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.linear import BUCKET_BITS, bucket_counts, save_weights, weigh
from models.readings import Floats
from models.train.examples import CHANNELS, SENTIMENTS, TAGS, Example
from monitor.domain.scores import Sentiment

log = logging.getLogger(__name__)

OUTPUTS = len(SENTIMENTS) + 1 + len(TAGS) + len(CHANNELS)


def features(texts: Sequence[str], rarity: Floats | None = None) -> tuple[Any, Floats]:
    """Sparse feature matrix (n, buckets) and the inverse document frequency it was weighted with."""
    from scipy.sparse import csr_matrix

    counted = [bucket_counts(text) for text in texts]
    if rarity is None:
        frequency = np.zeros(1 << BUCKET_BITS, dtype=np.float32)
        for buckets, _ in counted:
            frequency[buckets] += 1
        rarity = (np.log((1 + len(texts)) / (1 + frequency)) + 1.0).astype(np.float32)
    values = [weigh(counts, rarity[buckets]) for buckets, counts in counted]
    starts = np.cumsum([0] + [len(buckets) for buckets, _ in counted])
    matrix = csr_matrix(
        (np.concatenate(values), np.concatenate([buckets for buckets, _ in counted]), starts),
        shape=(len(texts), 1 << BUCKET_BITS),
    )
    return matrix, rarity


def _fit(matrix: Any, labels: NDArray[np.int64], weights: Floats, strength: float) -> tuple[Floats, Floats]:
    """Coefficients (buckets, classes) and intercepts; one column where there are two classes."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=strength, max_iter=300, tol=1e-4)
    model.fit(matrix, labels, sample_weight=weights)
    return model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)


def train_linear(examples: Sequence[Example], work: Path) -> Path:
    """Fit all heads; return the weights file in ``work``, made once for the same examples.

    Heads without labels stay at zero.
    """
    path = work / f"linear-{hashlib.sha256(repr(examples).encode()).hexdigest()[:16]}.npz"
    if path.exists():
        return path
    matrix, rarity = features([example.text for example in examples])
    weights = np.zeros((1 << BUCKET_BITS, OUTPUTS), dtype=np.float32)
    bias = np.zeros(OUTPUTS, dtype=np.float32)
    importance = np.array([example.weight for example in examples], dtype=np.float32)

    sentiment = np.array([example.sentiment for example in examples])
    rows = np.flatnonzero(sentiment >= 0)
    weights[:, :3], bias[:3] = _fit(matrix[rows], sentiment[rows], importance[rows], strength=8.0)

    # The reader multiplies by the probability of a negative mood: here only negative texts teach the topic.
    complaint = np.array([example.complaint for example in examples])
    rows = np.flatnonzero((complaint >= 0) & (sentiment == SENTIMENTS.index(Sentiment.NEGATIVE)))
    if len(np.unique(complaint[rows])) == 2:
        ones = np.ones(len(rows), np.float32)
        coefficients, intercept = _fit(matrix[rows], complaint[rows], ones, strength=1.0)
        weights[:, 3], bias[3] = coefficients[:, 0], intercept[0]

    tagged = [row for row, example in enumerate(examples) if example.tags is not None]
    for number in range(len(TAGS)):
        labels = np.array([(examples[row].tags or ())[number] for row in tagged])
        if 0 < labels.sum() < len(labels):
            coefficients, intercept = _fit(
                matrix[tagged], labels, np.ones(len(tagged), np.float32), strength=20.0
            )
            weights[:, 4 + number], bias[4 + number] = coefficients[:, 0], intercept[0]

    _fit_channels(examples, matrix, weights, bias)
    save_weights(path, weights, bias, rarity)
    log.info("linear model: %d examples, %d complaints", len(examples), int((complaint == 1).sum()))
    return path


def _fit_channels(examples: Sequence[Example], matrix: Any, weights: Floats, bias: Floats) -> None:
    """Fit the channel head in place; a channel never seen keeps a logit far below the others."""
    rows = [row for row, example in enumerate(examples) if example.channel >= 0]
    bias[14:] = -20.0
    if not rows:
        return
    labels = np.array([examples[row].channel for row in rows])
    seen = np.unique(labels)
    if len(seen) < 3:
        return
    coefficients, intercept = _fit(matrix[rows], labels, np.ones(len(rows), np.float32), strength=20.0)
    weights[:, 14 + seen], bias[14 + seen] = coefficients, intercept
