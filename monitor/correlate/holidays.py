"""Public holidays that quieten work talk: a small table of fixed days and days that follow Easter.

Only days on which offices are closed nation-wide; moved and regional days are left out, since one
shared coefficient is fitted for all of them. Easter: the anonymous Gregorian algorithm
(Meeus, Astronomical Algorithms, 1991, chapter 8).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from monitor.errors import InputError

_FIXED: dict[str, tuple[tuple[int, int], ...]] = {
    "US": ((1, 1), (6, 19), (7, 4), (11, 11), (12, 24), (12, 25), (12, 31)),
    "GB": ((1, 1), (12, 25), (12, 26)),
    "DE": ((1, 1), (5, 1), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31)),
    "FR": ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)),
    "RU": (*((1, day) for day in range(1, 9)), (2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)),
}
_AFTER_EASTER: dict[str, tuple[int, ...]] = {
    "US": (),
    "GB": (-2, 1),
    "DE": (-2, 1, 39, 50),
    "FR": (1, 39, 50),
    "RU": (),
}
_NTH_WEEKDAY: dict[str, tuple[tuple[int, int, int], ...]] = {
    "US": ((1, 0, 3), (2, 0, 3), (5, 0, -1), (9, 0, 1), (11, 3, 4)),
    "GB": ((5, 0, 1), (5, 0, -1), (8, 0, -1)),
}
"""(month, weekday 0 = Monday, which one; -1 = the last)."""


def holiday_days(days: Sequence[date], country: str) -> NDArray[np.float64]:
    """1.0 on public holidays of a country, shape (n,).

    Raises:
        InputError: for a country that is not in the table.
    """
    code = country.upper()
    if code not in _FIXED:
        raise InputError(
            f"no holidays are known for {country!r}: choose one of {', '.join(sorted(_FIXED))}, or none"
        )
    years = range(days[0].year, days[-1].year + 1)
    closed = {day for year in years for day in _holidays(code, year)}
    return np.array([float(day in closed) for day in days])


def _holidays(code: str, year: int) -> list[date]:
    fixed = [date(year, month, day) for month, day in _FIXED[code]]
    easter = [easter_sunday(year) + timedelta(days=offset) for offset in _AFTER_EASTER[code]]
    return fixed + easter + [_nth_weekday(year, *rule) for rule in _NTH_WEEKDAY.get(code, ())]


def _nth_weekday(year: int, month: int, weekday: int, which: int) -> date:
    if which > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))
    last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() - weekday) % 7)


def easter_sunday(year: int) -> date:
    """Western Easter Sunday of a year."""
    golden, century, rest = year % 19, year // 100, year % 100
    leap_centuries = century // 4
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
