"""Campaigns or known incidents from an ICS calendar, as calendar programs export them.

Each event is parsed and expanded on its own: a broken one is counted and the others stay. Series are expanded
from `past_days` before the run to `future_days` after it, within a budget of time that is looked at between
events (a rule whose days never come takes some seconds until it is given up). Cancelled events are dropped;
the end of an all-day event is exclusive in the file and inclusive here. An unchanged file is read again once
a week, because the window of its series moves.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.base import Batch, CheckResult, Connector
from connectors.batches import BatchBuffer
from connectors.dates import parse_zone
from connectors.ics_faults import EndsBeforeItStartsError, fault_of
from connectors.ics_text import CalendarText, EventText, split_calendar
from connectors.kinds import ConnectorKind, SourceContext
from connectors.options import option
from connectors.row_values import known_channel
from connectors.text import clean_name
from connectors.text_files import file_fingerprint, open_text
from connectors.usability import Usability
from monitor.domain.campaigns import Campaign, KnownIncident
from monitor.domain.posts import IdentityPolicy, SkippedItem
from monitor.errors import GoodwillError, InputError

KIND = "calendar"
LONGEST_FILE = 50_000_000
_CANCELLED, _NOT_NOW, _UNWANTED = "cancelled", "no occurrence in the window", "not included by its words"
_UNDERSTOOD = (_CANCELLED, _NOT_NOW, _UNWANTED)
_ADVICE = "Correct what is said of them, or export the calendar again as iCalendar (.ics)."
_EARLIEST, _LATEST = 1990, 2100
# What icalendar, recurring-ical-events and dateutil raise for events they cannot read.
_UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    AssertionError,
)


@dataclass(frozen=True, slots=True)
class CalendarOptions:
    """Keys of a `[[sources]]` table of kind "calendar"."""

    path: Path = option("the .ics file")
    events_are: Literal["campaigns", "incidents"] = option("what its events stand for", default="campaigns")
    channel: str = option("channel of campaigns whose categories name none", default="")
    type: str = option("type of campaigns, or kind of incidents, without a category", default="")
    include: tuple[str, ...] = option(
        "only events whose title or category holds one of these words", default=()
    )
    exclude: tuple[str, ...] = option(
        "no events whose title or category holds one of these words", default=()
    )
    time_zone: str | None = option("zone whose days count; the calendar's own when absent", default=None)
    past_days: int = option("how far back series are expanded", default=730, minimum=1, maximum=3660)
    future_days: int = option("how far ahead series are expanded", default=180, minimum=0, maximum=3660)
    maximum_events: int = option("events and occurrences read at most", default=20_000, minimum=1)
    maximum_seconds: float = option("time spent on expanding series at most", default=20.0, minimum=0)


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """One event on its days (inclusive)."""

    external_id: str
    title: str
    categories: tuple[str, ...]
    start: date
    end: date


class CalendarConnector:
    """Reads one ICS file."""

    kind = KIND
    identity_policy = IdentityPolicy.FIRST_PARTY

    def __init__(self, name: str, options: CalendarOptions) -> None:
        self.name = name
        self._options = options
        self._zone = parse_zone(options.time_zone, name)

    def check(self) -> list[CheckResult]:
        """Read the file and count its events."""
        try:
            calendar = self._read(date(2100, 1, 1))
        except GoodwillError as error:
            return [CheckResult(self.name, ok=False, message=str(error))]
        zone = calendar.zone_name or "no zone of its own"
        return [CheckResult(self.name, ok=True, message=f"{len(calendar.events)} events; {zone}")]

    def fetch(self, cursors: Mapping[str, str], now: datetime) -> Iterator[Batch]:
        """Yield every event of the window, unless neither the file nor the week changed.

        Raises:
            InputError: the file cannot be read or is no calendar.
        """
        path = self._options.path
        monday = now.date() - timedelta(days=now.weekday())
        settings = repr(replace(self._options, path=Path(path.name)))
        stream, cursor = clean_name(path.name), file_fingerprint(path, KIND, settings, monday.isoformat())
        if cursors.get(stream) == cursor:
            return
        first = monday - timedelta(days=self._options.past_days)
        last = monday + timedelta(days=self._options.future_days)
        buffer, usability = BatchBuffer(), Usability(_UNDERSTOOD)
        for found in self._items(self._read(last), first, last):
            item = self._record(found) if isinstance(found, _Occurrence) else found
            usability.see([item])
            buffer.add(item)
            if buffer.is_full:
                yield buffer.take()
        problem = usability.problem(stream, "events", _ADVICE)
        if problem:  # without a cursor, so that every run says it until the file is another one
            yield replace(buffer.take(), problems=(problem,))
        else:
            yield buffer.take({stream: cursor})

    def _read(self, last: date) -> CalendarText:
        path = self._options.path
        with open_text(path) as file:
            text = file.read(LONGEST_FILE + 1)
        if len(text) > LONGEST_FILE:
            raise InputError(
                f"{path.name} is longer than {LONGEST_FILE} characters: export a shorter period."
            )
        return split_calendar(text, path.name, last)

    def _items(self, calendar: CalendarText, first: date, last: date) -> Iterator[_Occurrence | SkippedItem]:
        zone = self._zone or _zone(calendar.zone_name)
        deadline = time.monotonic() + self._options.maximum_seconds
        left = self._options.maximum_events
        for event in calendar.events:
            if left <= 0 or (event.repeats and time.monotonic() > deadline):
                yield SkippedItem("limit of events or seconds reached", event.place)
                continue
            if event.problem:
                yield SkippedItem(event.problem, event.place)
                continue
            found = list(self._expand(event, calendar.zones, zone, (first, last)))
            left -= len(found)
            yield from found

    def _expand(
        self, event: EventText, zones: tuple[str, ...], zone: tzinfo, window: tuple[date, date]
    ) -> Iterator[_Occurrence | SkippedItem]:
        """The occurrences of one event, all or none."""
        try:
            components = _components(event, zones, window)
            live = [component for component in components if not _cancelled(component)]
            occurrences = _distinct([_occurrence(component, event, zone) for component in live], event)
        except EndsBeforeItStartsError as error:
            yield SkippedItem("ends before it starts", event.place, str(error))
            return
        except _UNREADABLE:
            yield SkippedItem("broken event", event.place, fault_of(event))
            return
        if not occurrences:
            cancelled = bool(components)
            yield SkippedItem(_CANCELLED if cancelled else _NOT_NOW, event.place)
        for occurrence in occurrences[: self._options.maximum_events]:
            if self._wanted(occurrence):
                yield occurrence
            else:
                yield SkippedItem(_UNWANTED, event.place)

    def _wanted(self, occurrence: _Occurrence) -> bool:
        words = " ".join((occurrence.title, *occurrence.categories)).casefold()
        options = self._options
        included = not options.include or any(word.casefold() in words for word in options.include)
        return included and not any(word.casefold() in words for word in options.exclude)

    def _record(self, occurrence: _Occurrence) -> Campaign | KnownIncident:
        options = self._options
        kind = next(
            (name for name in occurrence.categories if not known_channel(name)), options.type
        ).casefold()
        title = occurrence.title or occurrence.external_id
        identity = (self.name, occurrence.external_id)
        if options.events_are == "incidents":
            return KnownIncident(*identity, kind or "outage", title, occurrence.start, occurrence.end)
        channel = next(filter(None, map(known_channel, occurrence.categories)), options.channel)
        return Campaign(*identity, title, occurrence.start, occurrence.end, channel, kind)


def _components(event: EventText, zones: tuple[str, ...], window: tuple[date, date]) -> list[Any]:
    """The event's components, expanded where it is a series."""
    import icalendar

    lines = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//goodwill//", *zones, *event.lines, "END:VCALENDAR")
    calendar = icalendar.Calendar.from_ical("\r\n".join(lines) + "\r\n")
    if not event.repeats:
        return list(calendar.walk("VEVENT"))
    import recurring_ical_events

    return list(recurring_ical_events.of(calendar).between(window[0], window[1] + timedelta(days=1)))


