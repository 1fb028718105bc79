"""Train the linear model for Cyrillic texts: logistic regression of each head over n-grams and word vectors."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.linear import BUCKET_BITS, bucket_counts, normalise, save_weights, weigh
from models.readings import Floats
from models.train.examples import CHANNELS, SENTIMENTS, TAGS, Example
from models.train.word_vectors import WordFeatures, WordVectors
from models.words import store_words
from monitor.domain.scores import Sentiment

log = logging.getLogger(__name__)

OUTPUTS = len(SENTIMENTS) + 1 + len(TAGS) + len(CHANNELS)
_COPY_START = 50
_FRAME = re.compile(r"@user|http|\brt\b")


def without_copies(examples: Sequence[Example], measured: Sequence[Example]) -> list[Example]:
    """Leave out texts that are measured on: same letters and digits in the first 50, links and handles aside."""
    known = {_copy_key(example.text) for example in measured}
    return [example for example in examples if _copy_key(example.text) not in known]


def _copy_key(text: str) -> str:
    return " ".join(re.findall(r"\w+", _FRAME.sub(" ", text.lower())))[:_COPY_START]


def features(texts: Sequence[str], rarity: Floats | None = None) -> tuple[Any, Floats]:
    """Sparse feature matrix (n, buckets) and the inverse document frequency it was weighted with."""
    from scipy.sparse import csr_matrix

    counted = [bucket_counts(normalise(text)) for text in texts]
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


@dataclass(slots=True)
class _Heads:
    """Coefficients (buckets and word numbers, heads) and intercepts (heads,) of all heads, filled one by one."""

    weights: Floats
    bias: Floats

    def put(self, columns: Any, fitted: tuple[Floats, Floats]) -> None:
        coefficients, intercepts = fitted
        self.weights[:, columns] = coefficients
        self.bias[columns] = intercepts


def _fit(
    matrix: Any, labels: NDArray[np.int64], strength: float, weights: Floats | None = None
) -> tuple[Floats, Floats]:
    """Coefficients (features, classes) and intercepts; one column where there are two classes."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=strength, max_iter=300, tol=1e-4)
    model.fit(matrix, labels, sample_weight=weights)
    return model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)


def train_linear(examples: Sequence[Example], work: Path, vectors: WordVectors | None = None) -> Path:
    """Fit all heads; return the weights file in ``work``, made once for the same examples.

    Heads without labels stay at zero.
    """
    told = repr((examples, None if vectors is None else vectors.vectors.shape))
    path = work / f"linear-{hashlib.sha256(told.encode()).hexdigest()[:16]}.npz"
    if path.exists():
        return path
    texts = [example.text for example in examples]
    matrix, rarity = features(texts)
    words = None if vectors is None else WordFeatures(vectors, texts)
    if words is not None:
        matrix = _join(matrix, words.matrix(texts))
    heads = _Heads(np.zeros((matrix.shape[1], OUTPUTS), np.float32), np.zeros(OUTPUTS, np.float32))
    _fit_mood(examples, matrix, heads)
    _fit_topic(examples, matrix, heads)
    _fit_tags(examples, matrix, heads)
    _fit_channels(examples, matrix, heads)
    buckets = 1 << BUCKET_BITS
    table = None
    if words is not None:
        table = store_words(*words.table(heads.weights[buckets:]))
    save_weights(path, heads.weights[:buckets], heads.bias, rarity, table)
    log.info("linear model: %d examples", len(examples))
    return path


def _join(matrix: Any, words: Floats) -> Any:
    from scipy.sparse import csr_matrix, hstack

    return hstack([matrix, csr_matrix(words)]).tocsr()


def _fit_mood(examples: Sequence[Example], matrix: Any, heads: _Heads) -> None:
    sentiment = np.array([example.sentiment for example in examples])
    rows = np.flatnonzero(sentiment >= 0)
    importance = np.array([example.weight for example in examples], dtype=np.float32)
    heads.put(slice(0, 3), _fit(matrix[rows], sentiment[rows], 8.0, importance[rows]))


def _fit_topic(examples: Sequence[Example], matrix: Any, heads: _Heads) -> None:
    """Fit the complaint's topic: the mean of a model of negative texts and one of all texts.

    The reader multiplies by the probability of a negative mood. Negative texts alone teach the topic apart
    from the mood; there are few of them.
    """
    complaint = np.array([example.complaint for example in examples])
    sentiment = np.array([example.sentiment for example in examples])
    fitted = []
    for chosen in (sentiment == SENTIMENTS.index(Sentiment.NEGATIVE), np.ones(len(examples), dtype=bool)):
        rows = np.flatnonzero((complaint >= 0) & chosen)
        if len(np.unique(complaint[rows])) == 2:
            fitted.append(_fit(matrix[rows], complaint[rows], 1.0))
    if fitted:
        mean = np.mean([coefficients[:, 0] for coefficients, _ in fitted], axis=0)
        heads.put(3, (mean, np.mean([intercepts[0] for _, intercepts in fitted])))


def _fit_tags(examples: Sequence[Example], matrix: Any, heads: _Heads) -> None:
    tagged = [row for row, example in enumerate(examples) if example.tags is not None]
    for number in range(len(TAGS)):
        labels = np.array([(examples[row].tags or ())[number] for row in tagged])
        if 0 < labels.sum() < len(labels):
            coefficients, intercepts = _fit(matrix[tagged], labels, 20.0)
            heads.put(4 + number, (coefficients[:, 0], intercepts[0]))


def _fit_channels(examples: Sequence[Example], matrix: Any, heads: _Heads) -> None:
    """Fit the channel head; a channel never seen keeps a logit far below the others."""
    rows = [row for row, example in enumerate(examples) if example.channel >= 0]
    heads.bias[14:] = -20.0
    labels = np.array([examples[row].channel for row in rows])
    seen = np.unique(labels)
    if len(seen) >= 3:
        heads.put(14 + seen, _fit(matrix[rows], labels, 20.0))
