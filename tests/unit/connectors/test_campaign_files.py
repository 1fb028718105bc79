"""Calendars, results, incidents and metrics from files."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connectors.registry import build_connector
from monitor.domain.campaigns import Campaign, CampaignResult, KnownIncident
from monitor.domain.metrics import MetricPoint
from monitor.domain.posts import SkippedItem
from monitor.errors import InputError
from tests.unit.connectors.file_sources import NOW, Seen, see


def calendar(*events: str, head: str = "") -> str:
    body = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{body}END:VCALENDAR\n".replace("\n", "\r\n")


def days(seen: Seen) -> list[tuple[str, date, date]]:
    return [(r.external_id, r.start, r.end) for r in seen.records if isinstance(r, Campaign | KnownIncident)]


def see_ics(folder: Path, content: str, **options: object) -> Seen:
    return see(folder, "calendar", content, "file.ics", **options)


def only_skipped(folder: Path, event: str) -> SkippedItem:
    """What is said of a calendar's only event."""
    (folder / "file.ics").write_text(calendar(event))
    connector = build_connector("calendar", "s", {"path": "file.ics"}, base_folder=folder, secrets={})
    batches = list(connector.fetch({}, NOW))
    assert not any(batch.records for batch in batches)
    (item,) = [item for batch in batches for item in batch.skipped]
    return item


def test_all_day_events_end_before_their_end(tmp_path: Path) -> None:
    """DTEND is exclusive; without one an all-day event takes a day, DURATION counts too."""
    events = (
        "UID:a\nDTSTART;VALUE=DATE:20261001\nDTEND;VALUE=DATE:20261004",
        "UID:b\nDTSTART;VALUE=DATE:20261001",
        "UID:c\nDTSTART;VALUE=DATE:20261001\nDURATION:P2D",
    )
    assert days(see_ics(tmp_path, calendar(*events))) == [
        ("a", date(2026, 10, 1), date(2026, 10, 3)),
        ("b", date(2026, 10, 1), date(2026, 10, 1)),
        ("c", date(2026, 10, 1), date(2026, 10, 2)),
    ]


def test_days_are_those_of_the_calendars_zone(tmp_path: Path) -> None:
    """22:00 UTC is the next day in Berlin; the user's zone wins over the calendar's."""
    content = calendar(
        "UID:a\nDTSTART:20261001T220000Z\nDTEND:20261002T220000Z", head="X-WR-TIMEZONE:Europe/Berlin\n"
    )
    assert days(see_ics(tmp_path, content)) == [("a", date(2026, 10, 2), date(2026, 10, 2))]
    assert days(see_ics(tmp_path, content, time_zone="UTC")) == [("a", date(2026, 10, 1), date(2026, 10, 2))]


def test_series_are_expanded_in_the_window(tmp_path: Path) -> None:
    """Excluded days are left out, moved and cancelled occurrences too, and the window ends the series."""
    content = calendar(
        "UID:n\nDTSTART;VALUE=DATE:20260901\nRRULE:FREQ=MONTHLY\nEXDATE;VALUE=DATE:20261001",
        "UID:n\nRECURRENCE-ID;VALUE=DATE:20261101\nDTSTART;VALUE=DATE:20261105",
        "UID:n\nRECURRENCE-ID;VALUE=DATE:20261201\nDTSTART;VALUE=DATE:20261201\nSTATUS:CANCELLED",
    )
    found = days(see_ics(tmp_path, content, future_days=60))
    assert [start for _, start, _ in found] == [date(2026, 9, 1), date(2026, 11, 5), date(2027, 1, 1)]
    assert found[0][0] == "n/20260901"


def test_one_broken_event_leaves_the_others(tmp_path: Path) -> None:
    """Each is parsed on its own; cancelled ones are dropped and said."""
    content = calendar(
        "UID:a\nDTSTART:garbage",
        "UID:b\nSUMMARY:no start",
        "UID:c\nDTSTART;VALUE=DATE:20261001\nDTEND;VALUE=DATE:99991231",
        "UID:d\nDTSTART;VALUE=DATE:20261001\nSTATUS:cancelled",
        "UID:e\nDTSTART;VALUE=DATE:20261001\nRRULE:FREQ=DAILY;BYDAY=XX",
        "UID:f\nDTSTART;VALUE=DATE:20261001\nBEGIN:VALARM\nTRIGGER:nonsense\nEND:VALARM\nSUMMARY:good\\, really",
        "UID:g\nDTSTART;VALUE=DATE:20261002\nSUMMARY:never closed\nBEGIN:VALARM",
    )
    seen = see_ics(tmp_path, content)
    assert [(r.external_id, r.name) for r in seen.records] == [("f", "good, really"), ("g", "never closed")]
    assert seen.skipped == {"broken event": 3, "event without start": 1, "cancelled": 1}


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        ("DTSTART;VALUE=DATE:20261105\nDTEND;VALUE=DATE:20261101", "2026-11-05 to 2026-11-01"),
        ("DTSTART:20261105T100000Z\nDTEND:20261105T090000Z", "2026-11-05 to 2026-11-05"),
        ("DTSTART:20261105T100000\nDTEND;VALUE=DATE:20261104", "2026-11-05 to 2026-11-04"),
        ("DTSTART;VALUE=DATE:20261105\nDURATION:-P2D", "2026-11-05 to 2026-11-03"),
    ],
)
def test_an_event_that_ends_before_it_starts_is_left_out(dates: str, told: str, tmp_path: Path) -> None:
    """It becomes no campaign of a day; the event is named by its title."""
    item = only_skipped(tmp_path, f"SUMMARY:Winter\\, again\n{dates}")
    assert (item.reason, item.external_id) == ("ends before it starts", "event 1 ('Winter, again')")
    assert item.detail.startswith(told)


