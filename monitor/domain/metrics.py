"""Business metrics by day: rates with their counts, or plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class MetricPoint:
    """One metric on one day.

    Attributes:
        metric: name ("email_unsubscribe_rate", "muted_notifications_share", ...).
        value: the value; computed from the counts where both are given.
        numerator, denominator: counts behind a rate; None for a plain value.
        segment: "" for all.
    """

    source: str
    metric: str
    day: date
    value: float
    numerator: float | None = None
    denominator: float | None = None
    segment: str = ""
