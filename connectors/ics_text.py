"""Cut an ICS file into its events by their text, so that a broken one cannot take the others along.

Rules that would repeat without end get one: expansion is bounded before a library sees them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from connectors.cell_values import stable_id
from connectors.text import clean_name
from monitor.errors import InputError

_FOLD = re.compile(r"\r?\n[ \t]")
_LINE_END = re.compile(r"\r\n|\n|\r")
_TOO_OFTEN = re.compile(r"FREQ=(?:SECONDLY|MINUTELY|HOURLY)|BY(?:SECOND|MINUTE|HOUR)=[^;]*,", re.IGNORECASE)
_UNTIL = re.compile(r";?UNTIL=([0-9]{8})[^;]*", re.IGNORECASE)
# An interval of 0 (or none) never moves on: libraries run for ever on it.
_NO_INTERVAL = re.compile(r"INTERVAL=(?!0*[1-9][0-9]{0,5}\s*(?:;|$))", re.IGNORECASE)
_COUNT = re.compile(r"COUNT=", re.IGNORECASE)
_RULES = 3
_DATES = 2_000
_LONGEST_EVENT = 2_000_000
_LONGEST_TITLE = 80
_BEGINNINGS = frozenset({"BEGIN:VEVENT", "BEGIN:VTIMEZONE"})
TOO_OFTEN = "repeats more often than daily"


@dataclass(frozen=True, slots=True)
class EventText:
    """All parts of one event (a series and its moved occurrences share a UID).

    Attributes:
        identifier: its UID, or one made of its content.
        lines: unfolded content lines of its VEVENT parts.
        problem: why it must not be expanded; "" when it may.
        number: from 1, in the order of the file.
    """

    identifier: str
    lines: tuple[str, ...]
    problem: str = ""
    number: int = 0

    @property
    def place(self) -> str:
        """The event as a person finds it in the calendar program: by its title, else by its number."""
        title = self.value("SUMMARY")
        for written, meant in (("\\n", " "), ("\\N", " "), ("\\,", ","), ("\\;", ";"), ("\\\\", "\\")):
            title = title.replace(written, meant)
        title = clean_name(title)[:_LONGEST_TITLE]
        return f"event {self.number} ({title!r})" if title else f"event {self.number}"

    def value(self, name: str) -> str:
        """What stands behind the first property of this name; "" when there is none."""
        for line in self.lines:
            head, _, value = line.partition(":")
            if head.partition(";")[0].strip().upper() == name:
                return value.strip()
        return ""

    @property
    def repeats(self) -> bool:
        """Whether it is a series."""
        return any(line.upper().startswith(("RRULE", "RDATE")) for line in self.lines)


@dataclass(frozen=True, slots=True)
class CalendarText:
    """A calendar in parts.

    Attributes:
        zones: lines of its VTIMEZONE parts.
        zone_name: X-WR-TIMEZONE, "" when not told.
        events: in the order of the file.
    """

    zones: tuple[str, ...]
    zone_name: str
    events: tuple[EventText, ...]


def split_calendar(text: str, file: str, last_day: date) -> CalendarText:
    """Cut a calendar into its events.

    Args:
        text: the file's text.
        file: its name, for messages.
        last_day: series end here at the latest.

    Raises:
        InputError: the text is no calendar.
    """
    lines = [line for line in _LINE_END.split(_FOLD.sub("", text.lstrip("\ufeff"))) if line.strip()]
    if not any(line.strip().upper() == "BEGIN:VCALENDAR" for line in lines[:50]):
        raise InputError(
            f"{file} is no calendar: expected an .ics file that begins with BEGIN:VCALENDAR; a login page may have "
            "been saved in its place."
        )
    zones: list[str] = []
    zone_name = ""
    parts: dict[str, list[str]] = {}
    for name, block in _blocks(lines):
        if name == "VTIMEZONE":
            zones += block
        elif name == "VEVENT":
            parts.setdefault(_identifier(block), []).extend(block)
        elif not zone_name:
            zone_name = block[0].partition(":")[2].strip()
    events = tuple(
        _event(identifier, block, last_day, number)
        for number, (identifier, block) in enumerate(parts.items(), start=1)
    )
    return CalendarText(tuple(zones), zone_name, events)


def _blocks(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Events and zones from BEGIN to END; one that is never closed ends where the next begins."""
    name = ""
    block: list[str] = []
    for line in lines:
        mark = line.strip().upper()
        if mark in _BEGINNINGS or mark == "END:VCALENDAR":
            if block:
                yield name, _without_parts([*block, f"END:{name}"], name)
            name = mark.partition(":")[2]
            block = [line] if mark in _BEGINNINGS else []
        elif block:
            block.append(line)
            if mark == f"END:{name}":
                yield name, _without_parts(block, name)
                block = []
        elif mark.startswith("X-WR-TIMEZONE"):
            yield "X-WR-TIMEZONE", [line]
    if block:
        yield name, _without_parts([*block, f"END:{name}"], name)


def _without_parts(block: list[str], name: str) -> list[str]:
    """An event without its alarms and other inner parts; a zone as it is."""
    if name != "VEVENT":
        return block
    kept: list[str] = []
    inner = ""
    for line in block:
        mark = line.strip().upper()
        if not inner and mark.startswith("BEGIN:") and mark != "BEGIN:VEVENT":
            inner = mark.removeprefix("BEGIN:")
        if not inner or mark == "END:VEVENT":
            kept.append(line)
        elif mark == f"END:{inner}":
            inner = ""
    return kept


def _identifier(block: list[str]) -> str:
    for line in block:
        name, _, value = line.partition(":")
        if name.partition(";")[0].strip().upper() == "UID" and clean_name(value):
            return clean_name(value)
    return stable_id(*(line for line in block if line.upper().startswith(("SUMMARY", "DTSTART", "RRULE"))))


def _event(identifier: str, block: list[str], last_day: date, number: int) -> EventText:
    rules = sum(line.upper().startswith("RRULE") for line in block)
    dates = sum(line.count(",") + 1 for line in block if line.upper().startswith(("RDATE", "EXDATE")))
    starts = [line for line in block if line.upper().startswith("DTSTART")]
    problem = ""
    if any(_TOO_OFTEN.search(line) for line in block if line.upper().startswith("RRULE")):
        problem = TOO_OFTEN
    elif any(_NO_INTERVAL.search(line) for line in block if line.upper().startswith("RRULE")):
        problem = "rule that never moves on"
    elif rules > _RULES or dates > _DATES or sum(map(len, block)) > _LONGEST_EVENT:
        problem = "event too large"
    elif not starts:
        problem = "event without start"
    elif rules and any(_year(line) < 1970 for line in starts):
        problem = "series begins before 1970"
    return EventText(identifier, tuple(_bounded(line, last_day) for line in block), problem, number)


def _year(line: str) -> int:
    found = re.search(r":([0-9]{4})[0-9]{4}", line)
    return int(found[1]) if found else 0


def _bounded(line: str, last_day: date) -> str:
    """A rule that ends on `last_day` at the latest; other lines as they are."""
    if not line.upper().startswith("RRULE"):
        return line
    last = last_day.strftime("%Y%m%d")
    until = _UNTIL.search(line)
    if (until and until[1] <= last) or (_COUNT.search(line) and not until):
        return line
    return f"{_UNTIL.sub('', line).rstrip().rstrip(';')};UNTIL={last}T235959Z"
