"""Campaign calendar (CSV and ICS), mail results, incidents and metrics."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from monitor.demo.calendar_year import WEEKS, day_of
from monitor.demo.dice import Dice
from monitor.demo.plan import Plan, PlannedCampaign
from monitor.demo.tables import write_csv

CONTACTS = 6400
DIGEST_READERS = 3100
_CAMPAIGN_COLUMNS = ("id", "name", "type", "channel", "audience", "start", "end", "sends")
_RESULT_COLUMNS = ("campaign", "date", "channel", "sent", "delivered", "opens", "clicks", "unsubscribes", "complaints",
                   "bounces")  # fmt: skip
_INCIDENT_COLUMNS = ("id", "kind", "name", "start", "end")
_METRIC_COLUMNS = ("metric", "date", "value", "numerator", "denominator", "segment")
Row = dict[str, object]


def write_campaigns(path: Path, plan: Plan) -> int:
    """The marketing team's table: everything but the events, which stand in the calendar."""
    listed = [campaign for campaign in plan.campaigns if not campaign.in_calendar]
    rows = ({**{name: getattr(campaign, name) for name in _CAMPAIGN_COLUMNS}} for campaign in listed)
    return write_csv(path, _CAMPAIGN_COLUMNS, rows)


def write_calendar(path: Path, plan: Plan) -> int:
    """The events team's calendar: its events, one mail that the table holds too, and things that are none.

    Returns:
        how many campaigns only the calendar knows.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Goodwill demo//synthetic//EN",
        "X-WR-CALNAME:Events (synthetic)",
    ]
    shared = next(campaign for campaign in plan.campaigns if campaign.name == "Tips for peak season")
    events = [campaign for campaign in plan.campaigns if campaign.in_calendar]
    for campaign in (*events, shared):
        lines += _event(
            campaign.id, campaign.name, (campaign.start, campaign.end), (campaign.channel, campaign.type)
        )
    cancelled = day_of(29, 2)
    lines += _event(
        "X01", "Summer breakfast (cancelled)", (cancelled, cancelled), ("event",), "STATUS:CANCELLED"
    )
    all_hands = day_of(0, 4)
    lines += _event(
        "X02", "All-hands (internal)", (all_hands, all_hands), ("internal",), "RRULE:FREQ=MONTHLY;COUNT=13"
    )
    lines.append("END:VCALENDAR")
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode())
    return len(events)


def _event(
    uid: str, name: str, days: tuple[date, date], categories: tuple[str, ...], *more: str
) -> Iterator[str]:
    """An all-day event; the end is exclusive, as the format wants it."""
    yield "BEGIN:VEVENT"
    yield f"UID:{uid}"
    yield "DTSTAMP:20261116T070000Z"
    yield f"DTSTART;VALUE=DATE:{days[0]:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{days[1] + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{name}"
    yield f"CATEGORIES:{','.join(categories)}"
    yield from more
    yield "END:VEVENT"


def write_results(path: Path, plan: Plan, seed: int) -> int:
    """What the mail tool counted: campaigns, and a weekly digest that no calendar lists since it is routine."""
    dice = Dice(seed, "results")
    sending = [c for c in plan.campaigns if c.channel in {"email", "sms"} and not c.planned]
    rows = [row for campaign in sending for row in _results(campaign, dice)]
    rows += [_digest(week, plan, dice) for week in range(WEEKS)]
    return write_csv(
        path, _RESULT_COLUMNS, sorted(rows, key=lambda row: (str(row["date"]), str(row["campaign"])))
    )


def _digest(week: int, plan: Plan, dice: Dice) -> Row:
    """The routine mail of one week; more of its readers leave when campaigns crowd the week."""
    monday = day_of(week, 0)
    touches = (
        sum(_mails_in(campaign, monday, monday + timedelta(days=6)) for campaign in plan.campaigns) / CONTACTS
    )
    sent = DIGEST_READERS + dice.whole(-30, 30)
    bounces = dice.poisson(sent * 0.009)
    opens = round((sent - bounces) * (0.41 + 0.05 * dice.share()) / (1 + 0.06 * touches))
    return {
        "campaign": "weekly-digest",
        "date": monday + timedelta(days=3),
        "channel": "email",
        "sent": sent,
        "delivered": sent - bounces,
        "opens": opens,
        "clicks": round(opens * (0.13 + 0.04 * dice.share())),
        "unsubscribes": dice.poisson(sent * 0.0006 * (1 + 0.9 * touches)),
        "complaints": dice.poisson(sent * 0.0001 * (1 + 0.6 * touches)),
        "bounces": bounces,
    }


def _results(campaign: PlannedCampaign, dice: Dice) -> Iterator[Row]:
    days = (campaign.end - campaign.start).days + 1
    for touch in range(campaign.touches):
        day = campaign.start + timedelta(days=touch * days // campaign.touches)
        sent = campaign.contacts
        bounces = round(sent * (0.008 + 0.006 * dice.share()))
        delivered = sent - bounces
        row: Row = {"campaign": campaign.id, "date": day, "channel": campaign.channel, "sent": sent,
                    "delivered": delivered, "bounces": bounces}  # fmt: skip
        tired = 1.0 + 0.35 * touch * (1.6 if campaign.harm else 0.5)
        row["unsubscribes"] = dice.poisson(
            min(50.0, delivered * (0.0026 if campaign.harm else 0.0007) * tired)
        )
        if campaign.channel == "email":
            row["complaints"] = dice.poisson(delivered * (0.0007 if campaign.harm else 0.00015) * tired)
            row["opens"] = round(delivered * (0.34 + 0.06 * dice.share()) / tired)
            row["clicks"] = round(int(str(row["opens"])) * (0.12 + 0.05 * dice.share()) / tired)
        yield row


def write_incidents(path: Path, plan: Plan) -> int:
    """The status page's list: what it knows of."""
    listed = [incident for incident in plan.incidents if incident.listed]
    return write_csv(
        path, _INCIDENT_COLUMNS, ({name: getattr(i, name) for name in _INCIDENT_COLUMNS} for i in listed)
    )


