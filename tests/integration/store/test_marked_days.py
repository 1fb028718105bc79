"""Days whose counts are stale, while several processes write."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from models.engines.lexicon import LexiconScorer
from monitor.domain.posts import Post, PostKind
from monitor.store.counts import daily_counts
from monitor.store.database import Database
from monitor.store.labels import refresh_counts, stale_days
from monitor.store.posts import mark_days, save_posts
from monitor.workflow.about_us import AboutUs
from monitor.workflow.score import score_posts

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
DAY = date(2026, 11, 9)
NEXT = DAY + timedelta(days=1)
POST = Post(
    "slack",
    "C1:1",
    PostKind.MESSAGE,
    "stop these terrible emails",
    datetime(2026, 11, 9, 12, tzinfo=UTC),
    about_us=True,
)


def marked(database: Database) -> list[date]:
    with database.reading() as connection:
        return stale_days(connection)


def count_marked(database: Database) -> None:
    with database.transaction() as connection:
        refresh_counts(connection, stale_days(connection))


def test_a_day_marked_twice_is_marked_once_and_gone_when_counted(database: Database) -> None:
    for days in ({DAY}, {NEXT, DAY}):
        with database.transaction() as connection:
            mark_days(connection, days)
    assert marked(database) == [DAY, NEXT]
    count_marked(database)
    assert marked(database) == []


def test_a_post_that_moves_while_another_process_counts_its_old_day_is_counted_once(
    database: Database,
) -> None:
    """The mover has marked a day that was stale already; the counter must not be done with it before the mover."""
    with database.transaction() as connection:
        save_posts(connection, [POST], zone=database.time_zone, now=NOW)
    score_posts(database, LexiconScorer(), AboutUs())
    with database.transaction() as connection:
        mark_days(connection, {DAY})
    counter = threading.Thread(target=count_marked, args=(database,))
    with database.transaction() as connection:
        moved = replace(POST, created_at=POST.created_at + timedelta(days=1))
        save_posts(connection, [moved], zone=database.time_zone, now=NOW)
        counter.start()
        counter.join(timeout=1)
        assert counter.is_alive(), "the day was counted without the post that moves"
    counter.join(timeout=30)
    assert not counter.is_alive()
    count_marked(database)
    with database.reading() as connection:
        counts = daily_counts(connection, DAY, NEXT)
    assert [(count.day, count.total) for count in counts] == [(NEXT, 1)]
    assert marked(database) == []
