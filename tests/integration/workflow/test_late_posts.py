"""Posts that come late are expected late: from what the syncs saw to the series that is judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from connectors.base import Batch, CheckResult
from monitor.domain.posts import IdentityPolicy, Post, PostKind
from monitor.domain.series import DailySeries
from monitor.settings import ReportSettings
from monitor.store.arrivals import read_arrivals
from monitor.store.database import Database
from monitor.store.sources import last_read
from monitor.workflow.late_posts import known_share, without_silent_end, without_unknown_days
from monitor.workflow.sync import SourceJob, sync_source

FIRST = datetime(2026, 9, 1, 20, tzinfo=UTC)
DAYS = 40


@dataclass
class LateConnector:
    """Every second post of a day is only shown from the next day on."""

    name: str = "forum"
    kind: str = "posts"
    identity_policy: IdentityPolicy = IdentityPolicy.FIRST_PARTY

    def check(self) -> list[CheckResult]:
        """Nothing to check."""
        return []

    def fetch(self, cursors: Mapping[str, str], now: datetime) -> Iterator[Batch]:
        """All posts that can be seen by now."""
        yield Batch(
            records=tuple(
                Post(self.name, f"{day}-{number}", PostKind.REVIEW, "text", FIRST + timedelta(days=day))
                for day in range(-20, DAYS)
                for number in range(6)
                if FIRST + timedelta(days=day + number % 2) <= now
            )
        )


@pytest.fixture
def read_daily(database: Database) -> Database:
    """Forty days of syncs, one an evening."""
    for day in range(DAYS):
        sync_source(database, SourceJob(LateConnector()), now=FIRST + timedelta(days=day, hours=1))
    return database


def days_up_to(last: date) -> list[date]:
    return [last - timedelta(days=back) for back in range(59, -1, -1)]


def test_half_of_the_newest_day_is_expected_to_be_in(read_daily: Database) -> None:
    last = (FIRST + timedelta(days=DAYS - 1)).date()
    known = known_share(read_daily, ReportSettings(), days_up_to(last))
    assert known is not None
    assert known[-1] == pytest.approx(0.5, abs=0.02)
    assert known[:-1].tolist() == [1.0] * 59


def test_a_past_week_is_all_in(read_daily: Database) -> None:
    last = (FIRST + timedelta(days=DAYS - 3)).date()
    assert known_share(read_daily, ReportSettings(), days_up_to(last)) is None


def test_a_database_that_was_filled_once_knows_of_no_delay(database: Database) -> None:
    sync_source(database, SourceJob(LateConnector()), now=FIRST + timedelta(days=DAYS))
    last = (FIRST + timedelta(days=DAYS)).date()
    assert known_share(database, ReportSettings(), days_up_to(last)) is None


def test_each_new_post_is_counted_once_by_age(read_daily: Database) -> None:
    with read_daily.reading() as connection:
        arrivals = read_arrivals(connection, date(2026, 1, 1))
    assert sum(arrival.posts for arrival in arrivals) == 6 * (20 + DAYS) - 3
    assert {arrival.age_days for arrival in arrivals if arrival.seen_on > FIRST.date()} == {0, 1}


def test_a_day_of_which_hardly_anything_is_in_counts_as_not_collected() -> None:
    days = tuple(days_up_to(date(2026, 9, 30)))
    ones = np.ones(60, dtype=np.int64)
    known = np.array([1.0] * 58 + [0.5, 0.05])
    daily = without_unknown_days(DailySeries(days, ones, ones, None, ones > 0), known)
    assert daily.collected.tolist() == [True] * 59 + [False]
    assert daily.total[-1] == 0


def series(totals: list[int], *, unread: tuple[int, ...] = ()) -> DailySeries:
    """A series of daily posts, none of them negative; some days inside a gap."""
    total = np.array(totals, dtype=np.int64)
    days = tuple(date(2026, 1, 1) + timedelta(days=day) for day in range(len(totals)))
    collected = np.array([day not in unread for day in range(len(totals))])
    return DailySeries(days, total, 0 * total, 0 * total, collected)


def test_days_after_the_end_of_a_file_count_as_not_collected() -> None:
    """Three posts a day, then none for ten: thirty were to be expected."""
    judged = without_silent_end(series([3] * 60 + [0] * 10))
    assert judged.collected.tolist() == [True] * 60 + [False] * 10


@pytest.mark.parametrize(
    "totals",
    [
        [3] * 60 + [0],  # one day of silence: three posts missing
        [0, 0, 0, 0, 0, 1] * 10 + [0] * 12,  # a post in six days
        ([12] + [0] * 6) * 9 + [12] + [0] * 6,  # a survey each Monday: as long a silence every week
        [3] * 70,
        [0] * 70,
    ],
    ids=["short", "rare", "bursts", "no silence", "nothing at all"],
)
def test_a_silence_that_may_be_true_is_believed(totals: list[int]) -> None:
    assert without_silent_end(series(totals)).collected.all()


def test_a_gap_that_the_source_told_of_is_no_silence() -> None:
    daily = series([3] * 60 + [0] * 10, unread=tuple(range(60, 70)))
    assert without_silent_end(daily) is daily


def test_a_source_that_is_always_read_in_part_was_read(database: Database) -> None:
    """A channel that is gone for ever must not stop the alerts."""

    class OneChannelGone(LateConnector):
        def fetch(self, cursors: Mapping[str, str], now: datetime) -> Iterator[Batch]:
            yield from super().fetch(cursors, now)
            yield Batch(problems=("channel #old is gone",))

    with database.reading() as connection:
        assert last_read(connection) is None
    now = FIRST + timedelta(days=3)
    assert sync_source(database, SourceJob(OneChannelGone()), now=now).status == "partial"
    with database.reading() as connection:
        assert last_read(connection) == now