def write_metrics(path: Path, plan: Plan, seed: int) -> int:
    """Weekly metrics of the product and the marketing team."""
    return write_csv(path, _METRIC_COLUMNS, _metrics(plan, Dice(seed, "metrics")))


def _metrics(plan: Plan, dice: Dice) -> Iterator[Row]:
    annoyed = 0.0
    for week in range(WEEKS):
        monday = day_of(week, 0)
        sunday = monday + timedelta(days=6)
        running = [c for c in plan.campaigns if c.start <= sunday and c.end >= monday]
        in_app = any(c.channel in {"in_app", "sms"} or c.name == "Black Friday early access" for c in running)
        annoyed = 0.8 * annoyed + (1.0 if in_app else 0.0)
        active = dice.whole(4900, 5300)
        muted = round(active * (0.108 + 0.022 * annoyed + 0.004 * dice.normal()))
        mails = 0.85 + sum(_mails_in(c, monday, sunday) for c in running) / CONTACTS + 0.05 * dice.normal()
        yield _point("muted_notification_share", monday, numerator=muted, denominator=active)
        yield _point("emails_per_customer_week", monday, value=round(max(0.2, mails), 2))
        yield _point("in_app_engagement", monday, value=round(100 - 6 * annoyed + 2.5 * dice.normal(), 1))
        yield _point("ad_dwell_seconds", monday, value=round(1.9 - 0.25 * annoyed + 0.1 * dice.normal(), 2))
        shows = 0.4 + (1.7 if in_app else 0.0) + 0.1 * dice.share()
        yield _point("banner_shows_per_3_days", monday, value=round(shows, 2))


def _mails_in(campaign: PlannedCampaign, monday: date, sunday: date) -> float:
    if campaign.channel != "email":
        return 0.0
    days = (campaign.end - campaign.start).days + 1
    inside = (min(campaign.end, sunday) - max(campaign.start, monday)).days + 1
    return campaign.sends * max(0, inside) / days


def _point(metric: str, day: date, *, value: float | None = None, numerator: int | None = None,
           denominator: int | None = None) -> Row:  # fmt: skip
    return {"metric": metric, "date": day, "value": value, "numerator": numerator, "denominator": denominator,
            "segment": ""}  # fmt: skip
