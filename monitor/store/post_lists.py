"""Posts themselves, for search and export: live ones only, with the names that have to be redacted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, and_, select

from monitor.domain.weekly import StoredQuote
from monitor.store.posts import AUTHORS, CORRECTIONS, LABELS, POSTS, label_is_current


def posts_by_id(connection: Connection, post_ids: Sequence[int]) -> dict[int, StoredQuote]:
    """Live posts by id with their authors' names; posts without a label are included."""
    if not post_ids:
        return {}
    query = (
        select(
            *(POSTS.c[n] for n in ("id", "day", "source", "kind", "text", "account")),
            AUTHORS.c.name.label("author_name"),
        )
        .select_from(_with_author(POSTS))
        .where(POSTS.c.id.in_(list(post_ids)), POSTS.c.deleted_at.is_(None))
    )
    return {
        row.id: StoredQuote(
            post_id=row.id,
            day=row.day,
            source=row.source,
            kind=row.kind,
            channel_name="",
            text=row.text,
            url=None,
            sentiment="",
            complaint=False,
            tags=(),
            contact_channel="",
            voice="",
            language="",
            unsure=False,
            corrected=False,
            score=0.0,
            names=tuple(name for name in (row.author_name, row.account) if name),
        )
        for row in connection.execute(query)
    }


def _with_author(posts: Any) -> Any:
    return posts.outerjoin(
        AUTHORS, and_(AUTHORS.c.source == POSTS.c.source, AUTHORS.c.external_id == POSTS.c.author_id)
    )


def labelled_posts(connection: Connection) -> Iterator[Any]:
    """Stream every live post with its label, oldest first."""
    columns: list[Any] = [POSTS.c[n] for n in ("id", "day", "source", "kind", "text", "account")]
    names = ("about_us", "sentiment", "complaint", "tags", "channel", "language", "unsure", "corrected")
    columns += [LABELS.c[n] for n in names]
    query = (
        select(*columns, AUTHORS.c.name.label("author_name"))
        .select_from(_with_author(POSTS.join(LABELS, LABELS.c.post_id == POSTS.c.id)))
        .where(POSTS.c.deleted_at.is_(None), label_is_current())
        .order_by(POSTS.c.id)
    )
    yield from connection.execution_options(stream_results=True).execute(query)


def all_corrections(connection: Connection) -> Iterator[Any]:
    """Every correction with its live post, oldest first."""
    columns: list[Any] = [
        CORRECTIONS.c[n] for n in ("id", "post_id", "field", "old_value", "new_value", "corrected_at")
    ]
    query = (
        select(*columns, POSTS.c.text, POSTS.c.account, AUTHORS.c.name.label("author_name"))
        .select_from(_with_author(CORRECTIONS.join(POSTS, POSTS.c.id == CORRECTIONS.c.post_id)))
        .where(POSTS.c.deleted_at.is_(None))
        .order_by(CORRECTIONS.c.id)
    )
    yield from connection.execute(query)
