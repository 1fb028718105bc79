"""Find posts by their words; what is shown is redacted."""

from __future__ import annotations

from typing import Any

from monitor.store import post_lists, search
from monitor.store.database import Database
from monitor.workflow.redaction import build_strict_redactor
from reports.clean import shortened


def search_posts(database: Database, words: str, limit: int = 20) -> list[dict[str, Any]]:
    """Posts that hold all the words, best match first.

    Args:
        database: its search index is brought up to date first.
        words: plain words.
        limit: at most so many posts.

    Raises:
        InputError: there is no word in `words`.
    """
    with database.transaction() as connection:
        search.refresh(connection)
    with database.reading() as connection:
        ids = search.find(connection, words, limit=limit)
        found = post_lists.posts_by_id(connection, ids)
    redactor = build_strict_redactor(database)
    return [
        {
            "day": found[post_id].day.isoformat(),
            "source": found[post_id].source,
            "text": shortened(redactor.redact(found[post_id].text, found[post_id].names)),
        }
        for post_id in ids
        if post_id in found
    ]
