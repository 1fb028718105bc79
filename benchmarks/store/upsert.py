"""How many posts a second the store takes: new ones, the same again, and the search index.

    python benchmarks/store/upsert.py [--posts 200000]

Texts have the lengths of real messages (about 100 characters); figures are of one process on one database file.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor.domain.posts import Post, PostKind
from monitor.store import search
from monitor.store.database import Database
from monitor.store.posts import save_posts

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
BATCH = 5000


def made_up_posts(count: int) -> list[Post]:
    """Posts of 7 channels and 500 authors, one a minute."""
    return [
        Post(
            source="benchmark",
            external_id=f"message-{number}",
            kind=PostKind.MESSAGE,
            text=f"Message number {number}: the export worked, but the newsletter came twice again this week, why?",
            created_at=NOW + timedelta(minutes=number),
            channel=f"C{number % 7}",
            author_id=f"U{number % 500}",
            author_name="somebody",
        )
        for number in range(count)
    ]


def save_all(database: Database, posts: list[Post]) -> float:
    """Processor seconds to save the posts in batches, each its own transaction."""
    start = time.process_time()
    for first in range(0, len(posts), BATCH):
        with database.transaction() as connection:
            save_posts(connection, posts[first : first + BATCH], zone=ZONE, now=NOW)
    return time.process_time() - start


def main() -> None:
    """Print posts per second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=200_000)
    count = parser.parse_args().posts
    posts = made_up_posts(count)
    with (
        tempfile.TemporaryDirectory() as folder,
        Database(str(Path(folder) / "b.db"), time_zone=ZONE) as database,
    ):
        print(f"new posts: {count / save_all(database, posts):,.0f} a processor second")
        print(f"the same again: {count / save_all(database, posts):,.0f} a processor second")
        start = time.process_time()
        with database.transaction() as connection:
            search.refresh(connection)
        print(f"search index: {count / (time.process_time() - start):,.0f} a processor second")


if __name__ == "__main__":
    main()
