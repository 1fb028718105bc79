"""Read dates as people and tools write them, and refuse what could be read in two ways.

ISO dates, dates with a month's name and seconds since 1970 are understood as they are. `03/04/2026` is not:
the user says whether the day or the month comes first. A time without an offset needs a zone that the user
names; a day without a time is noon of that day, so that it stays the same day in the report's zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor.errors import ConfigurationError, InputError

DateOrder = Literal["day_first", "month_first"]

NO_DATE = "no date"
BAD_DATE = "bad date"
AMBIGUOUS_DATE = "day or month first?"
NO_ZONE = "time without zone"

_EARLIEST, _LATEST = 2000, 2100
_TIME = (
    r"(?:[T ,]\s*(?:at )?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s?(?P<half>[AaPp]\.?[Mm]\.?)?\s?(?P<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?"
)
_ISO = re.compile(rf"(?P<year>\d{{4}})([-/.])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}}){_TIME}", re.ASCII)
_NUMERIC = re.compile(
    rf"(?P<first>\d{{1,2}})([-/.])(?P<second_number>\d{{1,2}})\2(?P<year>\d{{4}}|\d{{2}}){_TIME}", re.ASCII
)
_DAY_NAME = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? )?"
_NAMED_DAY_FIRST = re.compile(
    rf"{_DAY_NAME}(?P<day>\d{{1,2}})[ -](?P<name>[A-Za-z]{{3,9}})\.?,?[ -](?P<year>\d{{4}}){_TIME}", re.ASCII
)
_NAMED_MONTH_FIRST = re.compile(
    rf"{_DAY_NAME}(?P<name>[A-Za-z]{{3,9}})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}}){_TIME}",
    re.ASCII,
)
_COMPACT = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:T(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})(?P<fraction>(?!))?(?P<half>(?!))?(?P<zone>Z)?)?",
    re.ASCII,
)
_SECONDS = re.compile(r"(\d{10})(\d{3})?(?:\.\d{1,9})?", re.ASCII)
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d{1,15})?", re.ASCII)
_MONTH_NAMES = (
    "jan january",
    "feb february",
    "mar march",
    "apr april",
    "may",
    "jun june",
    "jul july",
    "aug august",
    "sep sept september",
    "oct october",
    "nov november",
    "dec december",
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}


@dataclass(frozen=True, slots=True)
class BadDate:
    """A value that is no date we can use; `reason` is short and stable."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Read:
    """A date as written: with a time or not, with an offset or not."""

    moment: datetime
    has_time: bool


def parse_zone(name: str | None, source: str) -> ZoneInfo | None:
    """The zone a user named; None when none was named.

    Raises:
        ConfigurationError: there is no such zone.
    """
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigurationError(
            f"source {source!r} has time_zone = {name!r}: expected a name such as 'Europe/Berlin' or 'UTC'. "
            "Correct it in goodwill.toml."
        ) from None


def check_date_format(pattern: str, source: str) -> None:
    """Refuse a `date_format` that cannot be used.

    Raises:
        ConfigurationError: it is no strptime pattern, or names no day.
    """
    sample = datetime(2031, 12, 30, 23, 58, 57, tzinfo=UTC)
    try:
        read = datetime.strptime(sample.strftime(pattern), pattern)  # noqa: DTZ007 - only the day is compared
    except (ValueError, re.error):
        read = None
    if read is None or (read.month, read.day) != (12, 30):
        raise ConfigurationError(
            f"source {source!r} has date_format = {pattern!r}: expected Python's strptime codes with day, month "
            "and year, for instance '%d.%m.%Y %H:%M'. Correct it in goodwill.toml."
        )


