"""How old posts were when they were first seen: what the reporting delay is estimated from.

Counts only, one row a source, day of the sync and age in days; no post is named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Table, select

from monitor.store.sources import RUNS
from monitor.store.tables import ArrivalRow
from monitor.store.upsert import insert_adding

ARRIVALS: Table = ArrivalRow.__table__  # type: ignore[attr-defined]
OLDEST_AGE_DAYS = 30
"""Older posts are counted at this age: no delay, but history that was read later."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Posts of one source and age that a day's syncs saw for the first time.

    Attributes:
        seen_on: day of the sync in the report's time zone.
        age_days: days from the post's day to that day, 0 to `OLDEST_AGE_DAYS`.
    """

    source: str
    seen_on: date
    age_days: int
    posts: int


def note_arrivals(connection: Connection, source: str, days: Sequence[date], seen_on: date) -> None:
    """Count new posts by their age.

    Args:
        connection: inside the transaction that adds the posts.
        source: the posts' source.
        days: the day of each new post.
        seen_on: the day of the sync.
    """
    ages = Counter(min(max((seen_on - day).days, 0), OLDEST_AGE_DAYS) for day in days)
    rows = [
        {"source": source, "seen_on": seen_on, "age_days": age, "posts": posts}
        for age, posts in sorted(ages.items())
    ]
    if rows:
        keys = ("source", "seen_on", "age_days")
        connection.execute(insert_adding(connection, ARRIVALS, keys, "posts"), rows)


def read_arrivals(connection: Connection, since: date) -> list[Arrival]:
    """All counts from `since` on, by source and day."""
    query = (
        select(ARRIVALS)
        .where(ARRIVALS.c.seen_on >= since)
        .order_by(ARRIVALS.c.source, ARRIVALS.c.seen_on, ARRIVALS.c.age_days)
    )
    return [Arrival(row.source, row.seen_on, row.age_days, row.posts) for row in connection.execute(query)]


def days_of_syncs(connection: Connection, since: datetime, zone: ZoneInfo) -> dict[str, list[date]]:
    """Days on which each source was read, oldest first; a failed run counts as none.

    Args:
        since: earliest start of a run, aware UTC.
        zone: the report's time zone.
    """
    query = select(RUNS.c.source, RUNS.c.started_at).where(
        RUNS.c.status.in_(["complete", "partial"]), RUNS.c.started_at >= since
    )
    days: dict[str, set[date]] = {}
    for row in connection.execute(query):
        days.setdefault(row.source, set()).add(row.started_at.astimezone(zone).date())
    return {source: sorted(found) for source, found in sorted(days.items())}
