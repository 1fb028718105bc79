"""Choose calibration and thresholds on development data; official test sets take no part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.calibration import Scaling, fit_platt, fit_temperature, sigmoid, softmax
from models.evaluate import best_threshold
from models.manifest import HeadSettings
from models.train.examples import TAGS, Example

Floats = NDArray[np.floating]

IDENTITY = HeadSettings(
    sentiment=Scaling(),
    complaint=Scaling(),
    tags=Scaling(),
    channel=Scaling(),
    complaint_threshold=0.5,
    tag_thresholds=(0.5,) * len(TAGS),
    channel_threshold=0.5,
    unsure_sentiment=0.45,
    unsure_complaint=(0.3, 0.6),
)
TAG_ROWS = 15
"""Fewer real examples of a tag than this choose no threshold of their own."""


@dataclass(frozen=True, slots=True)
class Logits:
    """Raw outputs for n examples: sentiment (n, 3), complaint (n,), tags (n, 10), channel (n, 10)."""

    sentiment: Floats
    complaint: Floats
    tags: Floats
    channel: Floats

    def rows(self, chosen: NDArray[Any]) -> Logits:
        """The outputs of some rows."""
        return Logits(self.sentiment[chosen], self.complaint[chosen], self.tags[chosen], self.channel[chosen])


def fit_sentiment(logits: Floats, examples: Sequence[Example]) -> Scaling:
    """Temperature over domains of equal weight."""
    labels = np.array([example.sentiment for example in examples])
    domains = np.array([example.domain for example in examples])
    weights = np.ones(len(examples))
    for domain in np.unique(domains):
        weights[domains == domain] = 1.0 / (domains == domain).sum()
    return fit_temperature(logits, labels, weights)


def fit_complaints(settings: HeadSettings, logits: Logits, examples: Sequence[Example]) -> HeadSettings:
    """Calibrate complaint, tag and channel heads on real labelled texts and choose their thresholds."""
    labels = np.array([example.complaint for example in examples])
    judged = labels >= 0
    complaint = fit_platt(logits.complaint[judged], labels[judged])
    shares = sigmoid(complaint.apply(logits.complaint[judged]))
    threshold = float(np.clip(best_threshold(labels[judged], shares), 0.15, 0.85))
    tagged = np.array([example.tags is not None for example in examples])
    tags = np.array([example.tags for example in examples if example.tags is not None])
    tag_scaling = fit_platt(logits.tags[tagged].ravel(), tags.ravel())
    told = np.array([example.channel for example in examples])
    channel = settings.channel
    if (told >= 0).sum() >= 30:
        channel = fit_temperature(logits.channel[told >= 0], told[told >= 0])
    return HeadSettings(
        sentiment=settings.sentiment,
        complaint=complaint,
        tags=tag_scaling,
        channel=channel,
        complaint_threshold=threshold,
        tag_thresholds=tag_thresholds(sigmoid(tag_scaling.apply(logits.tags[tagged])), tags),
        channel_threshold=0.5,
        unsure_sentiment=settings.unsure_sentiment,
        unsure_complaint=(round(threshold * 0.6, 4), round(threshold + (1 - threshold) * 0.3, 4)),
    )


def tag_thresholds(shares: Floats, truth: NDArray[np.integer]) -> tuple[float, ...]:
    """One threshold a tag: its own best drawn towards the common best by how few examples it has."""
    common = best_threshold(truth.ravel(), shares.ravel())
    thresholds = []
    for number in range(len(TAGS)):
        positives = int(truth[:, number].sum())
        own = best_threshold(truth[:, number], shares[:, number]) if positives >= TAG_ROWS else common
        trust = positives / (positives + 30)
        thresholds.append(float(np.clip(trust * own + (1 - trust) * common, 0.05, 0.9)))
    return tuple(thresholds)


def describe(settings: HeadSettings) -> dict[str, Any]:
    """The manifest's form of the settings."""
    values = asdict(settings)
    heads = ("sentiment", "complaint", "tags", "channel")
    return {"calibration": {name: values.pop(name) for name in heads}, **values}


def confidence(settings: HeadSettings, sentiment: Floats) -> Floats:
    """Calibrated probability of the predicted mood (n,)."""
    shares: Floats = softmax(settings.sentiment.apply(sentiment)).max(axis=1)
    return shares
