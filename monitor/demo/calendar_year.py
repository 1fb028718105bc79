"""The year the made-up company lives in: always the same days, so that two runs give the same bytes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from monitor.domain.weeks import IsoWeek

FIRST_DAY = date(2025, 11, 17)
WEEKS = 52
LAST_DAY = FIRST_DAY + timedelta(days=7 * WEEKS - 1)
LAST_MOMENT = datetime(2026, 11, 16, 7, 30, tzinfo=UTC)
WEEK = IsoWeek.of(LAST_DAY)
DAYS = tuple(FIRST_DAY + timedelta(days=offset) for offset in range(7 * WEEKS))
TIME_ZONE = "Europe/London"
COUNTRY = "GB"

_BANK_HOLIDAYS = frozenset(
    {date(2025, 12, 25), date(2025, 12, 26), date(2026, 1, 1), date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 4),
     date(2026, 5, 25), date(2026, 8, 31)}
)  # fmt: skip
_QUIET = (date(2025, 12, 22), date(2026, 1, 2))
_SUMMER = (date(2026, 7, 27), date(2026, 8, 21))


def day_of(week: int, weekday: int) -> date:
    """The day of the year's week (from 0) and weekday (Monday is 0)."""
    return FIRST_DAY + timedelta(days=7 * week + weekday)


def rhythm(day: date, *, weekend: float) -> float:
    """How busy a day is: 1 on a plain Wednesday, `weekend` on Saturdays and Sundays, less on holidays."""
    if day.weekday() >= 5:
        level = weekend
    else:
        level = (1.12, 1.08, 1.0, 0.98, 0.82)[day.weekday()]
        if day in _BANK_HOLIDAYS:
            level = weekend
        elif _QUIET[0] <= day <= _QUIET[1]:
            level *= 0.4
    return level * (0.85 if _SUMMER[0] <= day <= _SUMMER[1] else 1.0)


def is_working_day(day: date) -> bool:
    """Whether offices are open."""
    return day.weekday() < 5 and day not in _BANK_HOLIDAYS
