"""ISO weeks, defined once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.weeks import IsoWeek
from monitor.errors import UsageError


@given(st.dates(date(1971, 1, 1), date(2200, 1, 1)))
def test_every_day_lies_in_its_week_and_the_name_reads_back(day: date) -> None:
    week = IsoWeek.of(day)
    assert week.start <= day <= week.end
    assert week.start.isoweekday() == 1
    assert IsoWeek.parse(str(week)) == week
    assert week.shifted(5).shifted(-5) == week


def test_the_last_complete_week_depends_on_the_zone() -> None:
    sunday_evening_utc = datetime(2026, 11, 15, 23, 30, tzinfo=UTC)
    assert str(IsoWeek.last_complete(sunday_evening_utc, ZoneInfo("UTC"))) == "2026-W45"
    assert str(IsoWeek.last_complete(sunday_evening_utc, ZoneInfo("Europe/Berlin"))) == "2026-W46"


@pytest.mark.parametrize("text", ["2026-46", "2025-W53", "W46", "2026-W00", "", "2026-W460"])
def test_what_is_no_week_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="2026-W46"):
        IsoWeek.parse(text)
