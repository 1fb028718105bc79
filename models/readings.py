"""What a reader says about n segments, as arrays; readers are the encoder and the linear model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.calibration import sigmoid, softmax
from models.manifest import HeadSettings

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Readings:
    """Calibrated probabilities of n segments.

    Attributes:
        sentiment: (n, 3) in the order negative, neutral, positive.
        complaint: (n,).
        tags: (n, 10), each given that the text is a complaint.
        channel: (n, 10), summing to 1 over channels.
        embedding: (n, 384) unit vectors.
    """

    sentiment: Floats
    complaint: Floats
    tags: Floats
    channel: Floats
    embedding: Floats

    def row(self, position: int) -> Readings:
        """The reading of one segment, as a view."""
        chosen = slice(position, position + 1)
        return Readings(
            sentiment=self.sentiment[chosen],
            complaint=self.complaint[chosen],
            tags=self.tags[chosen],
            channel=self.channel[chosen],
            embedding=self.embedding[chosen],
        )


class Reader(Protocol):
    """Reads segments of one group of languages."""

    @property
    def settings(self) -> HeadSettings:
        """Calibration and thresholds."""
        ...

    def read(self, texts: Sequence[str]) -> Readings:
        """Read n clean segments, in order."""
        ...


def calibrate(settings: HeadSettings, logits: Sequence[Floats], embedding: Floats) -> Readings:
    """Turn the four heads' logits (sentiment, complaint, tags, channel) into probabilities."""
    sentiment, complaint, tags, channel = logits
    return Readings(
        sentiment=softmax(settings.sentiment.apply(sentiment)),
        complaint=sigmoid(settings.complaint.apply(complaint)),
        tags=sigmoid(settings.tags.apply(tags)),
        channel=softmax(settings.channel.apply(channel)),
        embedding=embedding,
    )
