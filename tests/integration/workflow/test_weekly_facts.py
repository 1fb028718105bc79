"""A report's fixed stretches are whole, whatever length of history is set."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.domain.nps import NpsResponse
from monitor.domain.posts import Post, PostKind, Voice
from monitor.domain.weeks import IsoWeek
from monitor.settings import ReportSettings
from monitor.store.database import Database
from monitor.store.labels import Label, refresh_counts, save_labels, stale_days
from monitor.store.posts import save_posts
from monitor.store.records import save_records
from monitor.workflow.weekly_facts import collect_facts

WEEK = IsoWeek(2026, 46)
FIRST = date(2026, 6, 29)
DAYS = (WEEK.end - FIRST).days + 1
ANSWERS_A_DAY = 2


@pytest.fixture
def filled(database: Database) -> Database:
    """Twenty weeks of one labelled post and two NPS answers a day."""
    noons = [datetime(FIRST.year, FIRST.month, FIRST.day, 12, tzinfo=UTC) + timedelta(d) for d in range(DAYS)]
    posts = [Post("forum", str(day), PostKind.COMMENT, f"text {day}", noon) for day, noon in enumerate(noons)]
    answers = [
        NpsResponse("nps", f"{day}-{number}", noon, 10)
        for day, noon in enumerate(noons)
        for number in range(ANSWERS_A_DAY)
    ]
    with database.transaction() as connection:
        save_posts(connection, posts, zone=database.time_zone, now=noons[-1])
        save_labels(connection, "model#1", [_label(n + 1, noon.date()) for n, noon in enumerate(noons)])
        refresh_counts(connection, stale_days(connection))
        save_records(connection, answers)
    return database


def _label(post_id: int, day: date) -> Label:
    return Label(
        post_id=post_id,
        day=day,
        source="forum",
        kind=PostKind.COMMENT,
        about_us=True,
        target="us",
        voice=next(iter(Voice)),
        sentiment="neutral",
        complaint=False,
        tags=(),
        channel="",
        language="en",
        measured=True,
        unsure=False,
        corrected=False,
        negative=0.1,
        complaint_score=0.1,
    )


@pytest.mark.parametrize("history_weeks", [8, 10, 12])
def test_the_eight_weeks_before_and_every_four_weeks_of_nps_are_whole(
    filled: Database, history_weeks: int
) -> None:
    facts = collect_facts(filled, ReportSettings(history_weeks=history_weeks), WEEK)
    assert [(source.total, source.earlier_total) for source in facts.sources] == [(7, 56)]
    assert {period.score.n for period in facts.nps_periods} == {28 * ANSWERS_A_DAY}
    assert len(facts.nps_periods) == -(-history_weeks // 4)
    assert len(facts.weeks) == history_weeks
