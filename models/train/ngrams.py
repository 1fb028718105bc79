"""Train the table of word pieces and pairs: one logistic regression for the complaint and one for each tag.

Real texts alone would read app reviews better, and business texts far worse: the table would take every word that reviews
do not use for a sign of no complaint (decision 0028).
"""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from models.engines.lexicon_words import MARKETING
from models.ngrams import OUTPUTS, ROWS, NgramTable, occurrences, save_table, weigh
from models.readings import Floats
from models.train.batches import encode
from models.train.examples import TAGS, Example
from models.train.judge import LEAST_OF_EACH

log = logging.getLogger(__name__)

STRENGTH = 10.0
COMPLAINT_SHARE, TAG_SHARE = 1.5, 0.5
"""Weight of the table's logits beside the encoder's."""
BACKGROUND = 6000
"""Everyday texts that stand for "no complaint"."""


def train_ngrams(
    path: Path, tokenizer: Any, told: Sequence[Example], everyday: Sequence[Example], seed: int
) -> NgramTable | None:
    """Fit all columns, write the table and open it; None, and no file, where real complaints or others are too few.

    Args:
        path: file to write.
        tokenizer: the encoder's.
        told: texts labelled for complaints, written and real ones.
        everyday: other texts of the same language; those with a marketing word are left out.
        seed: decides which everyday texts are drawn.
    """
    path.unlink(missing_ok=True)
    judged = [example for example in told if example.complaint >= 0]
    labels = [example.complaint for example in judged if example.source]
    if min(labels.count(0), labels.count(1)) < LEAST_OF_EACH:
        return None
    background = _background(judged, everyday, seed)
    texts = judged + background
    matrix, rarity = features(encode(tokenizer, [example.text for example in texts]))
    weights, bias = np.zeros((ROWS, OUTPUTS), np.float32), np.zeros(OUTPUTS, np.float32)
    _fit(matrix, [example.complaint for example in texts], 0, COMPLAINT_SHARE, weights, bias)
    tagged = [row for row, example in enumerate(texts) if example.tags is not None]
    for number in range(len(TAGS)):
        labels = [(texts[row].tags or ())[number] for row in tagged]
        if min(labels.count(0), labels.count(1)) >= LEAST_OF_EACH:
            _fit(matrix[tagged], labels, 1 + number, TAG_SHARE, weights, bias)
    save_table(path, weights, bias, rarity)
    log.info("word pieces and pairs: %d texts, %d with tags", len(texts), len(tagged))
    return NgramTable.open(path)


def _background(judged: Sequence[Example], everyday: Sequence[Example], seed: int) -> list[Example]:
    """Everyday texts without a marketing word, as no complaints."""
    marketing = re.compile(MARKETING, re.IGNORECASE)
    known = {example.text for example in judged}
    plain = [
        replace(example, complaint=0, tags=None)
        for example in everyday
        if example.text not in known and not marketing.search(example.text)
    ]
    return random.Random(seed).sample(plain, min(BACKGROUND, len(plain)))  # noqa: S311 - sampling, no secret


def features(ids: Sequence[Sequence[int]]) -> tuple[Any, Floats]:
    """Sparse feature matrix (n, rows) and the inverse document frequency it was weighted with.

    What occurs in one text only has no weight.
    """
    from scipy.sparse import csr_matrix

    texts, rows = occurrences(ids)
    frequency = np.bincount(rows, minlength=ROWS)
    rarity = np.where(frequency > 1, np.log(len(ids) / np.maximum(frequency, 1)), 0.0).astype(np.float32)
    values = weigh(texts, rows, rarity, len(ids)).astype(np.float32)
    return csr_matrix((values, (texts, rows)), shape=(len(ids), ROWS)), rarity


def _fit(
    matrix: Any, labels: Sequence[int], column: int, share: float, weights: Floats, bias: Floats
) -> None:
    """Fill one column with the coefficients of a regression in which both classes weigh the same."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=STRENGTH, max_iter=300, class_weight="balanced").fit(matrix, labels)
    weights[:, column] = share * model.coef_[0]
    bias[column] = share * model.intercept_[0]
