"""Kept results stay few, however often alerts are checked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from monitor.store.database import Database
from monitor.store.findings import DAILY_DAYS, KEPT_DAYS, VARIANTS, read_finding, save_finding

LAST = date(2026, 11, 15)  # a Sunday


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(f"sqlite:///{tmp_path / 'goodwill.db'}") as database:
        yield database


def kept(database: Database) -> dict[date, int]:
    with database.reading() as connection:
        rows = connection.execute(text("SELECT as_of, count(*) FROM findings GROUP BY as_of"))
        return {date.fromisoformat(day): count for day, count in rows}


def test_a_year_of_hourly_checks_keeps_a_month_of_days_and_the_weeks_before_it(database: Database) -> None:
    with database.transaction() as connection:
        for offset in (*range(455, 45, -7), *range(45, -1, -1)):
            day = LAST - timedelta(days=offset)
            for hour in range(5):
                save_finding(connection, "Effects", f"{day}-{hour}", day, {"hour": hour})
                assert read_finding(connection, "Effects", f"{day}-{hour}") == {"hour": hour}
    days = kept(database)
    assert set(days) == {
        LAST - timedelta(days=offset)
        for offset in (*range(455, 45, -7), *range(45, -1, -1))
        if offset <= DAILY_DAYS or (offset % 7 == 0 and offset <= KEPT_DAYS)
    }
    assert max(days.values()) <= VARIANTS


def test_what_an_older_version_piled_up_goes_with_the_next_result(database: Database) -> None:
    with database.transaction() as connection:
        for offset, hour in ((offset, hour) for offset in (0, 3, 70, 74) for hour in range(24)):
            connection.execute(
                text(
                    "INSERT INTO findings (kind, digest, as_of, payload) VALUES ('Effects', :digest, :day, '{}')"
                ),
                {"digest": f"{offset}-{hour}", "day": str(LAST - timedelta(days=offset))},
            )
        save_finding(connection, "Words", "w", LAST, {})
    assert sum(kept(database).values()) == 4 * 24 + 1
    with database.transaction() as connection:
        save_finding(connection, "Effects", "new", LAST, {"n": 1})
        assert read_finding(connection, "Effects", "new") == {"n": 1}
    assert kept(database) == {LAST: 2}


def test_an_old_weeks_report_and_variants_of_one_day_are_kept(database: Database) -> None:
    with database.transaction() as connection:
        for name in ("with customers", "without", "another week's report"):
            save_finding(connection, "Effects", name, LAST, {})
        save_finding(connection, "Effects", "old", LAST - timedelta(weeks=30), {})
        save_finding(connection, "Effects", "newer", LAST + timedelta(days=1), {})
    assert kept(database) == {LAST: 3, LAST - timedelta(weeks=30): 1, LAST + timedelta(days=1): 1}
