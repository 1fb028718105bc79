"""The day a post counts on: the one it falls on in the report's time zone."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, select, text, update

from monitor.store.labels import refresh_counts
from monitor.store.posts import LABELS, POSTS

_POSTS_A_STEP = 5000


def stored_zone(connection: Connection) -> ZoneInfo | None:
    """The zone that days are counted in; None in a new database."""
    name = connection.execute(text("SELECT value FROM meta WHERE key = 'time_zone'")).scalar()
    return None if name is None else ZoneInfo(name)


def count_in(connection: Connection, zone: ZoneInfo) -> None:
    """Count every post on its day in `zone`: posts, labels and daily counts change together.

    Args:
        connection: inside a write transaction.
        zone: the report's zone from now on.
    """
    if stored_zone(connection) is not None:
        refresh_counts(connection, sorted(_move_posts(connection, zone)))
    connection.execute(
        text(
            "INSERT INTO meta (key, value) VALUES ('time_zone', :zone) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        ),
        {"zone": zone.key},
    )


def _move_posts(connection: Connection, zone: ZoneInfo) -> set[date]:
    """Set the day of posts and labels anew; returns the days that lost or got one."""
    touched: set[date] = set()
    last = 0
    query = select(POSTS.c.id, POSTS.c.created_at, POSTS.c.day).order_by(POSTS.c.id).limit(_POSTS_A_STEP)
    while rows := connection.execute(query.where(POSTS.c.id > last)).all():
        last = rows[-1].id
        moved = []
        for row in rows:
            day = row.created_at.astimezone(zone).date()
            if day != row.day:
                moved.append({"post": row.id, "new_day": day})
                touched |= {row.day, day}
        if moved:
            for table, key in ((POSTS, POSTS.c.id), (LABELS, LABELS.c.post_id)):
                statement = update(table).where(key == bindparam("post")).values(day=bindparam("new_day"))
                connection.execute(statement, moved)
    return touched
