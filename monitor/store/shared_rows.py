"""Rows that two sources hold alike: the same export read under two names counts twice."""

from __future__ import annotations

from sqlalchemy import Connection, Table, and_, func, select

from monitor.store.posts import POSTS
from monitor.store.queries import ANSWERS
from monitor.store.sources import SOURCES

_SAME = (
    (ANSWERS, ("external_id", "answered_at", "score")),
    (POSTS, ("external_id", "created_at", "text_hash")),
)


def rows_held_twice(connection: Connection, source: str) -> list[tuple[str, int]]:
    """Other sources of its kind with posts or NPS answers of this one: the same id, time and content, and how many."""
    kind = select(SOURCES.c.kind).where(SOURCES.c.name == source).scalar_subquery()
    others = select(SOURCES.c.name).where(SOURCES.c.kind == kind, SOURCES.c.name != source)
    names = connection.execute(others.order_by(SOURCES.c.name)).scalars().all()
    counted = [
        (name, sum(_alike(connection, table, columns, source, name) for table, columns in _SAME))
        for name in names
    ]
    return [(name, number) for name, number in counted if number]


def _alike(connection: Connection, table: Table, columns: tuple[str, ...], source: str, other: str) -> int:
    first, second = table.alias(), table.alias()
    # Both sources by name: the index begins with it.
    same = [first.c[name] == second.c[name] for name in columns]
    joined = first.join(second, and_(second.c.source == other, *same))
    query = select(func.count()).select_from(joined).where(first.c.source == source)
    return connection.execute(query).scalar_one()