@pytest.mark.parametrize("end", ["DTEND;VALUE=DATE:20261105", "DURATION:P0D"])
def test_an_end_that_equals_the_start_is_a_day(end: str, tmp_path: Path) -> None:
    """Some programs write a single day that way."""
    seen = see_ics(tmp_path, calendar(f"UID:a\nDTSTART;VALUE=DATE:20261105\n{end}"))
    assert days(seen) == [("a", date(2026, 11, 5), date(2026, 11, 5))]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("DTSTART;VALUE=DATE:2026", "DTSTART is '2026': a day such as 20261005"),
        ("DTSTART:someday", "DTSTART is a text of 7 characters"),
        ("DTSTART;VALUE=DATE:20261005\nDTEND;VALUE=DATE:20261305", "DTEND is '20261305'"),
        ("DTSTART;VALUE=DATE:20261005\nDURATION:two days", "DURATION is a text of 8 characters"),
        ("DTSTART;VALUE=DATE:20261005\nRRULE:FREQ=DAILY;BYDAY=XX", "its rule of repetition"),
        ("DTSTART;VALUE=DATE:20261005\nDTEND;VALUE=DATE:20991005", "its days 20261005 to 20991005"),
    ],
)
def test_a_broken_event_is_explained_in_words(lines: str, told: str, tmp_path: Path) -> None:
    """The property and its value, and what to do; not the name of a class."""
    item = only_skipped(tmp_path, lines)
    assert (item.reason, item.external_id) == ("broken event", "event 1")
    assert item.detail.startswith(told)
    assert item.detail.endswith("correct it in the calendar program and export again")


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;COUNT=10",
        "FREQ=DAILY;BYHOUR=1,2,3",
        "FREQ=DAILY;BYSECOND=" + ",".join(map(str, range(60))),
    ],
)
def test_rules_that_fire_too_often_are_refused_unread(rule: str, tmp_path: Path) -> None:
    """No calendar of campaigns repeats within a day."""
    started = time.process_time()
    seen = see_ics(tmp_path, calendar(f"UID:a\nDTSTART:20250101T000000Z\nRRULE:{rule}"))
    assert seen.skipped == {"repeats more often than daily": 1}
    assert time.process_time() - started < 2


@pytest.mark.parametrize("interval", ["0", "000", "", "x", "-1", "99999999999"])
def test_rules_that_never_move_on_are_refused_unread(interval: str, tmp_path: Path) -> None:
    """An interval of 0 would be expanded for ever."""
    seen = see_ics(
        tmp_path, calendar(f"UID:a\nDTSTART:20260101T000000Z\nRRULE:FREQ=DAILY;INTERVAL={interval}")
    )
    assert seen.skipped == {"rule that never moves on": 1}


def test_endless_series_are_bounded(tmp_path: Path) -> None:
    """By the window, by the number of events, and by a budget of seconds; what is left out is said."""
    daily = [f"UID:{n}\nDTSTART;VALUE=DATE:20200101\nRRULE:FREQ=DAILY;UNTIL=99990101" for n in range(5)]
    seen = see_ics(tmp_path, calendar(*daily), maximum_events=2_000)
    assert 2_000 <= len(seen.records) < 3_000
    assert seen.skipped == {"limit of events or seconds reached": 2}
    seen = see_ics(tmp_path, calendar(*daily), maximum_seconds=0)
    assert seen.skipped["limit of events or seconds reached"] >= 4
    assert (
        see_ics(tmp_path, calendar("UID:a\nDTSTART;VALUE=DATE:00010101\nRRULE:FREQ=DAILY")).skipped.total()
        == 1
    )


@pytest.mark.parametrize(
    "content", ["<!DOCTYPE html><html>Sign in</html>", "hello", "", "BEGIN:VCARD\nEND:VCARD"]
)
def test_what_is_no_calendar_is_refused(content: str, tmp_path: Path) -> None:
    """A login page saved as .ics is no empty calendar."""
    (tmp_path / "file.ics").write_text(content)
    connector = build_connector("calendar", "s", {"path": "file.ics"}, base_folder=tmp_path, secrets={})
    assert not connector.check()[0].ok
    with pytest.raises(InputError):
        list(connector.fetch({}, NOW))