def _cancelled(component: Any) -> bool:
    return str(component.get("STATUS", "")).strip().upper() == "CANCELLED"


def _occurrence(component: Any, event: EventText, zone: tzinfo) -> _Occurrence:
    """One component on its days.

    Raises:
        EndsBeforeItStartsError: with both days.
        ValueError: its days make no sense.
    """
    start = component.decoded("DTSTART")
    end = _end(component, start)
    first = _day(start, zone)
    if _is_before(end, start, zone):
        raise EndsBeforeItStartsError(f"{first} to {_day(end, zone)}: correct one of the days")
    last = max(first, _last_day(end, zone))
    if not _EARLIEST <= first.year < _LATEST or last - first > timedelta(days=3660):
        raise ValueError(f"days {first} to {last}")
    title = clean_name(str(component.get("SUMMARY", "")))
    return _Occurrence(event.identifier, title, _categories(component), first, last)


def _distinct(occurrences: list[_Occurrence], event: EventText) -> list[_Occurrence]:
    """Occurrences of a series with ids of their own: the day, and a number for a second one on that day."""
    if not event.repeats and len(occurrences) <= 1:
        return occurrences
    days = Counter[date]()
    distinct: list[_Occurrence] = []
    for occurrence in sorted(occurrences, key=lambda item: (item.start, item.end, item.title)):
        days[occurrence.start] += 1
        number = f"-{days[occurrence.start]}" if days[occurrence.start] > 1 else ""
        external_id = f"{event.identifier}/{occurrence.start:%Y%m%d}{number}"
        distinct.append(replace(occurrence, external_id=external_id))
    return distinct


def _end(component: Any, start: date) -> date:
    if "DTEND" in component:
        end: date = component.decoded("DTEND")
        return end
    if "DURATION" in component:
        return start + component.decoded("DURATION")  # type: ignore[no-any-return]
    return start if isinstance(start, datetime) else start + timedelta(days=1)


def _day(moment: date, zone: tzinfo) -> date:
    if isinstance(moment, datetime):
        return (moment.astimezone(zone) if moment.tzinfo else moment).date()
    return moment


def _is_before(end: date, start: date, zone: tzinfo) -> bool:
    """Whether the end comes first; one that equals the start is the habit of some programs for a single day."""
    if isinstance(end, datetime) and isinstance(start, datetime) and bool(end.tzinfo) == bool(start.tzinfo):
        return end < start
    return _day(end, zone) < _day(start, zone)


def _last_day(end: date, zone: tzinfo) -> date:
    """The last day of something that ends at `end`, which itself is no longer part of it."""
    if isinstance(end, datetime):
        return _day(end - timedelta(microseconds=1), zone)
    return end - timedelta(days=1)


def _categories(component: Any) -> tuple[str, ...]:
    found = component.get("CATEGORIES")
    lists = found if isinstance(found, list) else [found] if found is not None else []
    names = [clean_name(str(name)) for part in lists for name in getattr(part, "cats", [part])]
    return tuple(name for name in names if name)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def build(context: SourceContext, options: CalendarOptions) -> Connector:
    """The connector of one `[[sources]]` table."""
    return CalendarConnector(context.name, options)


KINDS = (
    ConnectorKind(
        kind=KIND,
        description="campaigns or incidents from an ICS calendar",
        needs_network=False,
        options_class=CalendarOptions,
        build=build,
    ),
)
