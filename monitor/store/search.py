"""Full-text search of posts: FTS5 on SQLite, a GIN index on PostgreSQL.

On SQLite new posts are indexed in one statement at the end of a sync (a trigger a row would halve the
speed of imports); edited and deleted ones at once, so that a deleted text cannot be found.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from monitor.errors import InputError

_MARK = "search_indexed_to"


def _indexed_to(connection: Connection) -> int:
    value = connection.execute(text("SELECT value FROM meta WHERE key = :key"), {"key": _MARK}).scalar()
    return int(value) if value is not None else 0


def refresh(connection: Connection) -> int:
    """Index posts added since the last call; returns how many (0 on PostgreSQL, which indexes by itself)."""
    if connection.dialect.name != "sqlite":
        return 0
    start = _indexed_to(connection)
    end = connection.execute(text("SELECT max(id) FROM posts")).scalar() or 0
    if end <= start:
        return 0
    result = connection.execute(
        text(
            "INSERT INTO posts_search (rowid, text) "
            "SELECT id, text FROM posts WHERE id > :start AND id <= :end AND text <> ''"
        ),
        {"start": start, "end": end},
    )
    connection.execute(
        text(
            "INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        ),
        {"key": _MARK, "value": str(end)},
    )
    return result.rowcount


def remove(connection: Connection, entries: Sequence[tuple[int, str]]) -> None:
    """Take posts out of the index, given (id, indexed text), before their text changes or goes."""
    if connection.dialect.name != "sqlite" or not entries:
        return
    limit = _indexed_to(connection)
    rows = [{"id": post_id, "old": old} for post_id, old in entries if post_id <= limit and old]
    if rows:
        connection.execute(
            text("INSERT INTO posts_search (posts_search, rowid, text) VALUES ('delete', :id, :old)"), rows
        )


def add(connection: Connection, post_ids: Sequence[int]) -> None:
    """Index posts again after their text changed."""
    if connection.dialect.name != "sqlite" or not post_ids:
        return
    limit = _indexed_to(connection)
    rows = [{"id": post_id} for post_id in post_ids if post_id <= limit]
    if rows:
        connection.execute(
            text(
                "INSERT INTO posts_search (rowid, text) SELECT id, text FROM posts WHERE id = :id AND text <> ''"
            ),
            rows,
        )


def purge(connection: Connection) -> None:
    """Rewrite the index without the words of removed posts, which it keeps marked as removed until then."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO posts_search (posts_search) VALUES ('optimize')"))


def find(connection: Connection, query: str, *, limit: int = 50) -> list[int]:
    """Ids of posts that hold all words of `query`, best match first.

    Args:
        query: plain words; operators of the search engines have no meaning and do no harm.
        limit: at most this many ids.

    Raises:
        InputError: the query holds no word.
    """
    words = [word for word in "".join(c if c.isalnum() else " " for c in query).split() if word]
    if not words:
        raise InputError(
            f"the search {query!r} holds no word: give at least one, for instance 'unsubscribe'."
        )
    if connection.dialect.name == "sqlite":
        statement = (
            "SELECT rowid FROM posts_search WHERE posts_search MATCH :query ORDER BY rank, rowid LIMIT :limit"
        )
        parameters = {"query": " ".join(f'"{word}"' for word in words), "limit": limit}
    else:
        statement = (
            "SELECT id FROM posts WHERE to_tsvector('simple', text) @@ plainto_tsquery('simple', :query) "
            "ORDER BY id LIMIT :limit"
        )
        parameters = {"query": " ".join(words), "limit": limit}
    return [row[0] for row in connection.execute(text(statement), parameters)]