def test_events_as_incidents_and_by_their_words(tmp_path: Path) -> None:
    """A release calendar becomes incidents; words choose events."""
    content = calendar(
        "UID:a\nDTSTART;VALUE=DATE:20261001\nSUMMARY:Release 4.2\nCATEGORIES:Release",
        "UID:b\nDTSTART;VALUE=DATE:20261002\nSUMMARY:Team lunch",
    )
    seen = see_ics(tmp_path, content, events_are="incidents", include=["release"], exclude=["lunch"])
    assert seen.records == [
        KnownIncident("s", "a", "release", "Release 4.2", date(2026, 10, 1), date(2026, 10, 1))
    ]
    assert seen.skipped == {"not included by its words": 1}


def test_channel_and_type_come_from_categories(tmp_path: Path) -> None:
    """A category that names a channel is one; the next is the type."""
    content = calendar("UID:a\nDTSTART;VALUE=DATE:20261001\nSUMMARY:x\nCATEGORIES:E-Mail,Upsell")
    assert (see_ics(tmp_path, content).only.channel, see_ics(tmp_path, content).only.type) == (
        "email",
        "upsell",
    )
    plain = calendar("UID:a\nDTSTART;VALUE=DATE:20261001\nSUMMARY:x")
    only = see_ics(tmp_path, plain, channel="push", type="promo").only
    assert (only.channel, only.type) == ("push", "promo")


def test_an_unchanged_calendar_is_read_again_next_week(tmp_path: Path) -> None:
    """Series go on; within a week nothing is read twice."""
    (tmp_path / "c.ics").write_text(calendar("UID:a\nDTSTART;VALUE=DATE:20261001\nRRULE:FREQ=DAILY"))
    connector = build_connector("calendar", "s", {"path": "c.ics"}, base_folder=tmp_path, secrets={})
    cursors = list(connector.fetch({}, NOW))[-1].cursors
    assert list(connector.fetch(cursors, datetime(2026, 11, 22, tzinfo=UTC))) == []
    assert list(connector.fetch(cursors, datetime(2026, 11, 23, tzinfo=UTC))) != []


MAILCHIMP = (
    "Title,Send Date,Total Recipients,Successful Deliveries,Soft Bounces,Hard Bounces,Unique Opens,Total Opens,"
    "Unique Clicks,Unsubscribes,Abuse Complaints"
)


@pytest.mark.parametrize(
    ("header", "row", "bounces"),
    [
        (
            MAILCHIMP,
            'Autumn,"Oct 01, 2026 10:00 am",100,98,1,1,40,55,8,2,1',
            2,
        ),
        (
            "Campaign Name;Отправлено;Доставлено;Открытия;Клики;Отписки;Жалобы;Дата",
            "Autumn;100;98;40;8;2;1;2026-10-01",
            None,
        ),
        (
            "Email Name,Sent At,Sent,Delivered,Opened,Clicked Email,Unsubscribed,Marked as spam,Bounced",
            "Autumn,2026-10-01T09:00:00Z,100,98,40,8,2,1,2",
            2,
        ),
    ],
)
def test_results_of_several_tools(header: str, row: str, bounces: int | None, tmp_path: Path) -> None:
    """Counts arrive by their usual names; unique opens are preferred."""
    assert see(tmp_path, "campaign_results", f"{header}\n{row}\n").only == CampaignResult(
        "s", "Autumn", date(2026, 10, 1), "email", 100, 98, 40, 8, 2, 1, bounces
    )


def test_metrics_long_and_wide(tmp_path: Path) -> None:
    """One metric a row, or a column a metric; percent signs and decimal commas are understood."""
    long = "metric;date;value;numerator;denominator;segment\nwin_rate;2026-10-01;;3;10;EU\nx;2026-10-01;12,5 %;;;\n"
    assert see(tmp_path, "metrics", long, decimal=",").records == [
        MetricPoint("s", "win_rate", date(2026, 10, 1), None, 3, 10, "EU"),
        MetricPoint("s", "x", date(2026, 10, 1), 0.125),
    ]
    wide = "Week,Win rate,Muted\n2026-10-05,0.4,\n"
    seen = see(tmp_path, "metrics", wide, values={"win_rate": "win RATE", "muted_share": "Muted"})
    assert seen.only == MetricPoint("s", "win_rate", date(2026, 10, 5), 0.4)
    with pytest.raises(InputError, match="no column for 'metric'"):
        see(tmp_path, "metrics", wide)


@pytest.mark.parametrize(
    ("written", "channel"),
    [("E-Mail", "email"), ("In-App", "in_app"), ("Push notification", "push"), ("Billboard", "billboard")],
)
def test_channel_words(written: str, channel: str, tmp_path: Path) -> None:
    """Known words become ours, others stay."""
    content = f"id,name,channel,start\nc,n,{written},2026-10-01\n"
    assert see(tmp_path, "campaigns", content).only.channel == channel
