"""What the database holds, in numbers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, text
from sqlmodel import SQLModel

from monitor.store.database import Database
from monitor.store.migrate import HEAD_REVISION
from monitor.store.posts import LABELS, POSTS, SCORES

_COUNTED = (
    "sources",
    "campaigns",
    "campaign_results",
    "known_incidents",
    "nps_responses",
    "metrics",
    "deals",
    "forgotten_names",
)


def overview(database: Database) -> dict[str, Any]:
    """Counts of rows and the span of posts, as a flat JSON-ready mapping."""
    facts: dict[str, Any] = {"database": database.shown_url, "schema": HEAD_REVISION}
    with database.reading() as connection:
        live = POSTS.c.deleted_at.is_(None)
        row = connection.execute(
            select(func.count(), func.min(POSTS.c.day), func.max(POSTS.c.day)).where(live)
        ).one()
        facts["posts"] = row[0]
        facts["first_day"] = row[1].isoformat() if row[1] else None
        facts["last_day"] = row[2].isoformat() if row[2] else None
        facts["deleted_posts"] = connection.execute(select(func.count()).where(~live)).scalar()
        facts["scored_texts"] = connection.execute(select(func.count()).select_from(SCORES)).scalar()
        facts["labelled_posts"] = connection.execute(select(func.count()).select_from(LABELS)).scalar()
        for name in _COUNTED:
            table = SQLModel.metadata.tables[name]
            facts[name] = connection.execute(select(func.count()).select_from(table)).scalar()
        if database.is_sqlite:
            pages = connection.execute(
                text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
            )
            facts["bytes"] = pages.scalar()
    return facts
