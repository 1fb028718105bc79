"""What a model says about one text: sentiment, marketing complaint, tags, channel.

Frozen values without I/O. Probabilities are calibrated shares in [0, 1].
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Sentiment(StrEnum):
    """Mood of a text towards what it speaks about; the order is the model's label order."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class ComplaintTag(StrEnum):
    """What a marketing complaint complains about; a text may carry several."""

    TOO_MANY_MESSAGES = "too_many_messages"
    CANNOT_UNSUBSCRIBE = "cannot_unsubscribe"
    IRRELEVANT = "irrelevant"
    PUSHY_SALES = "pushy_sales"
    IN_APP_INTERRUPTION = "in_app_interruption"
    UNSOLICITED_CONTACT = "unsolicited_contact"
    MISLEADING_PROMO = "misleading_promo"
    PRIVACY = "privacy"
    DISCOUNT_PROMO = "discount_promo"
    OTHER_MARKETING = "other_marketing"


class ContactChannel(StrEnum):
    """The way by which marketing reached the writer, where the text tells it."""

    EMAIL = "email"
    IN_APP = "in_app"
    PUSH = "push"
    SMS = "sms"
    CALL = "call"
    MESSENGER = "messenger"
    ADS = "ads"
    EVENT = "event"
    COMMUNITY = "community"
    SOCIAL = "social"


LIKELY_TAG = 0.5
"""Share from which a complaint that a person found has a tag: more likely than not, over every shipped threshold."""

UNDETERMINED = "und"
"""Language code (BCP 47) of a text whose language cannot be told."""


def _check_share(name: str, value: float) -> None:
    if not math.isfinite(value) or not 0.0 <= value <= 1.0:
        raise ValueError(
            f"{name} is {value!r}: expected a probability between 0 and 1; check the scoring engine"
        )


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores of one text by one model.

    Attributes:
        lang: ISO 639-1 code, or ``und`` where the language cannot be told.
        sentiment: the most probable mood.
        probabilities: calibrated probability of each of the three moods, summing to 1.
        marketing_complaint: calibrated probability that the text complains about marketing.
        complaint: whether that probability reaches the model's shipped threshold.
        tags: complaint tags at or over their thresholds; empty unless ``complaint``.
        tag_scores: probability of each tag, given that the text is a complaint.
        channel: how the marketing reached the writer; None where the text does not tell.
        unsure: the model is not confident enough; a person should look.
        model: identity of the model that scored.
        measured: False where quality was never measured for this language or model.
        driving_segment: the part of a long text that decided the label; None for short texts.
        embedding: unit vector as signed bytes (see ``monitor.domain.embedding``); None where not made.

    Raises:
        ValueError: a probability outside [0, 1], or moods that do not sum to 1.
    """

    lang: str
    sentiment: Sentiment
    probabilities: Mapping[Sentiment, float]
    marketing_complaint: float
    complaint: bool
    model: str
    tags: tuple[ComplaintTag, ...] = ()
    tag_scores: Mapping[ComplaintTag, float] = field(default_factory=dict)
    channel: ContactChannel | None = None
    unsure: bool = False
    measured: bool = True
    driving_segment: str | None = None
    embedding: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Refuse values that are no probabilities."""
        for mood in Sentiment:
            _check_share(f"probabilities[{mood.value}]", self.probabilities.get(mood, math.nan))
        total = sum(self.probabilities.values())
        if abs(total - 1.0) > 0.01:
            raise ValueError(
                f"probabilities sum to {total:.3f}: expected 1 over the three moods; check the scoring engine"
            )
        _check_share("marketing_complaint", self.marketing_complaint)
        for tag, score in self.tag_scores.items():
            _check_share(f"tag_scores[{tag.value}]", score)
        if self.tags and not self.complaint:
            raise ValueError(
                f"tags {[tag.value for tag in self.tags]!r} on a text that is no complaint: "
                "expected none; drop the tags or set complaint"
            )

    @property
    def tags_if_complaint(self) -> tuple[ComplaintTag, ...]:
        """What the text complains about if a person says that it does: its tags, the likely ones, or "other"."""
        likely = tuple(tag for tag in ComplaintTag if self.tag_scores.get(tag, 0.0) >= LIKELY_TAG)
        return self.tags or likely or (ComplaintTag.OTHER_MARKETING,)