@dataclass(frozen=True, slots=True)
class DateReader:
    """How one source writes its dates.

    Attributes:
        order: what comes first in 03/04/2026; None refuses such dates.
        zone: zone of times that carry no offset; None refuses such times.
        pattern: a strptime pattern that every value follows; "" tries the usual forms.
    """

    order: DateOrder | None = None
    zone: ZoneInfo | None = None
    pattern: str = ""

    def moment(self, text: str) -> datetime | BadDate:
        """A moment in aware UTC; a day without a time is its noon."""
        read = self._read(text)
        if isinstance(read, BadDate):
            return read
        moment = read.moment
        if moment.tzinfo is None:
            if read.has_time and self.zone is None:
                return BadDate(NO_ZONE)
            moment = moment.replace(tzinfo=self.zone or UTC)
        try:
            return moment.astimezone(UTC)
        except (OverflowError, ValueError):
            return BadDate(BAD_DATE)

    def day(self, text: str) -> date | BadDate:
        """A day: as written, or in the source's zone where the value carries an offset and a zone is named."""
        read = self._read(text)
        if isinstance(read, BadDate):
            return read
        if read.moment.tzinfo is not None and self.zone is not None:
            return read.moment.astimezone(self.zone).date()
        return read.moment.date()

    def examine(self, values: Iterable[str], column: str, *, needs_zone: bool) -> None:
        """Refuse a column whose values mostly cannot be read for one reason that an option would settle.

        Args:
            values: the first values of the column.
            column: its name and file, for the message.
            needs_zone: whether moments are needed; days need no zone.

        Raises:
            InputError: with an example and the option to set.
        """
        given = [value for value in values if value.strip()]
        results = [self.moment(value) if needs_zone else self.day(value) for value in given]
        for reason in (AMBIGUOUS_DATE, NO_ZONE, BAD_DATE):
            examples = [
                v
                for v, r in zip(given, results, strict=True)
                if isinstance(r, BadDate) and r.reason == reason
            ]
            if len(examples) * 2 > len(given):
                raise InputError(self._advice(reason, column, examples))

    def _advice(self, reason: str, column: str, examples: list[str]) -> str:
        shown = shown_value(examples[0])
        if reason == AMBIGUOUS_DATE:
            telling = [value for value in examples if _tells_order(value)]
            hint = f" ({shown_value(telling[0])} looks like {_tells_order(telling[0])!r})" if telling else ""
            return (
                f"column {column} holds dates such as {shown}, which do not say whether day or month comes "
                f"first: set date_order = 'day_first' or 'month_first'{hint}."
            )
        if reason == NO_ZONE:
            return (
                f"column {column} holds times such as {shown}, which carry no time zone: set time_zone to the "
                "zone of the export, for instance 'Europe/Berlin' or 'UTC'."
            )
        if not self.pattern and (counted := _day_of_serial(examples[0])):
            return (
                f"column {column} holds numbers such as {shown}, which is how Excel counts days ({counted}): format "
                "the column as a date, such as 2026-03-31, and export again."
            )
        expected = (
            f"dates like {self.pattern!r}" if self.pattern else "dates like 2026-03-31 or 2026-03-31 14:05"
        )
        return (
            f"column {column} holds values such as {shown}: expected {expected}. Name the right column in "
            "`columns`, or the way dates are written in `date_format`."
        )

    def _read(self, text: str) -> _Read | BadDate:
        text = " ".join(text.split())
        if not text:
            return BadDate(NO_DATE)
        if len(text) > 60 or not text.isascii():
            return BadDate(BAD_DATE)
        try:
            read = self._by_pattern(text) if self.pattern else self._by_form(text)
        except (ValueError, OverflowError):
            return BadDate(BAD_DATE)
        if isinstance(read, _Read) and not _EARLIEST <= read.moment.year < _LATEST:
            return BadDate(BAD_DATE)
        return read

    def _by_pattern(self, text: str) -> _Read:
        moment = datetime.strptime(text, self.pattern)  # noqa: DTZ007 - the zone is the user's, added later
        has_time = any(code in self.pattern for code in ("%H", "%I", "%c", "%X", "%T"))
        return _Read(moment if has_time else datetime.combine(moment, time(12)), has_time)

    def _by_form(self, text: str) -> _Read | BadDate:
        for form in (_ISO, _COMPACT):
            if found := form.fullmatch(text):
                return _assemble(found, int(found["year"]), int(found["month"]), int(found["day"]))
        for form in (_NAMED_DAY_FIRST, _NAMED_MONTH_FIRST):
            if (found := form.fullmatch(text)) and (month := _MONTHS.get(found["name"].lower())):
                return _assemble(found, int(found["year"]), month, int(found["day"]))
        if found := _SECONDS.fullmatch(text):
            return _Read(datetime.fromtimestamp(int(found[1]), UTC), has_time=True)
        if found := _NUMERIC.fullmatch(text):
            return self._numeric(found)
        return BadDate(BAD_DATE)

    def _numeric(self, found: re.Match[str]) -> _Read | BadDate:
        first, second = int(found["first"]), int(found["second_number"])
        if self.order is None:
            possible = 1 <= min(first, second) <= 12 and max(first, second) <= 31
            return BadDate(AMBIGUOUS_DATE if possible else BAD_DATE)
        year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
        day, month = (first, second) if self.order == "day_first" else (second, first)
        return _assemble(found, year, month, day)


def _assemble(found: re.Match[str], year: int, month: int, day: int) -> _Read:
    """Date, time and offset of a match.

    Raises:
        ValueError: there is no such day or time.
    """
    if found["hour"] is None:
        return _Read(datetime(year, month, day, 12), has_time=False)  # noqa: DTZ001 - the zone is the user's
    hour, half = int(found["hour"]), (found["half"] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError(f"hour {hour} {half}")
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    microsecond = int((found["fraction"] or "0")[:6].ljust(6, "0"))
    offset = _offset(found["zone"])
    return _Read(
        datetime(
            year, month, day, hour, int(found["minute"]), int(found["second"] or 0), microsecond, offset
        ),
        has_time=True,
    )


def _offset(zone: str | None) -> timezone | None:
    if zone is None:
        return None
    if zone in {"Z", "UTC", "GMT"}:
        return UTC
    minutes = int(zone[1:3]) * 60 + int(zone[3:].lstrip(":") or 0)
    return timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes))


def _tells_order(text: str) -> str:
    """The order a single value proves, "" when it proves none."""
    found = _NUMERIC.fullmatch(" ".join(text.split()))
    if found is None:
        return ""
    first, second = int(found["first"]), int(found["second_number"])
    if first > 12 >= second:
        return "day_first"
    return "month_first" if second > 12 >= first else ""


def _day_of_serial(text: str) -> date | None:
    """The day that a spreadsheet means by a bare number of these decades; None for anything else."""
    found = _SERIAL.fullmatch(text.strip())
    if found is None or not 20_000 <= int(found[1]) < 60_000:
        return None
    return date(1899, 12, 30) + timedelta(days=int(found[1]))


_SAFE_VALUE = re.compile(r"[-0-9+/.,:%$€£ TZ]{1,40}", re.ASCII)


def shown_value(text: str) -> str:
    """A value for a message: numbers and dates as they are; anything else may be personal and is not shown."""
    text = " ".join(text.split())
    if _SAFE_VALUE.fullmatch(text.replace("€", "$").replace("£", "$")):
        return repr(text)
    return f"a text of {len(text)} characters"
