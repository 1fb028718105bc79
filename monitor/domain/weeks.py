"""ISO weeks: defined here and nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.errors import UsageError

_FORMAT = re.compile(r"(\d{4})-?W(\d{1,2})")


@dataclass(frozen=True, slots=True, order=True)
class IsoWeek:
    """A week from Monday to Sunday, numbered as in ISO 8601."""

    year: int
    week: int

    @classmethod
    def parse(cls, text: str) -> IsoWeek:
        """Read "2026-W46".

        Raises:
            UsageError: not of that form, or a week the year does not have.
        """
        match = _FORMAT.fullmatch(text.strip().upper())
        if match is not None:
            year, week = int(match[1]), int(match[2])
            try:
                date.fromisocalendar(year, week, 1)
            except ValueError:
                pass
            else:
                return cls(year, week)
        raise UsageError(f"{text!r} is no week: expected an ISO week such as 2026-W46.")

    @classmethod
    def of(cls, day: date) -> IsoWeek:
        """The week a day falls in."""
        year, week, _ = day.isocalendar()
        return cls(year, week)

    @classmethod
    def last_complete(cls, now: datetime, zone: ZoneInfo) -> IsoWeek:
        """The latest week whose Sunday is over in the zone."""
        return cls.of(now.astimezone(zone).date() - timedelta(days=7))

    @property
    def start(self) -> date:
        """Monday."""
        return date.fromisocalendar(self.year, self.week, 1)

    @property
    def end(self) -> date:
        """Sunday."""
        return self.start + timedelta(days=6)

    def shifted(self, weeks: int) -> IsoWeek:
        """The week so many weeks later (negative: earlier)."""
        return IsoWeek.of(self.start + timedelta(weeks=weeks))

    def __str__(self) -> str:
        return f"{self.year}-W{self.week:02d}"
