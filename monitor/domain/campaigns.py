"""Campaigns and their results: what marketing sent, to whom, and what came back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from monitor.errors import InputError


@dataclass(frozen=True, slots=True)
class Campaign:
    """One planned or sent campaign; `start` and `end` are its first and last day (inclusive).

    Attributes:
        source: the configured source's name.
        external_id: the calendar's own id.
        name: what people call it.
        channel: email, in_app, push, sms, call, messenger, ads, event, community, social or "".
        type: kind of campaign (upsell, webinar, survey, newsletter, ...), free text.
        audience: segment or account list it went to; "" when unknown (everybody).
        sends: touches sent; None when unknown.
    """

    source: str
    external_id: str
    name: str
    start: date
    end: date
    channel: str = ""
    type: str = ""
    audience: str = ""
    sends: int | None = None

    def __post_init__(self) -> None:
        """Refuse a campaign that ends before it starts or has negative sends.

        Raises:
            InputError: with the value and the campaign's id.
        """
        if self.end < self.start:
            raise InputError(
                f"campaign {self.external_id!r} ends {self.end} before it starts {self.start}: correct one of the days"
            )
        if self.sends is not None and self.sends < 0:
            raise InputError(f"campaign {self.external_id!r} has {self.sends} sends: 0 or more expected")


@dataclass(frozen=True, slots=True)
class CampaignResult:
    """Counts of one campaign on one day; rates are computed by us, since vendors' denominators differ.

    Attributes:
        campaign_id: `Campaign.external_id`, or the mail tool's own id when the calendar does not know it.
        day: the day the counts belong to (send day when the tool gives totals only).
        sent, delivered, opens, clicks, unsubscribes, complaints, bounces: counts; None = not reported.
    """

    source: str
    campaign_id: str
    day: date
    channel: str = "email"
    sent: int | None = None
    delivered: int | None = None
    opens: int | None = None
    clicks: int | None = None
    unsubscribes: int | None = None
    complaints: int | None = None
    bounces: int | None = None


@dataclass(frozen=True, slots=True)
class KnownIncident:
    """An outage, release or other known event that makes people write, apart from marketing.

    Attributes:
        kind: "outage", "release" or another word of the calendar.
        start, end: first and last day, inclusive.
    """

    source: str
    external_id: str
    kind: str
    name: str
    start: date
    end: date
