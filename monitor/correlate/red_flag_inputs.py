"""Observations for the boundary table, from campaign results, metrics, NPS answers, deals and posts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, tzinfo

import numpy as np

from monitor.correlate.nps import points
from monitor.correlate.red_flags import FlagSeries
from monitor.domain.campaigns import CampaignResult
from monitor.domain.deals import Deal
from monitor.domain.metrics import MetricPoint
from monitor.domain.nps import NpsResponse

_MAIL_RATES = {
    "delivery_rate": ("delivered", "sent"),
    "unsubscribe_rate": ("unsubscribes", "delivered"),
    "open_rate": ("opens", "delivered"),
    "click_to_open_rate": ("clicks", "opens"),
    "complaint_rate": ("complaints", "delivered"),
    "bounce_rate": ("bounces", "sent"),
}
_OTHER_RATES = {
    ("sms", "sms_opt_out_rate"): ("unsubscribes", "delivered"),
    ("push", "push_opt_out_rate"): ("unsubscribes", "delivered"),
    ("messenger", "messenger_block_rate"): ("unsubscribes", "delivered"),
}
ROWS = {("email", key): columns for key, columns in _MAIL_RATES.items()} | _OTHER_RATES


def share_series(
    days: Sequence[date], numerators: Sequence[float], denominators: Sequence[float]
) -> FlagSeries:
    """Counts over counts, (m,) each."""
    ordinals = np.array([day.toordinal() for day in days], dtype=np.int64)
    return FlagSeries(ordinals, np.asarray(numerators, float), np.asarray(denominators, float), counted=True)


def value_series(days: Sequence[date], values: Sequence[float]) -> FlagSeries:
    """Plain values, (m,)."""
    ordinals = np.array([day.toordinal() for day in days], dtype=np.int64)
    return FlagSeries(ordinals, np.asarray(values, float), np.ones(len(ordinals)), counted=False)


def from_campaign_results(results: Iterable[CampaignResult]) -> dict[str, FlagSeries]:
    """Rates of mail, SMS, push and messenger; a missing `delivered` falls back on `sent` minus bounces.

    A row counts for a rate only when both of its counts are reported and the rate can be true: more opens than
    messages are opens counted per open, not per person, and say nothing of how many opened.
    """
    rows: dict[str, list[tuple[date, float, float]]] = {}
    for result in results:
        for (channel, key), (top, bottom) in ROWS.items():
            numerator, denominator = getattr(result, top), _denominator(result, bottom)
            if (
                result.channel == channel
                and numerator is not None
                and denominator
                and numerator <= denominator
            ):
                rows.setdefault(key, []).append((result.day, numerator, denominator))
    return {key: share_series(*zip(*sorted(found), strict=True)) for key, found in rows.items()}


def _denominator(result: CampaignResult, column: str) -> int | None:
    value: int | None = getattr(result, column)
    if value is None and column == "delivered" and result.sent is not None:
        return max(0, result.sent - (result.bounces or 0))
    return value


def from_metrics(metrics: Iterable[MetricPoint]) -> dict[str, FlagSeries]:
    """Metrics by name; points of the whole (segment "") win over points of segments."""
    by_name: dict[str, list[MetricPoint]] = {}
    for point in metrics:
        by_name.setdefault(point.metric, []).append(point)
    found = {}
    for name, points_ in by_name.items():
        whole = [point for point in points_ if not point.segment] or points_
        counted = [p for p in whole if p.numerator is not None and p.denominator]
        if counted:
            found[name] = share_series(
                [p.day for p in counted],
                [p.numerator or 0 for p in counted],
                [p.denominator or 0 for p in counted],
            )
            continue
        plain = [(point.day, point.value) for point in whole if point.value is not None]
        if plain:
            found[name] = value_series([day for day, _ in plain], [value for _, value in plain])
    return found


def from_nps(responses: Sequence[NpsResponse], zone: tzinfo) -> dict[str, FlagSeries]:
    """NPS answers in points, each on its day in the report's time zone; {} without answers."""
    if not responses:
        return {}
    values = points([response.score for response in responses])
    days = [response.answered_at.astimezone(zone).date() for response in responses]
    return {"nps": value_series(days, values.tolist())}


def from_deals(deals: Iterable[Deal], *, deal_type: str = "expansion") -> dict[str, FlagSeries]:
    """Win rate, qualification rate and cycle time of deals of one type ("" = of every type)."""
    chosen = [deal for deal in deals if not deal_type or deal.type == deal_type]
    closed = [(deal.closed_on, float(deal.won)) for deal in chosen if deal.closed_on and deal.won is not None]
    opened = [(d.opened_on, float(d.qualified)) for d in chosen if d.opened_on and d.qualified is not None]
    cycle = [
        (deal.closed_on, float((deal.closed_on - deal.opened_on).days))
        for deal in chosen
        if deal.closed_on and deal.opened_on and deal.closed_on >= deal.opened_on
    ]
    found = {}
    for key, rows in (("win_rate", closed), ("qualification_rate", opened)):
        if rows:
            found[key] = share_series(
                [day for day, _ in rows], [value for _, value in rows], [1.0] * len(rows)
            )
    if cycle:
        found["cycle_time_days"] = value_series([day for day, _ in cycle], [value for _, value in cycle])
    return found


def from_daily_counts(
    days: Sequence[date], total: Sequence[float], counts: Mapping[str, Sequence[float]]
) -> dict[str, FlagSeries]:
    """Shares of posts: `counts` maps a metric key to its daily counts, e.g. "negative_post_share"."""
    return {key: share_series(days, values, total) for key, values in counts.items() if len(values)}
