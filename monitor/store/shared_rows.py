"""Rows that two sources hold alike: the same export read under two names counts twice."""

from __future__ import annotations

from sqlalchemy import Connection, Table, and_, func, select

from monitor.store.tables import NpsResponseRow, PostRow

POSTS: Table = PostRow.__table__  # type: ignore[attr-defined]
ANSWERS: Table = NpsResponseRow.__table__  # type: ignore[attr-defined]


def rows_held_twice(connection: Connection, source: str) -> list[tuple[str, int]]:
    """Other sources with posts or NPS answers of this one, with how many: the same id, time and content."""
    found: dict[str, int] = {}
    for table, alike in ((ANSWERS, ("answered_at", "score")), (POSTS, ("created_at", "text_hash"))):
        own, other = table.alias(), table.alias()
        same = [own.c[name] == other.c[name] for name in ("external_id", *alike)]
        query = (
            select(other.c.source, func.count())
            .select_from(own.join(other, and_(own.c.source != other.c.source, *same)))
            .where(own.c.source == source)
            .group_by(other.c.source)
        )
        for name, number in connection.execute(query):
            found[name] = found.get(name, 0) + number
    return sorted(found.items())
